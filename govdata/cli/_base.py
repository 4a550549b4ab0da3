"""What every command shares: the group that turns errors into one line, options, and how a frame is printed."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govdata import __version__
from govdata.errors import ArgumentError, GovdataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["format_option", "main", "parse_years", "print_frame", "root_option", "split", "version_option"]

_YEARS = re.compile(r"([0-9]{4})(?::([0-9]{4}))?\Z")


class _Group(click.Group):
    """Turns the package's errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as the parent
        try:
            return super().invoke(ctx)
        except GovdataError as error:
            # What Python calls an argument is an option here.
            click.echo(f"govdata: {str(error).replace('pass overwrite=True', 'pass --overwrite')}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            raise  # `| head` has seen enough; click ends quietly
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "govdata"
            click.echo(f"govdata: {' '.join(error.format_message().split())} (see {path} --help)", err=True)
            ctx.exit(2)
        except OSError as error:
            click.echo(f"govdata: {error.filename or 'output'}: {error.strerror or error}", err=True)
            if error.filename is None and sys.stdout is sys.__stdout__:
                # What is still buffered would fail again when Python ends.
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.close(nowhere)
            ctx.exit(2)

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the parent
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # labels are in four scripts, whatever the locale
                stream.reconfigure(errors="replace") if stream.isatty() else stream.reconfigure(encoding="utf-8")
        return super().main(*args, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from govdata.errors import nearest

        if args and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            click.echo(
                f"govdata: no command {args[0]!r}{nearest(args[0], known)} (known: {', '.join(known)})", err=True
            )
            ctx.exit(2)
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="govdata")
def main() -> None:
    """Country-year data on digital surveillance, each cell with its evidence."""


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Output form.",
)
version_option = click.option("--version", "version", default=None, help="Release, such as 0.1.0; default: the newest.")
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="The datasets folder; default: that of the checkout around the working directory.",
)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Print codes and counts as whole numbers, though a column with missing cells holds floats."""
    numbers = frame.select_dtypes("float64")
    whole = [name for name in numbers if ((numbers[name].dropna() % 1) == 0).all() and numbers[name].abs().max() < 1e15]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def print_frame(frame: pd.DataFrame, form: str, *, columns: list[str] | None = None) -> None:
    frame = _whole(frame)
    if form == "json":
        click.echo(frame.to_json(orient="records", force_ascii=False, indent=2))
    elif form == "csv":
        click.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
    elif frame.empty:
        click.echo("nothing found")
    else:
        shown = frame if columns is None else frame[columns]
        click.echo(shown.to_string(index=False, max_colwidth=72, na_rep="."))


def parse_years(text: str | None) -> list[int] | None:
    if text is None:
        return None
    years: list[int] = []
    for part in text.split(","):
        match = _YEARS.match(part.strip())
        if match is None:
            raise ArgumentError(f"years {part!r} is neither a year nor a span such as 2000:2018")
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            raise ArgumentError(f"years {part!r} run backwards; did you mean '{last}:{first}'?")
        years += range(first, last + 1)
    return years


def split(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]

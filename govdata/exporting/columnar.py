"""Frames as Parquet files: the types of the frame, and what each column means in the metadata of its field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from govdata.citation import cite
from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.cells import cells
from govdata.exporting.outline import Column, Outline, reason_labels
from govdata.exporting.sheets import KEYS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["files", "write"]


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ArgumentError("parquet needs pyarrow: pip install 'comparative-govdata[parquet]'") from None
    path, meant = files[-1], _table(outline)
    pq.write_table(meant, path, write_page_checksum=True)
    try:
        found = pq.read_table(path, page_checksum_verification=True, memory_map=False)
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(f"the parquet file cannot be read back ({error}); nothing was written") from error
    if not found.schema.equals(meant.schema, check_metadata=True) or not found.equals(meant):
        raise IntegrityError("the parquet file came back with other cells or labels; nothing was written")


def _table(outline: Outline) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    for column in outline.columns:
        _check(column)
    frame = pd.DataFrame({column.name: column.cells for column in outline.columns}).reset_index(drop=True)
    frame.attrs.update(_attrs(outline))
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"parquet cannot hold this frame: {str(error)[:200]}") from error
    arrays = [_plain(column) for column in table.columns]
    fields: list[pa.Field] = []
    for column, field in zip(outline.columns, table.schema, strict=True):
        told = _field(column, outline)
        typed = pa.field(field.name, arrays[len(fields)].type, field.nullable)
        fields.append(typed.with_metadata({key: _json(value) for key, value in told.items() if value}))
    # pandas restores the attrs from the second, in versions that do not from the first.
    whole = {**(table.schema.metadata or {}), b"PANDAS_ATTRS": _json(frame.attrs).encode()}
    whole[b"govdata"] = json.dumps(_about(outline), ensure_ascii=False).encode()
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=whole))


def _plain(column: Any) -> Any:  # noqa: ANN401 - pyarrow is untyped
    """Give categories of text the type that they have when they are read again."""
    import pyarrow as pa

    kind = column.type
    if not pa.types.is_dictionary(kind):
        return column
    if not pa.types.is_large_string(kind.value_type):  # Parquet keeps categories of text only
        return column.cast(kind.value_type)
    chunks = [
        pa.DictionaryArray.from_arrays(part.indices, part.dictionary.cast(pa.string()), ordered=kind.ordered)
        for part in column.chunks
    ]
    return pa.chunked_array(chunks)


def _check(column: Column) -> None:
    """Refuse what other formats refuse too, but for time zones, which Parquet keeps."""
    import pandas as pd

    values = column.cells
    if values.dtype.kind == "f" and np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan)).any():
        raise ArgumentError(f"column {column.name!r} holds an infinite number; make it missing first")
    if values.dtype == object or isinstance(values.dtype, (pd.CategoricalDtype, pd.SparseDtype)):
        cells(column)


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _attrs(outline: Outline) -> dict[str, Any]:
    """Give what a frame from this file is to say of itself, as `govdata.load` and the importers say it."""
    numbers = ("draws", "seed")
    attrs: dict[str, Any] = {key: int(text) if key in numbers else text for key, text in outline.about.items()}
    if outline.releases:
        attrs["dataset"] = "; ".join(release.name for release in outline.releases)
        attrs["version"] = "; ".join(release.version for release in outline.releases)
        attrs["sha256"] = "; ".join(release.digest for release in outline.releases)
    own = [column for column in outline.columns if column.indicator is None and column.name not in KEYS]
    labels = {column.name: column.label for column in own if column.label}
    codes = {column.name: _codes(column) for column in own if column.codes}
    return attrs | {key: told for key, told in (("labels", labels), ("value_labels", codes)) if told}


def _codes(column: Column) -> dict[str, str]:
    return {f"{code:.17g}": text for code, text in column.codes.items()}


def _field(column: Column, outline: Outline) -> dict[str, Any]:
    """Say what a column means; keys without content are left out."""
    one = column.indicator
    told: dict[str, Any] = {"label": column.label, "codes": _codes(column), "dataset": column.dataset}
    if one is None:
        return told
    told["indicator"] = one.id
    if column.endings[-1:] == ("_missing",):
        kinds = {release.name: release.info.kind for release in outline.releases}
        return told | {"reasons": reason_labels(kinds[column.dataset], outline.language)}
    if one.is_text:
        told["codes"] = {code.code: code.labels.get(outline.language, code.labels["en"]) for code in one.codes}
    return told | {"question": one.question, "type": one.type, "unit": one.unit}


def _about(outline: Outline) -> dict[str, Any]:
    return {
        **outline.about,
        "language": outline.language,
        "datasets": [
            {
                "dataset": release.name,
                "version": release.version,
                "sha256": release.digest,
                "licence": release.info.licence,
                "citation": cite(release.name, release.version),
                "missing": reason_labels(release.info.kind, outline.language),
            }
            for release in outline.releases
        ],
    }

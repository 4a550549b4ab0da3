"""Give DataFrames the accessor ``gov`` as soon as pandas is imported, without importing it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as type checkers read it; to import typing would be most of what importing the package costs
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["attach"]


class _Finder:
    """Stands first among the finders until pandas is asked for, and then steps aside."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "pandas":
            return None
        from importlib.util import find_spec

        del path, target
        sys.meta_path.remove(self)
        spec = find_spec("pandas")
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def then_register(module: ModuleType) -> None:
            execute(module)
            _register()

        spec.loader.exec_module = then_register  # type: ignore[method-assign]
        return spec


def _register() -> None:
    from govdata.accessor import register

    register()


def attach() -> None:
    """Register the accessor now if pandas is there, else when it comes."""
    if "pandas" in sys.modules:
        _register()
    elif not any(
        type(finder).__name__ == _Finder.__name__ and type(finder).__module__ == __name__ for finder in sys.meta_path
    ):
        sys.meta_path.insert(0, _Finder())

"""Packages whose public names are imported when they are first asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def defer(package: str, homes: Mapping[str, str]) -> None:
    """Let the package import each of these names from the module that is its home, below the package.

    A class rather than a module's __getattr__, since a name may also be that of a submodule, which the import system
    would bind over it.
    """

    class Package(ModuleType):
        def __getattribute__(self, name: str) -> Any:
            home = homes.get(name)
            return super().__getattribute__(name) if home is None else getattr(import_module(home, package), name)

        def __dir__(self) -> list[str]:
            return sorted({*super().__dir__(), *homes})

    sys.modules[package].__class__ = Package

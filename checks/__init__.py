"""pgarbiter: does every upsert have an arbiter index.

    from pgarbiter import check, explain, read_catalog, scan

`scan` and `check` take paths and `Settings` and return a `Report`; `explain` takes an open psycopg connection and one
statement; `read_catalog` takes a connection. All raise `PgArbiterError` and nothing else on purpose.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arbiter.explain import explain
    from .catalog.read import read_catalog
    from .errors import PgArbiterError
    from .run import check, scan
    from .settings import Settings

__version__ = "0.1.0"
__all__ = ["PgArbiterError", "Settings", "check", "explain", "read_catalog", "scan"]

_HOMES = {
    "PgArbiterError": ".errors",
    "Settings": ".settings",
    "check": ".run",
    "explain": ".arbiter.explain",
    "read_catalog": ".catalog.read",
    "scan": ".run",
}


class _Package(ModuleType):
    """The package as callers see it: each public name is imported when it is first asked for.

    A class rather than a module's __getattr__, since `scan` is also a subpackage, which the import system would bind
    over the function of the same name.
    """

    def __getattribute__(self, name: str) -> Any:
        home = _HOMES.get(name)
        return super().__getattribute__(name) if home is None else getattr(import_module(home, __name__), name)


sys.modules[__name__].__class__ = _Package

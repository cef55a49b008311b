"""pgarbiter: does every upsert have an arbiter index.

    from pgarbiter import check

    for finding in check("src").findings:
        print(finding.place, finding.message)

`scan` and `check` take paths and `Settings` and return a `Report`; `explain` takes an open psycopg connection and one
statement; `read_catalog` takes a connection; `diff` takes the names of two schema sources. All raise `PgArbiterError`
and nothing else on purpose. What is not named here may change with any version.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arbiter.explain import explain
    from .arbiter.explained import Explanation
    from .arbiter.model import BoundSite, Outcome, Verdict
    from .catalog.read import Catalog, read_catalog
    from .comparing import diff
    from .diff.model import Diff
    from .errors import PgArbiterError
    from .model import WriteSite
    from .report.model import Report
    from .rules.model import Finding, Severity
    from .run import check, scan
    from .settings import Settings

__version__ = "0.1.0"
__all__ = [
    "BoundSite",
    "Catalog",
    "Diff",
    "Explanation",
    "Finding",
    "Outcome",
    "PgArbiterError",
    "Report",
    "Settings",
    "Severity",
    "Verdict",
    "WriteSite",
    "check",
    "diff",
    "explain",
    "read_catalog",
    "scan",
]

_HOMES = {
    "BoundSite": ".arbiter.model",
    "Catalog": ".catalog.read",
    "Diff": ".diff.model",
    "Explanation": ".arbiter.explained",
    "Finding": ".rules.model",
    "Outcome": ".arbiter.model",
    "PgArbiterError": ".errors",
    "Report": ".report.model",
    "Settings": ".settings",
    "Severity": ".rules.model",
    "Verdict": ".arbiter.model",
    "WriteSite": ".model",
    "check": ".run",
    "diff": ".comparing",
    "explain": ".arbiter.explain",
    "read_catalog": ".catalog.read",
    "scan": ".run",
}


class _Package(ModuleType):
    """The package as callers see it: each public name is imported when it is first asked for.

    A class rather than a module's __getattr__, since `scan` and `diff` are also subpackages, which the import system
    would bind over the functions of the same names.
    """

    def __getattribute__(self, name: str) -> Any:
        home = _HOMES.get(name)
        return super().__getattribute__(name) if home is None else getattr(import_module(home, __name__), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_HOMES})


sys.modules[__name__].__class__ = _Package

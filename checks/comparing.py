"""Two schemas compared by the names of their sources: what `pgarbiter diff` does, as a function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .diff import difference
from .diff.ignore import read_rule
from .schema.structures import structures_of
from .settings import Settings

if TYPE_CHECKING:
    from .diff import Diff


def diff(
    old: str, new: str, settings: Settings | None = None, *, root: str | Path = ".", detect_renames: bool = True
) -> Diff:
    """Everything that is different between two schemas, on the way from `old` to `new`.

    Sources are named as for `pgarbiter diff`: a connection string or `env:NAME` (only read), `sql:PATH`,
    `supabase:DIR`, `alembic:PATH[@REV]`, `snapshot:FILE`, `git:REV:SOURCE`, ...; paths start at `root`. `settings.diff`
    says what is left out.

    Raises SourceError, SchemaError or ServerError when a source cannot be had.
    """
    settings = settings or Settings()
    rules = [read_rule(text) for text in settings.diff.ignore]
    return difference(*structures_of((old, new), settings, Path(root)), detect_renames=detect_renames, ignore=rules)

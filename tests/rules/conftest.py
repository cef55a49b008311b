"""A project of a few files, judged by a database that is made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules import check
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.rules.model import Finding

SUPABASE = "import {{ createClient }} from '@supabase/supabase-js'\nconst db = createClient(a, b)\n{}\n"


class FindingsOf(Protocol):
    """What is found in `sources`, by file name, once `ddl` has run: the findings of one rule, or of all."""

    def __call__(
        self, ddl: str, sources: dict[str, str] | str, code: str | None = None, *, live: bool = True, **settings: object
    ) -> tuple[Finding, ...]: ...


@pytest.fixture
def findings_of(database: str, tmp_path: Path) -> FindingsOf:
    """`sources` that are no dict are a file of SQL, or of TypeScript when they begin with `db.`."""

    def found(
        ddl: str, sources: dict[str, str] | str, code: str | None = None, *, live: bool = True, **settings: object
    ) -> tuple[Finding, ...]:
        for name, text in _files(sources).items():
            (tmp_path / name).write_text(text)
        chosen = Settings(**settings)  # type: ignore[arg-type]
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(ddl.encode())
            loaded = Loaded(
                read_catalog(connection), ServerInfo("18", "test", "test"), SchemaInfo("sql:schema.sql"), live=live
            )
            bounds = [bind(site, loaded, oracle=Oracle.on(connection)) for site in scan([tmp_path], chosen).sites]
        return tuple(f for f in check(bounds, loaded, chosen) if code in (None, f.code))

    return found


def _files(sources: dict[str, str] | str) -> dict[str, str]:
    if isinstance(sources, dict):
        return sources
    return {"app.ts": SUPABASE.format(sources)} if sources.startswith("db.") else {"app.sql": sources}

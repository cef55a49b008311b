"""What tests of quarantine share: an operation of one step, and the books of a table's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pgarbiter.online import execute
from pgarbiter.online.model import Operation, Step, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from pgarbiter.online.session import Session
    from pgarbiter.online.work import Work


@dataclass(frozen=True, slots=True)
class One(Operation):
    """An operation whose only step runs `body`, and is never done before it has run."""

    directive: ClassVar[str] = "one"
    table: Table
    body: Callable[[Work], int]

    def steps(self, session: Session) -> tuple[Step, ...]:
        del session
        ran: list[int] = []

        def run(work: Work) -> int:
            ran.append(self.body(work))
            return ran[0]

        return (Step("one", "for a test", (), lambda _: bool(ran), run=run),)

    def arguments(self) -> dict[str, Any]:
        return {}


def run(session: Session, body: Callable[[Work], int], table: str = "t") -> int:
    """Run `body` as the step of an operation on the table; what it returns."""
    found: list[int] = []

    def noted(work: Work) -> int:
        found.append(body(work))
        return found[0]

    execute(One(Table(table), noted), session)
    return found[0]


def books(another: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    """Each row of the table as it was: those that are there, those in quarantine; by content, with how many of each.

    The same before and after, whatever was taken out: a row that was merged into counts as it was before.
    """
    if another.execute("SELECT to_regclass('pgarbiter_data.quarantine')").fetchone() == (None,):
        return another.execute(
            f"SELECT to_jsonb(pgarbiter_r)::text, count(*) FROM ONLY {table} pgarbiter_r GROUP BY 1 ORDER BY 1"
            if _is_plain(another, table)
            else f"SELECT to_jsonb(pgarbiter_r)::text, count(*) FROM {table} pgarbiter_r GROUP BY 1 ORDER BY 1"
        ).fetchall()
    only = "ONLY" if _is_plain(another, table) else ""
    return another.execute(
        f"""
        WITH held AS (
            SELECT q.* FROM pgarbiter_data.quarantine q WHERE q.source = 'public.{table}' AND q.restored_at IS NULL),
        first AS (  -- what a row that stays was before the first change of it
            SELECT DISTINCT ON (primary_key) primary_key, row_data FROM held
            WHERE kind <> 'removed' AND primary_key IS NOT NULL ORDER BY primary_key, id)
        SELECT j::text, count(*) FROM (
            SELECT coalesce(f.row_data, to_jsonb(pgarbiter_r)) AS j FROM {only} {table} pgarbiter_r
            LEFT JOIN first f ON to_jsonb(pgarbiter_r) @> f.primary_key
            UNION ALL SELECT row_data FROM held WHERE kind = 'removed') s
        GROUP BY 1 ORDER BY 1
        """
    ).fetchall()


def _is_plain(another: psycopg.Connection[Any], table: str) -> bool:
    return another.execute(f"SELECT relkind::text FROM pg_class WHERE oid = '{table}'::regclass").fetchone() == ("r",)

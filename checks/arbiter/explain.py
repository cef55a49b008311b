"""The public answer for one statement on an open connection, which is left exactly as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..catalog.read import read_catalog
from ..model import AnyArbiter, Unresolved
from ..sql import parse_writes
from .explained import ExplainedWrite, Explanation
from .model import DecidedBy, Outcome, StatementError, Verdict
from .oracle import Oracle
from .planner import rolled_back
from .stages import RELATION
from .verdict import judge_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from ..catalog.read import Catalog
    from ..model import QualifiedName
    from ..sql import ParsedWrite

_WORST = (Outcome.NO_MATCH, Outcome.UNKNOWN, Outcome.MATCH, Outcome.NOT_JUDGED)


def explain(
    connection: psycopg.Connection[Any],
    sql: str,
    *,
    search_path: Sequence[str] | None = None,
    ask_server: bool = True,
) -> Explanation:
    """Why the INSERTs of `sql` do, or do not, find an arbiter on this server.

    Everything is read inside the caller's transaction, in a savepoint that is read only and always rolled back to; an
    idle connection is left idle. `search_path` stands in for the session's. With `ask_server=False` the catalog alone
    decides and the planner is never asked. The statement's own text is never sent.

    Raises SqlSyntaxError when `sql` does not parse, PgArbiterError when the connection's transaction has failed,
    ServerError when the catalog cannot be read.
    """
    writes = parse_writes(sql)
    with rolled_back(connection):
        names = {parsed.write.table.name for parsed in writes if parsed.write.table is not None}
        catalog = read_catalog(connection, search_path=search_path, own_transaction=False, only=names)
        oracle = Oracle.on(connection) if ask_server else None
        sites = tuple(_explained(parsed, catalog, oracle) for parsed in writes)
    return summary(sites)


def summary(sites: Sequence[ExplainedWrite]) -> Explanation:
    """The worst of no_match > unknown > match; nothing is judged in a statement without an ON CONFLICT clause."""
    if not sites:
        return Explanation(Outcome.NOT_JUDGED, None, (), (), None, "there is no INSERT in the statement", ())
    worst = min(sites, key=lambda site: _WORST.index(site.outcome)).verdict
    sqlstate = worst.sqlstate or next((site.verdict.sqlstate for site in sites if site.verdict.sqlstate), None)
    return Explanation(
        worst.outcome, sqlstate, worst.arbiters, worst.candidates, worst.decided_by, worst.reason, tuple(sites)
    )


def _explained(parsed: ParsedWrite, catalog: Catalog, oracle: Oracle | None) -> ExplainedWrite:
    write = parsed.write
    if write.table is None:
        return ExplainedWrite(parsed, None, Verdict(outcome=Outcome.NOT_JUDGED, reason=write.reason))
    relation = catalog.resolve(write.table, write.search_path)
    if relation is None:
        return ExplainedWrite(parsed, None, _absent(write.table, judged=write.action is not None))
    verdict = judge_write(write, relation, catalog, oracle)
    if isinstance(write.target, Unresolved) or (isinstance(write.target, AnyArbiter) and write.action is None):
        errors = tuple(e for e in verdict.errors if not e.clause)
        first = next((e for e in errors if e.certain), None)
        verdict = Verdict(
            outcome=Outcome.NOT_JUDGED,
            sqlstate=first.sqlstate if first else None,
            message=first.message if first else None,
            reason=write.reason or "there is no ON CONFLICT clause",
            errors=errors,
        )
    return ExplainedWrite(parsed, relation, verdict)


def _absent(table: QualifiedName, *, judged: bool) -> Verdict:
    message = f'relation "{table}" does not exist'
    return Verdict(
        outcome=Outcome.NO_MATCH if judged else Outcome.NOT_JUDGED,
        sqlstate="42P01",
        decided_by=DecidedBy.CATALOG,
        reason=message,
        message=message,
        errors=(StatementError(RELATION, "42P01", message, clause=True, subject=str(table)),),
    )

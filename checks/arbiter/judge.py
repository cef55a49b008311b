"""Judges the INSERTs of a schema source on the loading connection, just before each one runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import PgArbiterError
from ..model import Origin, Scope
from ..sql import touched
from .model import Outcome

if TYPE_CHECKING:
    import psycopg

    from ..schema.model import Loaded
    from .explained import ExplainedWrite
    from .model import BoundSite


@dataclass(frozen=True, slots=True)
class JudgedWrite:
    """One INSERT of a statement of the source; `line` counts from that of the statement, 0 is the same."""

    line: int
    write: ExplainedWrite


def judge(connection: psycopg.Connection[Any], sql: str) -> tuple[JudgedWrite, ...]:
    """The writes of one statement with their verdicts, in the order of the statement; none if they cannot be had.

    The body of a function that it makes does not run with it: it is judged on the final schema.
    """
    if touched(sql).kind == "create_function":
        return ()
    from .explain import explain  # noqa: PLC0415 - a catalog that is kept is judged without a server

    try:
        writes = explain(connection, sql).sites
    except PgArbiterError:
        return ()
    return tuple(JudgedWrite(sql.count("\n", 0, write.parsed.offset), write) for write in writes)


def merge_judged(bound: BoundSite, loaded: Loaded) -> BoundSite:
    """The site with the verdict that it got when its migration ran, if it got one.

    A site is found by its file and the line of its INSERT; where several stand there, by table and target.
    """
    site = bound.site
    if site.span.path is None:
        return bound
    if bound.verdict.outcome is Outcome.NOT_JUDGED:
        return _as_it_ran(bound, loaded)
    for judged in loaded.judged:
        if judged.path != site.span.path:
            continue
        for found in judged.result if isinstance(judged.result, tuple) else ():
            if (
                isinstance(found, JudgedWrite)
                and judged.line + found.line == site.statement_line
                and _same(found, bound)
            ):
                return replace(bound, verdict=found.write.verdict, when_run=True)
    return bound


def _as_it_ran(bound: BoundSite, loaded: Loaded) -> BoundSite:
    """A plain INSERT of the source without the errors that it would raise today: it has just run, on the schema then.

    What stands in the body of a function is looked at again inside the database.
    """
    site, source = bound.site, loaded.schema.source.partition(":")[2]
    path = site.span.path or ""
    inside = path == source or path.startswith(f"{source}/")
    if not (bound.verdict.errors and inside and site.scope is Scope.MIGRATION and site.origin is Origin.SOURCE):
        return bound
    if any(failed.path == path for failed in loaded.schema.failed):
        return bound
    return replace(bound, verdict=replace(bound.verdict, errors=(), sqlstate=None, message=None), when_run=True)


def _same(found: JudgedWrite, bound: BoundSite) -> bool:
    judged, wanted = found.write.parsed.write, bound.site.write
    return (judged.table, judged.target, judged.columns) == (wanted.table, wanted.target, wanted.columns)

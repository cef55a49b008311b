"""Judges the INSERTs of a schema source on the loading connection, just before each one runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import PgArbiterError
from .explain import ExplainedWrite, explain
from .model import Outcome

if TYPE_CHECKING:
    import psycopg

    from ..schema.model import Loaded
    from .model import BoundSite


def judge(connection: psycopg.Connection[Any], sql: str) -> tuple[ExplainedWrite, ...]:
    """The writes of one statement with their verdicts, in the order of the statement; none if they cannot be had."""
    try:
        return explain(connection, sql).sites
    except PgArbiterError:
        return ()


def merge_judged(bound: BoundSite, loaded: Loaded) -> BoundSite:
    """The site with the verdict that it got when its migration ran, if it got one.

    A site is found by its file and the line of its statement; where several writes stand in one statement, by the table
    and the target.
    """
    site = bound.site
    if site.span.path is None or bound.verdict.outcome is Outcome.NOT_JUDGED:
        return bound
    for judged in loaded.judged:
        if judged.path != site.span.path or not site.statement_line <= judged.line <= site.span.end_line:
            continue
        for write in judged.result if isinstance(judged.result, tuple) else ():
            if isinstance(write, ExplainedWrite) and _same(write, bound):
                return replace(bound, verdict=write.verdict)
    return bound


def _same(write: ExplainedWrite, bound: BoundSite) -> bool:
    found, wanted = write.parsed.write, bound.site.write
    return (found.table, found.target, found.columns) == (wanted.table, wanted.target, wanted.columns)

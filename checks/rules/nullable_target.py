"""A column of the conflict target may be NULL, and NULLs are distinct in its index.

A row with a NULL in the target is never in conflict: each upsert inserts another row, without any error. In a target
of several columns that is rarely meant (the other columns say which row it is), hence a warning. A single nullable
column mostly means "this kind of row has no such key", hence a note. When the NULL is certain it is a warning either
way. A partial index whose predicate leaves NULLs out says what is meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import AnyArbiter, Mechanism
from ..quoting import quoted
from ..wording import plural
from ._names import named, table_sql
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Column, Index, Relation
    from ..model import Write


@rule(
    "PGA205",
    severity=Severity.WARNING,
    summary="a column of the conflict target may be NULL",
    effect="A row with a NULL there is never in conflict: each upsert inserts it again, silently.",
    remedy="Make the column NOT NULL, or make the index NULLS NOT DISTINCT (PostgreSQL 15 and later).",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Nullable key columns of the arbiters."""
    relation, target = bound.base, bound.site.write.target
    if (
        bound.verdict.outcome is not Outcome.MATCH
        or relation is None
        or bound.site.mechanism is not Mechanism.ON_CONFLICT
    ):
        return
    if isinstance(target, AnyArbiter):
        return
    arbiters = [i for i in relation.indexes if i.name in bound.verdict.arbiters]
    if not arbiters or any(i.nulls_not_distinct for i in arbiters):
        return
    nullable = _nullable(relation, arbiters)
    if not nullable:
        return
    certain = [c.name for c in nullable if relation is bound.relation and _always_null(c, bound.site.write)]
    composite = len(arbiters[0].keys) > 1
    remedy = _remedy(relation, [c.name for c in nullable], context.loaded.catalog.version)
    meant = (
        "" if composite or certain else "Nothing, if a row without this key is meant to stand for itself. Otherwise "
    )
    yield Hit(
        message=_message(relation, [c.name for c in nullable], certain),
        effect="A row with a NULL there is never in conflict: each upsert inserts it again, without an error.",
        remedy=meant + (remedy if meant else remedy[0].upper() + remedy[1:]),
        related=tuple(f'arbiter "{i.name}" ({", ".join(i.columns)}) treats NULLs as distinct' for i in arbiters),
        severity=Severity.WARNING if composite or certain else Severity.NOTE,
        repair="not-null",
    )


def _nullable(relation: Relation, arbiters: list[Index]) -> list[Column]:
    """The nullable key columns that every arbiter has; one without them would still see the conflict."""
    shared = set.intersection(*({key.column for key in i.keys if key.column is not None} for i in arbiters))
    return [c for c in relation.columns if c.name in shared and not c.not_null and not _left_out(c, arbiters)]


def _left_out(column: Column, arbiters: list[Index]) -> bool:
    """The arbiters are about other rows on purpose: their predicate, an AND list, says that the column is NOT NULL."""
    said = f"{quoted(column.name)} IS NOT NULL"
    predicates = [index.predicate or "" for index in arbiters]
    return all(" OR " not in text and said in re.split(r"[()]", text) for text in predicates)


def _always_null(column: Column, write: Write) -> bool:
    if write.columns is None:
        return False
    left_out = write.complete and column.name not in write.columns and not (column.has_default or column.identity)
    return left_out or (write.rows == 1 and column.name in write.nulls)


def _message(relation: Relation, names: list[str], certain: list[str]) -> str:
    if certain:
        return f"{named(certain)} of the conflict target {'is' if len(certain) == 1 else 'are'} always NULL here"
    return f'{named(names)} of the conflict target may be NULL in "{relation.qualified_name}"'


def _remedy(relation: Relation, names: list[str], version: int) -> str:
    changes = ", ".join(f"ALTER COLUMN {quoted(name)} SET NOT NULL" for name in names)
    which = plural(len(names), "column").split(" ", 1)[1]
    them = "it" if len(names) == 1 else "them"
    remedy = f"fill the {which} and make {them} NOT NULL: ALTER TABLE {table_sql(relation)} {changes}."
    return remedy + (" Or make the index NULLS NOT DISTINCT." if version >= 150000 else "")  # noqa: PLR2004 - 15

"""A NOT NULL column without a default gets no value.

PostgreSQL checks NOT NULL on the row proposed for insertion before it looks for a conflict: the statement fails even
when the row exists and only an update was meant, and with DO NOTHING too. A BEFORE INSERT trigger may fill the
column; then nothing is certain, and this is only a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Mechanism
from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite, StatementError

NOT_NULL_VIOLATION = "23502"
_UPSERT = Mechanism.ON_CONFLICT


@rule(
    "PGA202",
    severity=Severity.ERROR,
    summary="a NOT NULL column without a default is not written",
    effect="Every execution that reaches the row fails with 23502, also when the row exists and would only be updated.",
    remedy="Write the column, give it a default, or use a plain UPDATE where the row is known to exist.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """NOT NULL columns that the insert arm leaves empty; those that a trigger may fill, or that get NULL, apart."""
    del context
    if bound.relation is None:
        return
    errors = [e for e in bound.verdict.errors if e.sqlstate == NOT_NULL_VIOLATION and e.subject]
    for severity in (Severity.ERROR, Severity.NOTE):
        names = _subjects(errors, certain=severity is Severity.ERROR)
        given = tuple(name for name in names if name in bound.site.write.nulls)
        if unwritten := tuple(name for name in names if name not in given):
            has = "have no default, and are" if len(unwritten) > 1 else "has no default, and is"
            gets = "them defaults" if len(unwritten) > 1 else "it a default"
            yield _hit(bound, unwritten, severity, f", {has} not written", f"Write {named(unwritten)}, or give {gets}.")
        if given:  # a default only fills what the statement leaves out
            fault = " and are given NULL" if len(given) > 1 else " and is given NULL"
            yield _hit(bound, given, severity, fault, f"Write a value that is not NULL to {named(given)}.")


def _subjects(errors: list[StatementError], *, certain: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.subject for e in errors if e.subject and e.certain is certain))


def _hit(bound: BoundSite, names: tuple[str, ...], severity: Severity, fault: str, remedy: str) -> Hit:
    relation = bound.base or bound.relation
    table = relation.qualified_name if relation else ""
    sure = severity is Severity.ERROR
    masked = ", also when the row exists and would only be updated" if bound.site.mechanism is _UPSERT else ""
    http = ", HTTP 400" if is_postgrest(bound.site) else ""
    fails = "Every execution fails" if sure else "Unless a trigger fills it, the execution fails"
    return Hit(
        message=f'{named(names)} of "{table}" {"are" if len(names) > 1 else "is"} NOT NULL{fault}'
        + ("" if sure else ", unless a BEFORE trigger fills it"),
        effect=f"{fails} with 23502{http}{masked}.",
        remedy=remedy,
        related=() if sure else _triggers(bound),
        severity=severity,
    )


def _triggers(bound: BoundSite) -> tuple[str, ...]:
    triggers = bound.base.triggers if bound.base else ()
    names = [t.name for t in triggers if t.before and t.row and t.insert and t.enabled != "D"]
    return (f"BEFORE INSERT triggers: {named(names)}",) if names else ()

"""Why an index does not count, as one sentence fragment per mismatch, the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arbiter.model import (
    CollationDiffers,
    ColumnsDiffer,
    Deferrable,
    Exclusion,
    ExpressionsDiffer,
    NotAConstraint,
    NotUnique,
    NotValid,
    OnlyOnPartition,
    OpclassDiffers,
    OtherSchema,
    PredicateNotImplied,
)
from ._names import bare, named

if TYPE_CHECKING:
    from ..arbiter.model import Candidate, Mismatch


def fragment(mismatch: Mismatch) -> str:  # noqa: PLR0911, PLR0912, C901 - one arm per member
    """One mismatch as a sentence fragment whose subject is the index: `is not unique`."""
    match mismatch:
        case NotUnique():
            return "is not unique"
        case NotValid():
            return "is invalid, left behind by a build that failed"
        case Deferrable():
            return "belongs to a deferrable constraint, which ON CONFLICT refuses (55000)"
        case Exclusion():
            return "belongs to an exclusion constraint, which is never inferred from columns"
        case ColumnsDiffer(missing, extra):
            return _differ("column", missing, extra)
        case ExpressionsDiffer(missing, extra):
            return _differ("expression", missing, extra)
        case CollationDiffers(element, wanted, found):
            return f'has collation "{found}" on "{element}" where the target asks for "{wanted}"'
        case OpclassDiffers(element, wanted, found):
            return f'has operator class "{found}" on "{element}" where the target asks for "{wanted}"'
        case PredicateNotImplied():
            return _predicate(mismatch)
        case OnlyOnPartition(relation):
            return f'stands on "{relation}" only, not on the table that the statement names'
        case OtherSchema(relation):
            return f'stands on "{relation}", a table of the same name in another schema'
        case NotAConstraint():
            return "is an index without a constraint, which ON CONSTRAINT cannot name"
        case _:
            assert_never(mismatch)


def reasons(candidate: Candidate) -> str:
    """All mismatches of a candidate in one line."""
    return "; ".join(fragment(mismatch) for mismatch in candidate.mismatches)


def evidence(candidate: Candidate) -> str:
    """A candidate as a line of evidence: `index "k" (a, b) is partial (...); is invalid`."""
    index = candidate.index
    return f'index "{index.name}" ({", ".join(index.columns)}) {reasons(candidate)}'


def _differ(noun: str, missing: tuple[str, ...], extra: tuple[str, ...]) -> str:
    parts = []
    if missing:
        parts.append(f"also has the {noun}{'s' if len(missing) > 1 else ''} {named(missing)}")
    if extra:
        parts.append(f"lacks the {noun}{'s' if len(extra) > 1 else ''} {named(extra)}")
    return " and ".join(parts) or f"has other {noun}s"


def _predicate(mismatch: PredicateNotImplied) -> str:
    index = f"is partial (WHERE {bare(mismatch.index_predicate)})"
    if mismatch.target_predicate is None:
        return f"{index} and the target has no WHERE"
    target = f"the target's WHERE {mismatch.target_predicate}"
    if mismatch.parametrised:
        return f"{index} and {target} holds a parameter, which a generic plan cannot use"
    return f"{index} and {target} does not imply that"

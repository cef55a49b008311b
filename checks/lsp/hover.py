"""What an editor shows over a write site: the verdict, and every unique index of the table with why it is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..arbiter.model import Candidate, ColumnsDiffer, Deferrable, Exclusion, NotValid, Outcome, PredicateNotImplied
from ..model import AnyArbiter, DefaultKey, InferenceClause, NamedConstraint
from ..report.essence import essence, sentence
from ..report.page import visible
from ..rules import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite, Mismatch
    from ..catalog.model import Index, Relation

_SPECIAL = re.compile(r"([\\`*\[\]<|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_OUTCOMES = {
    Outcome.MATCH: "arbiter found",
    Outcome.NO_MATCH: "no arbiter",
    Outcome.UNKNOWN: "cannot tell",
    Outcome.NOT_JUDGED: "not judged",
}


def hover(bound: BoundSite) -> str:
    """Markdown. Names come from a stranger's files: none of them is read as markup."""
    return "\n\n".join(part for part in (_head(bound), _verdict(bound), _table(bound)) if part)


def at(bounds: Sequence[BoundSite], line: int) -> BoundSite | None:
    """The site whose statement covers a line, which counts from 1: of several the shortest, then the first."""
    return min(
        (bound for bound in bounds if _begin(bound) <= line <= _span(bound)[1]),
        key=lambda bound: _span(bound)[1] - _begin(bound),
        default=None,
    )


def _begin(bound: BoundSite) -> int:
    return min(bound.site.statement_line, _span(bound)[0]) if bound.site.span.path is not None else _span(bound)[0]


def _span(bound: BoundSite) -> tuple[int, int]:
    site = bound.site
    span = site.span if site.span.path is not None else site.defined or site.span
    return span.line, span.end_line


def _head(bound: BoundSite) -> str:
    site, relation = bound.site, bound.relation
    lines = [f"**{_plain(essence(site))}** ({_plain(site.client)})"]
    if relation is not None:
        base = bound.base
        behind = f", a view of {_code(base.qualified_name)}" if base is not None and base.oid != relation.oid else ""
        lines.append(f"table {_code(relation.qualified_name)}{behind}")
    return "  \n".join(lines)


def _verdict(bound: BoundSite) -> str:
    verdict = bound.verdict
    said = sentence(verdict) or verdict.reason or ""
    lines = [f"**{_OUTCOMES[verdict.outcome]}**{f': {_plain(said)}' if said else ''}"]
    if verdict.decided_by is not None:
        lines.append(f"decided by the {_plain(str(verdict.decided_by))}")
    return "  \n".join(lines)


def _table(bound: BoundSite) -> str:
    relation = bound.base or bound.relation
    if relation is None:
        return ""
    guards = [index for index in relation.indexes if index.unique or index.exclusion]
    if not guards:
        return f"{_code(relation.qualified_name)} has no unique index"
    judged = bound.verdict.outcome is not Outcome.NOT_JUDGED
    rows = [_row(index, bound, relation, judged=judged) for index in guards]
    heads = ["unique index", "columns", *(["for this target"] if judged else [])]
    return "\n".join(_cells(cells) for cells in (heads, ["---"] * len(heads), *rows))


def _row(index: Index, bound: BoundSite, relation: Relation, *, judged: bool) -> list[str]:
    kind = " primary key" if index.primary else " exclusion" if index.exclusion and not index.unique else ""
    columns = ", ".join(_code(column) for column in index.columns)
    where = f" where {_code(index.predicate)}" if index.predicate else ""
    nulls = " nulls not distinct" if index.nulls_not_distinct else ""
    told = [_answer(index, bound, relation)] if judged else []
    return [f"{_code(index.name)}{kind}", f"{columns}{where}{nulls}", *told]


def _answer(index: Index, bound: BoundSite, relation: Relation) -> str:
    """What this index is to the target; the nearest ones have been compared by inference itself."""
    verdict = bound.verdict
    if index.name in verdict.arbiters:
        return "**arbiter**"
    near = next((candidate for candidate in verdict.candidates if candidate.index.oid == index.oid), None)
    if near is not None:
        return _plain(reasons(near))
    against = tuple(_against(index, bound, relation))
    if against:
        return _plain(reasons(Candidate(index, against)))
    match bound.site.write.target:
        case AnyArbiter() if verdict.outcome is Outcome.MATCH:
            return "a conflict with it counts, since no target is named"
        case NamedConstraint(name):
            return _plain(f'is not of the constraint "{name}"')
        case _:
            return "cannot tell" if verdict.outcome is Outcome.UNKNOWN else "is not inferred"


def _against(index: Index, bound: BoundSite, relation: Relation) -> Iterator[Mismatch]:
    """What the catalog's rows alone say against it."""
    if not index.valid:
        yield NotValid()
    if index.exclusion and not index.unique:
        yield Exclusion()
    if not index.immediate:
        yield Deferrable()
    columns = _columns(bound, relation)
    if columns is None or any(key.column is None for key in index.keys):
        return
    own = index.columns
    missing, extra = (tuple(c for c in one if c not in two) for one, two in ((own, columns), (columns, own)))
    if missing or extra:
        yield ColumnsDiffer(missing, extra)
    elif index.predicate is not None and bound.verdict.outcome is Outcome.MATCH:
        yield PredicateNotImplied(index.predicate, _predicate(bound))


def _columns(bound: BoundSite, relation: Relation) -> tuple[str, ...] | None:
    """The target as bare columns of that relation; None when it is, or may be, anything else."""
    target = bound.site.write.target
    if bound.relation is None or bound.relation.oid != relation.oid:
        return None  # a view may give the columns of its table other names
    match target:
        case InferenceClause() if len(target.columns) == len(target.elements):
            return target.columns
        case DefaultKey():
            return next((index.columns for index in relation.indexes if index.primary), None)
        case _:
            return None


def _predicate(bound: BoundSite) -> str | None:
    target = bound.site.write.target
    return target.asked_predicate if isinstance(target, InferenceClause) else None


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", visible(text))


def _code(text: str) -> str:
    """A name as code, in a cell too: fenced with more backticks than it holds, its bars escaped."""
    shown = visible(text)
    ticks = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    bars = shown.replace("|", "\\|")
    return f"{ticks}{pad}{bars}{pad}{ticks}"

"""The statement writes, targets or sets a column that the table does not have.

A PostgREST client sees PGRST204, "Could not find the 'x' column of 't' in the schema cache". The words blame a cache,
so people reload it. The catalog decides: when the column is absent from the table itself, no reload can help; either
the name is wrong or a migration has not been applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import InferenceClause
from ._names import is_postgrest, looks_for_index, named, nearest, refused_without_index
from ._postgrest import column_trail, table_trail
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from ..model import WriteSite

UNDEFINED_COLUMN = "42703"


@rule(
    "PGA002",
    severity=Severity.ERROR,
    summary="a written, targeted or updated column does not exist",
    effect="Every execution fails with 42703 (PGRST204 through PostgREST), before any other fault can show.",
    remedy="Write the name as the catalog has it, leave the column out, or apply the migration that adds it.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """All unknown columns of a site in one finding."""
    del context
    errors = [e for e in bound.verdict.errors if e.sqlstate == UNDEFINED_COLUMN and e.subject and e.certain]
    absent = tuple(dict.fromkeys(e.subject for e in errors if e.subject))
    if not absent or bound.relation is None:
        return
    verb = "are no columns" if len(absent) > 1 else "is no column"
    yield Hit(
        message=f'{named(absent)} {verb} of "{bound.relation.qualified_name}"',
        effect=_effect(bound.site, absent),
        remedy=_remedy(bound.site, bound.relation, absent),
        related=(
            *table_trail(bound),
            *column_trail(bound, absent),
            *_uses(bound.site, absent),
            f"columns that exist: {', '.join(c.name for c in bound.relation.columns)}",
        ),
    )


def _effect(site: WriteSite, absent: tuple[str, ...]) -> str:
    if is_postgrest(site) and any(name in (site.write.columns or ()) for name in absent):
        return "Every call fails with PGRST204, HTTP 400, which masks every fault below it."
    target = site.write.target
    if looks_for_index(site) and isinstance(target, InferenceClause) and any(name in target.columns for name in absent):
        return refused_without_index(site)
    return "Every execution fails with 42703, which masks every fault below it."


def _remedy(site: WriteSite, relation: Relation, absent: tuple[str, ...]) -> str:
    known = [column.name for column in relation.columns]
    near = [(name, match) for name in absent if (match := nearest(name, known))]
    folded = {match for name, match in near if match != name == match.lower()} if not is_postgrest(site) else set()
    hints = [f'For "{name}", did you mean "{match}"?' for name, match in near if match not in folded]
    if folded:
        written = ", ".join(f'"{column}"' for column in sorted(folded))
        return (
            f"Write {written} in double quotes: a name without them is folded to lower case. {' '.join(hints)}".strip()
        )
    which, them = ("the columns", "them") if len(absent) > 1 else ("the column", "it")
    return " ".join((f"Leave {which} out, or apply the migration that adds {them}.", *hints))


def _uses(site: WriteSite, absent: tuple[str, ...]) -> Iterator[str]:
    """What the statement does with them: `written: "a" and "b"`."""
    write = site.write
    target = write.target.columns if isinstance(write.target, InferenceClause) else ()
    uses = (
        ("written", write.columns or ()),
        ("named in the conflict target", target),
        ("set on conflict", () if is_postgrest(site) else write.set_columns or ()),  # PostgREST sets what it writes
    )
    for use, names in uses:
        if here := [name for name in absent if name in names]:
            yield f"{use}: {named(here)}"

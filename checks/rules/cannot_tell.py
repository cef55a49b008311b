"""No verdict about a conflict clause, and why.

The table is not in the schema source, a statement of the schema source that touches it did not run, or an expression
cannot be compared without a server. Nothing is claimed about the write site. With a live database (`--database-url`)
the first two go away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..settings import UNCOVERED
from ._mismatches import evidence
from ._names import named, nearest
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA901",
    severity=Severity.NOTE,
    summary="it cannot be told whether the conflict target has an arbiter index",
    effect="The write site is not covered by this check.",
    remedy="Give the check a live database, or a schema source that is complete.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Verdicts that are `unknown`."""
    if bound.verdict.outcome is not Outcome.UNKNOWN:
        return
    source = context.loaded.schema.source
    table = bound.site.write.table
    about = f' about "{table}"' if table else ""
    yield Hit(
        message=f"cannot tell{about}: {bound.verdict.reason or 'no reason given'}",
        effect="The write site is not covered by this check.",
        remedy=_remedy(bound, context),
        related=(
            *(() if context.loaded.live or source == "none" else (f"schema source: {source}",)),
            *(_alike(bound, context) if bound.relation is None else ()),
            *(evidence(c) for c in bound.verdict.candidates[:3]),
        ),
    )


def _remedy(bound: BoundSite, context: RuleContext) -> str:
    if bound.verdict.reason == UNCOVERED:
        names = named(one.name for one in context.settings.database)
        return (
            f"Add the file to the paths of the [[database]] that it writes to ({names}), or say with schema = ... "
            "what all other files write to."
        )
    if context.loaded.live:
        return "Let the check ask the server, or simplify the expression."
    return "Check against the live database with --database-url, or name a schema source that is whole with --schema."


def _alike(bound: BoundSite, context: RuleContext) -> Iterator[str]:
    """The table may be there under another name, or in another schema."""
    table = bound.site.write.table
    if table is None:
        return
    incomplete = dict(context.loaded.incomplete)
    known = [r for r in context.loaded.catalog.relations() if r.qualified_name not in incomplete]
    if homonyms := [r.qualified_name for r in known if r.name == table.name]:
        yield f"a table of that name stands in another schema: {named(homonyms[:3])}"
    elif table.name not in {name.rpartition(".")[2] for name in incomplete} and (
        near := nearest(table.name, sorted({r.name for r in known}))
    ):
        yield f'did you mean "{near}"?'

"""Migrations change tables, and nothing tells PostgREST to read the schema anew.

PostgREST answers from a cache of tables, columns, relationships and functions that it fills at its start. After a
migration has added a column, every write of that column is refused with PGRST204 ("Could not find the column in the
schema cache"), although the column is there, until somebody restarts PostgREST or sends NOTIFY pgrst. The error reads
as if the migration had not run, and sends people the wrong way.

Either each migration ends with NOTIFY pgrst, 'reload schema', or an event trigger does that after each DDL command, as
PostgREST's documentation has it. Supabase's platform has such event triggers of its own. This is told once for a
project, and only where its code writes through PostgREST and its migrations are files of SQL for a database of its own;
a script that reloads after a deploy is not seen, hence a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope, Span
from ..wording import plural
from ._names import is_postgrest
from ._postgrest import RELOAD
from ._registry import PlacedHit, RuleContext, catalog_rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite

_SHOWN = 3


@catalog_rule(
    "PGA312",
    severity=Severity.NOTE,
    summary="migrations change tables, and nothing tells PostgREST to read the schema anew",
    effect="After such a migration PostgREST refuses what it does not know yet with PGRST204 or PGRST205.",
    remedy="End each migration with NOTIFY pgrst, 'reload schema', or create an event trigger that does.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """The first of those migrations, once for a project that writes through PostgREST."""
    quiet = context.loaded.schema.unreloaded
    writers = [bound for bound in bounds if is_postgrest(bound.site) and bound.site.scope is Scope.APP]
    if not quiet or not writers or context.loaded.live:
        return
    yield PlacedHit(
        span=Span(quiet[0], 1, 1, 1),
        message=f"{plural(len(quiet), 'migration')} {'changes' if len(quiet) == 1 else 'change'} tables, and nothing "
        "tells PostgREST to read the schema anew",
        effect="Until it is restarted, PostgREST answers PGRST204 or PGRST205 for what such a migration has added.",
        remedy=f"End each with {RELOAD};, or let an event trigger send that after each DDL command.",
        related=(
            *(f"does not ask for it: {path}" for path in quiet[:_SHOWN]),
            f"writes through PostgREST: {writers[0].site.span.place}",
        ),
    )

"""A conflict hands the row over to another owner.

The conflict target does not name the column that the row security policies compare with the user, but the update sets
it. When a second user writes a row with the same key, the first user's row becomes theirs. Row security would refuse
that, but a role with BYPASSRLS (Supabase's service_role) is not subject to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..catalog.model import ConstraintKind
from ..model import Action
from ..quoting import quoted
from ._cause import key_of
from ._names import columns_sql, is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation

_WORD = re.compile(r'"(?:[^"]|"")*"|\w+')


@rule(
    "PGA302",
    severity=Severity.NOTE,
    summary="the update on conflict overwrites the column that says who owns the row",
    effect="A second owner with the same key takes the row over, when the role bypasses row security.",
    remedy="Leave the owner out of the update, or make it part of the key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Foreign keys that policies are about, in SET but not in the target."""
    del context
    write, relation = bound.site.write, bound.base
    if relation is None or relation is not bound.relation or write.action is not Action.UPDATE:
        return
    if not relation.row_security or bound.verdict.outcome is Outcome.NOT_JUDGED:
        return
    keys = key_of(bound)
    owners = [c for c in owners_of(relation) if c in (write.set_columns or ()) and c not in keys]
    if not owners or not keys:
        return
    yield Hit(
        message=f"{named(owners)} {'is' if len(owners) == 1 else 'are'} overwritten on conflict, "
        "and row security policies tell the owner by it",
        effect=f"A second owner who writes the same {named(keys)} takes the row over, "
        "since a role with BYPASSRLS (service_role) is not stopped by the policies.",
        remedy=_remedy(bound, relation, owners, keys),
    )


def _remedy(bound: BoundSite, relation: Relation, owners: list[str], keys: tuple[str, ...]) -> str:
    if is_postgrest(bound.site):  # it sets whatever it writes, and sends no WHERE
        key = columns_sql((*owners, *keys))
        return f"Make the owner part of the key, with a unique index on {key}, or write through a function by rpc()."
    table = quoted(str(bound.site.write.alias or relation.name))
    same = " AND ".join(f"{table}.{quoted(owner)} = EXCLUDED.{quoted(owner)}" for owner in owners)
    return f"Leave {named(owners)} out of SET, and let only the owner update: DO UPDATE SET ... WHERE {same}."


def owners_of(relation: Relation) -> list[str]:
    """Columns of a foreign key that a policy names."""
    referencing = {
        c.columns[0] for c in relation.constraints if c.kind is ConstraintKind.FOREIGN_KEY and len(c.columns) == 1
    }
    texts = [text for p in relation.policies for text in (p.using, p.check) if text]
    words = {word.strip('"') for text in texts for word in _WORD.findall(text)}
    return [c.name for c in relation.columns if c.name in referencing & words]

"""A conflict hands the row over to another owner.

The conflict target does not name the column by which the row security policies tell whose row it is, but DO UPDATE
overwrites that column. When a second owner writes a row with the same key (an account of a third party that both have
connected, a slug, a number), the row of the first one becomes theirs, with whatever hangs on it: no error, no second
row, and the first owner does not see it any more. Row security would refuse that, but a role with BYPASSRLS
(Supabase's service_role), a superuser and the owner of a table whose row security is not forced are not subject to it.

With a role from the settings (`role`, `--role`) this is about that role. One that is not subject to row security takes
the row over whatever the policies say; they still tell whose row it is for all other roles, and are named. One that is
subject to it takes nothing over where its policies for UPDATE, or those for SELECT, keep owners apart: the server asks
them for the row that is there, and answers 42501. Each permissive policy of the role has to, or one restrictive one,
by a plain equality of the owner and the session that stands alone or under AND. Nothing is said then, nor where the
role has no policy at all. Otherwise it is told, by a policy that applies to the role if there is one: `owner = me OR
shared`, `owner <> me` and what a function answers may let it update the row of another owner.

The owner is a column that a policy for existing rows compares with the user, a setting or a claim of the session, or
with a sub-select that asks for one of these; words alone do not count. Nothing is said where the update keeps the
owner: DO UPDATE has a WHERE that asks for the same one, SET gives the column its stored value, or a column that tells
the owner is in the target; nor where the key is left to a default that is new each time. It is a note where two owners
do not come to the same key by themselves (a key that the server makes up, or a uuid), where only a function of the
database sees the column, and where the WHERE of the update is not known. Where two of these hold nothing is said.
Tests are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Action, Mechanism, Scope
from ..quoting import quoted
from ._cause import key_of
from ._fed import arbiters_of, never_meets
from ._history import is_history
from ._names import columns_sql, is_postgrest, named
from ._owners import is_kept_apart, keeps, lets_all, owners_of, update_of
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from ._owners import Owner

_DOUBT = "policies may let"


@rule(
    "PGA302",
    severity=Severity.WARNING,
    summary="the update on conflict overwrites the column by which policies tell whose row it is",
    effect="A second owner with the same key takes the row over, when the role bypasses row security.",
    remedy="Leave the owner out of the update, or make it part of the key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Owners in SET but not in the target, that no policy keeps the role away from."""
    relation, keys = bound.base, target_of(bound)
    if relation is None or not keys:
        return
    subject, passes = _subject(bound, relation, context)
    taken = taken_over(bound, subject)
    doubts = sum(_doubts(bound, relation, keys, taken))
    if (
        not taken
        or doubts > 1
        or (subject is not None and any(is_kept_apart(relation, one.column, subject) for one in taken))
    ):
        return
    names = [owner.column for owner in taken]
    yield Hit(
        message=f"{named(names)} {'is' if len(names) == 1 else 'are'} overwritten on conflict, "
        f'and row security of "{relation.qualified_name}" tells the owner by {"it" if len(names) == 1 else "them"}',
        effect=_effect(bound, relation, keys, passes),
        remedy=_remedy(bound, relation, names, keys),
        related=tuple(f'policy "{o.policy}" tells the owner by "{o.column}": {o.condition}' for o in taken),
        severity=Severity.NOTE if doubts else None,
    )


def target_of(bound: BoundSite) -> tuple[str, ...]:
    """The columns of the conflict target, or of the constraint that it names."""
    keys = key_of(bound)
    if keys or bound.base is None:
        return keys
    arbiters = [index for index in bound.base.indexes if index.name in bound.verdict.arbiters]
    return arbiters[0].columns if len(arbiters) == 1 else ()


def _subject(bound: BoundSite, relation: Relation, context: RuleContext) -> tuple[frozenset[str] | None, str | None]:
    """The names of the role of a site, if it is subject to row security; and why it takes over, if it is known."""
    from ..access.actor import actor_named  # noqa: PLC0415 - only asked for with a role
    from ..access.outcome import exemption  # noqa: PLC0415 - as above

    name = bound.site.runs_as
    who = actor_named(context.loaded.catalog, name) if name is not None else None
    if who is None:
        return None, None
    roles = context.loaded.catalog.roles
    owner = roles[relation.owner].name if relation.owner in roles else ""
    exempt = exemption(relation, who, owner)
    if exempt is not None:
        return None, exempt
    lets = "policies let" if lets_all(relation, who.names) else _DOUBT
    return who.names, f'{lets} "{who.name}" update it'


def taken_over(bound: BoundSite, roles: frozenset[str] | None = None) -> tuple[Owner, ...]:
    """The owners that the update of a site overwrites though its target does not name them; `roles` as in owners_of."""
    write, relation, keys = bound.site.write, bound.base, target_of(bound)
    if bound.site.mechanism is not Mechanism.ON_CONFLICT or write.action is not Action.UPDATE or not keys:
        return ()
    if relation is None or relation is not bound.relation or not relation.row_security:
        return ()  # a view renames columns
    if bound.verdict.outcome is Outcome.NOT_JUDGED or bound.site.scope in (Scope.TEST, Scope.GENERATED):
        return ()
    if is_history(bound.site):
        return ()
    owners, clause = owners_of(relation, roles), update_of(bound)
    if any(owner.column in keys for owner in owners) or _is_always_new(bound, relation):
        return ()
    overwritten = [owner for owner in owners if owner.column in (write.set_columns or ())]
    return tuple(owner for owner in overwritten if clause is None or not keeps(clause, owner.column))


def _is_always_new(bound: BoundSite, relation: Relation) -> bool:
    """Whether the key is left to a default that is new each time (PGA204): no other row is ever met."""
    arbiters = arbiters_of(bound)
    filled = any(t.before and t.row and t.insert and t.enabled != "D" for t in relation.triggers)
    return bool(arbiters) and not filled and all(never_meets(index, relation, bound.site.write) for index in arbiters)


def _doubts(bound: BoundSite, relation: Relation, keys: Sequence[str], taken: Sequence[Owner]) -> tuple[bool, ...]:
    """Whether the column may not be overwritten, may not tell the owner, and whether two hardly meet at one key."""
    seen = is_postgrest(bound.site) or update_of(bound) is not None
    return not seen, not any(owner.proven for owner in taken), _is_made_up(relation, keys)


def _is_made_up(relation: Relation, keys: Sequence[str]) -> bool:
    """A uuid, an identity or a default that calls a function: nobody else has the same key by chance."""
    column = relation.column(keys[0]) if len(keys) == 1 else None
    return column is not None and (column.type == "uuid" or bool(column.identity) or "(" in (column.default or ""))


def _effect(bound: BoundSite, relation: Relation, keys: Sequence[str], known: str | None) -> str:
    if known is not None:
        takes = "may take" if known.startswith(_DOUBT) else "takes"
        return f"A second owner who writes the same {named(keys)} {takes} the row over: {known}."
    passes = "service_role" if is_postgrest(bound.site) else "a superuser"
    if not is_postgrest(bound.site) and not relation.force_row_security:
        passes = "the table's owner"
    return (
        f"A second owner who writes the same {named(keys)} takes the row over: policies do not stop "
        f"{passes} or any role with BYPASSRLS. Other roles get 42501 where no policy lets them update it."
    )


def _remedy(bound: BoundSite, relation: Relation, owners: list[str], keys: tuple[str, ...]) -> str:
    if is_postgrest(bound.site):  # it sets whatever it writes, and sends no WHERE
        key = columns_sql((*owners, *keys))
        return f"Make the owner part of the key, with a unique index on {key}, or write through a function by rpc()."
    table = quoted(str(bound.site.write.alias or relation.name))
    same = " AND ".join(f"{table}.{quoted(owner)} = EXCLUDED.{quoted(owner)}" for owner in owners)
    return f"Leave {named(owners)} out of SET, and let only the owner update: DO UPDATE SET ... WHERE {same}."

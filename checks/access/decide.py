"""The decision about one statement and the role that runs it: privileges first, then row security, as the server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from ..model import ColumnReference
from ..sql.expressions import WHOLE_ROW
from .actor import actor_named
from .demand import demand
from .model import UNDEFINED_TABLE, Access, RowSecurity
from .outcome import decided, exemption, statement
from .privileges import Lost, levels, needs, on_schema, on_sequences
from .used import Used, once, stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog.catalog import Catalog
    from ..catalog.model import Relation
    from ..model import QualifiedName, Write
    from .actor import Actor
    from .model import Need
    from .privileges import Level

_INSERT = 3  # pg_rewrite.ev_type
_MOST_COLUMNS = 4
_TABLES = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)


def decide(
    write: Write, relation: Relation, catalog: Catalog, role: str, *, merges: bool = False, comes_back: bool = False
) -> Access:
    """What the role may do with a write into that relation, the conflict target being what the server gets.

    `merges`: DO UPDATE sets each written column to EXCLUDED's, as PostgREST has it. `comes_back`: columns of the rows
    may, by a RETURNING that is not known.

    What its triggers do, and what the functions that it calls do, is not looked at.
    """
    found = _decided(write, relation, catalog, role, merges=merges)
    if not comes_back or not found.needs:
        return found
    all_back = replace(write, returning=(ColumnReference(None, WHOLE_ROW),))
    doubt = _of_returning(found, _decided(all_back, relation, catalog, role, merges=merges))
    reasons = [reason for reason in (found.reason, doubt) if reason is not None]
    return replace(found, reason="; ".join(reasons) or None)


def _of_returning(found: Access, other: Access) -> str | None:
    """What is not known for want of the RETURNING, by what `other`, with the whole row, has against it."""
    lacking = [need for need in other.missing if need not in found.missing]
    if lacking:
        listed = [f'"{need.column}"' for need in lacking if need.column is not None]
        few = listed[:_MOST_COLUMNS] if listed else [f"what {lacking[0].subject} is needed for"]
        more = f" and {len(listed) - len(few)} more" if len(listed) > len(few) else ""
        return f'whether RETURNING, which is not known, reads {", ".join(few)}{more}, which "{found.role}" may not'
    if _refusals(other) != _refusals(found):
        return "whether there is a RETURNING that reads columns, for which row security refuses the row"
    return None


def _refusals(access: Access) -> list[str | None]:
    security = access.row_security
    return [one.sqlstate for one in security.outcomes] if security is not None else []


def _decided(write: Write, relation: Relation, catalog: Catalog, role: str, *, merges: bool) -> Access:
    who = actor_named(catalog, role)
    if who is None:
        return Access(role, reason=_unknown(role, catalog))
    if (other := _other(relation)) is not None:
        return Access(role, reason=other)
    usage, reason = _usage(write.table, relation, who, catalog, write.search_path)
    if reason is not None:
        return Access(role, reason=reason)
    path: list[Level] = []
    try:
        path.extend(levels(relation, demand(write, relation, merges=merges), who, catalog))
    except Lost as lost:
        reason = str(lost)
    found = [*usage, *(need for level in path for need in needs(level))]
    used = Used(catalog, who, write.search_path)
    used.statement(write.uses)
    last = path[-1] if path else None
    if reason is not None or last is None or last.relation.kind not in _TABLES:
        return _told(role, [*found, *used.needs], None, (reason, *used.doubts))
    given = _given(write, relation)
    reached = None if given is None else last.reached(given)
    found += on_sequences(last.relation, reached, last.reached(write.set_defaults), who, catalog)
    stored(used, last.relation, write, reached)
    security = _row_security(write, last, catalog, merges=merges)
    used.policies(security.checks, last.relation, last.actor)
    return _told(role, [*found, *used.needs], security, used.doubts)


def _told(role: str, found: list[Need], security: RowSecurity | None, doubts: Iterable[str | None]) -> Access:
    reasons = dict.fromkeys(doubt for doubt in doubts if doubt is not None)
    return Access(role, once(found), security, "; ".join(reasons) or None)


def _other(relation: Relation) -> str | None:
    """Why it is not looked at what becomes of an INSERT into that relation."""
    if relation.system:
        return "it is a relation of the system"
    rule = next((one for one in relation.rules if one.event == _INSERT and one.enabled != "D"), None)
    return None if rule is None else f'rule "{rule.name}" makes something else of it'


def _unknown(role: str, catalog: Catalog) -> str:
    return f'role "{role}" does not exist' if catalog.roles else "the roles of the server could not be read"


def _row_security(write: Write, last: Level, catalog: Catalog, *, merges: bool) -> RowSecurity:
    table, who = last.relation, last.actor
    owner = catalog.roles[table.owner].name if table.owner in catalog.roles else ""
    if (exempt := exemption(table, who, owner)) is not None:
        return RowSecurity((table.schema, table.name), who.name, exempt)
    return decided(statement(write, last, merges=merges), who)


def _usage(
    name: QualifiedName | None, relation: Relation, who: Actor, catalog: Catalog, path: tuple[str, ...] | None
) -> tuple[list[Need], str | None]:
    """USAGE on the schema; a schema that may not be used is passed over when a name without one is looked for."""
    need = on_schema(relation, who, catalog)
    if need.given_by is not None or name is None or name.schema is not None:
        return [need], None
    searched = catalog.search_path if path is None else path
    usable = [schema for schema in searched if schema in catalog.schemas and who.may_use(catalog.schemas[schema])]
    other = catalog.resolve(name, usable)
    if other is not None and other.oid != relation.oid:
        return (
            [],
            f'for "{who.name}", who may not use schema "{relation.schema}", the name means "{other.qualified_name}"',
        )
    return [replace(need, sqlstate=UNDEFINED_TABLE)], None


def _given(write: Write, relation: Relation) -> frozenset[str] | None:
    """The columns that get a value which is not their default, as far as such may be; None when that is not known."""
    own = {column.name for column in relation.columns if relation.kind is RelationKind.VIEW and column.has_default}
    if write.all_columns:
        if write.value_count is None:
            return None
        names = tuple(column.name for column in relation.columns)[: write.value_count]
    elif write.columns is None or not write.complete:
        return None
    else:
        names = (*write.columns, *write.optional)
    return frozenset(name for name in names if name not in write.defaulted) | own

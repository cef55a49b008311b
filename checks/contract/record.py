"""From judged write sites to the contract: what each one that works asks of its table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..arbiter.guards import guards
from ..arbiter.model import Outcome
from ..arbiter.scope import Scope as Names
from ..arbiter.views import reach
from ..errors import SqlSyntaxError
from ..model import (
    Action,
    DefaultKey,
    InferenceClause,
    Mechanism,
    NamedConstraint,
    QualifiedName,
    Scope,
    Status,
    VariableConflict,
)
from ..quoting import quoted
from .document import ordered, ordered_by_role
from .model import Contract, Key, Kind, Need, Recorded
from .roles import asked_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, IndexKey, Relation
    from ..catalog.read import Catalog
    from ..model import InferenceElement, Write
    from .model import Asked


def record(bounds: Iterable[BoundSite], catalog: Catalog, *, exposed_schema: str = "public") -> Recorded:
    """The contract of these sites, judged by that catalog. Tests, and migrations, which ran once, need nothing.

    `exposed_schema` is the one that clients of PostgREST reach by default.
    """
    needs: Counter[Need] = Counter()
    writes: Counter[Asked] = Counter()
    broken, unknown, unresolved = [], [], []
    for bound in bounds:
        if bound.site.scope in (Scope.TEST, Scope.MIGRATION) or bound.site.status is Status.NOT_POSTGRES:
            continue
        outcome = bound.verdict.outcome
        if bound.site.is_open:
            unresolved.append(bound)
        elif bound.site.mechanism is not Mechanism.ON_CONFLICT:
            continue
        elif outcome is Outcome.UNKNOWN:
            unknown.append(bound)
        elif outcome is Outcome.NO_MATCH or _lacks_key(bound):
            broken.append(bound)
        elif outcome is Outcome.MATCH and bound.relation is not None:
            needs[need_of(bound.site.write, bound.relation, catalog)] += 1
            if (asked := asked_of(bound, catalog, exposed_schema)) is not None:
                writes[asked] += 1
    found = tuple(sorted(needs.items(), key=lambda one: ordered(one[0])))
    by_role = tuple(sorted(writes.items(), key=lambda one: ordered_by_role(one[0])))
    contract = Contract(found, len(broken), len(unknown), len(unresolved), by_role)
    return Recorded(contract, tuple(broken), tuple(unknown), tuple(unresolved))


def _lacks_key(bound: BoundSite) -> bool:
    """Whether its client takes the primary key where there is none: the INSERT then is a plain one."""
    return isinstance(bound.site.write.target, DefaultKey) and bound.verdict.outcome is Outcome.NOT_JUDGED


def need_of(write: Write, relation: Relation, catalog: Catalog) -> Need:
    """What a write that works asks of the relation that it reaches."""
    table = QualifiedName(relation.schema, relation.name)
    action = write.action or Action.UPDATE
    base = reach(relation, catalog).base
    match write.target:
        case InferenceClause() as clause:
            return _of_clause(clause, write, relation, catalog)
        case NamedConstraint(name):
            keys = _keys_of(name, relation)
            return Need(table=table, kind=Kind.CONSTRAINT, action=action, constraint=name, elements=keys)
        case DefaultKey():
            keys = tuple(sorted(quoted(column) for column in base.primary_key))
            return Need(table=table, kind=Kind.PRIMARY_KEY, action=action, elements=keys)
        case _:
            found = {_guard(index): None for index in guards(write, relation, base)}
            keys_of_all = tuple(
                sorted(found, key=lambda key: (key.elements, key.predicate or "", key.constraint or ""))
            )
            return Need(table=table, kind=Kind.ANY, action=action, keys=keys_of_all)


def _of_clause(clause: InferenceClause, write: Write, relation: Relation, catalog: Catalog) -> Need:
    names = _variables(write, relation, catalog)
    expressions = clause.asked_predicate is not None or any(e.column is None for e in clause.elements)
    return Need(
        table=QualifiedName(relation.schema, relation.name),
        kind=Kind.ELEMENTS,
        action=write.action or Action.UPDATE,
        elements=tuple(sorted({_text(element) for element in clause.elements})),
        predicate=clause.asked_predicate,
        lookup=clause.looked_up,
        alias=write.alias if expressions and write.alias != relation.name else None,
        variables=names,
        variable_conflict=write.variable_conflict if names else VariableConflict.ERROR,
        search_path=write.search_path if expressions or _names_classes(clause) else None,
    )


def _text(element: InferenceElement) -> str:
    plain = element.column is not None and element.collation is None and element.opclass is None
    return quoted(element.column) if plain and element.column is not None else element.text


def _names_classes(clause: InferenceClause) -> bool:
    return any(element.collation or element.opclass for element in clause.elements)


def _variables(write: Write, relation: Relation, catalog: Catalog) -> tuple[str, ...]:
    """The names in the target that are PL/pgSQL's: of `v.status` the one that qualifies."""
    try:
        return tuple(sorted({name[0] for name in Names(write, relation, reach(relation, catalog)).variables()}))
    except SqlSyntaxError:
        return ()


def _keys_of(constraint: str, relation: Relation) -> tuple[str, ...]:
    owner = next((c for c in relation.constraints if c.name == constraint), None)
    index = next((ix for ix in relation.indexes if owner is not None and ix.oid == owner.index), None)
    return () if index is None or index.exclusion else _keys(index)


def _keys(index: Index) -> tuple[str, ...]:
    return tuple(sorted(map(_key, index.keys)))


def _key(key: IndexKey) -> str:
    return quoted(key.column) if key.column is not None else f"({key.expression})"


def _guard(index: Index) -> Key:
    return Key((), None, index.constraint) if index.exclusion else Key(_keys(index), index.predicate)

"""Decides by the catalog what is behind an error: something absent, a stale schema cache, or the statement itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind
from ..model import QualifiedName
from ..rules._names import columns_sql, named, nearest
from .model import Answer, Situation, Symptom

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..catalog.model import Index, Relation
    from ..schema.model import Loaded
    from .asking import Surroundings

RELOAD = "NOTIFY pgrst, 'reload schema'"
_LISTED = 4


def decide(symptom: Symptom, loaded: Loaded, around: Surroundings, *, exposed_schema: str = "public") -> Answer:
    """What the catalog says of an error. What a schema source lacks may still be in the database: that is said."""
    answer = _DECIDERS[symptom.code](symptom, _Known(loaded, around, exposed_schema))
    if loaded.live:
        return answer
    if answer.situation is Situation.CACHE:
        return replace(
            answer,
            situation=Situation.UNKNOWN,
            message=f"{answer.message}; or the database lacks it",
            remedy=f"Ask the database with --database-url. Apply the migration if it is missing there; else {RELOAD};",
        )
    if answer.situation is Situation.ABSENT:
        told = f"decided by {loaded.schema.source}; a database may be ahead of it or behind: --database-url asks there"
        return replace(answer, evidence=(*answer.evidence, told))
    return answer


class _Known:
    """The catalog, and how a name of PostgREST is looked up in it."""

    def __init__(self, loaded: Loaded, around: Surroundings, exposed: str) -> None:
        self.loaded, self.around, self.exposed = loaded, around, exposed
        self.catalog = loaded.catalog

    def relation(self, name: str, *, rest: bool) -> Relation | None:
        schema, _, table = name.rpartition(".")
        if not schema and rest:
            return self.catalog.relation(self.exposed, table)
        return self.catalog.resolve(QualifiedName(schema or None, table)) or (
            self.catalog.relation(self.exposed, table) if not schema else None
        )

    def elsewhere(self, name: str) -> tuple[Relation, ...]:
        return self.catalog.of_any_schema(name.rpartition(".")[2])

    def reload(self) -> tuple[str, ...]:
        """Whether something reloads PostgREST's cache already."""
        watching = self.around.watching
        if watching:
            told = f"event trigger {named(watching)} asks for a reload after DDL: if the cache is stale all the same, "
            return (f"{told}PostgREST does not hear it (it listens through a transaction pooler, or on a replica)",)
        return ("no event trigger asks for a reload: each migration must do so itself",)


def _absent(symptom: Symptom, known: _Known, message: str, near: str | None, *evidence: str) -> Answer:
    """What is really absent: from a live database, or from all that a schema source creates."""
    live = known.loaded.live
    make = (
        "apply the migration that creates it"
        if live
        else "write the migration that creates it, which the schema source lacks"
    )
    meant = f'If "{near}" is meant, write that; otherwise {make}' if near else make[0].upper() + make[1:]
    remedy = f"{meant}. A reload of the schema cache changes nothing."
    return Answer(symptom, Situation.ABSENT, message, remedy, evidence)


def _stale(symptom: Symptom, known: _Known, message: str, *evidence: str) -> Answer:
    return Answer(symptom, Situation.CACHE, message, f"Reload it: {RELOAD};", (*evidence, *known.reload()))


def _no_table(symptom: Symptom, known: _Known, name: str) -> Answer:
    table = name.rpartition(".")[2]
    found = known.elsewhere(name)
    if found:
        where = ", ".join(f'"{relation.qualified_name}"' for relation in found)
        return Answer(
            symptom,
            Situation.ABSENT,
            f'table "{table}" is not in schema "{known.exposed}", but there is {where}',
            f'Name its schema in the client, which must be exposed (now "{known.exposed}" is taken by default).',
        )
    tables = [relation.name for relation in known.catalog.relations()]
    return _absent(symptom, known, f'table "{table}" is really absent', nearest(table, tables))


def _table(symptom: Symptom, known: _Known) -> Answer:
    name = symptom.table or ""
    relation = known.relation(name, rest=symptom.code != "42P01")
    if relation is None:
        return _no_table(symptom, known, name) if name else _unnamed(symptom, "table")
    message = f'table "{relation.qualified_name}" is there'
    if symptom.code != "42P01":
        return _stale(
            symptom, known, f"{message}: the schema cache of PostgREST is stale, or its role sees another one"
        )
    return Answer(
        symptom,
        Situation.STATEMENT,
        f"{message}: the session that failed looked elsewhere",
        "Compare its database and its search_path with these, or name the schema in the statement.",
    )


def _column(symptom: Symptom, known: _Known) -> Answer:
    rest = symptom.code == "PGRST204"
    if symptom.column is None or symptom.table is None:
        return _unnamed(symptom, "table and column") if symptom.column is None else _column_alone(symptom, known)
    relation = known.relation(symptom.table, rest=rest)
    if relation is None:
        return _no_table(symptom, known, symptom.table)
    if relation.column(symptom.column) is None:
        near = nearest(symptom.column, [column.name for column in relation.columns])
        told = f'"{relation.qualified_name}" is there, with {len(relation.columns)} columns'
        return _absent(
            symptom, known, f'column "{symptom.column}" of "{relation.qualified_name}" is really absent', near, told
        )
    message = f'column "{symptom.column}" of "{relation.qualified_name}" is there'
    if rest:
        return _stale(symptom, known, f"{message}: the schema cache of PostgREST is stale")
    return Answer(
        symptom,
        Situation.STATEMENT,
        f"{message}: the statement that failed reached another table",
        "Compare its database and its search_path with these, or name the schema in the statement.",
    )


def _column_alone(symptom: Symptom, known: _Known) -> Answer:
    with_it = [r.qualified_name for r in known.catalog.relations() if r.column(symptom.column or "") is not None]
    some = f"{named(with_it[:_LISTED])} {'has' if len(with_it) == 1 else 'have'} such a column" if with_it else ""
    return Answer(
        symptom,
        Situation.UNKNOWN,
        f'the text does not say which table "{symptom.column}" is missing from',
        "Give the write site: pgarbiter explain FILE:LINE.",
        (some,) if some else ("no table has a column of that name",),
    )


def _relationship(symptom: Symptom, known: _Known) -> Answer:
    names = (symptom.table, *symptom.others)
    if symptom.table is None or not symptom.others:
        return _unnamed(symptom, "pair of tables")
    found = [known.relation(name or "", rest=True) for name in names]
    for name, relation in zip(names, found, strict=True):
        if relation is None:
            return _no_table(symptom, known, name or "")
    one, other = (relation for relation in found if relation is not None)
    keys = [
        key.name
        for source, target in ((one, other), (other, one))
        for key in source.constraints
        if key.kind is ConstraintKind.FOREIGN_KEY and key.references == target.oid
    ]
    pair = f'"{one.qualified_name}" and "{other.qualified_name}"'
    if keys:
        return _stale(
            symptom, known, f"foreign key {named(keys)} relates {pair}: the schema cache of PostgREST is stale"
        )
    return _absent(symptom, known, f"no foreign key relates {pair}", None)


def _function(symptom: Symptom, known: _Known) -> Answer:
    name = (symptom.function or "").rpartition(".")[2]
    if not name:
        return _unnamed(symptom, "function")
    exposed = [f for f in known.around.functions if f.name == name and f.schema == known.exposed]
    fitting = [f for f in exposed if f.takes(symptom.others)]
    if fitting:
        return _stale(
            symptom, known, f"function {fitting[0].signature} is there: the schema cache of PostgREST is stale"
        )
    if exposed:
        there = "; ".join(f.signature for f in exposed[:_LISTED])
        asked = f"({', '.join(symptom.others)})"
        return Answer(
            symptom,
            Situation.ABSENT,
            f'no function "{name}" of schema "{known.exposed}" takes the parameters {asked}',
            "Send the parameters by the names that it has, or create that overload. A reload changes nothing.",
            (f"there is {there}",),
        )
    others = [f.signature for f in known.around.functions if f.name == name]
    evidence = (f'there is {others[0]}, outside of schema "{known.exposed}"',) if others else ()
    near = nearest(name, [f.name for f in known.around.functions if f.schema == known.exposed])
    return _absent(symptom, known, f'function "{name}" is really absent from schema "{known.exposed}"', near, *evidence)


def _arbiter(symptom: Symptom, known: _Known) -> Answer:
    del known
    return Answer(
        symptom,
        Situation.STATEMENT,
        "no unique index matches the conflict target of the statement: no cache plays a part",
        "Ask which index is nearest: pgarbiter explain FILE:LINE, or pgarbiter explain --sql with the statement.",
        (
            f"unique indexes are never in PostgREST's schema cache: {RELOAD} cannot cure 42P10",
            "row security plays no part: the index is inferred before it is looked at",
        ),
    )


def _null(symptom: Symptom, known: _Known) -> Answer:
    relation = known.relation(symptom.table, rest=False) if symptom.table else None
    column = relation.column(symptom.column or "") if relation else None
    if relation is None or column is None:
        return Answer(
            symptom,
            Situation.UNKNOWN,
            f'column "{symptom.column}" got no value' if symptom.column else "a NOT NULL column got no value",
            "Give the write site: pgarbiter explain FILE:LINE.",
        )
    default = f"has the default {column.default}, so NULL was written" if column.default else "has no default"
    return Answer(
        symptom,
        Situation.STATEMENT,
        f'column "{column.name}" of "{relation.qualified_name}" is {"" if column.not_null else "now not "}NOT NULL '
        f"and {default}",
        f'Write "{column.name}", or give it a default.',
        ("NOT NULL is checked on the row proposed for insertion, also when the row exists and would be updated",),
    )


def _duplicate(symptom: Symptom, known: _Known) -> Answer:
    found = [(r, i) for r in known.catalog.relations() for i in r.indexes if i.name == symptom.constraint and i.unique]
    if not found:
        return _absent(symptom, known, f'unique constraint "{symptom.constraint}" is not there any more', None)
    relation, index = found[0]
    return Answer(
        symptom,
        Situation.STATEMENT,
        f'unique index "{index.name}" {columns_sql(index.columns)} of "{relation.qualified_name}" refused the row',
        "If an upsert was refused, its conflict target names other columns: pgarbiter check tells which.",
        _of_index(index),
    )


def _of_index(index: Index) -> tuple[str, ...]:
    said = [
        (f"it is partial: WHERE {index.predicate}", index.predicate is not None),
        ("it is invalid: it refuses duplicates, but infers nothing", not index.valid),
        ("it is deferrable: no upsert can take it as arbiter", not index.immediate),
    ]
    return tuple(text for text, holds in said if holds)


def _deferrable(symptom: Symptom, known: _Known) -> Answer:
    tables = [
        f'"{index.name}" of "{relation.qualified_name}"'
        for relation in known.catalog.relations()
        for index in relation.indexes
        if index.unique and not index.immediate
    ]
    return Answer(
        symptom,
        Situation.STATEMENT if tables else Situation.ABSENT,
        "a deferrable constraint was to be the arbiter" if tables else "no deferrable unique constraint is there",
        "Make the constraint NOT DEFERRABLE, or add a unique index on its columns and name those.",
        (f"deferrable: {', '.join(tables[:_LISTED])}",) if tables else (),
    )


def _denied(symptom: Symptom, known: _Known) -> Answer:
    relation = known.relation(symptom.table, rest=False) if symptom.table else None
    if relation is None:
        return _no_table(symptom, known, symptom.table) if symptom.table else _unnamed(symptom, "table")
    policies = ", ".join(f'"{policy.name}"' for policy in relation.policies) or "none"
    evidence: tuple[str, ...]
    if symptom.policy:
        message = f'a policy of "{relation.qualified_name}" refused the row'
        evidence = (f"policies: {policies}", "an upsert needs INSERT, SELECT and UPDATE policies that let the row pass")
    else:
        message = f'the role may not do that with "{relation.qualified_name}"'
        evidence = ("an upsert needs INSERT, UPDATE of each column in SET, and SELECT of those in the target and SET",)
    return Answer(
        symptom,
        Situation.STATEMENT,
        f"{message}: the table is there, and no cache plays a part",
        "Ask which one decides: pgarbiter explain FILE:LINE --role NAME.",
        evidence,
    )


def _unnamed(symptom: Symptom, what: str) -> Answer:
    return Answer(
        symptom,
        Situation.UNKNOWN,
        f"the text does not say which {what} it is about",
        "Give the whole message, as the client or the server has printed it.",
    )


_DECIDERS: dict[str, Callable[[Symptom, _Known], Answer]] = {
    "PGRST200": _relationship,
    "PGRST202": _function,
    "PGRST204": _column,
    "PGRST205": _table,
    "42P01": _table,
    "42703": _column,
    "42P10": _arbiter,
    "23502": _null,
    "23505": _duplicate,
    "55000": _deferrable,
    "42501": _denied,
}

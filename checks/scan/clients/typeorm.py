"""TypeORM: `repository.upsert()`, and `.orUpdate()`, `.orIgnore()` and `.onConflict()` of the query builder.

What is sent follows typeorm 1.1.1: EntityManager.upsert, which sets the conflict columns too, and
query-builder/InsertQueryBuilder, which lists every column of the entity and sends DEFAULT for what a row lacks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, QualifiedName, Unresolved
from ..declarations.typeorm import Entity
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Choice, Member, Opaque, Record, Sequence, Text
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import boolean, is_absent, list_of_texts, text, told
from .step_facts import NO_SITE, finish_step, followed_insert
from .targets import columns_target, quoted, written_target
from .typeorm_entity import Target, builder_of, repository_of
from .typeorm_steps import asked_by, find_steps, is_paired, row_of, target_of
from .written_clause import clause_action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..declarations.model import Undeclared
    from ..declarations.typeorm import Property
    from ..model import Draft, Module, Resolve
    from ..values import Value

_OF_REPOSITORY = 2  # arguments of its upsert(); an entity manager's has the entity before them
_BUILDER = frozenset({"orUpdate", "orIgnore", "onConflict"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Every call of the builder's methods, and every `.upsert()` that has the arguments of TypeORM's."""
    named = "typeorm" in module.file.text.lower()
    later = list(module.calls(frozenset({"values"})))
    for call in module.calls(_BUILDER):
        if isinstance(call.callee, Member) and (call.callee.name != "onConflict" or _is_clause(call)):
            yield _fact("builder", call, later=_later(call, later))
    for call in module.calls(frozenset({"upsert"})):
        conflict = call.args[min(len(call.args), 3) - 1] if len(call.args) > 1 else None
        telling = isinstance(conflict, Record) and conflict.get("conflictPaths") is not None
        listed = isinstance(conflict, Sequence) and all(isinstance(item, Text) for item in conflict.items)
        if isinstance(call.callee, Member) and (telling or listed or (named and conflict is not None)):
            yield _fact("upsert", call, named=named)
    yield from find_steps(module)


def _later(call: Call, values: list[Call]) -> Value | None:
    """The rows of `.values(..)` that is called on what this call gives."""
    for one in values:
        inner: Value = one
        while isinstance(inner, Call) and isinstance(inner.callee, Member):
            inner = inner.callee.object
            if isinstance(inner, Call) and inner.name_offset == call.name_offset and one.args:
                return one.args[0]
    return None


def _fact(kind: str, call: Call, *, named: bool = True, later: Value | None = None) -> SiteFact:
    values: dict[str, Value] = {"kind": Text(kind), "call": call}
    values |= {"rows": later} if later is not None else {}
    values |= {"named": Text("")} if named else {}
    return SiteFact(client="typeorm", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _is_clause(call: Call) -> bool:
    """`.onConflict('("id") DO NOTHING')` of TypeORM 0.2."""
    given = call.args[0] if call.args else None
    return isinstance(given, Text) and clause_action(given.text) is not None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, partial(asked_by, resolve=resolve))
    if "plain" in fact.values:
        plain = followed_insert(fact, partial(asked_by, resolve=resolve))
        return NO_SITE if plain is None else _of_plain(fact, plain, resolve)
    call = fact.values.get("call")
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite("no call of TypeORM")
    if fact.values["kind"] == Text("builder"):
        return _of_builder(fact, call, call.callee, resolve)
    return _of_upsert(fact, call, call.callee, resolve)


def _of_plain(fact: SiteFact, call: Call, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found = target_of(call, resolve)
    if found is None:
        return NO_SITE
    target, args = found
    columns = _Columns(target.entity)
    rows = columns.inserted(row_of(call, args[0], resolve) or args[0], resolve)
    return (_finished(insert(fact, target.table, rows.payload), rows, columns),)


def _of_upsert(fact: SiteFact, call: Call, callee: Member, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    args = list(call.args)
    target = repository_of(callee.object, args, resolve, named="named" in fact.values)
    args = args[1:] if len(args) > _OF_REPOSITORY else args
    if target is None:
        return NoSite("nothing shows that it is called on a repository or an entity manager of TypeORM")
    given, conflict = args[0], resolve(args[1])
    options = conflict if isinstance(conflict, Record) else Record(())
    paths = options.get("conflictPaths") if isinstance(conflict, Record) else conflict
    names = _paths(paths, resolve) if paths is not None else None
    columns = _Columns(target.entity)
    rows = columns.inserted(given, resolve)
    properties = [columns.at(name) for name in names or ()]
    arbiter = _arbiter(paths, names, properties, target, options, resolve)
    assigned = _overwritten(payload(_flattened(given, columns, resolve), resolve), properties, columns)
    draft = insert(fact, target.table, rows.payload, Conflict(arbiter, Action.UPDATE, assigned))
    return (_finished(draft, rows, columns),)


def _paths(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """`["a", "b.c"]`, or an object whose keys are the paths."""
    known = resolve(value)
    if isinstance(known, Record) and known.complete:
        return tuple(key for key, _ in known.entries)
    return list_of_texts(known, resolve)


def _arbiter(
    given: Value | None,
    names: tuple[str, ...] | None,
    properties: list[Property | None],
    target: Target,
    options: Record,
    resolve: Resolve,
) -> ConflictTarget:
    if names is None:
        return Unresolved(
            f"the conflict paths are {told(resolve(given))}" if given is not None else "no conflict paths"
        )
    if not isinstance(target.entity, Entity):
        return Unresolved(target.entity.reason if target.entity is not None else "the entity is named by a text")
    missing = next((name for name, one in zip(names, properties, strict=True) if one is None), None)
    if missing is not None:
        return Unresolved(target.entity.reason or f'entity has no property "{missing}", which TypeORM refuses')
    columns = tuple(one.column for one in properties if one is not None and one.column is not None)
    if len(columns) != len(names):
        return Unresolved(target.entity.reason or "the conflict columns are not known")
    return _columns(columns, options, resolve)


def _columns(names: tuple[str, ...], options: Record, resolve: Resolve) -> ConflictTarget:
    """The columns, with the predicate that the options name."""
    predicate = options.get("indexPredicate")
    if predicate is None or is_absent(resolve(predicate)):
        return columns_target(names)
    where = text(predicate, resolve)
    if where is None:
        return Unresolved(f"the predicate is {told(resolve(predicate))}")
    return written_target(tuple(quoted(name) for name in names), where) if where else columns_target(names)


def _overwritten(rows: Payload, conflict: list[Property | None], columns: _Columns) -> Payload:
    """The columns of SET: those of the conflict, then those that some row has a value for."""
    keys = [one.column for one in conflict if one is not None and one.column is not None]
    if columns.entity is None or rows.columns is None or not rows.complete:
        given = [one.column for name in rows.columns or () if (one := columns.at(name)) and one.column and one.updates]
        return Payload(tuple(dict.fromkeys((*keys, *given))), complete=False, reason=rows.reason)
    written = [columns.at(name) for name in rows.columns]
    known = [one.column for one in written if one is not None and one.column is not None and one.updates]
    return Payload(tuple(dict.fromkeys((*keys, *known))))


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is inserted; `defaulted` are columns that no row has a value for."""

    payload: Payload
    defaulted: tuple[str, ...] = ()


class _Columns:
    """The columns of an entity, as far as it is known."""

    def __init__(self, entity: Entity | Undeclared | None) -> None:
        self.entity = entity if isinstance(entity, Entity) else None
        self.plain = entity is None

    def at(self, path: str) -> Property | None:
        """The property of that path."""
        return self.entity.at(path) if self.entity is not None else None

    def inserted(self, value: Value, resolve: Resolve, only: tuple[str, ...] | None = None) -> _Rows:
        """What an INSERT of these rows lists: every column of the entity, or the keys where there is no entity."""
        rows = payload(_flattened(value, self, resolve), resolve)
        if self.entity is None:
            return _Rows(rows if self.plain else replace(rows, columns=None, complete=False, reason=None))
        listed = [
            one
            for one in self.entity.properties
            if (only is None and one.inserts and not one.increments) or (only is not None and one.path in only)
        ]
        names = tuple(dict.fromkeys(one.column for one in listed if one.column is not None))
        known = self.entity.reason is None
        given = {one.column for name in rows.columns or () if (one := self.at(name)) is not None}
        filled = given | {one.column for one in listed if one.filled}
        known_rows = rows.columns is not None and rows.complete
        defaulted = tuple(name for name in names if name not in filled) if known_rows else ()
        nulls = tuple(one.column for name in rows.nulls if (one := self.at(name)) and one.column in names)
        found = Payload(
            names, known, rows.rows, tuple(name for name in nulls if name is not None), (), self.entity.reason
        )
        return _Rows(found, defaulted)

    def update_dates(self) -> tuple[str, ...]:
        """The columns that are set to DEFAULT with every update."""
        properties = self.entity.properties if self.entity is not None else ()
        return tuple(one.column for one in properties if one.update_date and one.column is not None)


def _flattened(value: Value, columns: _Columns, resolve: Resolve) -> Value:
    """Rows with the objects of embedded classes put in by their paths."""
    known = resolve(value)
    match known:
        case Record(entries):
            flat: list[tuple[str, Value]] = []
            for key, one in entries:
                inner = resolve(one)
                if isinstance(inner, Record) and columns.entity is not None and columns.at(key) is None:
                    flat += [(f"{key}.{name}", deep) for name, deep in inner.entries]
                else:
                    flat.append((key, one))
            return replace(known, entries=tuple(flat))
        case Sequence(items):
            return replace(known, items=tuple(_flattened(item, columns, resolve) for item in items))
        case Choice(options):
            return replace(known, options=tuple(_flattened(option, columns, resolve) for option in options))
        case _:
            return known


def _finished(draft: Draft, rows: _Rows, columns: _Columns) -> Draft:
    """The draft with what is sent as DEFAULT, in the row and, for columns of update dates, in SET."""
    write = replace(draft.write, defaulted=rows.defaulted)
    if write.action is Action.UPDATE and write.set_columns:
        dates = tuple(name for name in columns.update_dates() if name not in write.set_columns)
        write = replace(write, set_columns=(*write.set_columns, *dates), set_defaults=dates)
    return replace(draft, write=write)


def _of_builder(fact: SiteFact, call: Call, callee: Member, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    builder = builder_of(callee.object, resolve)
    if builder is None:
        return NoSite("no insert() of a query builder is found before the call")
    columns = _Columns(builder.target.entity)
    only = list_of_texts(builder.columns, resolve) if builder.columns is not None else None
    given = builder.rows if builder.rows is not None else fact.values.get("rows")
    rows = columns.inserted(
        given if given is not None else Opaque("values(..) that is called elsewhere"), resolve, only
    )
    table = builder.target.table
    if callee.name == "orIgnore":
        return _ignoring(fact, call, table, rows, columns, resolve)
    if callee.name == "onConflict":
        return _clause(fact, call, table, rows, columns)
    overwrite, conflict, options = _or_update(call, resolve)
    arbiter = _builder_arbiter(conflict, options, resolve)
    assigned = _listed(overwrite, resolve)
    action = Action.NOTHING if assigned.columns == () else Action.UPDATE
    draft = insert(fact, table, rows.payload, Conflict(arbiter, action, assigned if action is Action.UPDATE else None))
    return (_finished(draft, rows, columns),)


def _ignoring(
    fact: SiteFact, call: Call, table: QualifiedName | Undeclared, rows: _Rows, columns: _Columns, resolve: Resolve
) -> tuple[Draft, ...]:
    given = boolean(call.args[0], resolve, default=True) if call.args else True
    conflict = None if given is False else Conflict(AnyArbiter(), Action.NOTHING)
    return (_finished(insert(fact, table, rows.payload, conflict), rows, columns),)


def _clause(
    fact: SiteFact, call: Call, table: QualifiedName | Undeclared, rows: _Rows, columns: _Columns
) -> tuple[Draft, ...]:
    """The clause that TypeORM 0.2 takes as SQL."""
    written = call.args[0].text if isinstance(call.args[0], Text) else ""
    found = clause_action(written)
    if found is None:
        return ()
    conflict = Conflict(found.target, found.action, Payload(found.set_columns, found.set_complete))
    if found.action is Action.NOTHING:
        conflict = replace(conflict, assigned=None)
    draft = insert(fact, table, rows.payload, conflict)
    return (replace(draft, write=replace(draft.write, defaulted=rows.defaulted)),) if columns else ()


def _or_update(call: Call, resolve: Resolve) -> tuple[Value | None, Value | None, Record]:
    """What to overwrite, the target and the options; one object of all of them in TypeORM 0.2."""
    args = [resolve(arg) for arg in call.args]
    first = args[0] if args else None
    if isinstance(first, Record):
        return first.get("overwrite") or first.get("columns"), first.get("conflict_target"), first
    options = next((arg for arg in args[2:] if isinstance(arg, Record)), Record(()))
    return first, args[1] if len(args) > 1 else None, options


def _builder_arbiter(given: Value | None, options: Record, resolve: Resolve) -> ConflictTarget:
    """A list holds names of columns, a text is the name of a constraint."""
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known):
        return AnyArbiter()
    one = text(known, resolve)
    if one is not None:
        return NamedConstraint(one) if one else AnyArbiter()
    names = list_of_texts(known, resolve)
    if names is None:
        return Unresolved(f"the conflict target is {told(known)}")
    return _columns(names, options, resolve)


def _listed(given: Value | None, resolve: Resolve) -> Payload:
    known = resolve(given) if given is not None else Sequence(())
    names = list_of_texts(known, resolve)
    if names is not None:
        return Payload(names)
    partly = [text(item, resolve) for item in known.items] if isinstance(known, Sequence) else []
    found = tuple(name for name in partly if name is not None)
    return Payload(found, complete=False, reason=f"the columns of SET are {told(known)}")


TYPEORM = Client(
    name="typeorm",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".upsert(", b".orupdate(", b".orignore(", b".onconflict("),
    paired=is_paired,
    find=_find,
    finish=_finish,
)

"""Exposed: `Table.upsert(keys) { it[column] = value }`, `batchUpsert`, `insertIgnore`, and plain inserts.

What is sent follows exposed-core 1.0: UpsertStatement.kt (getKeyColumns, getUpdateExpressions), PostgreSQL.kt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, QualifiedName, Unresolved
from ..declarations.exposed import ExposedTable, read_exposed
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Class, Constant, Lambda, Member, Name, Opaque, Param, Sequence
from .drafting import Conflict, insert
from .exposed_steps import find_steps, finish_step
from .payload import Payload
from .reading import boolean, called_name, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve, Step
    from ..values import Value

_UPSERTS = frozenset({"upsert", "upsertReturning", "batchUpsert"})
_IGNORING = frozenset({"insertIgnore", "insertIgnoreAndGetId"})
_PLAIN = frozenset({"insert", "insertAndGetId", "insertReturning", "batchInsert"})
_REPLACING = frozenset({"replace", "batchReplace"})
_BATCHES = frozenset({"batchUpsert", "batchInsert", "batchReplace"})
_LISTS = frozenset({"listOf", "mutableListOf", "setOf", "arrayOf"})
_METHODS = _UPSERTS | _IGNORING | _PLAIN | _REPLACING


def _find(module: Module) -> Iterator[SiteFact]:
    """Each call that assigns columns or may be on a table, and of a module with plain INSERTs what may lead to them."""
    inserts = False
    for call in module.calls(_METHODS):
        body = _body(call)
        if body is None and not (call.args and called_name(call) in {"insert", "insertIgnore", "replace"}):
            continue
        owner = call.callee.object if isinstance(call.callee, Member) else module.lookup("this", call.offset)
        if owner is None:
            continue
        inserts = inserts or called_name(call) in _PLAIN
        values: dict[str, Value] = {"call": call, "owner": owner}
        yield SiteFact(client="exposed", values=values, offset=call.name_offset, statement=call.offset, end=call.end)
    yield from find_steps(module) if inserts else ()


def _body(call: Call) -> Lambda | None:
    """The block that assigns columns: the last argument, or the one that is called so."""
    named = dict(call.keywords).get("body")
    given = named if named is not None else call.args[-1] if call.args else None
    return given if isinstance(given, Lambda) else None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, resolve)
    call = fact.values["call"]
    owner = resolve(fact.values["owner"])
    if isinstance(owner, Param) and owner.type is not None:
        owner = resolve(owner.type)
    if not isinstance(call, Call):
        return NoSite("no call")
    found = read_exposed(owner, resolve)
    body = _body(call)
    if found is None:
        assigns = body is not None and any(_is_assignment(one) for one in _statements(body))
        if isinstance(owner, Class) or not assigns or called_name(call) in _REPLACING:
            return NoSite("is called on no table of Exposed")
        found = Undeclared(f"the table is {told(owner)}")
    if body is None and not isinstance(found, ExposedTable):
        return NoSite("is called on no table of Exposed")
    other = None
    if called_name(call) in _REPLACING:
        other = "REPLACE is MySQL or SQLite, and Exposed refuses it on PostgreSQL"
    table = found if isinstance(found, Undeclared) else QualifiedName(found.declared.schema, found.declared.name)
    known = found if isinstance(found, ExposedTable) else None
    rows = _rows(body, known, resolve, one=called_name(call) not in _BATCHES)
    return (insert(fact, table, rows, _conflict(call, known, rows, resolve), not_postgres=other),)


def _conflict(call: Call, table: ExposedTable | None, rows: Payload, resolve: Resolve) -> Conflict | None:
    name, named = called_name(call), dict(call.keywords)
    if name in _UPSERTS:
        target, keys = _target(call, table, resolve)
        return Conflict(target, Action.UPDATE, _assigned(call, table, rows, keys, resolve))
    ignoring = boolean(named.get("ignore", named.get("ignoreErrors")), resolve, default=False)
    if name == "batchInsert" and len(call.args) > 2 and isinstance(call.args[1], Constant):  # noqa: PLR2004 - data, ignore, body
        ignoring = call.args[1].value is True
    if name in _IGNORING or name in _REPLACING or ignoring:
        return Conflict(AnyArbiter(), Action.NOTHING)
    return (
        None
        if ignoring is False
        else Conflict(Unresolved("whether conflicts are ignored is only known at run time"), None)
    )


def _target(call: Call, table: ExposedTable | None, resolve: Resolve) -> tuple[ConflictTarget, tuple[str, ...]]:
    """The columns that are given, else those of the primary key, else of the first unique index that is declared."""
    given = [one for one in call.args if not isinstance(one, Lambda)]
    given = given[1:] if called_name(call) in _BATCHES and "data" not in dict(call.keywords) else given
    if not given:
        return _usual(table)
    names = tuple(_column(one, table, resolve) for one in given)
    if None in names:
        unknown = next(one for one, name in zip(given, names, strict=True) if name is None)
        return Unresolved(f"the conflict target is {told(resolve(unknown))}"), ()
    keys = tuple(name for name in names if name is not None)
    return columns_target(keys), keys


def _usual(table: ExposedTable | None) -> tuple[ConflictTarget, tuple[str, ...]]:
    if table is None:
        return Unresolved("no key is given, and the table is not known"), ()
    keys = table.declared.primary_key or table.unique
    if keys is None:
        reason = "neither key nor unique index is declared, without which Exposed refuses to upsert"
        return Unresolved(reason if table.declared.complete else "the table's key is declared elsewhere"), ()
    return columns_target(keys), keys


def _column(value: Value, table: ExposedTable | None, resolve: Resolve) -> str | None:
    """The name of the column that `Words.word`, `word` or `it.word` is."""
    if isinstance(value, Call) and table is not None:  # a declaration itself
        return next((one.name for one in table.declared.columns if one.offset == value.offset), None)
    if not isinstance(value, Name | Member):
        return None
    if isinstance(value, Member):
        other = read_exposed(resolve(value.object), resolve)
        table = other if isinstance(other, ExposedTable) else table
    found = table.declared.by_attribute(value.name) if table is not None else None
    if found is None and table is not None and isinstance(known := resolve(value), Call):
        found = next((one for one in table.declared.columns if one.offset == known.offset), None)
    return found.name if found is not None else None


def _statements(body: Lambda) -> tuple[Value, ...]:
    return body.result.items if isinstance(body.result, Sequence) else (body.result,)


def _is_assignment(value: Value) -> bool:
    """`it[column] = value`, also in a branch."""
    if isinstance(value, Sequence):
        return any(_is_assignment(one) for one in value.items)
    return isinstance(value, Call) and called_name(value) in {"set", "update"} and len(value.args) > 1


def _set(statements: Iterable[Value], table: ExposedTable | None, resolve: Resolve) -> tuple[list[str], str | None]:
    """The columns that statements assign, and why that may not be all, or more than there are."""
    found: list[str] = []
    doubt: str | None = None
    for one in statements:
        if isinstance(one, Sequence):
            inner, why = _set(one.items, table, resolve)
            found += inner
            doubt = doubt or why or ("a column is written on a condition" if inner else None)
        elif _is_assignment(one) and isinstance(one, Call):
            name = _column(one.args[0], table, resolve)
            found += [name] if name is not None else []
            doubt = doubt or (None if name is not None else f"a column is {told(one.args[0])}")
        elif not isinstance(one, Opaque | Constant):
            doubt = doubt or f"a column may be written by {told(one)}"
    return found, doubt


def _rows(body: Lambda | None, table: ExposedTable | None, resolve: Resolve, *, one: bool) -> Payload:
    """The columns of the body, and those that have a default of the library's own."""
    if body is None:
        return Payload(None, complete=False, reason="the rows are those of a query")
    names, doubt = _set(_statements(body), table, resolve)
    defaults = [column.name for column in table.declared.columns if column.client_default] if table is not None else []
    columns = tuple(dict.fromkeys((*names, *defaults)))
    if table is not None and not table.declared.complete:
        doubt = doubt or "a base of the table is not known"
    return Payload(columns or None, doubt is None and bool(columns), 1 if one else None, reason=doubt)


def _assigned(
    call: Call, table: ExposedTable | None, rows: Payload, keys: tuple[str, ...], resolve: Resolve
) -> Payload:
    """The columns of SET: those of `onUpdate`, else all that are inserted but the keys and what is left out."""
    named = dict(call.keywords)
    given = named.get("onUpdate")
    if isinstance(given, Lambda):
        names, doubt = _set(_statements(given), table, resolve)
        return Payload(tuple(dict.fromkeys(names)) or None, doubt is None, reason=doubt)
    if given is not None and not (isinstance(given, Constant) and given.value is None):
        return _listed(given, table, resolve)
    left_out = named.get("onUpdateExclude")
    out = _listed(left_out, table, resolve) if left_out is not None else Payload((), complete=True)
    inserted = tuple(name for name in rows.columns or () if name not in (out.columns or ()))
    written = tuple(name for name in inserted if name not in keys) or inserted
    return Payload(written or None, rows.complete and out.complete and bool(written), reason=rows.reason)


def _listed(value: Value, table: ExposedTable | None, resolve: Resolve) -> Payload:
    """Columns of a list, or of a list of pairs (`Words.hits to Words.hits + 1`)."""
    known = resolve(value)
    if isinstance(value, Call) and called_name(value) in _LISTS:
        items = value.args  # of which resolved calls would no longer say which column they are
    elif isinstance(known, Sequence) and known.complete:
        items = known.items
    else:
        return Payload(None, complete=False, reason=f"the columns are {told(known)}")
    keys = [one.callee.object if isinstance(one, Call) and isinstance(one.callee, Member) else one for one in items]
    names = [_column(key, table, resolve) for key in keys]
    found = tuple(name for name in names if name is not None)
    return Payload(found or None, len(found) == len(names))


EXPOSED = Client(
    name="exposed",
    languages=frozenset({"kotlin"}),
    triggers=(
        b".upsert",
        b"batchupsert",
        b"upsertreturning",
        b"insertignore",
        b"insertreturning",
        b"batchinsert",
        b"insertandgetid",
        b".insert {",
        b".insert{",
        b"batchreplace",
        b".replace {",
    ),
    find=_find,
    finish=_finish,
)

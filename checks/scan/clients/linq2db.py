"""linq2db: `table.InsertOrUpdate(() => new T { .. }, old => new T { .. }, ..)` and `db.InsertOrReplace(x)`.

Source: LinqToDB 6 InsertOrUpdateBuilder, QueryRunner.InsertOrReplace,
BasicSqlBuilder.BuildInsertOrUpdateQueryAsOnConflictUpdateOrNothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ..declarations.csharp_classes import class_of, type_argument
from ..declarations.ef_core import entity_of, model_of
from ..declarations.linq2db import linq2db_table
from ..declarations.model import TableDeclaration, Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Class, Lambda, Member
from .chain import chains, own_links
from .drafting import Conflict, insert
from .payload import Payload
from .reading import argument, is_absent, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_SETS = frozenset({"InsertOrUpdate", "InsertOrUpdateAsync"})
_REPLACES = frozenset({"InsertOrReplace", "InsertOrReplaceAsync"})
_LIBRARY = b"LinqToDB"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_SETS | _REPLACES):
        if isinstance(call.callee, Member):
            given = argument(call, 0, "insertSetter")
            if call.callee.name in _REPLACES or isinstance(given, Lambda):
                yield SiteFact(
                    client="linq2db",
                    values={"call": call},
                    offset=call.name_offset,
                    statement=call.offset,
                    end=call.end,
                )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite("no call")
    if not resolve.holding(_LIBRARY):
        return NoSite("nothing in the project names linq2db")
    replaces = call.callee.name in _REPLACES
    entity = _entity(call, resolve, replaces=replaces)
    table = linq2db_table(entity, resolve) if isinstance(entity, Class) else Undeclared(f"the entity is {told(entity)}")
    known = table if isinstance(table, TableDeclaration) else None
    named = QualifiedName(known.schema, known.name) if known is not None else table
    if isinstance(named, TableDeclaration):
        return NoSite("no table")
    rows, conflict = _replaced(known) if replaces else _updated(call, known, resolve)
    return (insert(fact, named, rows, conflict),)


def _entity(call: Call, resolve: Resolve, *, replaces: bool) -> Class | Value:
    typed = type_argument(call)
    links = chains(call, resolve)[0].links
    typed = typed or next((one for link in reversed(links[:-1]) if (one := type_argument(link)) is not None), None)
    if typed is None and not replaces:
        typed = entity_of(own_links(call)[0], model_of(resolve), resolve)
    if typed is not None:
        return resolve(typed)
    row = argument(call, 0, "obj")
    return class_of(row, resolve) if row is not None else call


def _replaced(table: TableDeclaration | None) -> tuple[Payload, Conflict]:
    """The row's columns, all but the key of which are set."""
    if table is None:
        unknown = Payload(None, complete=False, reason="the written columns are those of the entity")
        return unknown, Conflict(DefaultKey(), Action.UPDATE, unknown)
    rows = Payload(tuple(c.name for c in table.columns if not c.generated), table.complete, 1)
    assigned = Payload(tuple(c.name for c in table.columns if not c.primary and c.key), table.complete)
    target = columns_target(table.primary_key) if table.primary_key else DefaultKey()
    return rows, Conflict(target, Action.UPDATE, assigned)


def _updated(call: Call, table: TableDeclaration | None, resolve: Resolve) -> tuple[Payload, Conflict]:
    rows = _made(argument(call, 0, "insertSetter"), table, resolve)
    update = argument(call, 1, "onDuplicateKeyUpdateSetter")
    keys = argument(call, 2, "keySelector")
    assigned = None if update is None or is_absent(resolve(update)) else _made(update, table, resolve)
    target: ConflictTarget
    if keys is not None:
        chosen = _made(keys, table, resolve)
        known = chosen.columns is not None and chosen.complete
        target = columns_target(chosen.columns or ()) if known else Unresolved("the key is only known at run time")
    else:
        target = columns_target(table.primary_key) if table is not None and table.primary_key else DefaultKey()
    if assigned is None or (assigned.columns == () and assigned.complete):
        return rows, Conflict(target, Action.NOTHING)
    return rows, Conflict(target, Action.UPDATE, assigned)


def _made(given: Value | None, table: TableDeclaration | None, resolve: Resolve) -> Payload:
    """The columns that `() => new T { A = 1, B = 2 }` gives values to."""
    function = given if isinstance(given, Lambda) else resolve(given) if given is not None else None
    made = function.result if isinstance(function, Lambda) else None
    if not isinstance(made, Call):
        return Payload(None, complete=False, reason="the columns are only known at run time")
    names = tuple(name for name, _ in made.keywords if name[:1].isalpha() or name.startswith("_"))
    if table is None:
        return Payload(None, complete=False, rows=1, reason=f'the columns of "{", ".join(names)}" are not known')
    found = [table.by_attribute(name) for name in names]
    columns = tuple(column.name for column in found if column is not None)
    complete = len(columns) == len(names)
    return Payload(columns, complete, 1, reason=None if complete else "a property is no column that is known")


LINQ2DB = Client(
    name="linq2db",
    languages=frozenset({"csharp"}),
    triggers=(b".insertorupdate", b".insertorreplace"),
    find=_find,
    finish=_finish,
)

r"""Yii 2 and 3: `createCommand()->upsert(table, columns, update)`, whose target is read from the database.

Source: yiisoft/yii2 framework db\Command.upsert, db\QueryBuilder.prepareUpsertColumns, db\pgsql\QueryBuilder.newUpsert.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Unresolved
from ..declarations.laravel import qualified
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Member, Record
from .chain import chains
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import argument, boolean, called_name, text, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import QualifiedName
    from ..model import Module, Resolve
    from ..values import Value

_COMMAND = "createCommand"
_READ = (
    "Yii takes the columns of all unique constraints that the written columns cover, as it finds them in the database"
)
_PREFIXED = re.compile(r"\{\{(%?)([^{}%]+)(%?)\}\}")


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(frozenset({"upsert"})):
        if isinstance(call.callee, Member) and argument(call, 1, "insertColumns") is not None:
            yield SiteFact(
                client="yii",
                values={"receiver": call.callee.object, "call": call},
                offset=call.name_offset,
                statement=call.offset,
                end=call.end,
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    found = chains(fact.values["receiver"], resolve)
    if not isinstance(call, Call) or not any(one.named(_COMMAND) or _is_command(one.root) for one in found):
        return NoSite("is called on no command of Yii")
    rows = payload(argument(call, 1, "insertColumns"), resolve)
    given = argument(call, 2, "updateColumns")
    known = resolve(given) if given is not None else None
    table = _table(argument(call, 0, "table"), resolve)
    updates = boolean(known, resolve, default=True) if not isinstance(known, Record) else True
    if updates is False:
        return (insert(fact, table, rows, Conflict(AnyArbiter(), Action.NOTHING)),)
    assigned = payload(known, resolve) if isinstance(known, Record) else Payload(None, complete=False, reason=_READ)
    action = None if updates is None else Action.UPDATE
    return (insert(fact, table, rows, Conflict(Unresolved(_READ), action, assigned)),)


def _is_command(root: Value) -> bool:
    return isinstance(root, Call) and called_name(root) == _COMMAND


def _table(given: Value | None, resolve: Resolve) -> QualifiedName | Undeclared:
    """The table; `{{%name}}` has the prefix that the connection is set to, by default none."""
    name = text(given, resolve) if given is not None else None
    if name is None:
        return Undeclared(f"the table is {told(resolve(given))}" if given is not None else "no table is given")
    found = _PREFIXED.fullmatch(name)
    if found is not None and (found[1] or found[3]) and resolve.holding(b"tablePrefix"):
        return Undeclared(f'the prefix of the table "{name}" is set elsewhere')
    return qualified(found[2] if found is not None else name)


YII = Client(
    name="yii",
    languages=frozenset({"php"}),
    triggers=(b">upsert(",),
    find=_find,
    finish=_finish,
)

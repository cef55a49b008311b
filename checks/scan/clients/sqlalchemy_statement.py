"""A SQLAlchemy INSERT put together over several calls and assignments, followed back to its `insert(table)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Choice, Class, Import, Member, Name, Param
from .reading import called_name, path_of, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_LONGEST = 40
_OTHER_DIALECTS = ("sqlite", "mysql", "mariadb")


@dataclass(frozen=True, slots=True)
class Statement:
    """`insert(table)` and the calls made on it since, latest first. `table` None: not found, with the reason."""

    table: Value | None
    links: tuple[Call, ...] = ()
    reason: str | None = None
    not_postgres: str | None = None
    complete: bool = True  # False: some branches make other calls


def statement_of(receiver: Value, resolve: Resolve) -> Statement:
    """The statement that a receiver stands for."""
    return _follow(receiver, resolve, ())


def _follow(value: Value, resolve: Resolve, links: tuple[Call, ...]) -> Statement:
    for _ in range(_LONGEST):
        if isinstance(value, Call):
            made = _made(value, resolve, links)
            if made is not None:
                return made
            if not isinstance(value.callee, Member):
                break
            links = (*links, value)
            value = value.callee.object
            continue
        known = resolve(value)
        if isinstance(known, Choice):
            return _one_of(known, resolve, links)
        if known == value:
            break
        value = known
    return Statement(None, links, f"the statement is {told(value)}")


def _one_of(choice: Choice, resolve: Resolve, links: tuple[Call, ...]) -> Statement:
    """Branches that add to one statement share its table; what they add is not certain."""
    found = [_follow(option, resolve, links) for option in choice.options]
    known = [one for one in found if one.table is not None and one.not_postgres is None]
    tables = {repr(one.table) for one in known}
    if len(tables) != 1:
        return found[0] if len(found) == 1 else Statement(None, links, "the statement is one of several")
    fewest = min(known, key=lambda one: len(one.links))
    alike = len(known) == len(found) and all(_rows(one) == _rows(fewest) for one in known)
    return Statement(fewest.table, fewest.links, complete=alike)


def _rows(statement: Statement) -> tuple[Call, ...]:
    """The calls that say what is inserted."""
    return tuple(link for link in statement.links if called_name(link) in {"values", "from_select"})


def _made(call: Call, resolve: Resolve, links: tuple[Call, ...]) -> Statement | None:
    """The statement, if the call is `insert(table)` itself and no method of one."""
    callee = resolve(call.callee)
    paths = [path_of(option) or "" for option in (callee.options if isinstance(callee, Choice) else (callee,))]
    others = [path for path in paths if any(f".{dialect}." in f".{path}" for dialect in _OTHER_DIALECTS)]
    table = call.args[0] if call.args else next((value for key, value in call.keywords if key == "table"), None)
    if others and len(others) == len(paths):
        return Statement(table, links, not_postgres=f'insert() is "{others[0]}"')
    if any(path.rpartition(".")[2] in {"insert", "Insert"} for path in paths) and _is_function(call, callee):
        return Statement(table, links)
    # a function that is not known, called with a table: `insert_fn(Model).on_conflict_do_update(...)`
    if table is not None and isinstance(call.callee, Name) and isinstance(resolve(table), Class | Param):
        return Statement(table, links)
    return None


def _is_function(call: Call, callee: Value) -> bool:
    """`insert(t)` and `postgresql.insert(t)`, but not `t.insert()`."""
    if not call.args and not call.keywords:
        return False
    if isinstance(callee, Member):
        return isinstance(callee.object, Import | Name | Member)
    return True

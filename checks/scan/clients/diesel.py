"""Diesel: `insert_into(users::table).values(&row).on_conflict(users::email).do_update().set(..)`.

Source: diesel 2.2 query_builder::upsert on_conflict_target, on_conflict_actions; upsert::on_conflict_extension.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, QualifiedName, Unresolved
from ..declarations.diesel import columns_of, table_of
from ..declarations.model import TableDeclaration
from ..declarations.rust_structs import row_struct
from ..model import Client, Draft, NoSite, SiteFact, Step
from ..values import Call, Choice, Class, Import, Member, Name, Sequence
from .chain import Chain, chains, name_of, own_links, reached
from .diesel_expression import Expressions
from .diesel_steps import find_steps, finish_step
from .drafting import Conflict, insert
from .payload import Payload
from .reading import called_name, path_of, text, told
from .targets import bound_target, quoted
from .written_clause import clause_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value

_INSERTS = frozenset({"insert_into", "insert_or_ignore_into", "replace_into"})
_LINKS = frozenset({
    "values", "default_values", "into_columns", "on_conflict", "on_conflict_do_nothing", "filter_target", "do_nothing",
    "do_update", "set",
})  # fmt: skip
_UNKNOWN = TableDeclaration("", None, complete=False)


def _find(module: Module) -> Iterator[SiteFact]:
    """Each longest chain that starts with an insert, those that go on from variables too."""
    longest: dict[int, Call] = {}
    for call in module.calls(_LINKS | _INSERTS):
        start = call.offset
        if start not in longest or longest[start].end < call.end:
            longest[start] = call
    places = {start: reached(module, call) for start, call in longest.items()}
    for start, call in longest.items():
        used = any(places[start] < other for begin, other in places.items() if begin != start)
        if not used and _may_insert(call):
            yield _fact(call)
    yield from find_steps(module)


def _may_insert(call: Call) -> bool:
    root, links = own_links(call)
    names = {name_of(link) for link in links} | ({called_name(root)} if isinstance(root, Call) else set())
    return not names.isdisjoint(_INSERTS) or not names.isdisjoint({"on_conflict", "on_conflict_do_nothing"})


def _fact(call: Call) -> SiteFact:
    conflict = next((link for link in own_links(call)[1] if name_of(link).startswith("on_conflict")), None)
    at = conflict.name_offset if conflict is not None else _insert_offset(call)
    return SiteFact(client="diesel", values={"call": call}, offset=at, statement=call.offset, end=call.end)


def _insert_offset(call: Call) -> int:
    root, links = own_links(call)
    own = [link for link in links if name_of(link) in _INSERTS] or ([root] if isinstance(root, Call) else [call])
    return own[0].name_offset


@dataclass(frozen=True, slots=True)
class _Insert:
    """The call of insert_into with its table, and the row when that comes first (`row.insert_into(table)`)."""

    table: Value
    row: Value | None
    name: str


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, resolve)
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["call"], resolve):
        made = _insert(chain)
        if made is not None:
            found[_draft(fact, chain, made, resolve)] = None
    return tuple(found) or NoSite("no INSERT of Diesel")


def _insert(chain: Chain) -> _Insert | None:
    root = chain.root
    if isinstance(root, Call) and called_name(root) in _INSERTS and root.args:
        return _Insert(root.args[0], None, called_name(root) or "")
    link = next((one for one in chain.named(*_INSERTS) if one.args), None)
    if link is None or not isinstance(link.callee, Member):
        return None
    owner = link.callee.object
    is_path = isinstance(owner, (Name, Import)) and (owner.name in {"diesel", None} or _is_diesel(owner))
    return _Insert(link.args[0], None if is_path else owner, name_of(link))


def _is_diesel(value: Value) -> bool:
    return isinstance(value, Import) and value.module.partition("::")[0] == "diesel"


def _draft(fact: SiteFact, chain: Chain, made: _Insert, resolve: Resolve) -> Draft:
    table = table_of(made.table, resolve)
    known = table if isinstance(table, TableDeclaration) else _UNKNOWN
    conflict = _conflict(chain, known, resolve)
    rows = _rows(chain, made, known, resolve)
    name = QualifiedName(table.schema, table.name) if isinstance(table, TableDeclaration) else table
    other = None if made.name == "insert_into" else f'statement is made by "{made.name}", which is not PostgreSQL\'s'
    targets = [link.args[0] for link in chain.named("on_conflict") if link.args]
    if any((path_of(target) or "").endswith("DuplicatedKeys") for target in targets):
        other = 'the conflict target is "DuplicatedKeys", which is MySQL\'s'
    return insert(fact, name, rows, conflict, not_postgres=other)


def _conflict(chain: Chain, table: TableDeclaration, resolve: Resolve) -> Conflict | None:
    if chain.named("on_conflict_do_nothing"):
        return Conflict(AnyArbiter(), Action.NOTHING)
    links = [link for link in chain.named("on_conflict") if link.args]
    if not links:
        return None
    target = _target(links[-1].args[0], chain, table, resolve)
    if chain.named("do_nothing"):
        return Conflict(target, Action.NOTHING)
    sets = [link for link in chain.named("set") if link.args]
    if not chain.named("do_update") and not sets:
        return Conflict(target, None)
    assigned = _assigned(sets[-1].args[0], table, resolve) if sets else Payload(None, complete=False)
    return Conflict(target, Action.UPDATE, assigned)


def _target(value: Value, chain: Chain, table: TableDeclaration, resolve: Resolve) -> ConflictTarget:
    known = resolve(value)
    if isinstance(known, Call) and (made := _made_target(known, table, resolve)) is not None:
        return made
    expressions = Expressions(table, resolve)
    items = value.items if isinstance(value, Sequence) else (value,)
    names = [expressions.column(item) for item in items]
    found = tuple(name for name in names if name is not None)
    if not found or len(found) < len(names):
        return Unresolved(f"the conflict target is {told(known)}")
    elements = tuple(quoted(name) for name in found)
    where = [link.args[0] for link in chain.named("filter_target") if link.args]
    if not where:
        return bound_target(elements, None)
    predicate = expressions.condition(where[-1])
    if predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    return bound_target(elements, predicate)


def _made_target(known: Call, table: TableDeclaration, resolve: Resolve) -> ConflictTarget | None:
    """`on_constraint("name")`, `sql("(lower(email))")`, `users::table.primary_key()`."""
    name = called_name(known)
    if name == "primary_key" and table.primary_key:
        return bound_target(tuple(quoted(column) for column in table.primary_key), None)
    if name not in {"on_constraint", "sql"} or not known.args:
        return None
    given = text(known.args[0], resolve)
    if given is None:
        return Unresolved(f"the conflict target is {told(resolve(known.args[0]))}")
    return NamedConstraint(given) if name == "on_constraint" else clause_target(given)


def _rows(chain: Chain, made: _Insert, table: TableDeclaration, resolve: Resolve) -> Payload:
    if chain.named("default_values"):
        return Payload((), rows=1)
    into = [link.args[0] for link in chain.named("into_columns") if link.args]
    if into:
        return _named_columns(into[-1], table, resolve)
    given = [link.args[0] for link in chain.named("values") if link.args]
    value = given[-1] if given else made.row
    if value is None:
        return Payload(None, complete=False, reason="no rows are given")
    return _written(value, table, resolve, changes=False)


def _named_columns(value: Value, table: TableDeclaration, resolve: Resolve) -> Payload:
    expressions = Expressions(table, resolve)
    names = [expressions.column(item) for item in (value.items if isinstance(value, Sequence) else (value,))]
    found = tuple(name for name in names if name is not None)
    complete = len(found) == len(names)
    return Payload(found, complete, reason=None if complete else "the columns are only known at run time")


def _assigned(value: Value, table: TableDeclaration, resolve: Resolve) -> Payload:
    return _written(value, table, resolve, changes=True)


def _written(  # noqa: PLR0911 - one line for each kind of value
    value: Value, table: TableDeclaration, resolve: Resolve, *, changes: bool
) -> Payload:
    """The columns of `a.eq(..)`, of tuples and lists of these, of structs."""
    if isinstance(value, Call) and isinstance(value.callee, Member) and value.callee.name == "eq":
        name = Expressions(table, resolve).column(value.callee.object)
        if name is None:
            return Payload(None, complete=False, reason=f"a column is {told(value.callee.object)}")
        return Payload((name,), rows=1)
    if isinstance(value, Sequence) and value.items:
        return _together([_written(item, table, resolve, changes=changes) for item in value.items], value)
    known = resolve(value)
    owner = row_struct(known, resolve)
    if isinstance(owner, Class):  # of several values all are of the one type that is known
        found = columns_of(owner, table, resolve, changes=changes)
        return replace(found, rows=1) if isinstance(known, Call) else found
    if isinstance(known, Choice):
        return _together([_written(one, table, resolve, changes=changes) for one in known.options], Sequence(()))
    if known != value and isinstance(known, (Call, Sequence)):
        return _written(known, table, resolve, changes=changes)
    kind = "set" if changes else "written"
    return Payload(None, complete=False, reason=f"the {kind} columns are those of {told(known)}")


def _together(parts: list[Payload], whole: Sequence) -> Payload:
    """The columns of all parts: those of one row when no column comes twice."""
    known = [part.columns for part in parts if part.columns is not None]
    columns = tuple(dict.fromkeys(name for part in known for name in part))
    complete = bool(parts) and len(known) == len(parts) and all(part.complete for part in parts)
    one_row = whole.complete and len(columns) == sum(len(part) for part in known) and complete
    reason = next((part.reason for part in parts if part.reason), None)
    unread = None if complete else reason or "the rows are put together elsewhere"
    return Payload(columns if known else None, complete, 1 if one_row else None, reason=unread)


DIESEL = Client(
    name="diesel",
    languages=frozenset({"rust"}),
    triggers=(
        b"insert_into(",
        b".on_conflict(",
        b".on_conflict_do_nothing(",
        b"insert_or_ignore_into(",
        b"replace_into(",
    ),
    find=_find,
    finish=_finish,
)

"""go-jet: `Users.INSERT(Users.Email).MODEL(row).ON_CONFLICT(Users.Email).DO_UPDATE(SET(Users.Name.SET(..)))`.

Source: github.com/go-jet/jet v2 postgres/insert_statement.go, on_conflict_clause.go; names are those of generated code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, Unresolved
from ..declarations.jet import JetTable, read_jet
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Sequence
from .chain import chains, name_of, own_links
from .drafting import Conflict, insert
from .payload import Payload
from .reading import called_name, path_of, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .chain import Chain

_ACTIONS = {"DO_NOTHING": Action.NOTHING, "DO_UPDATE": Action.UPDATE}
_LISTS = {"AllColumns": "all", "MutableColumns": "mutable", "DefaultColumns": "default"}
_OTHER = "the table is generated for another database"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each conflict clause that says what it does."""
    for call in module.calls(frozenset(_ACTIONS)):
        links = own_links(call)[1]
        clause = next((link for link in links if name_of(link) == "ON_CONFLICT"), None)
        if clause is not None:
            at, start = clause.name_offset, links[0].offset
            yield SiteFact(client="go-jet", values={"call": call}, offset=at, statement=start, end=call.end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["call"], resolve):
        into = chain.named("INSERT")
        if into and isinstance(into[0].callee, Member):
            table = read_jet((path_of(into[0].callee.object) or "").rpartition(".")[2], resolve)
            name = table.name if isinstance(table, JetTable) else table
            other = _OTHER if isinstance(table, JetTable) and not table.postgres else None
            rows = _rows(into[0], table)
            found[insert(fact, name, rows, _conflict(chain, table, resolve), not_postgres=other)] = None
    return tuple(found) or NoSite("no INSERT of go-jet stands before it")


def _columns(given: Iterable[Value], table: JetTable | Undeclared) -> tuple[tuple[str, ...], bool]:
    """The columns of fields and of the lists of a table, and whether all are known."""
    found: list[str] = []
    complete = True
    for one in given:
        field = one.name if isinstance(one, Member) else ""
        if isinstance(one, Sequence) or not isinstance(table, JetTable):
            inner, known = _columns(one.items, table) if isinstance(one, Sequence) else ((), False)
            found += inner
            complete = complete and known
        elif _LISTS.get(field) in table.lists:
            found += table.lists[_LISTS[field]]
        else:
            found += [table.columns[field]] if field in table.columns else []
            complete = complete and field in table.columns
    return tuple(dict.fromkeys(found)), complete


def _rows(into: Call, table: JetTable | Undeclared) -> Payload:
    """The columns that INSERT lists, all of the table when it lists none."""
    given = into.args
    if not given and isinstance(table, JetTable) and "all" in table.lists:
        return Payload(table.lists["all"])
    names, complete = _columns(given, table)
    known = complete and bool(names)
    return Payload(names or None, known, reason=None if known else "the columns are only known at run time")


def _conflict(chain: Chain, table: JetTable | Undeclared, resolve: Resolve) -> Conflict:
    last = chain.links[-1]
    action = _ACTIONS[name_of(last)]
    target = _target(chain, table, resolve)
    return Conflict(target, action, _assigned(last, table) if action is Action.UPDATE else None)


def _target(chain: Chain, table: JetTable | Undeclared, resolve: Resolve) -> ConflictTarget:
    for link in chain.named("ON_CONSTRAINT"):
        name = text(link.args[0], resolve) if link.args else None
        return NamedConstraint(name) if name else Unresolved("the constraint is only known at run time")
    clause = chain.named("ON_CONFLICT")[-1]
    behind = chain.links[chain.links.index(clause) + 1 :]
    if any(name_of(link) == "WHERE" for link in behind):
        return Unresolved("the conflict target has a predicate, which is not read")
    if not clause.args:
        return AnyArbiter()
    names, complete = _columns(clause.args, table)
    if names and complete:
        return columns_target(names)
    reason = table.reason if isinstance(table, Undeclared) else f"the conflict target is {told(clause.args[0])}"
    return Unresolved(reason)


def _assigned(update: Call, table: JetTable | Undeclared) -> Payload:
    """The columns of `DO_UPDATE(SET(Users.Name.SET(..)))`."""
    setting = update.args[0] if update.args else None
    given: list[Value] = []
    for one in setting.args if isinstance(setting, Call) and called_name(setting) == "SET" else ():
        is_set = isinstance(one, Call) and isinstance(one.callee, Member) and one.callee.name == "SET"
        given.append(one.callee.object if is_set and isinstance(one, Call) and isinstance(one.callee, Member) else one)
    names, complete = _columns(given, table)
    known = complete and bool(names)
    return Payload(names or None, known, reason=None if known else "the columns of SET are only known at run time")


JET = Client(
    name="go-jet",
    languages=frozenset({"go"}),
    triggers=(b"on_conflict(",),
    find=_find,
    finish=_finish,
)

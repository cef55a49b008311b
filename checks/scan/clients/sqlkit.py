"""SQLKit of Vapor: `db.insert(into: "t").columns("a").values(x).onConflict(with: ["a"]) { $0.set("b", to: y) }`.

Source: vapor/sql-kit 3 SQLInsertBuilder and SQLConflictUpdateBuilder, which quote all names; `ignoringConflicts` does
nothing, with columns or without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Lambda, Member, Sequence
from .chain import chains, name_of, own_links
from .drafting import Conflict, insert
from .payload import Payload
from .reading import called_name, text, told
from .supabase_swift import encoded
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .chain import Chain

_CLAUSES = frozenset({"onConflict", "ignoringConflicts"})
_NAMES = frozenset({"SQLIdentifier", "SQLColumn", "SQLQualifiedTable", "SQLRaw"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Each conflict clause that is called on something."""
    for call in module.calls(_CLAUSES):
        if isinstance(call.callee, Member):
            start = own_links(call)[1][0]
            yield SiteFact(
                client="sqlkit", values={"call": call}, offset=call.name_offset, statement=start.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["call"], resolve):
        into = next((value for link in chain.named("insert") for key, value in link.keywords if key == "into"), None)
        if into is not None:
            rows = _rows(chain, resolve)
            found[insert(fact, _table(into, resolve), rows, _conflict(chain, resolve))] = None
    return tuple(found) or NoSite("no INSERT of SQLKit stands before it")


def _name(value: Value, resolve: Resolve) -> str | None:
    """A name as a text, or as SQLIdentifier and SQLColumn have it."""
    known = resolve(value)
    if isinstance(known, Call) and called_name(known) in _NAMES and known.args:
        return text(known.args[0], resolve)
    return text(known, resolve)


def _table(value: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    known = resolve(value)
    name = _name(known, resolve)
    space = next((one for key, one in known.keywords if key == "space"), None) if isinstance(known, Call) else None
    schema = _name(space, resolve) if space is not None else None
    if name is None or (space is not None and schema is None):
        return Undeclared(f"the table is {told(known)}")
    return QualifiedName(schema, name)


def _names(given: Iterable[Value], resolve: Resolve) -> tuple[tuple[str, ...], bool]:
    """The names of columns, those of a list in place of it, and whether all are known."""
    items: list[Value] = []
    complete = True
    for one in given:
        known = resolve(one)
        items += known.items if isinstance(known, Sequence) else [known]
        complete = complete and (not isinstance(known, Sequence) or known.complete)
    names = [_name(one, resolve) for one in items]
    return tuple(name for name in names if name is not None), complete and None not in names


def _rows(chain: Chain, resolve: Resolve) -> Payload:
    """The columns that are listed, or those of a model."""
    for link in reversed(chain.named("model", "models", "columns")):
        if name_of(link) == "columns":
            names, complete = _names(link.args, resolve)
            return Payload(names or None, complete, reason=None if complete else "a column is only known at run time")
        if link.keywords or not link.args:
            return Payload(None, complete=False, reason="the keys of the model are encoded by a strategy of their own")
        return encoded(link.args[0], resolve)
    return Payload(None, complete=False, reason="the columns are named elsewhere")


def _conflict(chain: Chain, resolve: Resolve) -> Conflict:
    clause = chain.named(*_CLAUSES)[-1]
    target = _target(clause, resolve)
    if name_of(clause) == "ignoringConflicts":
        return Conflict(target, Action.NOTHING)
    function = next(
        (arg for arg in (*clause.args, *(value for _, value in clause.keywords)) if isinstance(arg, Lambda)), None
    )
    return Conflict(target, Action.UPDATE, _assigned(function, resolve))


def _target(clause: Call, resolve: Resolve) -> ConflictTarget:
    given = next((value for key, value in clause.keywords if key == "with"), None)
    if given is None:
        return AnyArbiter() if name_of(clause) == "ignoringConflicts" else Unresolved("an update names no columns")
    names, complete = _names((given,), resolve)
    if not complete:
        return Unresolved(f"the conflict target is {told(resolve(given))}")
    return columns_target(names) if names else AnyArbiter()


def _assigned(function: Lambda | None, resolve: Resolve) -> Payload:
    """The columns that the closure sets, one call behind the other."""
    _, links = own_links(function.result) if function is not None else (None, ())
    given: list[Value] = []
    for link in links:
        excluded = [value for key, value in link.keywords if key == "excludedValueOf"]
        if name_of(link) == "set" and (excluded or any(key == "to" for key, _ in link.keywords)):
            given += excluded or link.args[:1]
        elif name_of(link) != "where":
            given = []
            break
    names, complete = _names(given, resolve)
    known = complete and bool(names)
    return Payload(names or None, known, reason=None if known else "the columns of SET are only known at run time")


SQLKIT = Client(
    name="sqlkit",
    languages=frozenset({"swift"}),
    triggers=(b".onconflict(", b".ignoringconflicts("),
    find=_find,
    finish=_finish,
)

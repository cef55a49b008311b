"""drift: `into(todos).insertOnConflictUpdate(row)`, `insert(row, onConflict: DoUpdate(.., target: [todos.title]))`.

Source: drift 2.28 InsertStatement, Batch and TableStatements: without a target the primary key is. drift writes to
SQLite, and to PostgreSQL where the project has the package drift_postgres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, DefaultKey, Unresolved
from ..declarations.drift import DriftTable, read_drift
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Name, Sequence
from .drafting import Conflict, insert
from .payload import Payload
from .reading import called_name, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..declarations.model import Undeclared
    from ..model import Draft, Module, Resolve
    from ..values import Value

_UPDATES = frozenset({"insertOnConflictUpdate", "insertAllOnConflictUpdate"})
_INSERTS = _UPDATES | {
    "insert", "insertAll", "insertOne", "insertReturning", "insertReturningOrNull", "insertFromSelect",
}  # fmt: skip
_CLAUSES = {"DoUpdate": Action.UPDATE, "withExcluded": Action.UPDATE, "DoNothing": Action.NOTHING}
_SQLITE = "drift writes to SQLite, and nothing in the project names drift_postgres"


def is_clause(value: Value | None) -> bool:
    """Whether a value is a conflict clause of drift."""
    return isinstance(value, Call) and called_name(value) in _CLAUSES


def _find(module: Module) -> Iterator[SiteFact]:
    """Each insert that goes on where a row is there already."""
    for call in module.calls(_INSERTS):
        if isinstance(call.callee, Member) and (called_name(call) in _UPDATES or is_clause(_clause(call))):
            yield SiteFact(
                client="drift", values={"call": call}, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _clause(call: Call) -> Value | None:
    return next((value for name, value in call.keywords if name == "onConflict"), None)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite("no insert of drift")
    owner, given = call.callee.object, call.args
    if isinstance(owner, Call) and called_name(owner) == "into":
        place = owner.args[0] if owner.args else None
    elif len(given) > 1:  # of a batch
        place, given = given[0], given[1:]
    else:
        place = owner
    table = read_drift(place, resolve)
    rows = _rows(given[0] if given else None, table, resolve)
    name = table.name if isinstance(table, DriftTable) else table
    other = None if resolve.holding(b"drift_postgres") else _SQLITE
    return (insert(fact, name, rows, _conflict(call, table, resolve), not_postgres=other),)


def _rows(value: Value | None, table: DriftTable | Undeclared, resolve: Resolve) -> Payload:
    """The columns of `TodosCompanion.insert(title: ..)`; one row of a list of them."""
    known = resolve(value) if value is not None else None
    number = 1
    if isinstance(known, Sequence):
        number = len(known.items)
        known = known.items[0] if number == 1 else None
    named = isinstance(known, Call) and "Companion" in _type_of(known)
    if not isinstance(known, Call) or not named or not isinstance(table, DriftTable):
        reason = f"the written columns are those of {told(known)}" if known is not None else "the rows are not known"
        return Payload(None, complete=False, reason=reason)
    return Payload(tuple(table.column(name) for name, _ in known.keywords), rows=number)


def _type_of(made: Call) -> str:
    """`T` of `T(..)` and `T.insert(..)`."""
    owner = made.callee.object if isinstance(made.callee, Member) else made.callee
    return owner.name if isinstance(owner, Name) else getattr(owner, "name", None) or ""


def _conflict(call: Call, table: DriftTable | Undeclared, resolve: Resolve) -> Conflict:
    clause = _clause(call)
    key = table.primary_key if isinstance(table, DriftTable) else None
    usual: ConflictTarget = columns_target(key) if key is not None else DefaultKey()
    assigned = Payload(None, complete=False, reason="SET has the columns that the row holds at run time")
    if not isinstance(clause, Call):
        return Conflict(usual, Action.UPDATE, assigned)
    action = _CLAUSES[called_name(clause) or ""]
    given = next((value for name, value in clause.keywords if name == "target"), None)
    if given is None:
        return Conflict(AnyArbiter() if action is Action.NOTHING else usual, action, assigned)
    return Conflict(_target(resolve(given), table), action, assigned if action is Action.UPDATE else None)


def _target(given: Value, table: DriftTable | Undeclared) -> ConflictTarget:
    """`[todos.title]`."""
    items = given.items if isinstance(given, Sequence) and given.complete else ()
    names = tuple(one.name for one in items if isinstance(one, Member))
    if not names or len(names) < len(items) or not isinstance(table, DriftTable):
        return Unresolved(f"the conflict target is {told(given)}")
    return columns_target(tuple(table.column(name) for name in names))


DRIFT = Client(
    name="drift",
    languages=frozenset({"dart"}),
    triggers=(b"onconflictupdate(", b"doupdate(", b"doupdate.withexcluded(", b"donothing("),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

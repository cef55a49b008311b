"""activerecord-import: `Model.import(rows, on_duplicate_key_update: ..)` and `on_duplicate_key_ignore`.

What is sent follows activerecord-import 2.2, PostgreSQLAdapter: targets, predicates and names of constraints stand in
the statement as they are given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, DefaultKey, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.rails import RailsModel, aliases_of, texts_of
from ..declarations.rails_schema import dump_of
from ..model import Client, NoSite, SiteFact
from ..values import Call, Constant, Record, Sequence, Text
from .drafting import Conflict, insert
from .payload import Payload, payload
from .rails_find import fact_of
from .rails_receiver import receiver_of
from .rails_stamps import stamps_of
from .reading import boolean, expanded, is_absent, text, told
from .written_clause import clause_action, clause_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_METHODS = frozenset({"import", "import!", "bulk_import", "bulk_import!"})
_UPDATE, _IGNORE = "on_duplicate_key_update", "on_duplicate_key_ignore"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_METHODS):
        if call.args or call.keywords:
            yield fact_of("activerecord-import", call, module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `_find` puts nothing else there
    options, rows = _options(call, resolve)
    if options.get(_UPDATE) is None and options.get(_IGNORE) is None:
        return NoSite("imports rows without a conflict clause")
    receiver = receiver_of(fact.values["receiver"], resolve)
    if isinstance(receiver, str):
        return NoSite(receiver)
    table = receiver.model if isinstance(receiver.model, Undeclared) else receiver.model.table
    dump = dump_of(resolve)
    stamps = stamps_of(receiver.model, dump, table, resolve, recorded=options.get("timestamps"), bulk=False)
    written = _rows(rows, receiver.model, resolve)
    dumped = dump.table(str(table)) if isinstance(table, QualifiedName) else None
    conflict = _conflict(options, written, resolve, touched=dumped is not None and bool(stamps.updated))
    if conflict is None:
        return NoSite("imports rows without a conflict clause")
    if written.columns is not None:
        written = replace(written, columns=tuple(dict.fromkeys((*written.columns, *stamps.sure))))
    draft = insert(fact, table, written, conflict)
    left = tuple(name for name in stamps.maybe if name not in (draft.write.columns or ()))
    return (replace(draft, write=replace(draft.write, optional=left)),)


def _options(call: Call, resolve: Resolve) -> tuple[Record, tuple[Value, ...]]:
    """The options, given by name or as a last hash, and what stands before them."""
    if call.keywords:
        return expanded(Record(call.keywords), resolve), call.args
    known = resolve(call.args[-1])
    is_options = isinstance(known, Record) and (known.get(_UPDATE) is not None or known.get(_IGNORE) is not None)
    return (known, call.args[:-1]) if isinstance(known, Record) and is_options else (Record(()), call.args)


def _rows(given: tuple[Value, ...], model: RailsModel | Undeclared, resolve: Resolve) -> Payload:
    """The columns: those that are listed before the rows, or the keys of hashes; of records all that the table has."""
    if len(given) > 1:
        names = texts_of(given[0], resolve)
        if names is None:
            return Payload(None, complete=False, reason=f"the columns are {told(resolve(given[0]))}")
        aliases = aliases_of(model) if isinstance(model, RailsModel) else {}
        return Payload(tuple(aliases.get(name, name) for name in names))
    known = resolve(given[0]) if given else None
    records = isinstance(known, Sequence) and any(isinstance(one, Record) for one in known.items)
    if records:
        return payload(known, resolve)
    return Payload(None, complete=False, reason="rows that are records write all columns of the table")


def _conflict(options: Record, rows: Payload, resolve: Resolve, *, touched: bool) -> Conflict | None:
    ignored, updated = options.get(_IGNORE), options.get(_UPDATE)
    if updated is not None and not _is_off(updated, resolve):
        return _updating(resolve(updated), rows, resolve, touched=touched)
    if ignored is None or _is_off(ignored, resolve):
        return None
    known = resolve(ignored)
    if isinstance(known, (Constant, Text, Sequence)):
        return Conflict(AnyArbiter(), Action.NOTHING)
    if isinstance(known, Record):
        return Conflict(_target(known, resolve) or AnyArbiter(), Action.NOTHING)
    if boolean(ignored, resolve, default=True) is None:
        return Conflict(Unresolved(f"{_IGNORE} is {told(known)}"), Action.NOTHING)
    return Conflict(AnyArbiter(), Action.NOTHING)


def _is_off(value: Value, resolve: Resolve) -> bool:
    known = resolve(value)
    return is_absent(known) or (isinstance(known, Constant) and known.value is False)


def _updating(known: Value, rows: Payload, resolve: Resolve, *, touched: bool) -> Conflict:
    """`[:a, :b]`, `:all`, or a hash of a target and columns; `touched`: the update sets timestamps besides."""
    if not isinstance(known, Record):
        if not isinstance(known, (Sequence, Text)):
            reason = Unresolved(f"{_UPDATE} is {told(known)}")
            return Conflict(reason, Action.UPDATE, Payload(None, complete=False))
        return Conflict(DefaultKey(), Action.UPDATE, _assigned(known, rows, resolve))
    target = _target(known, resolve)
    columns = known.get("columns")
    if columns is None and not touched and known.complete:
        return Conflict(target or AnyArbiter(), Action.NOTHING)
    assigned = _assigned(columns, rows, resolve) if columns is not None else Payload((), complete=False)
    return Conflict(target or DefaultKey(), Action.UPDATE, assigned)


def _assigned(given: Value, rows: Payload, resolve: Resolve) -> Payload:
    """The columns of SET: a list, the keys of a hash, SQL, or all but the primary key."""
    known = resolve(given)
    if isinstance(known, Record):
        return Payload(tuple(key for key, _ in known.entries), known.complete)
    if isinstance(known, Text) and known.text != "all":
        clause = clause_action(f"(a) DO UPDATE SET {known.text}")
        return Payload(clause.set_columns, clause.set_complete) if clause is not None else Payload((known.text,))
    if isinstance(known, Text):
        names = tuple(name for name in rows.columns or () if name != "id")
        return Payload(names or None, complete=False, reason="all columns but the primary key are set")
    names_ = texts_of(known, resolve)
    return Payload(
        names_, names_ is not None, reason="the columns of SET are only known at run time" if not names_ else None
    )


def _target(options: Record, resolve: Resolve) -> ConflictTarget | None:
    """What the hash says of the target; None for nothing."""
    named, given, where = (options.get(key) for key in ("constraint_name", "conflict_target", "index_predicate"))
    if named is not None and not is_absent(resolve(named)):
        name = text(named, resolve)
        return (
            clause_target(f"ON CONSTRAINT {name}") if name else Unresolved(f"the constraint is {told(resolve(named))}")
        )
    if given is None or is_absent(resolve(given)):
        return None
    names = texts_of(given, resolve)
    if names is None:
        return Unresolved(f"the conflict target is {told(resolve(given))}")
    clause = f"({', '.join(names)})"
    if where is None or is_absent(resolve(where)):
        return clause_target(clause)
    predicate = text(where, resolve)
    if predicate is None:
        return Unresolved(f"the predicate of the conflict target is {told(resolve(where))}")
    return clause_target(f"{clause} WHERE {predicate}")


ACTIVERECORD_IMPORT = Client(
    name="activerecord-import",
    languages=frozenset({"ruby"}),
    triggers=(b"on_duplicate_key_update", b"on_duplicate_key_ignore"),
    find=_find,
    finish=_finish,
)

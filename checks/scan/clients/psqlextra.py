"""django-postgres-extra: `.on_conflict(...).insert(...)` and `.upsert(...)`; django-bulk-update-or-create.

What is sent follows psqlextra 3.0: query.PostgresQuerySet._get_upsert_fields and
compiler.PostgresInsertOnConflictCompiler.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, InferenceClause, Mechanism, NamedConstraint, QualifiedName, Unresolved
from ..declarations.django import by_name, inserted
from ..declarations.django_settings import other_database
from ..declarations.model import TableDeclaration, Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Constant, Member, Name, Record, Sequence, Text
from .django_called import models_of
from .django_predicate import predicate_sql
from .drafting import Conflict, Racy, insert
from .managers import receiver_of
from .payload import Payload, payload
from .reading import argument, called_name, expanded, is_absent, list_of_texts, text, told
from .targets import columns_target, quoted, written_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .django_called import Called

_UPSERTS = {"upsert": "fields", "upsert_and_get": "fields", "bulk_upsert": "rows"}
_INSERTS = frozenset({"insert", "insert_and_get", "bulk_insert"})
_MATCHING = "bulk_update_or_create"
_NO_ROW = "the rows are given elsewhere"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(frozenset(_UPSERTS)):
        if isinstance(call.callee, Member) and argument(call, 99, "conflict_target") is not None:
            rows = argument(call, 1, _UPSERTS[call.callee.name])
            yield _fact(module, call, call, {"rows": rows} if rows is not None else {})
    inserts = list(module.calls(_INSERTS))
    for call in module.calls(frozenset({"on_conflict"})):
        if _is_psqlextra(call):
            yield _fact(module, call, *_inserting(module, call, inserts))
    for call in module.calls(frozenset({_MATCHING})):
        yield _fact(module, call, call, {})


def _is_psqlextra(call: Call) -> bool:
    """Whether the action is a ConflictAction: other libraries have a method of that name, too."""
    action = argument(call, 1, "action")
    named = action.object if isinstance(action, Member) else action
    return isinstance(named, Name | Member) and named.name == "ConflictAction"


def _inserting(module: Module, call: Call, inserts: list[Call]) -> tuple[Call, dict[str, Value]]:
    """The call that sends what `on_conflict` has prepared, and its rows."""
    for one in inserts:
        if not isinstance(one.callee, Member):
            continue
        links = receiver_of(module, one.callee.object).links
        if any(link.name_offset == call.name_offset for link in links):
            if one.callee.name == "bulk_insert":
                rows = argument(one, 0, "rows")
                return one, {} if rows is None else {"rows": rows}
            given = tuple((key, value) for key, value in one.keywords if key != "using")
            return one, {"rows": Record(given, offset=one.offset)}
    return call, {}


def _fact(module: Module, call: Call, sending: Call, values: dict[str, Value]) -> SiteFact:
    assert isinstance(call.callee, Member)  # noqa: S101 - callers have looked
    receiver = receiver_of(module, call.callee.object)
    values |= {
        "method": Text(call.callee.name),
        "call": call,
        "path": Text(module.file.path),
        "root": receiver.root,
        "owner": receiver.owner,
        "manager": Text(receiver.manager),
        "shown": Constant(value=True),
    }
    end = max(call.end, sending.end)
    return SiteFact(client="psqlextra", values=values, offset=call.name_offset, statement=call.offset, end=end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    models = models_of(fact, resolve)
    if isinstance(models, NoSite):
        return models
    finish = _matched if fact.values["method"] == Text(_MATCHING) else _draft
    return tuple(finish(fact, model, resolve) for model in models)


def _draft(fact: SiteFact, model: Called, resolve: Resolve) -> Draft:
    call = fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `_fact` puts nothing else there
    known = model.known
    rows = _rows(fact.values.get("rows"), known, resolve)
    target = _target(argument(call, 0, "conflict_target", "fields"), known, model.why, resolve)
    where = argument(call, 99, "index_predicate")
    if where is not None and not is_absent(resolve(where)):
        target = _with_predicate(target, where, known, resolve)
    assigned = _assigned(call, fact.values.get("rows"), known, resolve)
    action = _action(call, resolve)
    if assigned is not None and assigned.complete and not assigned.columns:
        action, assigned = Action.NOTHING, None
    conflict = Conflict(target, action, assigned if action is Action.UPDATE else None)
    return insert(fact, _table(model), rows, conflict, not_postgres=other_database(resolve))


def _table(model: Called) -> QualifiedName | Undeclared:
    known = model.known
    return QualifiedName(known.schema, known.name) if known else Undeclared(model.why)


def _action(call: Call, resolve: Resolve) -> Action | None:
    """The action of on_conflict(); upsert() always updates."""
    given = argument(call, 1, "action") if called_name(call) == "on_conflict" else None
    if given is None:
        return Action.UPDATE
    name = given.name if isinstance(given, Member) else getattr(resolve(given), "name", None)
    return {"UPDATE": Action.UPDATE, "NOTHING": Action.NOTHING}.get(name or "")


def _rows(given: Value | None, model: TableDeclaration | None, resolve: Resolve) -> Payload:
    """The fields of the rows, and those that have a default or are set by the library."""
    if given is None:
        return Payload(None, complete=False, reason=_NO_ROW)
    known = resolve(given)
    found = payload(expanded(known, resolve) if isinstance(known, Record) else known, resolve)
    if found.columns is None or model is None:
        return replace(found, columns=None, complete=False)
    columns = [_column(model, name) for name in found.columns]
    columns += [column.name for column in model.columns if column.client_default]
    reason = found.reason if model.complete else "the model has fields that are declared outside of the project"
    return replace(
        found, columns=tuple(dict.fromkeys(columns)), complete=found.complete and model.complete, reason=reason
    )


def _column(model: TableDeclaration, name: str) -> str:
    column = by_name(model, name)
    return column.name if column is not None else name


def _assigned(call: Call, rows: Value | None, model: TableDeclaration | None, resolve: Resolve) -> Payload | None:
    """The columns of SET: those of `update_values`, else the fields of the rows and those set on each UPDATE."""
    chosen = argument(call, 99, "update_values")
    own = chosen is not None and not is_absent(resolve(chosen))
    given = chosen if own else rows
    known = resolve(given) if given is not None else None
    if isinstance(known, Sequence):
        known = resolve(known.items[0]) if known.items else None
    record = expanded(known, resolve) if isinstance(known, Record) else None
    if record is None or model is None:
        return Payload(None, complete=False)
    names = [_column(model, name) for name, _ in record.entries]
    names += [] if own else [column.name for column in model.columns if column.client_update]
    return Payload(tuple(dict.fromkeys(names)) or None, record.complete and (own or model.complete))


def _target(given: Value | None, model: TableDeclaration | None, why: str, resolve: Resolve) -> ConflictTarget:
    """A list of fields or columns, pairs of field and key of an hstore, or a constraint or index object."""
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known):
        return Unresolved("no conflict target is given")
    if isinstance(known, Call):
        name = argument(known, 99, "name")
        named = text(name, resolve) if name is not None else None
        return NamedConstraint(named) if named else Unresolved(f"the conflict target is {told(known)}")
    if model is None:
        return Unresolved(why)
    names = list_of_texts(known, resolve)
    if names is not None:
        return _of_fields(names, model)
    items = known.items if isinstance(known, Sequence) and known.complete else ()
    elements = tuple(element for item in items if (element := _element(item, model, resolve)))
    complete = elements and len(elements) == len(items)
    return written_target(elements) if complete else Unresolved(f"the conflict target is {told(known)}")


def _of_fields(names: tuple[str, ...], model: TableDeclaration) -> ConflictTarget:
    columns = [by_name(model, name) or next((c for c in model.columns if c.name == name), None) for name in names]
    known = tuple(column.name for column in columns if column is not None)
    if len(known) == len(names):
        return columns_target(known)
    missing = next(name for name, column in zip(names, columns, strict=True) if column is None)
    return Unresolved(f'the conflict target names "{missing}", which is no field of table "{model.name}" that is known')


def _element(item: Value, model: TableDeclaration, resolve: Resolve) -> str | None:
    pair = list_of_texts(item, resolve)
    if pair is not None and len(pair) == 2:  # noqa: PLR2004 - field and key
        key = pair[1].replace("'", "''")
        return f"({quoted(_column(model, pair[0]))} -> '{key}')"
    name = text(item, resolve)
    return quoted(_column(model, name)) if name is not None else None


def _with_predicate(
    target: ConflictTarget, where: Value, model: TableDeclaration | None, resolve: Resolve
) -> ConflictTarget:
    if not isinstance(target, InferenceClause) or model is None:
        return target
    predicate = predicate_sql(where, model, resolve)
    if predicate is None:
        return Unresolved(f"the predicate of the conflict target is {told(resolve(where))}")
    return written_target(tuple(element.text for element in target.elements), predicate)


def _matched(fact: SiteFact, model: Called, resolve: Resolve) -> Draft:
    """`bulk_update_or_create(objs, update_fields, match_field)`: a SELECT, then UPDATEs and one INSERT."""
    call, known = fact.values["call"], model.known
    assert isinstance(call, Call)  # noqa: S101 - `_fact` puts nothing else there
    given = argument(call, 2, "match_field") or Text("pk")
    one = text(given, resolve)
    names = (one,) if one is not None else list_of_texts(given, resolve)
    target: ConflictTarget = Unresolved(model.why or f"the fields that are matched are {told(resolve(given))}")
    if names is not None and known is not None:
        target = _of_fields(names, known)
    keys = target.columns if isinstance(target, InferenceClause) else None
    columns = inserted(known, frozenset()) if known is not None else None
    complete = known is not None and known.complete
    rows = Payload(columns, complete, reason=None if complete else model.why or "the columns are not all known")
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys, "")
    return insert(fact, _table(model), rows, Conflict(target, Action.UPDATE), racy=racy)


PSQLEXTRA = Client(
    name="psqlextra",
    languages=frozenset({"python"}),
    triggers=(b"conflict_target", b"conflictaction", b"bulk_update_or_create("),
    find=_find,
    finish=_finish,
)

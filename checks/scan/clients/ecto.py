"""Ecto: `Repo.insert`, `insert_all` and `insert_or_update` with `on_conflict:`, also of `Ecto.Multi`.

Source: ecto 3.14.1 Ecto.Repo.Schema (do_insert, do_insert_all, on_conflict, conflict_target), ecto_sql 3
Ecto.Adapters.Postgres.Connection (on_conflict).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Mechanism, NamedConstraint, QualifiedName, Unresolved
from ..declarations.ecto import EctoSchema, is_schema, read_schema
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Record, Sequence, Text
from .drafting import Conflict, insert
from .ecto_rows import given_rows, inserted_rows
from .ecto_set import assigned_of
from .reading import called_name, is_absent, list_of_texts, path_of, text, told
from .targets import columns_target
from .written_clause import clause_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .ecto_rows import Rows

_INSERTS = frozenset({"insert", "insert!", "insert_or_update", "insert_or_update!", "insert_all"})
_LOOKUPS = frozenset({"get_by", "get_by!"})
_MOST = 8  # sites of one call
_NO_OPTION = "inserts without on_conflict"
_PLAIN = "plain"
_UNKNOWN_LOOKUP = "a lookup whose table or columns are not known"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each insert that says what to do on conflict, or may; a plain one where a lookup stands before it."""
    steps = [call for call in module.calls(_LOOKUPS) if _is_repo(call, module)]
    for call in steps:
        yield _fact("step", call, {"call": call})
    for call in module.calls(_INSERTS):
        args, options = _split(call)
        is_all = called_name(call) == "insert_all"
        telling = any(key == "on_conflict" for key, _ in call.keywords)
        follows = not is_all and _follows(call, steps, module)
        if isinstance(call.callee, Member) and isinstance(call.callee.object, Text):  # a module of Erlang
            continue
        if len(args) < (2 if is_all else 1) or not (telling or _is_repo(call, module)):
            continue
        if options is None and not follows and not is_all:
            continue
        values: dict[str, Value] = {"method": Text(called_name(call) or ""), "subject": args[0], "call": call}
        values |= {"rows": args[1]} if is_all else {}
        values |= {"options": options} if options is not None else {}
        values |= {_PLAIN: Constant(value=True)} if follows else {}
        values |= {} if _is_repo(call, module) else {"arguments": Sequence(call.args)}
        yield _fact("insert", call, values)


def _follows(call: Call, steps: list[Call], module: Module) -> bool:
    """Whether a lookup stands before an insert in its function."""
    function = module.function_at(call.offset) if steps else None
    return function is not None and any(function.offset <= step.offset < call.end for step in steps)


def _fact(kind: str, call: Call, values: dict[str, Value]) -> SiteFact:
    return SiteFact(
        client="ecto",
        values={"kind": Text(kind), **values},
        offset=_place(call),
        statement=call.offset,
        end=call.end,
    )


def _place(call: Call) -> int:
    """Where the conflict option stands, if it is written in the call; else the name that is called."""
    given = next((value for key, value in call.keywords if key == "on_conflict"), None)
    match given:
        case Text(runs=((_, offset), *_)):
            return offset
        case (
            Sequence(offset=offset)
            | Record(offset=offset)
            | Name(offset=offset)
            | Call(offset=offset)
            | Join(offset=offset)
        ):
            return offset
        case _:
            return call.name_offset


def _is_repo(call: Call, module: Module) -> bool:
    """Whether a call is one of a repository, by the name that it has: `Repo`, `repo`, `Shop.ReadRepo`, `Multi`."""
    if isinstance(call.callee, Name):  # in the repository itself
        owner = module.lookup("this", call.name_offset)
        return isinstance(owner, Class) and owner.name.endswith("Repo")
    owner = call.callee.object if isinstance(call.callee, Member) else None
    if isinstance(owner, Call):  # `repo().insert(..)`
        owner = owner.callee
    name = (path_of(owner) or "").rpartition(".")[2].lstrip("@") if owner is not None else ""
    return name.endswith(("Repo", "repo")) or name == "Multi"


def _split(call: Call) -> tuple[tuple[Value, ...], Value | None]:
    """The arguments without those of Ecto.Multi, and the options."""
    owner = call.callee.object if isinstance(call.callee, Member) else None
    args = call.args
    if (path_of(owner) or "").rpartition(".")[2] == "Multi" if owner is not None else False:
        args = args[2:]
    wanted = 2 if called_name(call) == "insert_all" else 1
    if call.keywords:
        return args[:wanted], Record(call.keywords, offset=call.name_offset)
    return args[:wanted], args[wanted] if len(args) > wanted else None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if fact.values["kind"] == Text("step"):
        return _step(fact, resolve)
    fact = _shifted(fact, resolve)
    given = fact.values.get("options")
    known = resolve(given) if given is not None else Record(())
    options = known.options if isinstance(known, Choice) else (known,)
    drafts = [draft for one in options for draft in _with_options(fact, one, resolve)]
    if not drafts and isinstance(known, (Record, Sequence)):
        spread = isinstance(known, Record) and not known.complete
        return (
            NoSite("its options are not all known, and hold no on_conflict", follow=True)
            if spread
            else NoSite(_NO_OPTION)
        )
    return tuple(dict.fromkeys(drafts))[:_MOST] or NoSite(f"the options are {told(known)}", follow=True)


def _shifted(fact: SiteFact, resolve: Resolve) -> SiteFact:
    """The fact of a function named as Ecto's, with something in front of a schema: `insert_all(scope, Item, rows)`."""
    given = fact.values.get("arguments")
    args = given.items if isinstance(given, Sequence) else ()
    if called_name_of(fact) != "insert_all" or len(args) < 3 or is_schema(resolve(args[0])):  # noqa: PLR2004
        return fact
    shifted = {"subject": args[1], "rows": args[2]}
    return replace(fact, values={**fact.values, **shifted}) if is_schema(resolve(args[1])) else fact


def _with_options(fact: SiteFact, options: Value, resolve: Resolve) -> Iterator[Draft]:
    record = options if isinstance(options, Record) else Record(()) if _is_empty(options) else None
    if record is None:
        return
    action = record.get("on_conflict")
    plain = action is None or _is_raise(action, resolve)
    if plain and (not record.complete or _PLAIN not in fact.values or called_name_of(fact) == "insert_all"):
        return
    all_rows = called_name_of(fact) == "insert_all"
    found = given_rows(fact, record, resolve) if all_rows else inserted_rows(fact.values["subject"], resolve)
    for rows in found:
        table = _table(rows, record, resolve)
        if action is None or plain:
            known = [insert(fact, table, rows.payload)] if isinstance(table, QualifiedName) else []
            yield from (_finished(one, rows) for one in known)
            continue
        for one, target in islice(product(_options(action, resolve), _targets(record, rows, resolve)), _MOST):
            conflict, caution = _conflict(one, target, rows, resolve)
            yield _finished(insert(fact, table, rows.payload, conflict, caution=caution), rows)


def called_name_of(fact: SiteFact) -> str:
    """The method that a fact calls."""
    method = fact.values["method"]
    return method.text if isinstance(method, Text) else ""


def _finished(draft: Draft, rows: Rows) -> Draft:
    return replace(draft, write=replace(draft.write, optional=rows.optional, defaulted=rows.defaulted))


def _is_empty(value: Value) -> bool:
    return is_absent(value) or (isinstance(value, Sequence) and not value.items and value.complete)


def _is_raise(value: Value, resolve: Resolve) -> bool:
    known = resolve(value)
    return isinstance(known, Text) and known.text == "raise"


def _options(value: Value, resolve: Resolve) -> tuple[Value, ...]:
    known = resolve(value)
    return known.options if isinstance(known, Choice) else (known,)


def _table(rows: Rows, options: Record, resolve: Resolve) -> QualifiedName | Undeclared:
    """The table; an option overrides the prefix of the schema."""
    if isinstance(rows.schema, Undeclared):
        return rows.schema
    name, prefix = rows.name
    given = options.get("prefix")
    if given is not None and not is_absent(resolve(given)):
        own = text(given, resolve)
        return QualifiedName(own, name) if own else Undeclared(f"the prefix is {told(resolve(given))}")
    return QualifiedName(prefix, name)


def _conflict(given: Value, target: ConflictTarget, rows: Rows, resolve: Resolve) -> tuple[Conflict, str | None]:
    caution = "Ecto 3 has no {:constraint, name} for a target" if isinstance(target, _Legacy) else None
    target = NamedConstraint(target.name) if isinstance(target, _Legacy) else target
    if given == Text("nothing", *_rest(given)):
        return Conflict(target, Action.NOTHING), caution
    assigned = assigned_of(given, target, rows, resolve)
    if assigned is None:
        return Conflict(target, None), caution
    return Conflict(target, Action.UPDATE, assigned), caution


def _rest(value: Value) -> tuple[tuple[tuple[int, int], ...], str | None]:
    return (value.runs, value.path) if isinstance(value, Text) else ((), None)


class _Legacy(NamedConstraint):
    """`{:constraint, name}` of Ecto 2."""


def _targets(options: Record, rows: Rows, resolve: Resolve) -> tuple[ConflictTarget, ...]:
    given = options.get("conflict_target")
    if given is None:
        lacking = Unresolved("the options are not all known")
        return (AnyArbiter(),) if options.complete else (lacking,)
    return tuple(_target(one, rows, resolve) for one in _options(given, resolve))


def _target(given: Value, rows: Rows, resolve: Resolve) -> ConflictTarget:  # noqa: PLR0911 - one line for each form
    match given:
        case Text(name):
            return columns_target((rows.column(name),))
        case Sequence(items=(Text("unsafe_fragment"), fragment)):
            written = text(fragment, resolve)
            if written is None:
                return Unresolved(f"the conflict target is {told(resolve(fragment))}")
            return clause_target(written)
        case Sequence(items=(Text("constraint"), Text(name))):
            return _Legacy(name)
        case Sequence():
            names = list_of_texts(given, resolve)
            if names is None:
                return Unresolved("the conflict target is put together at run time")
            return columns_target(tuple(rows.column(name) for name in names)) if names else AnyArbiter()
        case _ if is_absent(given):
            return AnyArbiter()
        case _:
            return Unresolved(f"the conflict target is {told(given)}")


def _step(fact: SiteFact, resolve: Resolve) -> Step | NoSite:
    """`Repo.get_by(Schema, a: 1)`: a lookup of one row by columns."""
    call = fact.values["call"]
    if not isinstance(call, Call) or not call.args:
        return NoSite(_UNKNOWN_LOOKUP)
    schema = read_schema(resolve(call.args[0]), resolve)
    clauses = Record(call.keywords) if len(call.args) == 1 else call.args[1]
    known = resolve(clauses)
    if not isinstance(schema, EctoSchema) or not isinstance(known, Record) or not known.complete or not known.entries:
        return NoSite(_UNKNOWN_LOOKUP)
    columns = tuple(schema.column(key) for key, _ in known.entries)
    table = QualifiedName(schema.table.schema, schema.table.name)
    return Step(Mechanism.SELECT_THEN_INSERT, table, columns, call.offset)


ECTO = Client(
    name="ecto",
    languages=frozenset({"elixir"}),
    triggers=(b"on_conflict", b"insert_all(", b".get_by("),
    find=_find,
    finish=_finish,
)

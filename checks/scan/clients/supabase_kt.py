"""supabase-kt: `client.from("t").upsert(row) { onConflict = "a,b" }`, rows that are maps, JSON or serializable classes.

Source: github.com/supabase-community/supabase-kt 3, Postgrest: PostgrestQueryBuilder, UpsertRequestBuilder, and
kotlinx.serialization, which leaves out a property that has the value of its default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Class, Join, Lambda, Member, Name, Param, Record, Sequence, Text
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import boolean, called_name, is_absent, text, told
from .supabase_kt_steps import find_steps, finish_step
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve, Step
    from ..values import Value

_FROM = frozenset({"from", "get"})


def _find(module: Module) -> Iterator[SiteFact]:
    lowered = module.file.text.lower()
    if "supabase" not in lowered and "postgrest" not in lowered:
        return
    inserts = False
    for call in module.calls(frozenset({"upsert", "insert"})):
        if not isinstance(call.callee, Member) or _rows_of(call) is None:
            continue
        receiver = call.callee.object
        meaning = module.lookup(receiver.name, receiver.offset) if isinstance(receiver, Name) else receiver
        if not _is_table(meaning):
            continue
        inserts = inserts or called_name(call) == "insert"
        values: dict[str, Value] = {"call": call, "receiver": meaning or receiver}
        yield SiteFact(
            client="supabase-kt", values=values, offset=call.name_offset, statement=call.offset, end=call.end
        )
    yield from find_steps(module, _is_table) if inserts else ()


def _is_table(value: Value | None) -> bool:
    """Whether a value is `client.from("t")`, `postgrest["t"]` or what its factory gives."""
    match value:
        case Call(Member(owner, name), args, keywords) if name in _FROM:
            return bool(args or keywords) and (name == "from" or _is_postgrest(owner))
        case Member(owner):
            return _is_postgrest(owner)
        case _:
            return False


def _is_postgrest(value: Value) -> bool:
    match value:
        case Name(name) | Member(name=name) | Param(name=name):
            return "postgrest" in name.lower() or "database" in name.lower()
        case _:
            return False


def _rows_of(call: Call) -> Value | None:
    named = dict(call.keywords)
    given = [named[key] for key in ("value", "values", "body") if key in named]
    found = given[0] if given else call.args[0] if call.args else None
    return None if isinstance(found, Lambda) else found


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, resolve, _table)
    call, receiver = fact.values["call"], fact.values["receiver"]
    given = _rows_of(call) if isinstance(call, Call) else None
    if not isinstance(call, Call) or given is None:
        return NoSite("no rows are given")
    if isinstance(resolve(given), Text | Join):
        return NoSite("writes a file, by its path")
    rows, optional = _rows(given, resolve)
    options = _options(call, resolve)
    defaulting = False
    if isinstance(options, Unresolved):
        upserts: bool | None = called_name(call) == "upsert"
        conflict = Conflict(options, None) if upserts else None
    else:
        upserts = called_name(call) == "upsert" or boolean(options.get("upsert"), resolve, default=False)
        conflict = _conflict(options, rows, resolve) if upserts is not False else None
        null = boolean(options.get("defaultToNull"), resolve, default=True)
        defaulting = null is False
        rows = rows if defaulting else replace(rows, nulls=tuple(dict.fromkeys((*rows.nulls, *rows.lacking))))
    draft = insert(fact, _table(receiver, resolve), rows, conflict)
    uneven = replace(draft.write, optional=optional, lacking=rows.uneven, lacking_default=defaulting)
    return (replace(draft, write=uneven),)


def _table(receiver: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    given = receiver.args if isinstance(receiver, Call) else ()
    if isinstance(receiver, Member):
        return QualifiedName(None, receiver.name)
    named = dict(receiver.keywords) if isinstance(receiver, Call) else {}
    schema = named.get("schema", given[0] if len(given) > 1 else None)
    table = named.get("table", given[-1] if given else None)
    name = text(table, resolve) if table is not None else None
    if table is None or name is None:
        return Undeclared(f"the table is {told(resolve(table))}" if table is not None else "no table is named")
    within = text(schema, resolve) if schema is not None else None
    if schema is not None and within is None:
        return Undeclared(f"the schema is {told(resolve(schema))}")
    return QualifiedName(within, name)


def _options(call: Call, resolve: Resolve) -> Record | Unresolved:
    """What the block behind the call sets, and in versions before 3 arguments by their names."""
    entries = [*call.keywords]
    blocks = [one for one in (*call.args, *(value for _, value in call.keywords)) if isinstance(one, Lambda)]
    unknown = next((one for one in call.args[1:] if not isinstance(one, Lambda)), None)
    if unknown is not None:
        return Unresolved(f"the options are {told(resolve(unknown))}")
    for block in blocks:
        for one in block.result.items if isinstance(block.result, Sequence) else (block.result,):
            if isinstance(one, Sequence):
                return Unresolved("the options are set on a condition")
            name = called_name(one) if isinstance(one, Call) else None
            if isinstance(one, Call) and name is not None and name.endswith("=") and one.args:
                entries.append((name[:-1], one.args[0]))
    return Record(tuple(entries))


def _conflict(options: Record, rows: Payload, resolve: Resolve) -> Conflict:
    ignores = boolean(options.get("ignoreDuplicates"), resolve, default=False)
    action = None if ignores is None else Action.NOTHING if ignores else Action.UPDATE
    given = options.get("onConflict")
    return Conflict(_target(given, resolve), action, rows if action is Action.UPDATE else None)


def _target(given: Value | None, resolve: Resolve) -> ConflictTarget:
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known):
        return DefaultKey()
    listed = text(known, resolve)
    if listed is None:
        return Unresolved(f"the conflict target is {told(known)}")
    names = tuple(name for one in listed.split(",") if (name := one.strip().strip('"')))
    return columns_target(names) if names else DefaultKey()


def _rows(value: Value, resolve: Resolve) -> tuple[Payload, tuple[str, ...]]:
    """The columns of rows, and those that are written too when they do not have the value of their default."""
    known = resolve(value)
    if isinstance(known, Param) and known.type is not None and isinstance(listed := resolve(known.type), Sequence):
        known = listed
    if (
        isinstance(known, Sequence)
        and known.items
        and all(isinstance(_made(one, resolve), Call) for one in known.items)
    ):
        found = [_of_class(_made(one, resolve), resolve) for one in known.items]
        first, optional = found[0]
        columns = tuple(dict.fromkeys(name for rows, _ in found for name in rows.columns or ()))
        number = len(found) if known.complete else None
        return replace(first, columns=columns or None, rows=number), optional
    made = _made(known, resolve)
    if isinstance(made, Call) and isinstance(made.callee, Class):
        return _of_class(made, resolve)
    return payload(known, resolve), ()


def _made(value: Value, resolve: Resolve) -> Value:
    """A value of a class of the project, also of the type of a parameter."""
    if isinstance(value, Param) and value.type is not None:
        value = resolve(value.type)
    if isinstance(value, Call) and isinstance(value.callee, Member):  # of an extension: `item.toRow()`
        own = replace(value, callee=Name(value.callee.name, value.name_offset))
        value = resolve(own)
    return value if isinstance(value, Call) and isinstance(value.callee, Class) else Choice(())


def _of_class(made: Value, resolve: Resolve) -> tuple[Payload, tuple[str, ...]]:
    """The properties of a class, those with a default apart unless they are given."""
    if not isinstance(made, Call) or not isinstance(made.callee, Class):
        return Payload(None, complete=False), ()
    names, defaults = _properties(made.callee, resolve)
    if not names:
        return Payload(None, complete=False, reason=f'class "{made.callee.name}" declares no property'), ()
    order = list(names)
    given = {*order[: len(made.args)], *(key for key, _ in made.keywords)}
    by_type = not made.args and not made.keywords and bool(set(order) - defaults)
    columns = tuple(names[one] for one in order if one in given or one not in defaults)
    optional = tuple(names[one] for one in order if by_type and one in defaults)
    values = {**dict(zip(order, made.args, strict=False)), **dict(made.keywords)}
    nulls = tuple(names[key] for key, value in values.items() if key in names and is_absent(resolve(value)))
    return Payload(columns or None, bool(columns), 1, nulls), optional


def _properties(owner: Class, resolve: Resolve) -> tuple[dict[str, str], set[str]]:
    """The names that the properties of the primary constructor have in JSON, and which of them have a default."""
    names: dict[str, str] = {}
    defaults: set[str] = set()
    renamed: dict[str, str | None] = {}
    left_out: set[str] = set()
    for key, value in owner.body:
        if key.startswith("@") and len(key) > 1:
            kind = called_name(value) if isinstance(value, Call) else getattr(value, "name", "")
            if kind == "SerialName" and isinstance(value, Call) and value.args:
                renamed[key[1:]] = text(value.args[0], resolve)
            elif kind == "Transient":
                left_out.add(key[1:])
        elif key.startswith("="):
            defaults.add(key[1:])
        elif key.startswith(":"):
            names[key[1:]] = renamed.get(key[1:]) or key[1:]
    return {key: name for key, name in names.items() if key not in left_out}, defaults


SUPABASE_KT = Client(
    name="supabase-kt",
    languages=frozenset({"kotlin"}),
    triggers=(b".upsert(", b".insert(", b"onconflict"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

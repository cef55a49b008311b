"""The call chains of PostgREST clients: `client.schema("x").from("t")`, and which schema a client is made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Choice, Constant, Import, Member, Name, Record
from .reading import argument, called_name, is_absent, method, text, told

if TYPE_CHECKING:
    from ..model import Module, Resolve
    from ..values import Value

_TABLE = {
    "supabase-js": frozenset({"from"}),
    "supabase-py": frozenset({"table", "from_"}),
    "supabase-dart": frozenset({"from"}),
    "supabase-swift": frozenset({"from"}),
}
_TABLES = frozenset({"from", "table", "from_"})
_SCHEMA = frozenset({"schema"})
# `.from()` of the language itself and of builders that are no PostgREST client
_OTHER_ROOTS = frozenset(
    {
        "Array",
        "Buffer",
        "Object",
        "Observable",
        "Readable",
        "storage",
        "knex",
        "List",
        "Map",
        "Set",
        "Queue",
        "DateTime",
    }
)
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Chain:
    """`root[.schema(s)].from(table)`."""

    table: Value
    root: Value


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema a chain writes to; None: the client's default. `reason` when it is not known."""

    name: str | None = None
    reason: str | None = None


def may_be_chain(module: Module, call: Call, client: str) -> bool:
    """Whether `receiver.upsert(...)` is worth a fact: a table call, or a name that may stand for one."""
    receiver, called = (call.callee.object, call.callee.name) if isinstance(call.callee, Member) else (call, "")
    match receiver:
        case Call():
            return _table_call(receiver, _TABLE[client]) is not None
        case Name(name, offset):
            meaning = module.lookup(name, offset)
            match meaning:
                case Call():
                    return _table_call(meaning, _TABLE[client]) is not None
                case Choice(options):
                    return any(_table_call(option, _TABLE[client]) for option in options)
                case Import(name=str()):
                    return called == "upsert"
                case _:
                    return False
        case _:
            return False


def chain_named(module: Module, receiver: Value) -> Value:
    """What a variable of the same file holds, when that is a table call; else the receiver as it stands."""
    meaning = module.lookup(receiver.name, receiver.offset) if isinstance(receiver, Name) else None
    return meaning if meaning is not None and _table_call(meaning, _TABLES) else receiver


def chain_of(receiver: Value, resolve: Resolve) -> Chain | None:
    """The chain before `.upsert(...)`, also when it was put into a variable or another module before."""
    return _table_call(receiver, _TABLES) or _table_call(resolve(receiver), _TABLES)


def _table_call(value: Value, names: frozenset[str]) -> Chain | None:
    found = method(value, names)
    if found is None:
        return None
    receiver, call = found
    if len(call.args) != 1 or call.keywords or _other_root(receiver):
        return None
    return Chain(call.args[0], receiver) if _may_be_text(call.args[0]) else None


def _may_be_text(value: Value) -> bool:
    return not isinstance(value, Record | Constant)


def _other_root(receiver: Value) -> bool:
    match receiver:
        case Name(name) | Member(name=name):
            return name in _OTHER_ROOTS
        case Import(module=module):
            return module in _OTHER_ROOTS
        case _:
            return False


def schema_of(root: Value, resolve: Resolve) -> Schema:
    """The schema of a client expression: `.schema("x")`, or the one that its factory was given."""
    return _schema_of(root, resolve, 0)


def _schema_of(root: Value, resolve: Resolve, depth: int) -> Schema:
    found = method(root, _SCHEMA)
    if found is not None and len(found[1].args) == 1:
        return _named(found[1].args[0], resolve)
    given = _factory_option(root, resolve) if isinstance(root, Call) else None
    if given is not None or depth > _DEEPEST:
        return given or Schema()
    if isinstance(root, Choice):
        made = [option for option in root.options if not is_absent(option)]  # `let client = null`, made on first use
        schemas = {_schema_of(option, resolve, depth + 1) for option in made}
        if not schemas:
            return Schema()
        return schemas.pop() if len(schemas) == 1 else Schema(None, "the client is one of several with other schemas")
    known = resolve(root)
    return Schema() if known == root else _schema_of(known, resolve, depth + 1)


def _named(value: Value, resolve: Resolve) -> Schema:
    name = text(value, resolve)
    return Schema(name) if name is not None else Schema(None, f"the schema is {told(resolve(value))}")


def _factory_option(call: Call, resolve: Resolve) -> Schema | None:
    """`createClient(url, key, {db: {schema: "x"}})`, `create_client(url, key, options=ClientOptions(schema="x"))`."""
    for given in (*call.args, *(value for _, value in call.keywords)):
        value = given if isinstance(given, Record | Call) else resolve(given)
        schema = _option_value(value, resolve)
        if schema is not None:
            return _named(schema, resolve)
    own = argument(call, len(call.args), "schema")
    return _named(own, resolve) if own is not None and "client" in (called_name(call) or "").lower() else None


def _option_value(value: Value, resolve: Resolve) -> Value | None:
    match value:
        case Record():
            inner = value.get("db")
            inner = resolve(inner) if inner is not None else None
            return inner.get("schema") if isinstance(inner, Record) else None
        case Call(keywords=keywords) if isinstance(inner := dict(keywords).get("db"), Call):  # of Swift
            return argument(inner, len(inner.args), "schema")
        case Call() if (called_name(value) or "").endswith("ClientOptions"):
            return argument(value, 0, "schema")
        case _:
            return None


def evidence(module: Module, call: Call, client: str) -> str | None:
    """What shows that a chain without options of its own is a PostgREST client's; None when nothing does."""
    source = module.file.text
    lowered = source.lower()
    if "supabase" in lowered or "postgrest" in lowered:
        return "the file names Supabase or PostgREST"
    if client != "supabase-py":
        return None if "knex" in lowered else "a table is named by from()"
    receiver = call.callee.object if isinstance(call.callee, Member) else None
    if receiver is not None and method(receiver, frozenset({"from_"})):
        return "a table is named by from_()"
    runs = any(_holds(run, call) for run in module.calls(frozenset({"execute"})))
    return "the chain ends in execute()" if runs else None


def _holds(chain: Value, call: Call) -> bool:
    """Whether `call` is a link of `chain`."""
    while isinstance(chain, Call) and isinstance(chain.callee, Member):
        if chain.name_offset == call.name_offset:
            return True
        chain = chain.callee.object
    return False

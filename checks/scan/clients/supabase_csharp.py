"""supabase-csharp and postgrest-csharp: `client.From<T>().Upsert(model, new QueryOptions { OnConflict = "a,b" })`.

Source: Supabase.Postgrest 4.4 Table.Upsert, Table.PerformInsert, QueryOptions, PostgrestContractResolver.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ..declarations.csharp_classes import attribute_name, attributes_of, chosen, class_of, properties_of, type_argument
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Choice, Class, Constant, Member, Name, Opaque, Sequence
from .chain import name_of, own_links
from .drafting import Conflict, insert
from .payload import Payload
from .reading import argument, boolean, is_absent, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..declarations.csharp_classes import Property
    from ..model import Module, Resolve
    from ..values import Value

_SOURCES = frozenset({"From", "Table"})
_DEEPEST = 4


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(frozenset({"Upsert", "Insert"})):
        root, links = own_links(call)
        start = root
        for _ in range(_DEEPEST):  # the table may have been put into a variable
            meant = module.lookup(start.name, start.offset) if isinstance(start, Name) else None
            if not isinstance(meant, Call):
                break
            start, more = own_links(meant)
            links = (*more, *links)
        source = next((one for one in links if name_of(one) in _SOURCES and type_argument(one) is not None), None)
        if source is not None and call.args and not source.args:
            values: dict[str, Value] = {"call": call, "source": source, "links": Sequence(links)}
            yield SiteFact(
                client="supabase-csharp", values=values, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call, source, links = (fact.values[key] for key in ("call", "source", "links"))
    if not isinstance(call, Call) or not isinstance(source, Call) or not isinstance(links, Sequence):
        return NoSite("no call")
    named = type_argument(source) or source
    model = resolve(named)
    if isinstance(model, Class) and not _is_model(model, resolve):
        return NoSite("the type of the rows is no model of Postgrest")
    given = argument(call, 1, "options")
    options = resolve(given) if given is not None else None
    upserts = True if name_of(call) == "Upsert" else boolean(_option(options, "Upsert"), resolve, default=False)
    table = _table(model, source, resolve)
    rows, optional = _rows(model, call.args[0], resolve, upserts=upserts is not False)
    conflict = None
    if upserts is not False:
        target = _target(links, options, model, resolve)
        action = _action(options, resolve)
        conflict = Conflict(target, action, rows if action is Action.UPDATE else None)
    draft = insert(fact, table, rows, conflict)
    return (replace(draft, write=replace(draft.write, optional=optional)),)


def _is_model(model: Class, resolve: Resolve) -> bool:
    _, others = properties_of(model, resolve)
    return bool(others) or any(attribute_name(one) == "Table" for one in attributes_of(model))


def _option(options: Value | None, name: str) -> Value | None:
    found = options.keywords if isinstance(options, Call) else ()
    return next((value for key, value in found if key == name), None)


def _table(model: Value, source: Call, resolve: Resolve) -> QualifiedName | Undeclared:
    if not isinstance(model, Class):
        return Undeclared(f"the model is {told(model)}")
    named = next((one for one in attributes_of(model) if attribute_name(one) == "Table"), None)
    name = model.name if named is None or not named.args else text(named.args[0], resolve)
    if name is None:
        return Undeclared(f'the table of "{model.name}" is computed')
    schema = _schema(source, resolve)
    return schema if isinstance(schema, Undeclared) else QualifiedName(schema, name)


def _schema(source: Call, resolve: Resolve) -> str | Undeclared | None:
    """The schema that the client is made for: `new SupabaseOptions { Schema = "x" }`."""
    root, _ = own_links(source)
    made = resolve(root)
    for option in made.options if isinstance(made, Choice) else (made,):
        for given in option.args if isinstance(option, Call) else ():
            value = _option(resolve(given), "Schema")
            if value is not None:
                return text(value, resolve) or Undeclared(f"the schema is {told(resolve(value))}")
    return None


def _action(options: Value | None, resolve: Resolve) -> Action | None:
    given = _option(options, "DuplicateResolution")
    if given is None:
        return Action.UPDATE if options is None or isinstance(options, Call) or is_absent(options) else None
    known = resolve(given)
    name = known.name if isinstance(known, Member) else ""
    return {"MergeDuplicates": Action.UPDATE, "IgnoreDuplicates": Action.NOTHING}.get(name)


def _target(links: Sequence, options: Value | None, model: Value, resolve: Resolve) -> ConflictTarget:
    if options is not None and not isinstance(options, Call) and not is_absent(options):
        return Unresolved(f"the options are {told(options)}")
    given = _option(options, "OnConflict")
    if given is None or is_absent(resolve(given)):
        own = [one for one in links.items if isinstance(one, Call) and name_of(one) == "OnConflict" and one.args]
        if not own:
            return DefaultKey()
        given = own[-1].args[0]
        picked = chosen(given, resolve)
        if picked is not None:
            return _of_properties(picked, model, resolve)
    known = text(given, resolve)
    if known is None:
        return Unresolved(f"the conflict target is {told(resolve(given))}")
    names = tuple(name.strip() for name in known.split(",") if name.strip())
    return columns_target(names) if names else DefaultKey()


def _of_properties(names: tuple[str, ...], model: Value, resolve: Resolve) -> ConflictTarget:
    found = {one.name: one for one in properties_of(model, resolve)[0]} if isinstance(model, Class) else {}
    known = tuple(_column(found[name], resolve) for name in names if name in found)
    if len(known) < len(names) or None in known:
        return Unresolved(f"the conflict target is a property of {told(model)}")
    return columns_target(tuple(name for name in known if name is not None))


def _column(one: Property, resolve: Resolve) -> str | None:
    named = one.attribute("Column") or one.attribute("PrimaryKey")
    given = argument(named, 0, "columnName") if named is not None else None
    json = one.attribute("JsonProperty")
    given = given or (argument(json, 0, "propertyName", "PropertyName") if json is not None and named is None else None)
    return one.name if given is None else text(given, resolve)


def _rows(model: Value, given: Value, resolve: Resolve, *, upserts: bool) -> tuple[Payload, tuple[str, ...]]:
    """The properties that are sent, and those that are only sent with a value."""
    if not isinstance(model, Class):
        return Payload(None, complete=False, reason=f"the written columns are those of {told(model)}"), ()
    properties, others = properties_of(model, resolve)
    columns: list[str] = []
    optional: list[str] = []
    complete = set(others) <= {"BaseModel", "CachedModel"}
    for one in properties:
        name = _column(one, resolve)
        if _is_left_out(one, resolve, upserts=upserts):
            continue
        complete = complete and name is not None
        if name is not None:
            (optional if _only_with_value(one) else columns).append(name)
    known = resolve(given)
    count = len(known.items) if isinstance(known, Sequence) and known.complete else None
    count = 1 if count is None and isinstance(known, Call) and class_of(known, resolve) == model else count
    reason = None if complete else f"the columns of {told(model)} are not all known"
    return Payload(tuple(columns), complete, count, reason=reason), tuple(optional)


def _is_left_out(one: Property, resolve: Resolve, *, upserts: bool) -> bool:
    if not one.public or one.attribute("JsonIgnore", "Reference") is not None:
        return True
    column, key = one.attribute("Column"), one.attribute("PrimaryKey")
    if column is not None:
        on_insert = boolean(argument(column, 2, "ignoreOnInsert"), resolve, default=False) is True
        on_update = boolean(argument(column, 3, "ignoreOnUpdate"), resolve, default=False) is True
        return on_insert or (upserts and on_update)
    if key is not None and not upserts:
        return boolean(argument(key, 1, "shouldInsert"), resolve, default=False) is False
    return False


def _only_with_value(one: Property) -> bool:
    column = one.attribute("Column")
    given = argument(column, 1, "nullValueHandling", "NullValueHandling") if column is not None else None
    return isinstance(given, (Member, Opaque, Constant)) and "Ignore" in str(getattr(given, "name", ""))


SUPABASE_CSHARP = Client(
    name="supabase-csharp",
    languages=frozenset({"csharp"}),
    triggers=(b".from<", b".table<"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

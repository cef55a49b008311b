"""What an insert of Ecto writes: rows of insert_all, structs, and changesets followed to the struct they start from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..declarations.ecto import EctoSchema, is_schema, read_schema
from ..declarations.model import Undeclared
from ..values import Call, Choice, Class, Join, Lambda, Member, Name, Param, Record, Sequence, Text
from .payload import Payload, payload
from .reading import called_name, is_absent, list_of_texts, text, told

if TYPE_CHECKING:
    from ..model import Resolve, SiteFact
    from ..values import Value

_DEEPEST = 30
_SETTING = frozenset({"change", "force_change", "put_change", "struct", "struct!"})
_SAME_FIELDS = ("validate_", "apply_")  # of Ecto.Changeset
_CONSTRAINTS = "_constraint"
_KEEPING = frozenset(
    {"add_error", "traverse_errors", "traverse_validations", "merge", "delete_change", "no_assoc_constraint"}
)
_CHANGES = frozenset({"cast", "put_change", "force_change", "cast_assoc", "put_assoc", "cast_embed", "put_embed"})
_MADE_ELSEWHERE = "the changeset is put together elsewhere"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows and what they are rows of; `source` is a table that is named without a schema, or instead of its own."""

    schema: EctoSchema | Undeclared | None
    payload: Payload
    source: str | None = None
    optional: tuple[str, ...] = ()
    defaulted: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str | None]:
        """The table's name and prefix."""
        own = self.schema.table if isinstance(self.schema, EctoSchema) else None
        return self.source or (own.name if own is not None else ""), own.schema if own is not None else None

    def column(self, name: str) -> str:
        """The column of a field."""
        return self.schema.column(name) if isinstance(self.schema, EctoSchema) else name


def given_rows(fact: SiteFact, options: Record, resolve: Resolve) -> tuple[Rows, ...]:
    """The rows of `insert_all(schema, rows, ..)`, for each schema that it may be."""
    del options
    subject = resolve(fact.values["subject"])
    schemas = subject.options if isinstance(subject, Choice) else (subject,)
    found = _payload(fact.values["rows"], resolve)
    return tuple(_of_schema(one, found, resolve) for one in schemas)


def _payload(value: Value, resolve: Resolve) -> Payload:
    """The keys of rows; of a query those that it selects."""
    known = resolve(value)
    if isinstance(known, Call):
        selected = _selected(known)
        if selected is not None:
            return replace(payload(selected, resolve), rows=None)
    return payload(value, resolve)


def _selected(query: Call) -> Value | None:
    """What `from(x in X, select: %{..})` or `query |> select([x], %{..})` selects."""
    given = next((value for key, value in query.keywords if key in {"select", "select_merge"}), None)
    if given is None and called_name(query) == "select" and query.args:
        given = query.args[-1]
    if given is None and query.args and isinstance(query.args[0], Call):
        return _selected(query.args[0])
    return given if isinstance(given, Record) else None


def _of_schema(subject: Value, rows: Payload, resolve: Resolve) -> Rows:
    source: str | None = None
    if isinstance(subject, (Text, Join)):
        source = text(subject, resolve)
        if source is None:
            return Rows(Undeclared(f"the table is {told(subject)}"), rows)
        return _with_nulls(Rows(None, rows, source))
    if isinstance(subject, Sequence) and len(subject.items) == 2:  # noqa: PLR2004 - {source, schema}
        source = text(subject.items[0], resolve)
        if source is None:
            return Rows(Undeclared(f"the table is {told(resolve(subject.items[0]))}"), rows)
        subject = resolve(subject.items[1])
    schema = read_schema(subject, resolve)
    if isinstance(schema, Undeclared):
        return Rows(schema, rows)
    columns = (
        None if rows.columns is None else tuple(dict.fromkeys((*map(schema.column, rows.columns), *schema.always)))
    )
    mapped = replace(rows, columns=columns, nulls=tuple(map(schema.column, rows.nulls)))
    return _with_nulls(Rows(schema, mapped, source))


def _with_nulls(rows: Rows) -> Rows:
    """A nil of insert_all is sent as DEFAULT."""
    given = rows.payload
    defaulted = given.nulls if given.rows == 1 else ()
    return replace(rows, payload=replace(given, nulls=()), defaulted=defaulted)


def inserted_rows(value: Value, resolve: Resolve) -> tuple[Rows, ...]:
    """The row of `insert(struct_or_changeset)`."""
    made = _changed(value, resolve, 0)
    if isinstance(made, Undeclared):
        return (Rows(made, Payload(None, complete=False, reason=made.reason)),)
    schema = read_schema(made.schema, resolve)
    if isinstance(schema, Undeclared):
        return (Rows(schema, Payload(None, complete=False, reason=schema.reason)),)
    names = [name for name in made.fields if name not in schema.beside]
    columns = tuple(dict.fromkeys((*map(schema.column, names), *schema.filled)))
    optional = tuple(name for one in made.optional if (name := schema.column(one)) not in columns)
    complete = made.complete and schema.table.complete
    reason = None if complete else made.reason or "the fields of the schema are not all known"
    return (Rows(schema, Payload(columns, complete, 1, reason=reason), optional=tuple(dict.fromkeys(optional))),)


@dataclass(frozen=True, slots=True)
class _Changed:
    """A struct or changeset: its schema, the fields that have values, and those that may."""

    schema: Value
    fields: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    complete: bool = True
    reason: str | None = field(default=None)

    def lacking(self, reason: str = _MADE_ELSEWHERE) -> _Changed:
        """The same, with more fields than are known."""
        return replace(self, complete=False, reason=self.reason or reason)


def _changed(value: Value, resolve: Resolve, depth: int) -> _Changed | Undeclared:  # noqa: PLR0911 - one line for each kind
    known = resolve(value)
    if depth > _DEEPEST:
        return Undeclared(_MADE_ELSEWHERE)
    match known:
        case Call(callee=Class() as schema):
            return _of_struct(schema, known, resolve, depth)
        case Call():
            return _of_call(known, resolve, depth)
        case Param(default=Call() as default, type=None):
            found = _changed(default, resolve, depth + 1)
            return found.lacking() if isinstance(found, _Changed) else found
        case Param(type=Call() as kind):
            found = _changed(kind, resolve, depth + 1)
            return found.lacking() if isinstance(found, _Changed) else found
        case Choice(options):
            return _one_of([_changed(option, resolve, depth + 1) for option in options if not is_absent(option)])
        case Lambda(result=result):
            return _changed(result, resolve, depth + 1)
        case _:
            return Undeclared(f"the schema is that of {told(known)}")


def _of_struct(schema: Class, call: Call, resolve: Resolve, depth: int) -> _Changed | Undeclared:
    """`%Item{a: 1}`, `%Item{item | a: 1}`; what is nil is not sent."""
    fields = tuple(key for key, value in call.keywords if not is_absent(resolve(value)))
    if not call.args:
        return _Changed(schema, fields)
    before = _changed(call.args[0], resolve, depth + 1)
    if isinstance(before, Undeclared):
        return _Changed(schema, fields).lacking()
    return replace(before, schema=schema, fields=(*before.fields, *fields))


def _of_call(call: Call, resolve: Resolve, depth: int) -> _Changed | Undeclared:
    """A function that takes a changeset and gives one."""
    name = called_name(call) or ""
    first = call.args[0] if call.args else None
    owner = call.callee.object if isinstance(call.callee, Member) else None
    if isinstance(call.callee, Lambda):
        return Undeclared(f"the schema is that of {told(call)}")
    if first is not None and name in {"struct", "struct!"} and is_schema(resolve(first)):
        before: _Changed | Undeclared = _Changed(resolve(first))
    elif first is not None and _gives_changeset(name, resolve(first)):
        before = _changed(first, resolve, depth + 1)
    else:
        before = Undeclared(f"the schema is that of {told(call)}")
    if isinstance(before, Undeclared):
        known = resolve(owner) if owner is not None else _own_module(call, resolve)
        if known is None or "changeset" not in name or not is_schema(known):
            return before
        before = _Changed(known).lacking()
    return _applied(name, call, before, resolve)


def _gives_changeset(name: str, first: Value) -> bool:
    """Whether a function makes a changeset of its first argument: by its name, or as that is a changeset, no struct."""
    before = (called_name(first) if isinstance(first, Call) else None) or ""
    made = before in _CHANGES or before.startswith("validate_") or before.endswith(_CONSTRAINTS)
    return made or _is_changing(name) or "changeset" in name


def _own_module(call: Call, resolve: Resolve) -> Value | None:
    """The module that a function is called in by its bare name."""
    callee = call.callee
    return resolve(Name("__MODULE__", callee.offset, callee.path)) if isinstance(callee, Name) else None


def _is_changing(name: str) -> bool:
    changing = name in _SETTING or name in {"cast", "cast_assoc", "put_assoc", "cast_embed", "put_embed"}
    return changing or name in _KEEPING or name.startswith(_SAME_FIELDS) or name.endswith(_CONSTRAINTS)


def _applied(name: str, call: Call, before: _Changed, resolve: Resolve) -> _Changed:  # noqa: PLR0911 - by name
    """The changeset after one function."""
    given = call.args[1] if call.args[1:] else Record(call.keywords) if call.keywords else None
    if name in {"put_change", "force_change", "put_embed"} and given is not None:
        key = text(given, resolve)
        return before.lacking() if key is None else replace(before, fields=(*before.fields, key))
    if name == "validate_required" and given is not None:  # what has no value then is not inserted
        one = text(given, resolve)
        required = (one,) if one is not None else list_of_texts(given, resolve) or ()
        return replace(before, fields=(*before.fields, *required))
    if name in _SETTING:
        known = resolve(given) if given is not None else Record(())
        if not isinstance(known, Record) or not known.complete:
            return before.lacking()
        return replace(before, fields=(*before.fields, *(key for key, _ in known.entries)))
    if name == "cast":
        names = list_of_texts(call.args[2], resolve) if call.args[2:] else None
        return before.lacking() if names is None else replace(before, optional=(*before.optional, *names))
    if name == "cast_embed" and given is not None and (key := text(given, resolve)) is not None:
        return replace(before, optional=(*before.optional, key))
    if name in {"cast_assoc", "put_assoc"} or not _is_changing(name):
        return before.lacking()
    return before


def _one_of(found: list[_Changed | Undeclared]) -> _Changed | Undeclared:
    """One of several changesets: of one schema, or not known."""
    known = [one for one in found if isinstance(one, _Changed)]
    schemas = {(one.schema.path, one.schema.offset) for one in known if isinstance(one.schema, (Class, Name))}
    if not known or len(known) < len(found) or len(schemas) != 1:
        return next((one for one in found if isinstance(one, Undeclared)), Undeclared("the schema is one of several"))
    if len({(frozenset(one.fields), frozenset(one.optional)) for one in known}) == 1:
        return known[0]
    everywhere = tuple(name for name in known[0].fields if all(name in one.fields for one in known))
    others = tuple(dict.fromkeys(name for one in known for name in (*one.fields, *one.optional)))
    optional = tuple(name for name in others if name not in everywhere)
    complete = all(one.complete for one in known)
    return _Changed(known[0].schema, everywhere, optional, complete, None if complete else _MADE_ELSEWHERE)

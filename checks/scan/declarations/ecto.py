"""Tables of Ecto schemas: `schema "t" do .. end`, with what `use` of a project's own module puts in front.

Source: ecto 3.14.1 Ecto.Schema (define_field, __belongs_to__, __define_timestamps__, store_type_autogenerate!).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.reading import boolean, is_absent, text, told
from ..values import Call, Class, Constant, Lambda, Member, Name, Record, Sequence, Text
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model import Resolve
    from ..values import Value

SCHEMAS = frozenset({"schema", "typed_schema"})
_WITHOUT_COLUMN = frozenset({"has_one", "has_many", "many_to_many"})
_FIELDS = frozenset({"field", "embeds_one", "embeds_many", "polymorphic_embeds_one", "polymorphic_embeds_many"})
_BINARY = "binary_id"
_MOST_USES = 10


@dataclass(frozen=True, slots=True)
class EctoSchema:
    """A schema. `filled` are columns that Repo.insert fills in, `always` those that insert_all does too.

    `beside` are names that structs have but tables do not: associations and virtual fields.
    """

    table: TableDeclaration
    filled: tuple[str, ...]
    always: tuple[str, ...]
    beside: frozenset[str]

    def column(self, field: str) -> str:
        """The column of a field; the name itself when the schema has no such field."""
        found = self.table.by_attribute(field)
        return found.name if found is not None else field

    @property
    def updatable(self) -> tuple[tuple[str, str], ...]:
        """Each field that an UPDATE may set, with its column."""
        return tuple((column.attribute, column.name) for column in self.table.columns if not column.generated)


def is_schema(value: Value) -> bool:
    """Whether a value is a module with a schema."""
    return isinstance(value, Class) and any(key in SCHEMAS for key, _ in value.body)


def read_schema(value: Value, resolve: Resolve) -> EctoSchema | Undeclared:
    """The schema of a resolved module."""
    if not isinstance(value, Class):
        return Undeclared(f"the schema is {told(value)}")
    entries = tuple(_entries(value.body, resolve, 0))
    place = next((index for index, (key, _) in enumerate(entries) if key in SCHEMAS), None)
    made = entries[place][1] if place is not None else None
    if place is None or not isinstance(made, Call):
        return Undeclared(f'module "{value.name}" has no schema')
    options = dict(entries[:place])
    name = text(made.args[0], resolve) if made.args else None
    if name is None:
        return Undeclared(f'the table of "{value.name}" is computed')
    given = options.get("@schema_prefix")
    prefix = text(given, resolve) if given is not None else None
    if given is not None and prefix is None and not is_absent(resolve(given)):
        return Undeclared(f'the prefix of "{value.name}" is {told(resolve(given))}')
    reading = _Reading(options, resolve)
    body = dict(made.keywords).get("do")
    reading.read(body.items if isinstance(body, Sequence) else ())
    primary = tuple(column.name for column in reading.columns if column.primary)
    table = TableDeclaration(
        name, prefix, tuple(reading.columns), primary_key=primary or None, complete=reading.complete, mapped=True
    )
    return EctoSchema(table, tuple(reading.filled), tuple(reading.always), frozenset(reading.beside))


def _entries(body: tuple[tuple[str, Value], ...], resolve: Resolve, depth: int) -> Iterator[tuple[str, Value]]:
    """What a module says, with what the modules that it uses say in its place."""
    for key, value in body:
        if key == "use" and isinstance(value, Call) and depth < _MOST_USES:
            yield from _entries(tuple(_used(value, resolve)), resolve, depth + 1)
        else:
            yield key, value


def _used(use: Call, resolve: Resolve) -> Iterator[tuple[str, Value]]:
    """The attributes and uses of what `use Module` quotes, or `use Module, :function`."""
    chosen = resolve(use.args[1]) if use.args[1:] else None
    owner = resolve(use.args[0]) if use.args else None
    if not isinstance(owner, Class):
        return
    named = ("__using__", *((chosen.text,) if isinstance(chosen, Text) else ()))
    for name in named:
        found = resolve(Member(owner, name))
        quoted = found.result if isinstance(found, Lambda) else None
        block = dict(quoted.keywords).get("do") if isinstance(quoted, Call) else None
        for one in block.items if isinstance(block, Sequence) else ():
            if isinstance(one, Call) and isinstance(one.callee, Name):
                key = one.callee.name
                if key == "use":
                    yield key, one
                elif key.startswith("@") and one.args:
                    yield key, one.args[0]


class _Reading:
    """Reads the body of one schema."""

    def __init__(self, options: Mapping[str, Value], resolve: Resolve) -> None:
        self.options = options
        self.resolve = resolve
        self.columns: list[ColumnDeclaration] = []
        self.filled: list[str] = []
        self.always: list[str] = []
        self.beside: set[str] = set()
        self.complete = True

    def read(self, statements: tuple[Value, ...]) -> None:
        """The primary key, then what the body declares."""
        self._primary(self.options.get("@primary_key"))
        for one in statements:
            name = one.callee.name if isinstance(one, Call) and isinstance(one.callee, Name) else ""
            if not isinstance(one, Call):
                self.complete = False
            elif name == "timestamps":
                self._timestamps(self._options(one, 0))
            elif name in _FIELDS:
                self._declared(one, name)
            elif name == "belongs_to":
                self._belongs(one)
            elif name in _WITHOUT_COLUMN:
                self.beside |= {name for name in (self._name(one),) if name is not None}
            else:
                self.complete = self.complete and name.startswith("@")

    def _name(self, call: Call) -> str | None:
        return text(call.args[0], self.resolve) if call.args else None

    def _options(self, call: Call, position: int) -> Record:
        """The options of a declaration, as keywords or as a list in that position."""
        if call.keywords:
            return Record(call.keywords)
        given = self.resolve(call.args[position]) if len(call.args) > position else None
        return given if isinstance(given, Record) else Record(())

    def _primary(self, given: Value | None) -> None:
        """`@primary_key {:id, :binary_id, autogenerate: true}`."""
        known = self.resolve(given) if given is not None else None
        if known == Constant(value=False, offset=getattr(known, "offset", 0)):
            return
        usual = Record((("autogenerate", Constant(value=True)),))
        name, kind, options = "id", "id", usual
        if isinstance(known, Sequence) and known.items:
            name = text(known.items[0], self.resolve) or name
            kind = _kind(known.items[1], self.resolve) if known.items[1:] else kind
            last = self.resolve(known.items[2]) if known.items[2:] else None
            options = last if isinstance(last, Record) else Record(())
        elif known is not None:
            self.complete = False
            return
        self._field(name, kind, Record((*options.entries, ("primary_key", Constant(value=True)))))

    def _declared(self, call: Call, name: str) -> None:
        field = self._name(call)
        if field is None:
            self.complete = False
            return
        kind = _kind(call.args[1], self.resolve) if name == "field" and call.args[1:] else ""
        self._field(field, kind, self._options(call, 2))

    def _belongs(self, call: Call) -> None:
        name, options = self._name(call), self._options(call, 2)
        if name is None:
            self.complete = False
            return
        self.beside.add(name)
        given = options.get("foreign_key")
        key = text(given, self.resolve) if given is not None else f"{name}_id"
        if boolean(options.get("define_field"), self.resolve, default=True) is not False and key is not None:
            self._field(key, "", options)

    def _field(self, name: str, kind: str, options: Record) -> None:
        if boolean(options.get("virtual"), self.resolve, default=False):
            self.beside.add(name)
            return
        given = options.get("source")
        source = text(given, self.resolve) if given is not None else name
        mapped = source is not None and "@field_source_mapper" not in self.options
        self.complete = self.complete and mapped
        default, writable = options.get("default"), options.get("writable")
        generated = writable is not None and text(writable, self.resolve) in {"never", "insert"}
        primary = boolean(options.get("primary_key"), self.resolve, default=False) is True
        column = source or name
        fills = default is not None and not is_absent(self.resolve(default))
        auto = options.get("autogenerate")
        own = auto is not None and boolean(auto, self.resolve, default=False) is not False
        if own and kind != "id":
            fills = True
            self.always += [column] if kind == _BINARY else []
        self.filled += [column] if fills else []
        self.columns.append(
            ColumnDeclaration(name, column, name, primary=primary, client_default=fills, generated=generated)
        )

    def _timestamps(self, own: Record) -> None:
        inherited = self.options.get("@timestamps_opts")
        known = self.resolve(inherited) if inherited is not None else None
        options = Record((*(known.entries if isinstance(known, Record) else ()), *own.entries))
        for usual in ("inserted_at", "updated_at"):
            given = options.get(usual)
            name = text(given, self.resolve) if given is not None else usual
            if name is not None:
                source = options.get(f"{usual}_source")
                entries = (("autogenerate", Constant(value=True)), *((("source", source),) if source else ()))
                self._field(name, "", Record(entries))


def _kind(value: Value, resolve: Resolve) -> str:
    """The type of a field: an atom; "" for a module."""
    known = resolve(value)
    return known.text if isinstance(known, Text) else ""

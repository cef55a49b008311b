"""C# classes as tables see them: properties with their types and attributes, and which class a value is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..hosts.csharp_types import TYPE
from ..values import Call, Choice, Class, Import, Lambda, Member, Name, Opaque, Param, Sequence
from .lineage import lineage_of

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_DEEPEST = 8
# Types of libraries that one column holds, besides those that the host knows for values.
_COLUMNS = frozenset({
    "Dictionary", "IDictionary", "NpgsqlRange", "NpgsqlTsVector", "Vector", "Point", "Geometry", "Polygon",
    "LineString", "MultiPolygon", "LTree", "JObject", "JToken", "JArray", "JsonNode", "JsonObject", "JsonArray",
    "Duration", "Period", "LocalTime", "OffsetDateTime", "ZonedDateTime", "NpgsqlPoint", "NpgsqlInet", "NpgsqlCidr",
    "Ulid", "HalfVector",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Property:
    """A property. `kind` is a value of its type, `attributes` are calls, `accessors` their text."""

    name: str
    kind: Value
    attributes: tuple[Call, ...] = ()
    accessors: str = ""
    computed: bool = False

    @property
    def settable(self) -> bool:
        """Whether an object of it can be filled in from a row."""
        words = self.accessors.replace("{", " ").replace(";", " ").split()
        return not self.computed and ("set" in words or "init" in words) and "static" not in words

    @property
    def public(self) -> bool:
        """Whether it is public, of the object."""
        words = self.accessors.partition("{")[0].split()
        return "public" in words and "static" not in words

    def attribute(self, *names: str) -> Call | None:
        """The first attribute of one of these names, "Attribute" at their ends left out."""
        return next((one for one in self.attributes if attribute_name(one) in names), None)


def attribute_name(value: Value) -> str:
    """`Column` of `[Column("x")]` and `[ColumnAttribute("x")]`."""
    callee = value.callee if isinstance(value, Call) else value
    if isinstance(callee, Class):
        return callee.name.removesuffix("Attribute")
    name = callee.name if isinstance(callee, (Name, Member, Import)) else None
    return (name or "").removesuffix("Attribute")


def attributes_of(owner: Class) -> tuple[Call, ...]:
    """The attributes of a class itself."""
    return tuple(value for key, value in owner.body if key == "@" and isinstance(value, Call))


def properties_of(owner: Class, resolve: Resolve) -> tuple[tuple[Property, ...], tuple[str, ...]]:
    """The properties of a class and of its bases, those first; and its bases that are no classes of the project."""
    lineage = lineage_of(owner, resolve)
    found: dict[str, Property] = {}
    for one in reversed(lineage.classes):
        for made in _own(one):
            found[made.name] = made
    others = tuple(attribute_name(other) for other in lineage.others)
    return tuple(found.values()), tuple(name for name in others if not _is_interface(name))


def _is_interface(name: str) -> bool:
    return name[:1] == "I" and name[1:2].isupper()


def _own(owner: Class) -> list[Property]:
    attributes: dict[str, list[Call]] = {}
    accessors: dict[str, str] = {}
    kinds: dict[str, list[Value]] = {}
    for key, value in owner.body:
        if key.startswith("@") and isinstance(value, Call):
            attributes.setdefault(key[1:], []).append(value)
        elif key.startswith("@") and isinstance(value, Opaque):
            accessors[key[1:]] = value.source
        elif not isinstance(value, (Lambda, Class)):
            kinds.setdefault(key, []).append(value)
    return [
        Property(name, values[0], tuple(attributes.get(name, ())), accessors.get(name, ""), computed=len(values) > 1)
        for name, values in kinds.items()
        if name in accessors
    ]


def kind_of(one: Property, resolve: Resolve) -> str:
    """What a property holds: "value", "values", "class" or "classes" of the project, or "" when that is not known."""
    listed = isinstance(one.kind, Sequence) and bool(one.kind.items)
    inner = one.kind.items[0] if isinstance(one.kind, Sequence) and one.kind.items else one.kind
    if not isinstance(inner, Call):
        return "value"
    if attribute_name(inner) in _COLUMNS:
        return "value"
    known = resolve(inner.callee)
    if not isinstance(known, Class):
        return ""
    plain = "value" if dict(known.keywords).get("enum") is not None else "class"
    return {"value": "values", "class": "classes"}[plain] if listed else plain


def type_argument(call: Value, index: int = 0) -> Value | None:
    """`T` of `f<T>(..)`, or of a value of type `C<T>`."""
    found = [value for key, value in call.keywords if key == TYPE] if isinstance(call, Call) else []
    return found[index] if index < len(found) else None


def class_of(value: Value, resolve: Resolve, depth: int = 0) -> Class | Value:  # noqa: PLR0911 - one arm for each kind
    """The class that a value, or each item of a list, is of; what is known of it when that is none of the project."""
    known = resolve(value)
    if depth > _DEEPEST:
        return known
    match known:
        case Call(callee=Class() as owner):
            return owner
        case Call(callee=Name() as name):
            found = resolve(name)
            return found if isinstance(found, Class) else known
        case Sequence(items=(first, *_)):
            return class_of(first, resolve, depth + 1)
        case Choice(options=options):
            found_all = [class_of(one, resolve, depth + 1) for one in options]
            classes = {(one.path, one.offset): one for one in found_all if isinstance(one, Class)}
            return next(iter(classes.values())) if len(classes) == 1 else known
        case Param(type=type_) if type_ is not None:
            return class_of(type_, resolve, depth + 1)
        case Member(object=inner, name=name):
            return _of_member(known, inner, name, resolve, depth)
        case _:
            return known


def _of_member(known: Member, inner: Value, name: str, resolve: Resolve, depth: int) -> Class | Value:
    owner = class_of(inner, resolve, depth + 1)
    if name == "*":
        return owner
    if not isinstance(owner, Class):
        return known
    found = next((one for one in properties_of(owner, resolve)[0] if one.name == name), None)
    return class_of(found.kind, resolve, depth + 1) if found is not None else known


def chosen(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    """The properties that a lambda picks: `x => x.A`, `x => new { x.A, x.B }`; None when it picks none."""
    known = value if isinstance(value, Lambda) else resolve(value)
    if not isinstance(known, Lambda) or not known.params:
        return None
    result, own = known.result, known.params[0].name
    picked = getattr(result, "entries", None)
    values = [entry for _, entry in picked] if picked is not None else getattr(result, "items", None) or [result]
    names = tuple(
        one.name
        for one in values
        if isinstance(one, Member) and isinstance(one.object, (Name, Param)) and one.object.name == own
    )
    return names if names and len(names) == len(values) else None

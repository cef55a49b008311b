"""What an attribute of a Django model declares: a column, no column, or what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import argument, boolean, called_name, is_absent, path_of, text
from ..values import Call, Choice, Class, Lambda, Member, Name, Opaque
from .lineage import lineage_of
from .model import ColumnDeclaration

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

UNKNOWN = Opaque("a value that may or may not be a column")
# Attributes that a model may have, none of which is a column of its own table.
_NO_COLUMN = frozenset({
    "ManyToManyField", "GenericForeignKey", "GenericRelation", "CompositePrimaryKey", "ForeignObject",
    "ParentalManyToManyField", "SortedManyToManyField", "TaggableManager", "ClusterTaggableManager",
    "HistoricalRecords", "AuditlogHistoryField", "FieldTracker", "ModelTracker", "Choices", "property",
    "cached_property", "classproperty", "frozenset", "set", "dict", "tuple", "list", "range", "int", "str", "float",
    "bool", "Decimal", "timedelta", "getattr", "compile", "namedtuple", "partial", "partialmethod", "OrderedDict",
    "defaultdict", "getLogger", "gettext", "gettext_lazy", "_", "Signal", "ProfilePictureMixin", "TextChoices",
})  # fmt: skip
_SEVERAL = frozenset({"MoneyField", "CompositeField", "GeopositionField"})  # one attribute, several columns
_FOREIGN = ("ForeignKey", "OneToOneField", "OneToOneRel")
_MANAGING = ("Manager", "QuerySet")
_DEEPEST = 4


def field_of(attribute: str, value: Value, resolve: Resolve) -> ColumnDeclaration | Opaque | None:
    """The column of an attribute of a model's body; None for no column, UNKNOWN if it cannot be told."""
    known = resolve(value) if isinstance(value, Name) else value
    if isinstance(known, Choice):
        found = [field_of(attribute, option, resolve) for option in known.options]
        return found[0] if all(one == found[0] for one in found) else UNKNOWN
    if not isinstance(known, Call) or _is_of_instance(known):
        return None
    kind = _kind(known.callee, resolve, 0)
    name = (kind or "").rpartition(".")[2]
    if name in _NO_COLUMN or name == "GeneratedField" or name.endswith(_MANAGING):
        return None
    if _is_field(name) and name not in _SEVERAL:
        return _column(attribute, known, name, resolve)
    return None if isinstance(value, Name) else UNKNOWN


def _is_of_instance(call: Call) -> bool:
    """Whether a constructor has given the value to an instance: `self.old = self.state()`, `kwargs.pop("x")`."""
    root = (path_of(call.callee) or "").partition(".")[0]
    made = call.callee.object if isinstance(call.callee, Member) else call.callee
    return root in {"self", "kwargs", "args", "super"} or (isinstance(made, Call) and called_name(made) == "super")


def _is_field(name: str) -> bool:
    return name.endswith("Field") or _is_foreign(name)


def _is_foreign(name: str) -> bool:
    return name.endswith(_FOREIGN) or "ForeignKey" in name or name.startswith("OneToOne")


def _kind(callee: Value, resolve: Resolve, depth: int) -> str | None:
    """The name that tells what a call makes: of the field class, or of the class of a library that it derives from."""
    if isinstance(callee, Call):  # Manager.from_queryset(QuerySet)()
        return _kind(callee.callee, resolve, depth + 1) if depth < _DEEPEST else None
    if isinstance(callee, Member) and callee.name in {"from_queryset", "as_manager"}:
        return "Manager"
    match resolve(callee):
        case Class() as made:
            return _kind_of_class(made, resolve)
        case Lambda():
            return None
        case known:
            return path_of(known) or path_of(callee)


def _kind_of_class(made: Class, resolve: Resolve) -> str | None:
    """A field class of the project is of the kind of its bases; a class without bases is no field."""
    if made.name.endswith(_MANAGING):
        return "Manager"
    paths = [_base_path(other) for other in lineage_of(made, resolve).others]
    names = [name for path in paths for name in path.split(".") if name]
    told = next((name for name in names if _is_field(name) or name in _NO_COLUMN), None)
    told = told or next((name for name in names if name.endswith(_MANAGING)), None)
    return told or (None if names else "property")


def _base_path(base: Value) -> str:
    """`models.Manager` of `models.Manager[Order]`, too."""
    return base.source.partition("[")[0] if isinstance(base, Opaque) else path_of(base) or ""


def _column(attribute: str, call: Call, kind: str, resolve: Resolve) -> ColumnDeclaration | Opaque:
    key = f"{attribute}_id" if _is_foreign(kind) else attribute
    given = argument(call, 99, "db_column")
    column = text(given, resolve) if given is not None and not is_absent(resolve(given)) else key
    if column is None or any(name == "**" for name, _ in call.keywords):
        return UNKNOWN
    return ColumnDeclaration(
        attribute,
        column,
        key,
        primary=boolean(argument(call, 99, "primary_key"), resolve, default=False) is True,
        client_default=any(name in {"default", "auto_now", "auto_now_add"} for name, _ in call.keywords),
        offset=call.offset,
        client_update=boolean(argument(call, 99, "auto_now"), resolve, default=False) is True,
        generated="AutoField" in kind or kind == "SerialField",
    )

"""GORM models: the table and columns of a Go struct, and which of them an INSERT leaves out.

Source: gorm.io/gorm 1.31 schema.ParseWithSpecialTableName, Schema.ParseField, callbacks.ConvertToCreateValues.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import text
from ..values import Class, Constant, Text
from .go_structs import fields_of, has_method, is_struct, kind_of, returned
from .go_words import gorm_name, plural
from .model import Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from .go_structs import GoField

_NUMBERS = frozenset({
    "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte", "rune",
})  # fmt: skip
_SCALARS = _NUMBERS | {"string", "bool", "float32", "float64"}
# Types of libraries that a database driver takes as one value.
_VALUES = frozenset({
    "time.Time", "time.Duration", "gorm.DeletedAt", "uuid.UUID", "uuid.NullUUID", "json.RawMessage", "net.IP",
    "datatypes.JSON", "datatypes.JSONMap", "datatypes.Date", "datatypes.Time", "datatypes.UUID", "datatypes.URL",
    "datatypes.JSONType", "datatypes.JSONSlice", "soft_delete.DeletedAt", "decimal.Decimal", "decimal.NullDecimal",
    "big.Int", "pgvector.Vector", "ulid.ULID", "xid.ID", "ksuid.KSUID", "netip.Addr", "netip.Prefix", "civil.Date",
})  # fmt: skip
_VALUE_PACKAGES = frozenset({"sql", "pq", "pgtype", "null", "zero", "pgtypes", "nulls", "types"})
_OF_RELATIONS = frozenset({"FOREIGNKEY", "REFERENCES", "MANY2MANY", "POLYMORPHIC", "CONSTRAINT", "JOINFOREIGNKEY"})
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class GormField:
    """One column. `server_default`: left out of an INSERT when it has no value; `created`, `updated`: kept by GORM."""

    attribute: str
    name: str
    primary: bool = False
    server_default: bool = False
    number: bool = False
    creatable: bool = True
    updatable: bool = True
    created: bool = False
    updated: bool = False
    explicit: bool = False  # its tag says that it is a part of the primary key
    counted: bool | None = None  # autoIncrement, where the tag says


@dataclass(frozen=True, slots=True)
class GormTable:
    """A model. `fields` are in the order of the columns; `doubt` says why there may be others."""

    name: QualifiedName | Undeclared
    fields: tuple[GormField, ...]
    doubt: str | None = None

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, in order."""
        return tuple(field.name for field in self.fields if field.primary)

    def called(self, name: str) -> GormField | None:
        """The field of that column or attribute."""
        return next((field for field in self.fields if name in {field.name, field.attribute}), None)


@dataclass(frozen=True, slots=True)
class Naming:
    """The naming strategy of a project; `doubt` says why it cannot be told."""

    prefix: str = ""
    singular: bool = False
    doubt: str | None = None

    def table(self, type_name: str) -> QualifiedName | Undeclared:
        """The table of a struct that does not name its own."""
        if self.doubt is not None:
            return Undeclared(self.doubt)
        own = gorm_name(type_name)
        return qualified(self.prefix + (own if self.singular else plural(own)))


def qualified(name: str) -> QualifiedName:
    """`schema.table` as both, any other name as that of a table."""
    schema, dot, table = name.partition(".")
    return QualifiedName(schema, table) if dot and "." not in table else QualifiedName(None, name)


def naming_of(resolve: Resolve) -> Naming:
    """The naming strategy that the project gives to GORM; GORM's own when it gives none."""
    made = [
        call
        for module in resolve.modules_holding(b"NamingStrategy{")
        for call in module.calls(frozenset({"NamingStrategy"}))
        if not module.file.path.endswith("_test.go")
    ]
    found = {_naming(dict(call.keywords), resolve) for call in made}
    if len(found) > 1:
        return Naming(doubt="the project has more than one naming strategy")
    return found.pop() if found else Naming()


def _naming(options: dict[str, object], resolve: Resolve) -> Naming:
    if "NameReplacer" in options or "NoLowerCase" in options:
        return Naming(doubt="the project's naming strategy replaces parts of names")
    prefix = resolve(options.get("TablePrefix", Text("")))  # type: ignore[arg-type]
    singular = resolve(options.get("SingularTable", Constant(value=False)))  # type: ignore[arg-type]
    if not isinstance(prefix, Text) or not isinstance(singular, Constant):
        return Naming(doubt="the project's naming strategy is only known at run time")
    return Naming(prefix.text, singular.value is True)


def table_of(owner: Class, resolve: Resolve) -> GormTable:
    """The model that a struct is."""
    fields, doubt = _columns(owner, resolve, 0)
    return GormTable(_name(owner, resolve), _with_key(_first_of_each(fields)), doubt)


def _name(owner: Class, resolve: Resolve) -> QualifiedName | Undeclared:
    own = returned(owner, "TableName", resolve)
    if own is None:
        return naming_of(resolve).table(owner.name)
    name = text(own, resolve)
    return qualified(name) if name else Undeclared(f'"{owner.name}.TableName" computes the name')


def _columns(owner: Class, resolve: Resolve, depth: int) -> tuple[list[GormField], str | None]:
    found: list[GormField] = []
    doubt: str | None = None
    for field in fields_of(owner):
        tag = settings_of(field.tagged("gorm") or "")
        kind = kind_of(field.kind, resolve)
        if tag.get("-", "").strip().lower() in {"-", "all"}:
            continue
        if _is_embedded(field, kind, tag, resolve):
            more, why = _embedded(field, kind, tag, resolve, depth)
            found += more
        else:
            one, why = _column(owner, field, kind, tag, resolve)
            found += [one] if one is not None else []
        doubt = doubt or why
    return found, doubt


def _is_embedded(field: GoField, kind: Class | str | None, tag: dict[str, str], resolve: Resolve) -> bool:
    if "EMBEDDED" in tag:
        return True
    return field.embedded and kind not in _VALUES and not (isinstance(kind, Class) and _is_value(kind, resolve))


def _embedded(
    field: GoField, kind: Class | str | None, tag: dict[str, str], resolve: Resolve, depth: int
) -> tuple[list[GormField], str | None]:
    prefix = tag.get("EMBEDDEDPREFIX", "")
    if kind == "gorm.Model":
        return [replace(one, name=prefix + one.name) for one in _MODEL], None
    if not isinstance(kind, Class) or depth > _DEEPEST:
        return [], f'the columns of "{field.name}", which is embedded, are not known'
    inner, doubt = _columns(kind, resolve, depth + 1)
    return [replace(one, name=prefix + one.name) for one in inner], doubt


def _column(
    owner: Class, field: GoField, kind: Class | str | None, tag: dict[str, str], resolve: Resolve
) -> tuple[GormField | None, str | None]:
    is_column = _holds_value(kind, tag, resolve)
    if is_column is None:
        return None, f'whether "{owner.name}.{field.name}" is a column is not known'
    if not is_column:
        return None, None
    name = tag.get("COLUMN") or gorm_name(field.name)
    scalar = _scalar(kind, resolve)
    default = tag.get("DEFAULT", "").strip()
    counted = _truth(tag["AUTOINCREMENT"]) if "AUTOINCREMENT" in tag else None
    by_server = "DEFAULT" in tag and (scalar is None or "(" in default or default.lower() in {"", "null"})
    timed = scalar in _NUMBERS or kind in {"time.Time", "sql.NullTime"}
    explicit = _truth(tag.get("PRIMARYKEY", "")) or _truth(tag.get("PRIMARY_KEY", ""))
    creatable, updatable = _permissions(tag)
    return GormField(
        attribute=field.name,
        name=name,
        primary=explicit,
        server_default=by_server or counted is True,
        number=scalar in _NUMBERS,
        creatable=creatable,
        updatable=updatable,
        created=_truth(tag["AUTOCREATETIME"]) if "AUTOCREATETIME" in tag else field.name == "CreatedAt" and timed,
        updated=_truth(tag["AUTOUPDATETIME"]) if "AUTOUPDATETIME" in tag else field.name == "UpdatedAt" and timed,
        explicit=explicit,
        counted=counted,
    ), None


def _holds_value(kind: Class | str | None, tag: dict[str, str], resolve: Resolve) -> bool | None:
    """Whether a field is one value of a row, no relation; None when that cannot be told."""
    if "TYPE" in tag or "SERIALIZER" in tag or "JSON" in tag:
        return True
    if not _OF_RELATIONS.isdisjoint(tag):
        return False
    if isinstance(kind, Class):
        return _is_value(kind, resolve) or (not is_struct(kind) and _scalar(kind, resolve) is not None)
    if kind is None:
        return True if "COLUMN" in tag else None
    if kind in _SCALARS or kind in _VALUES or kind == "[]byte" or kind.split(".")[0] in _VALUE_PACKAGES:
        return True
    own = "." not in kind or kind.startswith(("[", "map[", "func", "chan", "interface", "struct"))
    return False if own else True if "COLUMN" in tag else None


def _is_value(owner: Class, resolve: Resolve) -> bool:
    """Whether a type of the project writes itself as one value (driver.Valuer, GormDataTypeInterface)."""
    return has_method(owner, "Value", resolve) or has_method(owner, "GormDataType", resolve)


def _scalar(kind: Class | str | None, resolve: Resolve, depth: int = 0) -> str | None:
    """The built-in type that a field's type is made of."""
    if isinstance(kind, str):
        return kind if kind in _SCALARS or kind == "[]byte" else None
    made = dict(kind.keywords).get("type") if kind is not None else None
    return _scalar(kind_of(made, resolve), resolve, depth + 1) if made is not None and depth < _DEEPEST else None


def _permissions(tag: dict[str, str]) -> tuple[bool, bool]:
    creatable = updatable = True
    if "->" in tag:
        creatable = updatable = False
    if "<-" in tag:
        value = tag["<-"]
        creatable = value == "<-" or "create" in value
        updatable = value == "<-" or "update" in value
    return creatable, updatable


def _first_of_each(fields: list[GormField]) -> list[GormField]:
    """Of several fields of one column the first, which is that of the outer struct more often than not."""
    found: dict[str, GormField] = {}
    for field in fields:
        found.setdefault(field.name, field)
    return list(found.values())


def _with_key(fields: list[GormField]) -> tuple[GormField, ...]:
    """The fields with the primary key that GORM takes: what tags say, else a column "id"; a number counts itself."""
    tagged = [field for field in fields if field.primary]
    if not tagged:
        named = [field for field in fields if field.name == "id"] or [f for f in fields if f.attribute == "ID"]
        tagged = [replace(field, primary=True) for field in named[:1]]
    main = next((f for f in tagged if f.name == "id" or f.attribute == "ID"), None)
    if main is None and len(tagged) == 1:
        main = tagged[0]
    main = main or next((field for field in tagged if field.counted), None)
    keys = {field.name: field for field in tagged}
    if main is not None and main.number and main.counted is None:
        keys[main.name] = replace(main, server_default=True)
    return tuple(keys.get(field.name, field) for field in fields)


def settings_of(tag: str) -> dict[str, str]:
    """The settings of a `gorm:".."` tag, keys in upper case (schema.ParseTagSetting)."""
    found: dict[str, str] = {}
    waiting = ""
    for piece in tag.split(";"):
        whole = waiting + piece
        waiting = whole[:-1] + ";" if whole.endswith("\\") else ""
        if waiting:
            continue
        key, colon, value = whole.partition(":")
        name = key.strip().upper()
        if name:
            found[name] = value if colon else name
    return found


def _truth(value: str) -> bool:
    return bool(value) and value.lower() != "false"


_MODEL = (
    GormField("ID", "id", primary=True, number=True, explicit=True),
    GormField("CreatedAt", "created_at", created=True),
    GormField("UpdatedAt", "updated_at", updated=True),
    GormField("DeletedAt", "deleted_at"),
)

"""Tables of Sequel models and datasets (sequel 5: Model#implicit_table_name, Database#[], Dataset#from)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import called_name, told
from ..values import Call, Class, Import, Member, Name, Text
from .model import Undeclared
from .ruby_words import SEQUEL

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_FROM = frozenset({"from", "[]", "dataset_from", "with_sql"})
_SETTING = ("@set_dataset", "dataset")
_MOST_BASES = 10
_MOST_LINKS = 30
_MADE = "Sequel::Model"
# What changes the names of tables for all models.
_INFLECTING = (
    b"Sequel::Inflections",
    b"Sequel.inflections",
    b"def implicit_table_name",
    b"def self.implicit_table_name",
)
# What a dataset may be changed by without changing its table.
_KEEPING = frozenset({
    "insert_conflict", "insert_ignore", "returning", "where", "exclude", "select", "order", "limit", "dataset", "naked",
    "unfiltered", "with_pk", "clone", "server", "for_update", "select_all", "unordered", "filter", "alias", "as",
    "insert_select", "multi_insert", "import", "insert", "disable_insert_returning", "overriding_user_value",
    "overriding_system_value", "with", "extension", "unlimited", "distinct", "with_row_proc",
})  # fmt: skip


def table_of(value: Value, resolve: Resolve) -> QualifiedName | Undeclared | None:
    """The table of a dataset or of a model; None for a class that is no model."""
    for _ in range(_MOST_LINKS):
        if isinstance(value, Call) and isinstance(value.callee, Member):
            method = value.callee.name
            if method in _FROM and value.args:
                return identifier(value.args[0], resolve)
            if method not in _KEEPING:
                return Undeclared(f"the dataset is {told(value)}")
            value = value.callee.object
        elif isinstance(value, Member):
            return QualifiedName(None, value.name)  # DB[:t]
        elif isinstance(value, Class):
            return _of_model(value, resolve)
        elif isinstance(value, Call) and isinstance(value.callee, (Class, Name)):  # `Model.new(..)`, by a plugin
            value = value.callee
        elif (known := resolve(value)) == value:
            break
        else:
            value = known
    return Undeclared(f"the dataset is {told(value)}")


def identifier(value: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    """`:t`, `Sequel[:s][:t]`, `Sequel.qualify(:s, :t)`, `Sequel.as(:t, :x)`."""
    found = _identifier(value)
    if found is None and (known := resolve(value)) != value:
        found = QualifiedName(None, known.text) if isinstance(known, Text) else _identifier(known)
    return found or Undeclared(f"the table is {told(resolve(value))}")


def _identifier(value: Value) -> QualifiedName | None:
    match value:
        case Text(name) | Member(Name("Sequel"), name):
            return QualifiedName(None, name)
        case Member(Member(Name("Sequel"), schema), name) | Call(
            Member(Name("Sequel"), "qualify"), (Text(schema), Text(name))
        ):
            return QualifiedName(schema, name)
        case Call(Member(Name("Sequel"), "identifier" | "as"), (inner, *_)):
            return _identifier(inner)
        case _:
            return None


def is_model(value: Value, resolve: Resolve) -> bool:
    """Whether a resolved value is a class that derives from Sequel::Model."""
    return isinstance(value, Class) and _root(value, resolve) is not None


def _root(start: Class, resolve: Resolve) -> tuple[Class, Value] | None:
    """The class right below Sequel::Model, and how it derives from that: `Sequel::Model`, `Sequel::Model(:t)`."""
    one = start
    for _ in range(_MOST_BASES):
        if not one.bases:
            return None
        base = one.bases[0]
        if _is_root(base):
            return one, base
        known = resolve(base)
        if isinstance(known, Call) and called_name(known) == "Class" and known.args and _is_root(known.args[0]):
            return one, known.args[0]  # Class.new(Sequel::Model)
        if _is_root(known):
            return one, known
        if not isinstance(known, Class):
            return None
        one = known
    return None


def _is_root(value: Value) -> bool:
    match value:
        case Name("Sequel::Model") | Import(name="Sequel::Model"):
            return True
        case Call(Member(Name("Sequel"), "Model")):
            return True
        case _:
            return False


def _of_model(start: Class, resolve: Resolve) -> QualifiedName | Undeclared | None:
    found = _root(start, resolve)
    if found is None:
        return None
    one, base = found
    for owner in dict.fromkeys((start, one)):
        given = next((value for key, value in reversed(owner.body) if key in _SETTING), None)
        if given is not None:
            return _given(given.args[0] if isinstance(given, Call) and given.args else given, resolve)
    if isinstance(base, Call) and base.args and not isinstance(base.args[0], Name):
        return _given(base.args[0], resolve)
    return _implicit(start, one, resolve)


def _implicit(start: Class, one: Class, resolve: Resolve) -> QualifiedName | Undeclared:
    """The table that Sequel names after the class, or after the one that its table is shared with."""
    if one is not start and (one.path, one.offset) != (start.path, start.offset):
        if not any(_plugs(value, "single_table_inheritance") for key, value in one.body if key == "@plugin"):
            return Undeclared(f'"{start.name}" derives from "{one.name}", which may have a table of its own')
        start = one
    if any(resolve.modules_holding(word) for word in _INFLECTING):
        return Undeclared("the project names tables of its models in its own way")
    name = SEQUEL.underscored(start.name.rpartition("::")[2])
    singular = resolve.modules_holding(b":singular_table_names")
    return QualifiedName(None, name if singular else SEQUEL.plural(name))


def _plugs(value: Value, name: str) -> bool:
    given = value.args[0] if isinstance(value, Call) and value.args else None
    return isinstance(given, Text) and given.text == name


def _given(value: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    """What a model is told to read: a table, or a dataset."""
    known = value if isinstance(value, (Call, Member)) else resolve(value)
    named = _identifier(known)
    if named is not None or not isinstance(known, (Call, Member)):
        return named or Undeclared(f"the table is {told(known)}")
    return table_of(known, resolve) or Undeclared(f"the dataset is {told(known)}")

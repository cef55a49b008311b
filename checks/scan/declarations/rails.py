"""Tables of Rails models (activerecord 8.1 ModelSchema#compute_table_name), their keys and their aliases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.reading import path_of, text, told
from ..values import Call, Class, Constant, Import, Name, Sequence, Text
from .model import Undeclared
from .rails_inflections import words_of
from .rails_schema import dump_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

_ROOTS = frozenset({"ActiveRecord::Base", "ApplicationRecord"})
_OTHERS = ("Sequel::", "ROM::", "Hanami::", "Mongoid::", "Struct", "Neo4j::", "Ohm::", "Redis", "Minitest", "RSpec")
_MOST_BASES = 12
_PREFIX = re.compile(
    r"""(?:\bactive_record|^\s*ActiveRecord::Base)\.table_name_prefix\s*=\s*["'](\w*)["']""",
    re.MULTILINE,
)
_SINGULAR = re.compile(r"\bpluralize_table_names\s*=\s*false")


@dataclass(frozen=True, slots=True)
class RailsModel:
    """A model: its class, if the project has it, the classes that it derives from, and its table.

    `inherited`: rows of its table also say which class they are (single-table inheritance).
    """

    name: str
    lineage: tuple[Class, ...]
    table: QualifiedName | Undeclared
    inherited: bool = False

    def entries(self, *names: str) -> Iterator[Value]:
        """What the bodies of the class and of those above it say by one of these names, nearest first."""
        for one in self.lineage:
            yield from (value for key, value in reversed(one.body) if key in names)

    def calls(self, method: str) -> Iterator[Call]:
        """The calls of a method such as `has_many` in those bodies."""
        return (value for value in self.entries(f"@{method}") if isinstance(value, Call))


def constant_name(value: Value) -> str | None:
    """The name of a constant that no file of the project declares."""
    match value:
        case Name(name) | Import(name=str(name)) if name[:1].isupper():
            return name
        case _:
            return None


def model_of(value: Value, resolve: Resolve) -> RailsModel | None:
    """The model that a resolved constant is; None for a class that is no model of Active Record."""
    if isinstance(value, Call) and isinstance(value.callee, Class):
        value = value.callee
    if isinstance(value, Class):
        return _declared(value, resolve)
    name = constant_name(value)
    return RailsModel(name, (), _of_library(name, resolve)) if name is not None else None


def _of_library(name: str, resolve: Resolve) -> QualifiedName | Undeclared:
    """The table of a class that the project does not hold: one that its dump has, or that no dump contradicts."""
    table = _conventional(name, (), resolve)
    dump = dump_of(resolve)
    known = isinstance(table, QualifiedName) and (dump.table(str(table)) is not None or not dump.known)
    return table if known and "::" not in name else Undeclared(f'"{name}" is declared nowhere in the project')


def _declared(start: Class, resolve: Resolve) -> RailsModel | None:
    lineage, other = _lineage(start, resolve)
    if other is None or any(
        key == "@include" and _is_other_mapper(value) for one in lineage for key, value in one.body
    ):
        return None
    root = constant_name(other) or path_of(other) or ""
    if root.startswith(_OTHERS):
        return None
    concrete = [one for one in lineage if not _is_abstract(one)]
    owner = concrete[-1] if concrete else start
    inherited = len(concrete) > 1
    table = _table(start, lineage, owner, resolve)
    if isinstance(table, QualifiedName) and not _is_root(root) and "table_name" not in _keys(lineage):
        table = Undeclared(f'the class derives from "{root}", which the project does not hold')
    if _is_abstract(start) and "table_name" not in _keys(lineage):
        table = Undeclared(f'"{start.name}" is abstract: the tables are those of the classes that derive from it')
    return RailsModel(start.name, lineage, table, inherited)


def _keys(lineage: tuple[Class, ...]) -> set[str]:
    return {key for one in lineage for key, _ in one.body}


def _is_root(name: str) -> bool:
    return name == "ActiveRecord::Base" or name.rpartition("::")[2] == "ApplicationRecord"


def _is_other_mapper(value: Value) -> bool:
    """`include Mongoid::Document`, `include NoBrainer::Document`: not Active Record."""
    given = value.args if isinstance(value, Call) else ()
    return any((path_of(arg) or "").endswith("::Document") for arg in given)


def _lineage(start: Class, resolve: Resolve) -> tuple[tuple[Class, ...], Value | None]:
    """The class and those of the project that it derives from, and the first that is not of the project, if any."""
    found = [start]
    while len(found) < _MOST_BASES and found[-1].bases:
        base = found[-1].bases[0]
        known = resolve(base)
        if not isinstance(known, Class):
            made = known.callee if isinstance(known, Call) else known  # `ActiveRecord::Migration[7.0]`
            return tuple(found), made
        if any((known.path, known.offset) == (one.path, one.offset) for one in found):
            break
        found.append(known)
    return tuple(found), None


def _is_abstract(one: Class) -> bool:
    given = dict(one.body)
    said = given.get("abstract_class")
    return (isinstance(said, Constant) and said.value is True) or "@primary_abstract_class" in given


def _table(start: Class, lineage: tuple[Class, ...], owner: Class, resolve: Resolve) -> QualifiedName | Undeclared:
    for one in lineage:
        given = next((value for key, value in reversed(one.body) if key == "table_name"), None)
        if given is not None:
            name = text(given, resolve)
            return qualified(name) if name else Undeclared(f'the table of "{start.name}" is {told(resolve(given))}')
        named = next((value for key, value in one.body if key == "@set_table_name"), None)
        if isinstance(named, Call) and named.args and (name := text(named.args[0], resolve)):
            return qualified(name)
        if one == owner:
            above = lineage[lineage.index(owner) + 1 :]
            inherited = [value for up in above for key, value in up.body if key == "table_name"]
            if not inherited:
                break
    return _conventional(owner.name, lineage, resolve)


def qualified(name: str) -> QualifiedName:
    """`schema.table` as Rails splits it."""
    schema, _, table = name.rpartition(".")
    return QualifiedName(schema.strip('"') or None, table.strip('"'))


def _conventional(name: str, lineage: tuple[Class, ...], resolve: Resolve) -> QualifiedName | Undeclared:
    words = words_of(resolve)
    settings = _settings(resolve.modules_holding(b"table_name"))
    parents = name.split("::")[:-1]
    table = words.underscored(name.rpartition("::")[2])
    table = table if settings.singular else words.plural(table)
    if parents:
        around = resolve(Name("::".join(parents), 0, lineage[0].path if lineage else None))
        if isinstance(around, Class) and around.bases:
            outer = _declared(around, resolve)
            if outer is not None and isinstance(outer.table, QualifiedName):
                return QualifiedName(outer.table.schema, f"{settings.prefix}{words.singular(outer.table.name)}_{table}")
    prefix = _prefix(parents, lineage, resolve)
    if isinstance(prefix, Undeclared):
        return prefix
    return qualified(f"{settings.prefix if prefix is None else prefix}{table}")


@dataclass(frozen=True, slots=True)
class _Settings:
    prefix: str = ""
    singular: bool = False


@lru_cache(maxsize=8)
def _settings(modules: tuple[Module, ...]) -> _Settings:
    """What the project sets for all models."""
    prefixes = [match[1] for module in modules for match in _PREFIX.finditer(module.file.text)]
    singular = any(_SINGULAR.search(module.file.text) for module in modules)
    return _Settings(prefixes[-1] if prefixes else "", singular)


def _prefix(parents: list[str], lineage: tuple[Class, ...], resolve: Resolve) -> str | Undeclared | None:
    """The prefix that the modules around a class, or the classes that it derives from, give its table."""
    for size in range(len(parents), 0, -1):
        owner = "::".join(parents[:size])
        if owner in _isolated(resolve.modules_holding(b"isolate_namespace")):
            return words_of(resolve).underscored(owner).replace("/", "_") + "_"
        for module in resolve.modules_holding(b"table_name_prefix"):
            known = module.exported(owner)
            given = dict(known.body).get("table_name_prefix") if isinstance(known, Class) else None
            if given is not None:
                found = text(given, resolve)
                return (
                    Undeclared(f'the prefix of tables in "{owner}" is only known at run time')
                    if found is None
                    else found
                )
    for one in lineage:
        given = dict(one.body).get("table_name_prefix")
        if given is not None:
            found = text(given, resolve)
            return Undeclared(f'the table prefix of "{one.name}" is only known at run time') if found is None else found
    return None


@lru_cache(maxsize=8)
def _isolated(modules: tuple[Module, ...]) -> frozenset[str]:
    """The modules of engines, whose tables begin with their names."""
    calls = (call for module in modules for call in module.calls(frozenset({"isolate_namespace"})))
    return frozenset(
        name for call in calls if call.args and (name := constant_name(call.args[0]) or _own(call.args[0]))
    )


def _own(value: Value) -> str | None:
    return value.name if isinstance(value, Class) else None


def texts_of(value: Value | None, resolve: Resolve) -> tuple[str, ...] | None:
    """One name or a list of names; None when they are not all known."""
    if value is None:
        return None
    known = resolve(value)
    items = known.items if isinstance(known, Sequence) and known.complete else (known,)
    found = tuple(one.text for one in map(resolve, items) if isinstance(one, Text))
    return found if found and len(found) == len(items) else None


def aliases_of(model: RailsModel) -> dict[str, str]:
    """Column names by their aliases."""
    calls = (call.args for call in model.calls("alias_attribute"))
    return {new.text: old.text for new, old, *_ in calls if isinstance(new, Text) and isinstance(old, Text)}


def table_text(owner: Class, resolve: Resolve, *, quoted: bool) -> Text | None:
    """The table of a class as Rails gives it to SQL; None when it is not known."""
    model = model_of(owner, resolve)
    if model is None or not isinstance(model.table, QualifiedName):
        return None
    parts = [part for part in (model.table.schema, model.table.name) if part is not None]
    return Text(".".join(f'"{part}"' if quoted else part for part in parts), (), owner.path)

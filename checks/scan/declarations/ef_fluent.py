"""What OnModelCreating and IEntityTypeConfiguration say of entities: `Entity<T>(e => e.ToTable("t"))` and the like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..clients.chain import name_of, own_links
from ..clients.reading import argument, is_absent, text, told
from ..values import Call, Constant, Lambda, Name, Param, Sequence, Text
from .csharp_classes import chosen, type_argument
from .model import Undeclared

if TYPE_CHECKING:
    from ..model import Module, Resolve
    from ..values import Value

_HOLDING = (b"ToTable(", b"HasColumnName(", b"EntityTypeBuilder<", b"modelBuilder.Entity<", b".HasKey(")
_CALLS = frozenset({
    "ToTable", "HasColumnName", "HasKey", "Ignore", "OwnsOne", "OwnsMany", "ComplexProperty", "HasConversion",
    "ValueGeneratedNever", "HasComputedColumnSql", "HasColumnType", "ToJson", "HasForeignKey", "HasBaseType",
    "UseIdentityAlwaysColumn", "ValueGeneratedOnAddOrUpdate", "UseTpcMappingStrategy", "SplitToTable", "ToView",
})  # fmt: skip
_NEVER, _ALWAYS = frozenset({"ValueGeneratedNever"}), frozenset({"HasComputedColumnSql", "ValueGeneratedOnAddOrUpdate"})
_OWNED = frozenset({"OwnsOne", "OwnsMany", "ComplexProperty"})
_MAPPED = frozenset({"HasConversion", "HasColumnType"})
_ODD = frozenset({"HasBaseType", "UseTpcMappingStrategy", "SplitToTable"})


@dataclass(slots=True)
class FluentEntity:
    """What is said of one entity. `columns`: names by property, "" when computed; `generation`: by the database."""

    table: QualifiedName | Undeclared | None = None
    columns: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] | None = None
    ignored: set[str] = field(default_factory=set)
    owned: set[str] = field(default_factory=set)
    mapped: set[str] = field(default_factory=set)
    generation: dict[str, bool] = field(default_factory=dict)
    doubt: str | None = None


@dataclass(slots=True)
class Fluent:
    """What is said of all entities, by the names of their classes; `foreign` are properties of foreign keys."""

    entities: dict[str, FluentEntity] = field(default_factory=dict)
    schema: str | Undeclared | None = None
    foreign: set[str] = field(default_factory=set)


def fluent_of(resolve: Resolve) -> Fluent:
    """All that the project says."""
    found = Fluent()
    modules = {module.file.path: module for word in _HOLDING for module in resolve.modules_holding(word)}
    for module in modules.values():
        _read(module, found, resolve)
    schemas = {
        text(call.args[0], resolve)
        for module in resolve.modules_holding(b"HasDefaultSchema(")
        for call in module.calls(frozenset({"HasDefaultSchema"}))
        if call.args
    }
    if len(schemas) == 1 and None not in schemas:
        found.schema = schemas.pop()
    elif schemas:
        found.schema = Undeclared("the default schema is not the same for all, or computed")
    return found


def _read(module: Module, found: Fluent, resolve: Resolve) -> None:
    blocks = [call for call in module.calls(frozenset({"Entity"})) if type_argument(call) is not None]
    for call in module.calls(_CALLS):
        if name_of(call) == "HasForeignKey":
            found.foreign.update(_properties(call, resolve))
            continue
        root, links = own_links(call)
        entity = _entity(module, root, links, blocks, resolve)
        if entity is not None:
            _apply(call, links, found.entities.setdefault(entity, FluentEntity()), resolve)


def _entity(module: Module, root: Value, links: tuple[Call, ...], blocks: list[Call], resolve: Resolve) -> str | None:
    """The class that a chain of calls is about."""
    if any(name_of(link) in _OWNED for link in links[:-1]):
        return None
    named = next((type_argument(link) for link in links if name_of(link) == "Entity"), None)
    if isinstance(named, Name):
        return named.name
    if not isinstance(root, Name):
        return None
    meant = module.lookup(root.name, root.offset)
    if isinstance(meant, Param) and meant.type is not None:
        of = type_argument(meant.type)
        return of.name if isinstance(of, Name) else None
    holding = [
        call
        for call in blocks
        if call.offset <= root.offset < call.end
        and any(isinstance(arg, Lambda) and arg.params and arg.params[0].name == root.name for arg in call.args)
    ]
    of = type_argument(holding[-1]) if holding else None
    del resolve
    return of.name if isinstance(of, Name) else None


def _apply(call: Call, links: tuple[Call, ...], entity: FluentEntity, resolve: Resolve) -> None:
    name = name_of(call)
    about = next((link for link in reversed(links) if name_of(link) in {"Property", "PrimitiveCollection"}), None)
    own = _properties(about, resolve) if about is not None else ()
    if name in {"ToTable", "ToView"}:
        _table(call, entity, resolve)
    elif name == "HasKey":
        entity.key = _properties(call, resolve) or entity.key
    elif name == "Ignore":
        entity.ignored.update(_properties(call, resolve))
    elif name in _OWNED:
        entity.owned.update(_properties(call, resolve))
        entity.doubt = entity.doubt or "it owns others"
    elif name in _ODD:
        entity.doubt = "it is mapped with others"
    elif name == "HasColumnName":
        entity.columns.update(dict.fromkeys(own, (text(call.args[0], resolve) if call.args else None) or ""))
        entity.mapped.update(own)
    elif name in _NEVER or name in _ALWAYS or name == "UseIdentityAlwaysColumn":
        entity.generation.update(dict.fromkeys(own, name not in _NEVER))
    elif name in _MAPPED:
        entity.mapped.update(own)


def _table(call: Call, entity: FluentEntity, resolve: Resolve) -> None:
    given = argument(call, 0, "name")
    if given is None or isinstance(given, Lambda):
        return
    name, second = text(given, resolve), argument(call, 1, "schema")
    schema = text(second, resolve) if second is not None and not isinstance(second, Lambda) else None
    unknown = second is not None and schema is None and not isinstance(second, Lambda) and not is_absent(second)
    table: QualifiedName | Undeclared = Undeclared(f"the table is {told(resolve(given))}")
    if unknown:
        table = Undeclared(f"the schema is {told(resolve(second))}" if second is not None else "")
    elif name is not None:
        table = QualifiedName(schema, name)
    if entity.table is not None and entity.table != table:
        table = Undeclared("several contexts map it to tables of other names")
    entity.table = table


def _properties(call: Call, resolve: Resolve) -> tuple[str, ...]:
    """The properties that a call names, by lambdas or texts."""
    found: list[str] = []
    for arg in call.args:
        names = chosen(arg, resolve) if isinstance(arg, Lambda) else None
        known = resolve(arg) if names is None and not isinstance(arg, Constant) else None
        if isinstance(known, Text):
            names = (known.text,)
        elif isinstance(known, Sequence):
            names = tuple(one.text for one in known.items if isinstance(one, Text))
        found += names or ()
    return tuple(found)

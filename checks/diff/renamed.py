"""A structure with other names for relations and columns, wherever one of its objects refers to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..quoting import default_name
from ..sql.renaming import with_names
from ..structure.model import Publication, Relation, Sequence, Statistics
from ..structure.parts import NotNull
from .compare import NOT_NULL_ROWS
from .renames import RENAMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..structure.model import PublishedTable, Structure
    from ..structure.parts import Column, Constraint, Index, Name
    from .renames import Rename


def renamed(structure: Structure, renames: Iterable[Rename]) -> Structure:
    """The structure as it would be after these renames.

    Bodies of functions stay as they are, and in views only a schema changes: for a new name of a table or column the
    server prints an alias.
    """
    naming = _Naming(structure.server_version >= NOT_NULL_ROWS)
    for rename in renames:
        if isinstance(rename.old, str) and isinstance(rename.new, str):
            naming.columns[rename.table][rename.old] = rename.new
        elif isinstance(rename.old, tuple) and isinstance(rename.new, tuple):
            naming.tables[rename.old] = rename.new
    if not naming.tables and not naming.columns:
        return structure
    objects = {
        kind: {
            naming.identity(identity) if kind in RENAMED else identity: naming.object(found)
            for identity, found in members.items()
        }
        for kind, members in structure.objects.items()
    }
    return structure._replace(objects=objects)


@dataclass(slots=True)
class _Naming:
    """New names of relations, and of columns by the new name of their relation."""

    not_null_rows: bool
    tables: dict[tuple[str, str], Name] = field(default_factory=dict)
    columns: defaultdict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def identity(self, identity: tuple[str, ...]) -> tuple[str, ...]:
        return self.table((identity[0], identity[1]))

    def table(self, name: Name) -> Name:
        return self.tables.get(name, name)

    def object(self, found: Any) -> Any:
        match found:
            case Relation():
                return self._relation(found)
            case Sequence(owned_by=(schema, table, column)):
                owner = self.table((schema, table))
                return found._replace(owned_by=(*owner, self.columns.get(owner, {}).get(column, column)))
            case Statistics():
                about = self.table(found.table)
                return found._replace(table=about, definition=self._text(found.definition, about))
            case Publication():
                return found._replace(tables=tuple(sorted(map(self._published, found.tables))))
            case _:
                return found

    def _published(self, table: PublishedTable) -> PublishedTable:
        schema, name = self.table((table.schema, table.name))
        return table._replace(schema=schema, name=name)

    def _text(self, text: Any, table: Name) -> Any:
        own = self.columns.get(table, {})
        return with_names(text, self.tables, own) if text is not None and (own or self.tables) else text

    def _relation(self, found: Relation) -> Relation:
        if found.definition is not None:
            found = found._replace(definition=with_names(found.definition, self.tables, {}))
        name = self.table((found.schema, found.name))
        parents = tuple(map(self.table, found.parents))
        if name not in self.columns and name == (found.schema, found.name):
            constraints = tuple(self._constraint(each, name) for each in found.constraints)
            return found._replace(parents=parents, constraints=constraints)
        return found._replace(
            schema=name[0],
            name=name[1],
            parents=parents,
            columns=tuple(self._column(each, found.name, name) for each in found.columns),
            constraints=tuple(self._constraint(each, name) for each in found.constraints),
            indexes=tuple(self._index(each, name) for each in found.indexes),
            triggers=tuple(each._replace(definition=self._text(each.definition, name)) for each in found.triggers),
            rules=tuple(each._replace(definition=self._text(each.definition, name)) for each in found.rules),
            policies=tuple(
                each._replace(using=self._text(each.using, name), check=self._text(each.check, name))
                for each in found.policies
            ),
            partition_key=self._text(found.partition_key, name),
        )

    def _column(self, column: Column, table: str, name: Name) -> Column:
        """The constraint behind NOT NULL keeps the name that it had of table and column."""
        kept = column.not_null_constraint
        new = self.columns.get(name, {}).get(column.name, column.name)
        if kept is None and column.not_null and column.local and self.not_null_rows:
            before = default_name(table, column.name, "not_null")
            kept = NotNull(before) if before != default_name(name[1], new, "not_null") else None
        default = self._text(column.default, name) if column.generated else column.default
        return column._replace(name=new, default=default, not_null_constraint=kept)

    def _listed(self, columns: tuple[str, ...], table: Name | None) -> tuple[str, ...]:
        own = self.columns.get(table, {}) if table else {}
        return tuple(own.get(column, column) for column in columns)

    def _index(self, index: Index, table: Name) -> Index:
        own = self.columns.get(table, {})
        keys = tuple(
            key._replace(key=self._text(key.key, table) if key.is_expression else own.get(key.key, key.key))
            for key in index.keys
        )
        return index._replace(
            keys=keys, include=self._listed(index.include, table), predicate=self._text(index.predicate, table)
        )

    def _constraint(self, constraint: Constraint, table: Name) -> Constraint:
        references = constraint.references and self.table(constraint.references)
        return constraint._replace(
            columns=self._listed(constraint.columns, table),
            expression=self._text(constraint.expression, table),
            set_columns=self._listed(constraint.set_columns, table),
            references=references,
            referenced_columns=self._listed(constraint.referenced_columns, references),
            using_index=constraint.using_index and self._index(constraint.using_index, table),
        )

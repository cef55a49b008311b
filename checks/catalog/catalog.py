"""The catalog of one database: relations are built from raw rows when they are first asked for."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import ServerError
from . import build, codes
from .collector import paused
from .dictionaries import Dictionaries, grouped
from .model import Function, Role, Schema
from .names import TEMP, schemas_searched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..model import QualifiedName
    from .model import Collation, Constraint, Opclass, Relation
    from .rows import Row, Store


class Catalog:
    """What one reading saw. Names are looked up as PostgreSQL does, without regard to privileges."""

    def __init__(self, store: Store, search_path: Sequence[str] | None = None) -> None:
        """`search_path` stands for the session's."""
        self.store = store
        session = store.session
        self.version = session.version
        self.database = session.database
        self.search_path = session.search_path if search_path is None else tuple(search_path)
        self._built: dict[int, Relation | None] = {}

    def with_search_path(self, search_path: Sequence[str]) -> Catalog:
        """The same rows under another search path."""
        return Catalog(self.store, search_path)

    def with_relation(self, changed: Relation) -> Catalog:
        """The same rows, but for one relation, which is as given."""
        catalog = Catalog(self.store, self.search_path)
        catalog._built = {**self._built, changed.oid: changed}
        return catalog

    def relation(self, schema: str, name: str) -> Relation | None:
        """The relation of that schema, `pg_temp` being the session's own; None if INSERT cannot name it."""
        oid = self._oids.get((self._schema_oid(schema), name))
        return self.by_oid(oid) if oid is not None else None

    def by_oid(self, oid: int) -> Relation | None:
        """The relation of that OID; system relations come without columns."""
        if oid not in self._built:
            self._built[oid] = self._build(oid)
        return self._built[oid]

    def resolve(self, name: QualifiedName, search_path: Sequence[str] | None = None) -> Relation | None:
        """The relation that a statement reaches by that name (RangeVarGetRelid of namespace.c).

        Indexes and composite types share the name space with tables: where one of them is found first, the answer is
        None, since no INSERT can reach past it.
        """
        if name.schema is not None:
            return self.relation(name.schema, name.name)
        for schema in self._searched(search_path):
            key = (self._schema_oid(schema), name.name)
            if key in self._oids:
                oid = self._oids[key]
                return self.by_oid(oid) if oid is not None else None
        return None

    def of_any_schema(self, name: str) -> tuple[Relation, ...]:
        """The relations of that name but the system's, by schema."""
        schemas = self._known.schemas
        rows = sorted((row for row in self._rows.values() if row[2] == name), key=lambda row: schemas[row[1]])
        found = (self.by_oid(row[0]) for row in rows)
        return tuple(relation for relation in found if relation is not None)

    def relations(self) -> Iterator[Relation]:
        """All relations but the system's that INSERT can name, by schema and name. Builds them."""
        schemas = self._known.schemas
        ordered = sorted(self._rows.values(), key=lambda row: (schemas[row[1]], row[2]))
        with paused():
            found = [self.by_oid(row[0]) for row in ordered]
        return (relation for relation in found if relation is not None)

    def children(self, oid: int) -> tuple[Relation, ...]:
        """The partitions or inheritance children of a relation, in OID order."""
        found = (self.by_oid(child) for child in sorted(self._children.get(oid, ())))
        return tuple(relation for relation in found if relation is not None)

    @property
    def changed_collations(self) -> Mapping[int, tuple[str, str]]:
        """Collations of unique indexes by OID whose version is another than the one recorded: (recorded, actual).

        The default collation of the database is among them from PostgreSQL 15 on.
        """
        return {oid: (recorded, actual) for oid, recorded, actual in self.store.shared["versions"]}

    def collation_name(self, oid: int) -> str | None:
        """The name of a collation, with its schema unless that is pg_catalog; None if the database cannot use it."""
        return self._known.collation_name(oid)

    def referencing(self, oid: int) -> tuple[tuple[Relation, Constraint], ...]:
        """The foreign keys that reference a relation, with their tables, by schema and name. Builds all relations."""
        return tuple((r, key) for r in self.relations() for key in r.constraints if key.references == oid)

    def collation(self, name: QualifiedName, search_path: Sequence[str] | None = None) -> Collation | None:
        """The collation of that name which the database's encoding can use (get_collation_oid of namespace.c)."""
        return next((self._collations[key] for key in self._keys(name, search_path) if key in self._collations), None)

    def opclass(self, name: QualifiedName, search_path: Sequence[str] | None = None) -> Opclass | None:
        """The btree operator class of that name (get_opclass_oid of opclasscmds.c)."""
        return next((self._opclasses[key] for key in self._keys(name, search_path) if key in self._opclasses), None)

    def _keys(self, name: QualifiedName, search_path: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        # Only relations and types are looked for in the temporary schema when it is not named.
        schemas = (s for s in self._searched(search_path) if s != TEMP) if name.schema is None else (name.schema,)
        return ((schema, name.name) for schema in schemas)

    def _searched(self, search_path: Sequence[str] | None) -> tuple[str, ...]:
        path = self.search_path if search_path is None else search_path
        return schemas_searched(path, user=self.store.session.user, temp=self._temp_name)

    def _schema_oid(self, schema: str) -> int:
        return self.store.session.temp_schema if schema == TEMP else self._schema_oids.get(schema, 0)

    def _build(self, oid: int) -> Relation | None:
        if (row := self._rows.get(oid)) is not None:
            return self._build_from(row)
        if (row := self._system.get(oid)) is not None:
            return build.system_relation(row, codes.relation_kind(row[3]), self._known)
        return None

    def _build_from(self, row: Row) -> Relation | None:
        kind = codes.relation_kind(row[3])
        if kind is None:
            return None
        try:
            return build.relation(row, kind, self.store.facets(row[0]), self._known)
        except KeyError as error:
            # Only in a caller's READ COMMITTED transaction, where each statement has a snapshot of its own.
            raise ServerError(f'relation "{row[2]}" changed while the catalog was read', "Read it again.") from error

    @cached_property
    def roles(self) -> dict[int, Role]:
        """The roles of the server by OID, in the order of their names; none where they could not be read."""
        rows = self.store.shared["roles"]
        return {oid: Role(oid, name, superuser, bypass, tuple(of)) for oid, name, superuser, bypass, of in rows}

    @cached_property
    def schemas(self) -> dict[str, Schema]:
        """The schemas by name, with what is granted on them."""
        rows = self.store.shared["schemas"]
        return {name: Schema(name, owner, acl) for _, name, owner, acl in rows}

    @cached_property
    def functions(self) -> dict[str, tuple[Function, ...]]:
        """Functions that not everybody may call, with all that share their names, by name."""
        found: defaultdict[str, list[Function]] = defaultdict(list)
        for schema, name, *rest in self.store.shared["functions"]:
            found[name].append(Function(self._known.schemas[schema], name, *rest))
        return {name: tuple(functions) for name, functions in found.items()}

    @cached_property
    def _known(self) -> Dictionaries:
        return Dictionaries(self.store.shared)

    @cached_property
    def _rows(self) -> dict[int, Row]:
        return {row[0]: row for row in self.store.shared["relations"]}

    @cached_property
    def _system(self) -> dict[int, Row]:
        return {row[0]: row for row in self.store.shared["system"]}

    @cached_property
    def _oids(self) -> dict[tuple[int, str], int | None]:
        """OIDs by schema and name; None for what holds the name but is no target of INSERT."""
        held: dict[tuple[int, str], int | None] = {}
        for table, name in self.store.index_names():
            if (row := self._rows.get(table)) is not None:
                held[row[1], name] = None
        for oid, schema, name, relkind, *_ in (*self._rows.values(), *self._system.values()):
            held[schema, name] = oid if codes.relation_kind(relkind) else None
        return held

    @cached_property
    def _schema_oids(self) -> dict[str, int]:
        return {name: oid for oid, name in self._known.schemas.items()}

    @cached_property
    def _temp_name(self) -> str | None:
        return self._known.schemas.get(self.store.session.temp_schema)

    @cached_property
    def _children(self) -> dict[int, tuple[int, ...]]:
        return grouped((parent, child) for child, parent in self.store.shared["parents"])

    @cached_property
    def _collations(self) -> dict[tuple[str, str], Collation]:
        first: dict[tuple[str, str], Collation] = {}
        for collation in self._known.collations.values():
            first[collation.schema, collation.name] = collation  # in order of encoding: the database's own wins
        return first

    @cached_property
    def _opclasses(self) -> dict[tuple[str, str], Opclass]:
        btree = next((oid for oid, name in self._known.methods.items() if name == "btree"), 0)
        known = self._known.opclasses
        members = (known[row[0]] for row in self.store.shared["opclasses"] if row[3] == btree and row[0] in known)
        return {(opclass.schema, opclass.name): opclass for opclass in members}

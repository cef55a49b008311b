"""Raw rows to relations: columns, constraints, indexes and the rest of what a table has.

A named tuple is made by `tuple.__new__`, which costs a third of calling its class: a large database has 100,000
columns and as many constraints.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..catalog.codes import DEFAULT_COLLATION, DESCENDING, NULLS_FIRST, bare, numbers
from . import names as n
from .model import Column, Constraint, Index, IndexKey, NotNull, Policy, Relation, Rule, SequenceOptions, Trigger
from .written import partition_key

if TYPE_CHECKING:
    from collections import defaultdict
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .model import Name
    from .names import Names

    Rows = Mapping[str, Sequence[Any]]
    Groups = defaultdict[int, list[Any]]

_new: Callable[..., Any] = tuple.__new__
_number = itemgetter(1)
_IDENTIFIER = 63  # NAMEDATALEN - 1


class Relations:
    """Builds the relations of one reading."""

    def __init__(self, rows: Rows, names: Names) -> None:
        self.names = names
        self._rows = rows
        parts = ("columns", "notnulls", "constraints", "indexes", "policies", "triggers", "rules")
        self._parts: dict[str, Groups] = {part: n.grouped(rows[part]) for part in parts}
        self._views: dict[int, str] = dict(rows["views"])
        self._toast: dict[int, list[str]] = dict(rows["toast"])
        self._foreign = {row[0]: row[1:] for row in rows["foreign"]}
        self._typed: dict[int, Name] = {row[0]: (names.schemas[row[1]], row[2]) for row in rows["typed"]}
        self._keys = {(row[0], row[1]): row[2:] for row in rows["keys"]}
        self._partition_keys = {row[0]: row for row in rows["partitionkeys"]}
        self._parents = n.grouped(rows["parents"])
        self._identities = {(row[13], row[14]): row for row in rows["sequences"] if row[15] == "i"}
        self._columns = {oid: {row[1]: row for row in columns} for oid, columns in self._parts["columns"].items()}
        self._index_names = {row[1]: (row[0], row[2]) for row in rows["indexes"]}
        self._constraint_names: dict[int, tuple[int, str]] = {row[1]: (row[0], row[2]) for row in rows["constraints"]}

    def build(self) -> Iterator[tuple[str, int, Relation]]:
        """(relkind, OID, relation) of each."""
        for row in self._rows["relations"]:
            yield row[3], row[0], self._relation(row)

    def column_names(self, relation: int, packed: str | None) -> tuple[str, ...]:
        """The names of columns that an int2[] in text form lists."""
        columns = self._columns.get(relation, {})
        return tuple([columns[number][2] for number in numbers(packed) if number in columns])

    def _relation(self, row: Any) -> Relation:
        names, (oid, schema, name, kind) = self.names, row[:4]
        indexes, owned = self._indexes(oid)
        identity = next((f"index {index[2]}" for index in self._parts["indexes"].get(oid, ()) if index[17]), None)
        server, foreign_options = self._foreign.get(oid, (None, None))
        default_method = "heap" if kind in "rm" else None
        method = names.methods.get(row[11])
        return Relation(
            schema=names.schemas[schema],
            name=name,
            columns=self._relation_columns(oid, name),
            constraints=self._constraints(oid, owned),
            indexes=indexes,
            triggers=self._triggers(oid),
            rules=self._rules(oid),
            policies=self._policies(oid),
            persistence=n.PERSISTENCES[row[4]],
            row_security=row[8],
            force_row_security=row[9],
            replica_identity=_replica_identity(kind, row[10], identity),
            options=n.options(row[7]),
            toast_options=n.options(self._toast.get(oid)),
            access_method=None if method == default_method else method,
            tablespace=names.tablespaces.get(row[12]),
            of_type=self._typed.get(row[13]),
            parents=tuple(names.relations[parent] for _, parent in self._parents.get(oid, ())),
            bound=row[14],
            partition_key=self._partition_key(oid),
            server=server,
            foreign_options=n.options(foreign_options),
            definition=self._views.get(oid),
            populated=row[15],
            owner=names.role(row[5]),
            acl=n.acl(row[6]),
            comment=names.comment("pg_class", oid),
        )

    def _partition_key(self, oid: int) -> str | None:
        row = self._partition_keys.get(oid)
        return None if row is None else partition_key(row, self._columns[oid], self.names)

    def _relation_columns(self, oid: int, table: str) -> tuple[Column, ...]:
        rows = self._parts["columns"].get(oid, [])
        rows.sort(key=_number)
        not_nulls = {row[2]: row for row in self._parts["notnulls"].get(oid, ())}
        return tuple([self._column(row, not_nulls.get(row[1]), table) for row in rows])

    def _column(self, row: Any, not_null: Any, table: str) -> Column:
        names = self.names
        (
            oid, number, name, type_oid, typmod, required, default, identity, generated, collation, storage,
            compression, statistics, options, foreign_options, inherited, local, privileges,
        ) = row  # fmt: skip
        text, own_collation, own_storage, _ = names.types[type_oid, typmod]
        if not_null is not None:
            not_null = self._not_null(not_null, table, name)
        column: Column = _new(Column, (
            name, text, required, bare(default) if generated else default,
            n.IDENTITIES[identity],
            self._identity(oid, number) if identity else None,
            n.GENERATED[generated],
            names.collations.get(collation) if collation != own_collation else None,
            n.STORAGES[storage] if storage != own_storage else None,
            n.COMPRESSIONS[compression], statistics,
            n.options(options) if options else (), n.options(foreign_options) if foreign_options else (),
            inherited, local, not_null,
            n.acl(privileges) if privileges is not None else None,
            names.comment("pg_class", oid, number),
        ))  # fmt: skip
        return column

    def _not_null(self, row: Any, table: str, column: str) -> NotNull | None:
        """None for a constraint as the server itself would make it, which is how older servers have all of them."""
        _, name, _, oid, validated, no_inherit, local = row
        comment = self.names.comment("pg_constraint", oid)
        if validated and not no_inherit and comment is None:
            as_usual = name == default_name(table, column, "not_null") if local else True  # else it is the parent's
            if as_usual:
                return None
        return NotNull(name, validated, no_inherit, local, comment)

    def _identity(self, oid: int, number: int) -> SequenceOptions | None:
        row = self._identities.get((oid, number))
        return None if row is None else SequenceOptions(*row[6:13])

    def _indexes(self, relation: int) -> tuple[tuple[Index, ...], dict[int, Index]]:
        """The indexes that no constraint owns, by name, and those that one owns, by OID."""
        owners = {row[5] for row in self._parts["constraints"].get(relation, ()) if row[3] in "pux"}
        free: list[Index] = []
        owned: dict[int, Index] = {}
        for row in self._parts["indexes"].get(relation, ()):
            index = self._index(row)
            if row[1] in owners:
                owned[row[1]] = index
            else:
                free.append(index)
        free.sort()
        return tuple(free), owned

    def _index(self, row: Any) -> Index:
        names = self.names
        (
            relation, oid, name, method, count, attnums, collations, opclasses, flags, expressions, predicate,
            unique, nulls_not_distinct, valid, ready, live, clustered, _, options, tablespace,
        ) = row  # fmt: skip
        columns = self._columns[relation]
        members = numbers(attnums)
        texts = iter(expressions or ())
        keys = zip(range(1, count + 1), members, numbers(collations), numbers(opclasses), numbers(flags), strict=False)
        parent = next((self._index_names[up] for _, up in self._parents.get(oid, ()) if up in self._index_names), None)
        index: Index = _new(Index, (
            name, names.methods[method],
            tuple([self._key(oid, key, columns.get(key[1]), texts) for key in keys]),
            tuple([columns[member][2] for member in members[count:]]),
            bare(predicate), unique, nulls_not_distinct, valid, ready, live, clustered,
            n.options(options) if options else (),
            names.tablespaces.get(tablespace) if tablespace else None,
            None if parent is None else (names.relations[parent[0]][0], parent[1]),
            names.comment("pg_class", oid),
        ))  # fmt: skip
        return index

    def _key(self, index: int, key: tuple[int, ...], column: Any, texts: Iterator[str]) -> IndexKey:
        place, number, collation, opclass, flags = key
        if number:
            own_collation, type_oid = column[9], self.names.types[column[3], column[4]][3]
        else:
            own_collation, type_oid = DEFAULT_COLLATION, None
        options, statistics = self._keys.get((index, place), (None, None))
        made: IndexKey = _new(IndexKey, (
            column[2] if number else next(texts), not number,
            self.names.collations.get(collation) if collation not in (0, own_collation) else None,
            self.names.opclass(opclass, type_oid),
            n.options(options) if options else (),
            bool(flags & DESCENDING), bool(flags & NULLS_FIRST), statistics,
        ))  # fmt: skip
        return made

    def _constraints(self, relation: int, owned: Mapping[int, Index]) -> tuple[Constraint, ...]:
        return tuple(sorted([self._constraint(row, owned) for row in self._parts["constraints"].get(relation, ())]))

    def _constraint(self, row: Any, owned: Mapping[int, Index]) -> Constraint:
        names = self.names
        (
            relation, oid, name, kind, attnums, index, deferrable, deferred, validated, enforced, no_inherit, local,
            parent, period, references, ref_attnums, on_update, on_delete, match, set_attnums, expression, operators,
        ) = row  # fmt: skip
        above = self._constraint_names.get(parent) if parent else None
        constraint: Constraint = _new(Constraint, (
            name, n.CONSTRAINTS[kind], self.column_names(relation, attnums), bare(expression),
            deferrable, deferred, validated, enforced, no_inherit and kind == "c", local, period,
            tuple(operators) if operators else (),
            owned.get(index) if kind != "f" else None,
            names.relations[references] if references else None,
            self.column_names(references, ref_attnums) if references else (),
            n.MATCHES.get(match, "simple"), n.ACTIONS.get(on_update, "no action"),
            n.ACTIONS.get(on_delete, "no action"),
            self.column_names(relation, set_attnums) if set_attnums else (),
            None if above is None else (names.relations[above[0]][0], above[1]),
            names.comment("pg_constraint", oid),
        ))  # fmt: skip
        return constraint

    def _triggers(self, relation: int) -> tuple[Trigger, ...]:
        return tuple(
            sorted(
                Trigger(name, definition, n.FIRING[enabled], inherited, self.names.comment("pg_trigger", oid))
                for _, oid, name, definition, enabled, inherited in self._parts["triggers"].get(relation, ())
            )
        )

    def _rules(self, relation: int) -> tuple[Rule, ...]:
        return tuple(
            sorted(
                Rule(name, definition, n.FIRING[enabled], self.names.comment("pg_rewrite", oid))
                for _, oid, name, definition, enabled in self._parts["rules"].get(relation, ())
            )
        )

    def _policies(self, relation: int) -> tuple[Policy, ...]:
        return tuple(
            sorted(
                Policy(
                    name,
                    n.COMMANDS[command],
                    permissive,
                    tuple(roles),
                    bare(using),
                    bare(check),
                    self.names.comment("pg_policy", oid),
                )
                for _, oid, name, command, permissive, roles, using, check in self._parts["policies"].get(relation, ())
            )
        )


def _replica_identity(relkind: str, code: str, index: str | None) -> str:
    """Views and foreign tables have none to choose."""
    return "default" if relkind in "vf" else index or n.REPLICA_IDENTITIES.get(code, "nothing")


def default_name(table: str, column: str, label: str) -> str:
    """The name that the server makes up for a constraint, index or sequence of a column (makeObjectName)."""
    name = f"{table}_{column}_{label}"
    if len(name) <= _IDENTIFIER and name.isascii():
        return name
    room = _IDENTIFIER - len(label) - 2
    first, second = table.encode(), column.encode()
    one, two = len(first), len(second)
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = (first[:one].decode(errors="ignore"), second[:two].decode(errors="ignore"), label)
    return "_".join(parts)

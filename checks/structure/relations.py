"""Raw rows to relations: tables, views and the like with all their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..catalog.codes import bare, numbers
from . import names as n
from .columns import Columns
from .constraints import Constraints
from .indexes import Indexes
from .model import Relation
from .parts import Policy, Rule, Trigger
from .written import partition_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .names import Names
    from .parts import Name

    Rows = Mapping[str, Sequence[Any]]

_NO_FOREIGN = (None, None)


class Relations:
    """Builds the relations of one reading."""

    def __init__(self, rows: Rows, names: Names) -> None:
        self._names = names
        self._rows = rows["relations"]
        self._columns = Columns(rows, names)
        self._indexes = Indexes(rows, names, self._columns)
        self._constraints = Constraints(rows, names, self._columns, self._indexes)
        self._policies, self._triggers, self._rules, self._parents = (
            n.grouped(rows[part]) for part in ("policies", "triggers", "rules", "parents")
        )
        self._views: dict[int, str] = dict(rows["views"])
        self._toast: dict[int, list[str]] = dict(rows["toast"])
        self._foreign = {row[0]: row[1:] for row in rows["foreign"]}
        self._typed: dict[int, Name] = {row[0]: (names.schemas[row[1]], row[2]) for row in rows["typed"]}
        self._partition_keys = {row[0]: row for row in rows["partitionkeys"]}

    def build(self) -> Iterator[tuple[str, int, Relation]]:
        """(relkind, OID, relation) of each."""
        for row in self._rows:
            yield row[3], row[0], self._relation(row)

    def column_names(self, relation: int, packed: str | None) -> tuple[str, ...]:
        """The names of columns that an int2[] or int2vector in text form lists."""
        return self._columns.named(relation, numbers(packed))

    def _relation(self, row: Any) -> Relation:
        names = self._names
        (
            oid, schema, name, kind, persistence, owner, acl, options, row_security, forced, replica_identity,
            method, tablespace, of_type, bound, populated,
        ) = row  # fmt: skip
        constraints, indexes = self._constraints.of(oid)
        server, foreign_options = self._foreign.get(oid, _NO_FOREIGN)
        return Relation(
            names.schemas[schema],
            name,
            self._columns.of(oid),
            constraints,
            indexes,
            self._triggers_of(oid) if oid in self._triggers else (),
            self._rules_of(oid) if oid in self._rules else (),
            self._policies_of(oid) if oid in self._policies else (),
            n.PERSISTENCES[persistence],
            row_security,
            forced,
            self._replica_identity(oid, kind, replica_identity),
            n.options(options),
            n.options(self._toast.get(oid)),
            self._method(kind, method),
            names.tablespaces.get(tablespace),
            self._typed.get(of_type),
            tuple([names.relations[parent] for _, parent in self._parents[oid]]) if oid in self._parents else (),
            bound,
            self._partition_key(oid),
            server,
            n.options(foreign_options),
            self._views.get(oid),
            populated,
            names.role(owner),
            n.acl(acl),
            names.comment("pg_class", oid),
        )

    def _method(self, relkind: str, method: int) -> str | None:
        """The access method; None for the one that is used by itself."""
        name = self._names.methods.get(method)
        return None if name == "heap" and relkind in "rm" else name

    def _replica_identity(self, oid: int, relkind: str, code: str) -> str:
        """Views and foreign tables have none to choose."""
        if relkind in "vf" or code == "d":
            return "default"
        return n.REPLICA_IDENTITIES.get(code) or self._indexes.replica_identity(oid) or "nothing"

    def _partition_key(self, oid: int) -> str | None:
        row = self._partition_keys.get(oid)
        return None if row is None else partition_key(row, self._columns.rows(oid), self._names)

    def _triggers_of(self, relation: int) -> tuple[Trigger, ...]:
        comment = self._names.comment
        return tuple(
            sorted(
                Trigger(name, definition, n.FIRING[enabled], inherited, comment("pg_trigger", oid))
                for _, oid, name, definition, enabled, inherited in self._triggers[relation]
            )
        )

    def _rules_of(self, relation: int) -> tuple[Rule, ...]:
        comment = self._names.comment
        return tuple(
            sorted(
                Rule(name, definition, n.FIRING[enabled], comment("pg_rewrite", oid))
                for _, oid, name, definition, enabled in self._rules[relation]
            )
        )

    def _policies_of(self, relation: int) -> tuple[Policy, ...]:
        return tuple(sorted(self._policy(row) for row in self._policies[relation]))

    def _policy(self, row: Any) -> Policy:
        _, oid, name, command, permissive, roles, using, check = row
        comment = self._names.comment("pg_policy", oid)
        return Policy(name, n.COMMANDS[command], permissive, tuple(roles), bare(using), bare(check), comment)

"""What the system catalogs say, as typed objects: relations, columns, indexes and constraints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RelationKind(StrEnum):
    """pg_class.relkind."""

    TABLE = "r"
    PARTITIONED_TABLE = "p"
    VIEW = "v"
    MATERIALIZED_VIEW = "m"
    FOREIGN_TABLE = "f"
    SEQUENCE = "S"


class ConstraintKind(StrEnum):
    """pg_constraint.contype."""

    PRIMARY_KEY = "p"
    UNIQUE = "u"
    EXCLUSION = "x"
    CHECK = "c"
    FOREIGN_KEY = "f"
    NOT_NULL = "n"
    TRIGGER = "t"


@dataclass(frozen=True, slots=True)
class Column:
    """A row of pg_attribute. `type` is format_type()'s text; `collation` is the OID, 0 if not collatable."""

    attnum: int
    name: str
    type: str
    type_oid: int
    collation: int
    not_null: bool
    has_default: bool
    identity: str  # '', 'a' (always) or 'd' (by default)
    generated: str  # '', 's' (stored) or 'v' (virtual)
    default: str | None = None  # the expression of a default (of the domain, if the column has none) or generation
    domain_not_null: bool = False  # the type is a domain that refuses null
    acl: str | None = None  # attacl as the server prints it; None: no grants on the column


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index. `column` is None for an expression; OIDs as in pg_index, opfamily and opcintype resolved."""

    column: str | None
    expression: str | None
    collation: int
    collation_name: str | None  # None for the default collation of the column or none at all
    opclass: str
    opfamily: int
    opcintype: int
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """A row of pg_index, with its access method and the constraint that owns it."""

    oid: int
    name: str
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...]
    predicate: str | None
    unique: bool
    primary: bool
    exclusion: bool
    immediate: bool
    valid: bool
    ready: bool
    live: bool
    nulls_not_distinct: bool
    method: str
    constraint: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns in order, expressions as their text."""
        return tuple(k.column if k.column is not None else f"({k.expression})" for k in self.keys)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A row of pg_constraint. `columns` are names in key order; `index` is the OID of the index, 0 if it has none.

    For a foreign key `index` is the *referenced* index (pg_constraint.conindid).
    """

    oid: int
    name: str
    kind: ConstraintKind
    columns: tuple[str, ...]
    index: int
    deferrable: bool
    deferred: bool
    validated: bool
    references: int = 0  # confrelid
    expression: str | None = None  # of a CHECK
    on_update: str = ""  # of a foreign key: a (no action), r (restrict), c (cascade), n (set null), d (set default)


@dataclass(frozen=True, slots=True)
class Policy:
    """A row of pg_policy; `command` is r, a, w, d or *."""

    name: str
    command: str
    permissive: bool
    roles: tuple[str, ...]  # empty: PUBLIC
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """A row of pg_roles; `member_of` are the OIDs of the roles whose privileges it has directly."""

    oid: int
    name: str
    superuser: bool
    bypasses_row_security: bool
    member_of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A row of pg_namespace; `acl` as in Relation."""

    name: str
    owner: int
    acl: str | None


@dataclass(frozen=True, slots=True)
class Function:
    """A row of pg_proc; `arguments` are those of GRANT, `required` and `most` how many a call gives (None: any number).

    `acl` as in Relation; None: its owner and PUBLIC may call it.
    """

    schema: str
    name: str
    arguments: str
    required: int
    most: int | None
    strict: bool
    owner: int
    acl: str | None


@dataclass(frozen=True, slots=True)
class Trigger:
    """A user trigger. `type` is pg_trigger.tgtype's bits; `enabled` is O, D, R or A."""

    name: str
    type: int
    enabled: str
    function: str

    @property
    def row(self) -> bool:
        """FOR EACH ROW."""
        return bool(self.type & 1)

    @property
    def before(self) -> bool:
        """BEFORE."""
        return bool(self.type & 2)

    @property
    def insert(self) -> bool:
        """Fires on INSERT."""
        return bool(self.type & 4)

    @property
    def instead(self) -> bool:
        """INSTEAD OF."""
        return bool(self.type & 64)


@dataclass(frozen=True, slots=True)
class RewriteRule:
    """A row of pg_rewrite other than a view's _RETURN; `event` is 1 select, 2 update, 3 insert, 4 delete."""

    name: str
    event: int
    enabled: str
    instead: bool
    has_action: bool  # False: DO INSTEAD NOTHING
    conditional: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that an INSERT can name, with everything that inference and the rules need.

    `definition` is pg_get_viewdef()'s text of a view, read with an empty search_path, so all names in it are qualified.
    `insertable` is PostgreSQL's own answer for views (pg_relation_is_updatable), True for tables. `acl` is relacl as
    the server prints it (see acl.py); None: nothing was ever granted or revoked, the owner alone has all privileges.
    """

    oid: int
    schema: str
    name: str
    kind: RelationKind
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]  # in OID order
    constraints: tuple[Constraint, ...]
    policies: tuple[Policy, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[RewriteRule, ...] = ()
    parents: tuple[int, ...] = ()  # pg_inherits.inhparent
    is_partition: bool = False
    row_security: bool = False
    force_row_security: bool = False
    insertable: bool = True
    definition: str | None = None
    system: bool = False  # in pg_catalog or information_schema
    user_catalog: bool = False  # reloption user_catalog_table
    owner: int = 0  # OID of the role
    acl: str | None = None
    security_invoker: bool = False  # a view that reads and writes with the rights of whoever uses it

    @property
    def qualified_name(self) -> str:
        """schema.name, not quoted."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column | None:
        """The column of that exact name."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key in key order; empty if there is none."""
        return next((c.columns for c in self.constraints if c.kind is ConstraintKind.PRIMARY_KEY), ())


@dataclass(frozen=True, slots=True)
class Opclass:
    """A btree operator class, as far as `opclass` in an inference element needs it."""

    oid: int
    schema: str
    name: str
    opfamily: int
    opcintype: int


@dataclass(frozen=True, slots=True)
class Collation:
    """A collation that the database's encoding can use."""

    oid: int
    schema: str
    name: str

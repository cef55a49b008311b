"""Everything that `pg_dump -s` would show, as typed objects that hold names and no OIDs.

The types are named tuples, since a tuple compares at the speed of C: two structures of 10,000 tables are compared by
`==` per object, and only what differs is looked into. A field's name is PostgreSQL's word for the property; a field
that has the default value given here is left out of a snapshot, so that a later version may add fields.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .knowledge import Doubt, Extent  # noqa: TC001 - pydantic reads the annotations


class Kind(StrEnum):
    """The kinds of objects, in the order in which they can be created."""

    SCHEMA = "schema"
    EXTENSION = "extension"
    ENUM = "enum"
    DOMAIN = "domain"
    COMPOSITE = "composite type"
    RANGE = "range type"
    SEQUENCE = "sequence"
    TABLE = "table"
    FOREIGN_TABLE = "foreign table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"
    STATISTICS = "statistics"
    EVENT_TRIGGER = "event trigger"
    PUBLICATION = "publication"
    DEFAULT_PRIVILEGES = "default privileges"
    OTHER = "other"


class Part(StrEnum):
    """What belongs to a relation and has a name of its own there."""

    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"


class Grant(NamedTuple):
    """An item of an ACL. `grantee` is "PUBLIC" or a role; `privileges` are aclitem's letters, `*` for grant option."""

    grantee: str
    privileges: str
    grantor: str


Acl = tuple[Grant, ...] | None  # None: the privileges that an object has by default
Options = tuple[str, ...]  # "name=value", sorted
Name = tuple[str, str]  # schema and name


class SequenceOptions(NamedTuple):
    """A row of pg_sequence; `type` is the data type's name."""

    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 9223372036854775807
    cache: int = 1
    cycle: bool = False


class NotNull(NamedTuple):
    """The constraint behind NOT NULL, which servers have a row for since version 18."""

    name: str
    validated: bool = True
    no_inherit: bool = False
    local: bool = True
    comment: str | None = None


class Column(NamedTuple):
    """A column. `default` is also the expression of a generated column (pg_attrdef).

    `identity` is "", "always" or "by default"; `generated` "", "stored" or "virtual". What is None is as the type has
    it: `collation` (schema-qualified outside pg_catalog), `storage`; or as the server has it: `statistics`.
    """

    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    identity: str = ""
    identity_options: SequenceOptions | None = None
    generated: str = ""
    collation: str | None = None
    storage: str | None = None
    compression: str = ""
    statistics: int | None = None
    options: Options = ()
    foreign_options: Options = ()
    inherited: bool = False  # attinhcount > 0
    local: bool = True  # attislocal
    not_null_constraint: NotNull | None = None
    acl: Acl = None
    comment: str | None = None


class IndexKey(NamedTuple):
    """A key of an index: a column's name or, with `is_expression`, an expression.

    `opclass` is schema-qualified outside pg_catalog and None where the server would choose it for the column's type.
    """

    key: str
    is_expression: bool = False
    collation: str | None = None
    opclass: str | None = None
    opclass_options: Options = ()
    descending: bool = False
    nulls_first: bool = False
    statistics: int | None = None


class Index(NamedTuple):
    """An index, by its name in the table's schema. `parent`: the partitioned index that it is attached to."""

    name: str
    method: str
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    predicate: str | None = None
    unique: bool = False
    nulls_not_distinct: bool = False
    valid: bool = True
    ready: bool = True
    live: bool = True
    clustered: bool = False
    options: Options = ()
    tablespace: str | None = None
    parent: Name | None = None
    comment: str | None = None


class Constraint(NamedTuple):
    """A constraint of a table. `kind`: primary key, unique, exclude, check or foreign key.

    `using_index` is the index that the constraint owns; `operators` the exclusion operators, schema-qualified outside
    pg_catalog. `references` and what follows belong to foreign keys: `match` is "simple", "full" or "partial", actions
    are "no action", "restrict", "cascade", "set null" or "set default", `set_columns` those of ON DELETE SET.
    `parent`: inherited from a partitioned table's constraint.
    """

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    expression: str | None = None
    deferrable: bool = False
    deferred: bool = False
    validated: bool = True
    enforced: bool = True
    no_inherit: bool = False
    local: bool = True
    period: bool = False  # WITHOUT OVERLAPS, PERIOD
    operators: tuple[str, ...] = ()
    using_index: Index | None = None
    references: Name | None = None
    referenced_columns: tuple[str, ...] = ()
    match: str = "simple"
    on_update: str = "no action"
    on_delete: str = "no action"
    set_columns: tuple[str, ...] = ()
    parent: Name | None = None
    comment: str | None = None


class Trigger(NamedTuple):
    """A trigger. `definition` is pg_get_triggerdef()'s text; `enabled`: "origin", "disabled", "replica", "always"."""

    name: str
    definition: str
    enabled: str = "origin"
    inherited: bool = False
    comment: str | None = None


class Rule(NamedTuple):
    """A rewrite rule other than a view's own. `definition` is pg_get_ruledef()'s text; `enabled` as of a trigger."""

    name: str
    definition: str
    enabled: str = "origin"
    comment: str | None = None


class Policy(NamedTuple):
    """A row security policy. `command`: "all", "select", "insert", "update" or "delete"; no roles: PUBLIC."""

    name: str
    command: str = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ()
    using: str | None = None
    check: str | None = None
    comment: str | None = None


class Relation(NamedTuple):
    """A table, foreign table, view or materialized view with all its parts, each sorted by name, columns in order.

    `persistence`: "permanent" or "unlogged". `replica_identity`: "default", "full", "nothing" or "index NAME".
    `parents`: what it inherits from or is a partition of. `bound`: the partition's FOR VALUES or DEFAULT.
    """

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    persistence: str = "permanent"
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "default"
    options: Options = ()
    toast_options: Options = ()
    access_method: str | None = None
    tablespace: str | None = None
    of_type: Name | None = None
    parents: tuple[Name, ...] = ()
    bound: str | None = None
    partition_key: str | None = None
    server: str | None = None
    foreign_options: Options = ()
    definition: str | None = None  # of a view
    populated: bool = True  # of a materialized view
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Schema(NamedTuple):
    """A schema."""

    name: str
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Extension(NamedTuple):
    """An extension; its members are part of it and no objects of their own."""

    name: str
    schema: str
    version: str
    comment: str | None = None


class Enum(NamedTuple):
    """An enum type with its labels in order."""

    schema: str
    name: str
    labels: tuple[str, ...] = ()
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class DomainConstraint(NamedTuple):
    """A constraint of a domain; `definition` is pg_get_constraintdef()'s text."""

    name: str
    definition: str
    comment: str | None = None


class Domain(NamedTuple):
    """A domain. NOT NULL is a property here, whether or not the server has a constraint for it."""

    schema: str
    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    collation: str | None = None
    constraints: tuple[DomainConstraint, ...] = ()
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Attribute(NamedTuple):
    """An attribute of a composite type."""

    name: str
    type: str
    collation: str | None = None
    comment: str | None = None


class Composite(NamedTuple):
    """A composite type that is not a table's row type."""

    schema: str
    name: str
    attributes: tuple[Attribute, ...] = ()
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Range(NamedTuple):
    """A range type. Functions and the operator class are schema-qualified outside pg_catalog."""

    schema: str
    name: str
    subtype: str
    opclass: str
    collation: str | None = None
    canonical: str | None = None
    difference: str | None = None
    multirange: str | None = None
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Sequence(NamedTuple):
    """A sequence that is no identity column's. `owned_by`: schema, table and column."""

    schema: str
    name: str
    properties: SequenceOptions = SequenceOptions()
    owned_by: tuple[str, str, str] | None = None
    persistence: str = "permanent"
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Routine(NamedTuple):
    """A function, procedure or aggregate.

    `arguments` are the types that name it (pg_get_function_identity_arguments). `definition` is
    pg_get_functiondef()'s text or, for an aggregate, its options.
    """

    schema: str
    name: str
    arguments: str
    definition: str = ""
    result: str | None = None
    language: str = ""
    owner: str = ""
    acl: Acl = None
    comment: str | None = None


class Statistics(NamedTuple):
    """Extended statistics. `definition` is pg_get_statisticsobjdef()'s text."""

    schema: str
    name: str
    table: Name
    definition: str
    target: int | None = None
    owner: str = ""
    comment: str | None = None


class EventTrigger(NamedTuple):
    """An event trigger; `enabled` as of a trigger."""

    name: str
    event: str
    function: str
    tags: tuple[str, ...] = ()
    enabled: str = "origin"
    owner: str = ""
    comment: str | None = None


class PublishedTable(NamedTuple):
    """A table of a publication; no columns: all of them."""

    schema: str
    name: str
    columns: tuple[str, ...] = ()
    predicate: str | None = None


class Publication(NamedTuple):
    """A publication. `operations` is a subset of insert, update, delete, truncate, in this order."""

    name: str
    all_tables: bool = False
    operations: tuple[str, ...] = ()
    via_root: bool = False
    generated_columns: str = "none"
    tables: tuple[PublishedTable, ...] = ()
    schemas: tuple[str, ...] = ()
    owner: str = ""
    comment: str | None = None


class DefaultPrivileges(NamedTuple):
    """ALTER DEFAULT PRIVILEGES of a role; `schema` is "" for all. `objects`: tables, sequences, ..."""

    role: str
    schema: str
    objects: str
    acl: Acl = None


class Other(NamedTuple):
    """An object of a kind that is told by name only: `kind` is pg_identify_object()'s type, `name` its identity."""

    kind: str
    name: str


Object = (
    Schema | Extension | Enum | Domain | Composite | Range | Sequence | Relation | Routine | Statistics
    | EventTrigger | Publication | DefaultPrivileges | Other
)  # fmt: skip
RelationPart = Column | Constraint | Index | Trigger | Rule | Policy

RELATIONS = (Kind.TABLE, Kind.FOREIGN_TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW)
ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE)
# Which type an object of a kind has, and how many of its first fields are its identity.
TYPES: dict[Kind, tuple[type, int]] = {
    Kind.SCHEMA: (Schema, 1),
    Kind.EXTENSION: (Extension, 1),
    Kind.ENUM: (Enum, 2),
    Kind.DOMAIN: (Domain, 2),
    Kind.COMPOSITE: (Composite, 2),
    Kind.RANGE: (Range, 2),
    Kind.SEQUENCE: (Sequence, 2),
    **dict.fromkeys(RELATIONS, (Relation, 2)),
    **dict.fromkeys(ROUTINES, (Routine, 3)),
    Kind.STATISTICS: (Statistics, 2),
    Kind.EVENT_TRIGGER: (EventTrigger, 1),
    Kind.PUBLICATION: (Publication, 1),
    Kind.DEFAULT_PRIVILEGES: (DefaultPrivileges, 3),
    Kind.OTHER: (Other, 2),
}
# The fields of a Relation that hold parts.
PARTS: dict[str, tuple[Part, type]] = {
    "columns": (Part.COLUMN, Column),
    "constraints": (Part.CONSTRAINT, Constraint),
    "indexes": (Part.INDEX, Index),
    "triggers": (Part.TRIGGER, Trigger),
    "rules": (Part.RULE, Rule),
    "policies": (Part.POLICY, Policy),
}


class Structure(NamedTuple):
    """The objects of a database by kind and identity, and the version (server_version_num) of its server.

    `owners`: whether the owners, and the versions of extensions, are those of a real database, not of one that
    something was loaded into. `platform`: what the database stands on, "supabase" or "timescale". `doubts` and `extent`
    say what is unknown, `notes` are sentences on how the source was read.
    """

    server_version: int
    objects: dict[Kind, dict[tuple[str, ...], Object]]
    owners: bool = True
    platform: str | None = None
    doubts: tuple[Doubt, ...] = ()
    extent: Extent | None = None
    notes: tuple[str, ...] = ()

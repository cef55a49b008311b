"""Everything that `pg_dump -s` would show, as typed objects that hold names and no OIDs.

The types are named tuples, since a tuple compares at the speed of C: two structures of 10,000 tables are compared by
`==` per object, and only what differs is looked into. A field's name is PostgreSQL's word for the property; a field
that has the default value given here is left out of a snapshot, so that a later version may add fields.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .knowledge import Doubt, Extent  # noqa: TC001 - pydantic reads the annotations
from .parts import Acl, Column, Constraint, Index, Name, Options, Part, Policy, Rule, SequenceOptions, Trigger


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

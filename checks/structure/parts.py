"""What belongs to a relation: columns, constraints, indexes, triggers, rules and policies, and what they are made of.

Named tuples, as everything in `model.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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


RelationPart = Column | Constraint | Index | Trigger | Rule | Policy

"""Raw catalog rows to a Relation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import codes
from .model import (
    Column,
    Constraint,
    ConstraintKind,
    Index,
    IndexKey,
    Policy,
    Relation,
    RelationKind,
    RewriteRule,
    Trigger,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .dictionaries import Dictionaries
    from .rows import Facets, Row

_ARBITERS = frozenset("pux")
_CONSTRAINT_KINDS = {kind.value: kind for kind in ConstraintKind}


def relation(row: Row, kind: RelationKind, facets: Facets, known: Dictionaries) -> Relation:
    """The relation of a row of relations.sql and of the rows that belong to it."""
    oid, schema, name, _, is_partition, row_security, force_row_security, options, owner, acl = row
    columns = _columns(facets.columns, known)
    by_number = {column.attnum: column for column in columns}
    names = {column.attnum: column.name for column in columns}
    constraints = tuple(_constraint(r, names) for r in sorted(facets.constraints, key=lambda r: r[1]))
    owners = {r[5]: r[2] for r in facets.constraints if r[3] in _ARBITERS}
    view = facets.views[0] if facets.views else None
    return Relation(
        oid=oid,
        schema=known.schemas[schema],
        name=name,
        kind=kind,
        columns=columns,
        indexes=tuple(_index(r, by_number, owners, known) for r in sorted(facets.indexes, key=lambda r: r[1])),
        constraints=constraints,
        policies=tuple(_policy(r) for r in sorted(facets.policies, key=lambda r: r[1])),
        triggers=tuple(_trigger(r, known) for r in sorted(facets.triggers, key=lambda r: r[1])),
        rules=tuple(_rule(r) for r in sorted(facets.rules, key=lambda r: r[1])),
        parents=known.parents.get(oid, ()),
        is_partition=is_partition,
        row_security=row_security,
        force_row_security=force_row_security,
        insertable=view[2] if view else kind not in (RelationKind.MATERIALIZED_VIEW, RelationKind.SEQUENCE),
        definition=view[1] if view else None,
        user_catalog=codes.is_on(options, "user_catalog_table"),
        owner=owner,
        acl=acl,
        security_invoker=codes.is_on(options, "security_invoker"),
    )


def _columns(rows: Sequence[Row], known: Dictionaries) -> tuple[Column, ...]:
    return tuple(_column(row, known) for row in sorted(rows, key=lambda row: row[1]))


def _column(row: Row, known: Dictionaries) -> Column:
    _, attnum, name, type_oid, typmod, collation, not_null, identity, generated, default, acl = row
    domain = known.domain(type_oid) if type_oid in known.domains else None
    if domain is not None and default is None and not identity:
        default = domain.default  # build_column_default of rewriteHandler.c
    return Column(
        attnum=attnum,
        name=name,
        type=known.types[type_oid, typmod],
        type_oid=type_oid,
        collation=collation,
        not_null=not_null,
        has_default=default is not None,
        identity=identity,
        generated=generated,
        default=codes.bare(default) if generated else default,
        domain_not_null=domain is not None and domain.not_null,
        acl=acl,
    )


def _index(row: Row, columns: dict[int, Column], owners: dict[int, str], known: Dictionaries) -> Index:
    (
        _, oid, name, method, key_count, attnums, collations, opclasses, options,
        unique, primary, exclusion, immediate, valid, ready, live, nulls_not_distinct, expressions, predicate,
    ) = row  # fmt: skip
    members = codes.numbers(attnums)
    texts = iter(expressions or ())
    keys = zip(
        members[:key_count], codes.numbers(collations), codes.numbers(opclasses), codes.numbers(options), strict=False
    )
    return Index(
        oid=oid,
        name=name,
        keys=tuple(
            _key(
                columns[attnum] if attnum else None, None if attnum else next(texts), collation, opclass, option, known
            )
            for attnum, collation, opclass, option in keys
        ),
        include=tuple(columns[attnum].name for attnum in members[key_count:]),
        predicate=codes.bare(predicate),
        unique=unique,
        primary=primary,
        exclusion=exclusion,
        immediate=immediate,
        valid=valid,
        ready=ready,
        live=live,
        nulls_not_distinct=nulls_not_distinct,
        method=known.methods[method],
        constraint=owners.get(oid),
    )


def _key(
    column: Column | None, expression: str | None, collation: int, opclass: int, option: int, known: Dictionaries
) -> IndexKey:
    operators = known.opclasses[opclass]
    own = column.collation if column else codes.DEFAULT_COLLATION
    return IndexKey(
        column=column.name if column else None,
        expression=codes.bare(expression),
        collation=collation,
        collation_name=known.collation_name(collation) if collation not in (0, own) else None,
        opclass=operators.name,
        opfamily=operators.opfamily,
        opcintype=operators.opcintype,
        descending=bool(option & codes.DESCENDING),
        nulls_first=bool(option & codes.NULLS_FIRST),
    )


def _constraint(row: Row, names: dict[int, str]) -> Constraint:
    _, oid, name, kind, attnums, index, deferrable, deferred, validated, references, expression, on_update = row
    return Constraint(
        oid=oid,
        name=name,
        kind=_CONSTRAINT_KINDS[kind],
        columns=tuple([names[attnum] for attnum in codes.numbers(attnums) if attnum in names]),
        index=index,
        deferrable=deferrable,
        deferred=deferred,
        validated=validated,
        references=references,
        expression=codes.bare(expression),
        on_update=on_update,
    )


def _policy(row: Row) -> Policy:
    _, name, command, permissive, roles, using, check = row
    return Policy(name, command, permissive, tuple(roles), codes.bare(using), codes.bare(check))


def _trigger(row: Row, known: Dictionaries) -> Trigger:
    _, name, bits, enabled, schema, function = row
    return Trigger(name, bits, enabled, f"{known.schemas[schema]}.{function}")


def _rule(row: Row) -> RewriteRule:
    _, name, event, enabled, instead, has_action, conditional = row
    return RewriteRule(name, event, enabled, instead, has_action, conditional)


def system_relation(row: Row, kind: RelationKind | None, known: Dictionaries) -> Relation | None:
    """A relation of pg_catalog or information_schema, by name only."""
    oid, schema, name, _ = row
    if kind is None:
        return None
    return Relation(
        oid=oid,
        schema=known.schemas[schema],
        name=name,
        kind=kind,
        columns=(),
        indexes=(),
        constraints=(),
        insertable=kind in (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE),
        system=True,
    )

"""What a revision does to one table, as far as a statement that writes it can tell, in sentence fragments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Column, Index, Relation

INDEX, COLUMN, TABLE, RIGHTS = "index", "column", "table", "rights"
REFUSED = "42501"
# What an error of the server is about; of other errors everything is told.
_SUBJECTS = {
    **dict.fromkeys(("42P10", "42704", "42809", "55000"), INDEX),
    **dict.fromkeys(("23502", "42703", "428C9"), COLUMN),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """`told`: "drops unique index ...". `part` is INDEX, COLUMN or TABLE, `name` its name; `columns` of an index.

    `lost`: something that was there before is gone, or is another thing.
    """

    part: str
    name: str
    told: str
    columns: tuple[str, ...] = ()
    lost: bool = False


def differences(
    before: Relation | None, after: Relation | None, sqlstate: str | None, *, same: bool
) -> tuple[Difference, ...]:
    """What was done between two states, as far as an error of that SQLSTATE is about it.

    `same`: they are of the same database, where what is renamed keeps its number.
    """
    if before is None or after is None:
        there = before or after
        verb = "drops or renames" if after is None else "makes"
        return (
            () if there is None else (Difference(TABLE, there.name, f'{verb} table "{there.name}"', lost=bool(before)),)
        )
    if sqlstate == REFUSED:
        return tuple(_rights(before, after))
    found = (*_indexes(before, after, same=same), *_columns(before, after, same=same))
    wanted = _SUBJECTS.get(sqlstate or "")
    return tuple(each for each in found if each.part == wanted) or found


def _indexes(before: Relation, after: Relation, *, same: bool) -> Iterator[Difference]:
    old, new = ({index.name: index for index in each.indexes if index.unique} for each in (before, after))
    by_oid = {index.oid: index for index in new.values() if same}
    for name, index in old.items():
        now = new.get(name) or by_oid.get(index.oid)
        if now is None:
            yield Difference(INDEX, name, f'drops unique index "{name}" {_shape(index)}', index.columns, lost=True)
        elif _shape(now) != _shape(index):
            told = f'makes of unique index "{name}" {_shape(index)} one of {_shape(now)}'
            yield Difference(INDEX, name, told, (*index.columns, *now.columns), lost=True)
        elif now.name != name:
            yield Difference(INDEX, name, f'renames unique index "{name}" to "{now.name}"', index.columns, lost=True)
    former = {index.oid for index in old.values() if same}
    for name, index in new.items():
        if name not in old and index.oid not in former:
            yield Difference(INDEX, name, f'adds unique index "{name}" {_shape(index)}', index.columns)


def _rights(before: Relation, after: Relation) -> Iterator[Difference]:
    """What decides who may write the table: privileges, row security, policies."""
    name = after.name
    if before.row_security != after.row_security:
        verb = "enables" if after.row_security else "disables"
        yield Difference(RIGHTS, name, f'{verb} row security of "{name}"', lost=after.row_security)
    old, new = ({policy.name: policy for policy in each.policies} for each in (before, after))
    for policy in sorted({*old, *new}):
        if policy not in new:
            yield Difference(RIGHTS, policy, f'drops policy "{policy}"', lost=True)
        elif policy not in old:
            yield Difference(RIGHTS, policy, f'adds policy "{policy}"')
        elif old[policy] != new[policy]:
            yield Difference(RIGHTS, policy, f'changes policy "{policy}"', lost=True)
    had = {column.name: column.acl for column in before.columns}
    if before.acl != after.acl or any(had.get(column.name) != column.acl for column in after.columns):
        yield Difference(RIGHTS, name, f'changes the privileges on "{name}"', lost=True)


def _shape(index: Index) -> str:
    """All that makes it an arbiter or none."""
    told = f"({', '.join(index.columns)})"
    if index.predicate is not None:
        told += f" WHERE {index.predicate}"
    return told + ("" if index.immediate else " DEFERRABLE") + ("" if index.valid else " INVALID")


def _columns(before: Relation, after: Relation, *, same: bool) -> Iterator[Difference]:
    old, new = ({column.name: column for column in each.columns} for each in (before, after))
    by_number = {column.attnum: column for column in new.values() if same}
    for name, column in old.items():
        now = new.get(name)
        if now is not None:
            if _nullness(column) != _nullness(now):
                told = f'makes column "{name}" {_nullness(now)}; it was {_nullness(column)}'
                yield Difference(COLUMN, name, told, lost=True)
        elif (renamed := by_number.get(column.attnum)) is not None:
            yield Difference(COLUMN, name, f'renames column "{name}" to "{renamed.name}"', lost=True)
        else:
            yield Difference(COLUMN, name, f'drops column "{name}"', lost=True)
    former = {column.attnum for column in old.values() if same}
    for name, column in new.items():
        if name not in old and column.attnum not in former:
            yield Difference(COLUMN, name, f'adds column "{name}" {_nullness(column)}')


def _nullness(column: Column) -> str:
    """All of a column that decides whether a statement may omit it, or write it."""
    null = "NOT NULL" if column.not_null or column.domain_not_null else "nullable"
    if column.generated:
        return "GENERATED ALWAYS AS an expression"
    if column.identity:
        return f"GENERATED {'ALWAYS' if column.identity == 'a' else 'BY DEFAULT'} AS IDENTITY"
    return f"{null} {'with' if column.has_default else 'without'} a default" if null == "NOT NULL" else null

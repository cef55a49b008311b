"""What a change of type would meet, asked before the table is touched: values of no use, and values that become one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from ..wording import plural
from . import preflight
from .key import Key
from .preflight import Found
from .referencing import references

if TYPE_CHECKING:
    from .carried import Index
    from .conversion import Conversion
    from .referencing import Reference
    from .session import Session

NONE = Found("", 0, 0, ())
_SAMPLES, _LONGEST = 5, 60


def unparsable(session: Session, conversion: Conversion) -> Found:
    """Values that cannot be converted; the samples are the values. One scan."""
    if conversion.safe:
        return NONE
    own = quoted(conversion.column)
    ((rows, groups, samples),) = session.rows(
        f"SELECT COALESCE(sum(n), 0)::bigint, count(*), (pg_catalog.array_agg(v))[1:{_SAMPLES}] FROM ("
        f"SELECT {own}::text AS v, count(*) AS n FROM {conversion.table}"
        f" WHERE {own} IS NOT NULL AND {conversion.converted} IS NULL GROUP BY 1 ORDER BY 2 DESC, 1) g"
    )
    shown = tuple(literal(str(each)[:_LONGEST]) for each in samples or ())
    what = f'{plural(rows, "row")} of {conversion.table} with no {conversion.type} in column "{conversion.column}"'
    return Found(what, groups, rows, shown)


def referenced(session: Session, conversion: Conversion) -> Found:
    """Rows that reference one whose value cannot be converted, by the first foreign key that has some. One scan."""
    if conversion.safe:
        return NONE
    return next(
        filter(None, (_children(session, conversion, each) for each in references(session, conversion.table))), NONE
    )


def _children(session: Session, conversion: Conversion, reference: Reference) -> Found:
    gone = f"{quoted(conversion.column)} IS NOT NULL AND {conversion.converted} IS NULL"
    stays = f" AND ({gone}) IS NOT TRUE" if reference.own else ""  # else it goes with the row that it references
    rows: int = session.value(
        f"SELECT count(*) FROM (SELECT * FROM {reference.rows} WHERE true{stays}) pgarbiter_c"
        f" JOIN (SELECT * FROM {conversion.table} WHERE {gone}) pgarbiter_p"
        f" ON {reference.joined('pgarbiter_p', 'pgarbiter_c')}"
    )
    what = (
        f"{rows} rows of {reference.child} reference, by {reference}, rows of {conversion.table} with no"
        f' {conversion.type} in column "{conversion.column}"'
    )
    return Found(what, rows, rows, ())


def meeting(session: Session, conversion: Conversion, indexes: tuple[Index, ...]) -> Found:
    """Duplicates by the first unique index that would have some. One scan and a sort for each."""
    if conversion.safe:
        return NONE
    met = (_met(session, conversion, each) for each in indexes if each.unique)
    return next(filter(None, met), NONE)


def _met(session: Session, conversion: Conversion, index: Index) -> Found:
    """In words that name the column and not our function."""
    found = preflight.duplicates(session, conversion.table, _key(conversion, index))
    shown = f"{quoted(conversion.column)} as {conversion.type}"
    texts = (each.replace(f"({conversion.converted})", shown) for each in (found.what, *found.samples))
    what, *samples = texts
    return replace(found, what=what, samples=tuple(samples))


def _key(conversion: Conversion, index: Index) -> Key:
    """The key as it will be, over the columns as they are."""
    elements = tuple(f"({conversion.converted})" if each == conversion.shadow else each for each in index.elements)
    where = index.where and index.where.replace(quoted(conversion.shadow), quoted(conversion.column))
    return Key(elements, where, index.nulls_not_distinct)

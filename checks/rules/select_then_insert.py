"""A SELECT by a key, an UPDATE or a DELETE of it, and then an INSERT: a race.

Between the two statements another session can do the same. Both see no row, both insert. With a unique index on the
key the slower one fails with 23505; without one both rows stay. A transaction does not help at READ COMMITTED. One
statement with ON CONFLICT does.

One statement that does both, `INSERT ... SELECT ... WHERE NOT EXISTS (SELECT ...)`, is no better: it sees the rows that
were there when it began, and not those that another session has inserted and not yet committed.

A client that looks again when its INSERT fails is safe where such an index is, and only there: Django's get_or_create,
find_or_create_by of Rails from 7.1 on, firstOrCreate and updateOrCreate of Laravel from 10.29 on, findOrCreate of
Sequelize. The release is read from Gemfile.lock, composer.lock or composer.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Mechanism
from ..scan.answered import is_answered, release_of
from ._names import bare, columns_sql, named, target_sql, unique_index_sql
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation
    from ..model import WriteSite


@dataclass(frozen=True, slots=True)
class _First:
    """The first of the two statements, in words."""

    name: str
    done: str
    seen: str
    between: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The client looks the row up again when its INSERT fails; `release`: from which one on, if it is not known."""

    release: str | None


_FIRST = {
    Mechanism.SELECT_THEN_INSERT: _First("lookup", "looked up", "see no row"),
    Mechanism.UPDATE_THEN_INSERT: _First("UPDATE", "updated", "update no row"),
    Mechanism.DELETE_INSERT: _First(
        "DELETE",
        "deleted",
        "delete the same row",
        "Without a transaction the row is gone for all who read in between. ",
    ),
}


@rule(
    "PGA301",
    severity=Severity.WARNING,
    summary="two statements do by key what one upsert does",
    effect="Two sessions at once both see no row and both insert: 23505, or duplicates without a unique index.",
    remedy="Use one INSERT ... ON CONFLICT statement, with a unique index on the key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Racy sites, with what the catalog says about their key."""
    del context
    site = bound.site
    first = _FIRST.get(site.mechanism)
    if first is None:
        return
    keys, relation = site.key_columns or (), bound.base
    if _inserts_another(site, keys):
        return
    table = relation.qualified_name if relation else site.write.table
    rows = f'rows of "{table}"' if table else "rows of a table that is not known"
    write = site.write
    written = write.columns if write.complete and write.columns is not None else keys
    index = _unique(relation, keys, frozenset(written)) if relation else None
    whole = index is not None and index.predicate is None
    answer = _Answer(release_of(site.reason)) if is_answered(site.reason) else None
    if index is not None and not index.immediate:
        answer = None  # the error comes with COMMIT, too late for another lookup
    if answer is not None and whole and answer.release is None:
        return  # the index decides between two sessions, and the client takes the other's row
    yield Hit(
        message=f"{rows} are {first.done}{f' by {named(keys)}' if keys else ''} and then inserted, "
        + ("in one statement, which does not see what others insert meanwhile" if site.alone else "in two statements"),
        effect=first.between
        + (_decided(index, first, answer) if index and answer else _effect(relation, keys, index, first)),
        remedy=_remedy(relation, keys, index, answer),
        related=(
            *(() if site.alone else (f"the {first.name} stands at line {site.statement_line}",)),
            *((site.reason,) if site.reason else ()),
        ),
        severity=Severity.NOTE if _is_serialised(site) or (answer is not None and whole) else None,
    )


def _inserts_another(site: WriteSite, keys: tuple[str, ...]) -> bool:
    """Whether the row that is inserted is not the one that was looked for: it gets its key from the database.

    So does an upsert with `where: { id: given ?? -1 }` that creates rows without `id`: two sessions mean two rows.
    """
    columns = site.write.columns
    return bool(keys) and site.write.complete and columns is not None and set(keys).isdisjoint(columns)


def _is_serialised(site: WriteSite) -> bool:
    """The scanner saw a lock that the two statements run under, or an isolation level that forbids the race."""
    return site.reason is not None and " runs under " in site.reason


def _unique(relation: Relation, keys: tuple[str, ...], written: frozenset[str]) -> Index | None:
    """The index that refuses the second row: on the key, else on a part of it that is `written`."""
    usable = [
        index
        for index in relation.indexes
        if index.unique and index.valid and not index.exclusion
        if set(index.columns) == set(keys) or set(index.columns) <= set(keys) & written
    ]
    ordered = sorted(usable, key=lambda i: (i.predicate is not None, len(i.columns) < len(keys), not i.immediate))
    return next(iter(ordered), None)


def _effect(relation: Relation | None, keys: tuple[str, ...], index: Index | None, first: _First) -> str:
    race = f"Two sessions at once both {first.seen} and both insert"
    if index:
        rows = f", for rows with {bare(index.predicate)}" if index.predicate else ""
        return f'{race}: the slower one fails with 23505 on "{index.name}"{rows}.'
    if relation and not keys:
        return f"{race}: the slower one fails with 23505 where a unique index forbids its row, else both rows stay."
    return f"{race}: both rows stay, since no unique index forbids it." if relation else f"{race}."


def _decided(index: Index, first: _First, answer: _Answer) -> str:
    """What happens where the index keeps one of the two sessions out, and the client can take the other's row."""
    race = f'Two sessions at once both {first.seen} and both insert. "{index.name}" refuses the second row'
    where = f" where {bare(index.predicate)}" if index.predicate else ""
    other = " All other rows stay twice." if where else ""
    if answer.release is None:
        return f"{race}{where}, and the client then takes the first.{other}"
    return f"{race}{where}: before {answer.release} with 23505, from then on the client takes the first.{other}"


def _remedy(relation: Relation | None, keys: tuple[str, ...], index: Index | None, answer: _Answer | None) -> str:
    if index and index.immediate:
        return f"Use one statement: INSERT ... {target_sql(index)} DO UPDATE SET ... (or DO NOTHING)."
    if relation is None or not keys:
        return "Use one INSERT ... ON CONFLICT statement, with a unique index on the key."
    create = f"Create the unique index: {unique_index_sql(relation, keys)}."
    if answer is not None:
        release = f" (from {answer.release} on)" if answer.release else ""
        return f"{create} With it the client{release} takes the row of the other session."
    statement = f"INSERT ... ON CONFLICT {columns_sql(keys)} DO UPDATE SET ... (or DO NOTHING)."
    return f"{create} Then use one statement: {statement}"

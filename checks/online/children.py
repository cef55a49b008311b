"""Children of rows that go: pointed to the kept row before, so that ON DELETE never touches one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import quoted
from ..wording import plural
from .collisions import collisions
from .columns import as_json
from .model import OnlineError
from .relation import rows_of
from .session import sqlstate

if TYPE_CHECKING:
    from .model import Table
    from .referencing import Reference
    from .taking import Taking

RE_POINT, QUARANTINE = "re-point", "quarantine"
_HINT = 'Pass children="quarantine" to take such children out as well, or mend them by hand; then run it again.'


def retire(batch: Taking, table: Table, listed: str, reason: str, children: str, above: tuple[Table, ...] = ()) -> int:
    """Take the listed rows out, their children pointed to the rows that are kept for them; the rows taken out.

    `children`: whether children that cannot be pointed there, since a unique key of theirs forbids it, are refused or
    taken out too. `above`: the tables on whose behalf this is done. Raises OnlineError for what stands in the way.
    """
    links = [(each, _links(batch, table, listed, each)) for each in batch.references(table)]
    taken = sum(_repoint(batch, link, each, listed, children, (*above, table)) for each, link in links)
    return taken + batch.take(table, listed, reason)


def _links(batch: Taking, table: Table, listed: str, reference: Reference) -> str:
    """A temporary table of the referenced values of each row that goes (o1, ..) and of the kept one (n1, ..)."""
    rows = rows_of(batch.session, table)
    columns = [quoted(name) for name in reference.referenced]
    old = ", ".join(f"o.{name} AS o{number}" for number, name in enumerate(columns, 1))
    new = ", ".join(f"k.{name} AS n{number}" for number, name in enumerate(columns, 1))
    return batch.temporary(
        f"SELECT {old}, {new}, r.kept_key FROM {listed} r"
        f" JOIN {rows} AS o ON o.tableoid = r.part AND o.ctid = r.tid"
        f" JOIN {rows} AS k ON k.tableoid = r.kept_part AND k.ctid = r.kept_tid"
        f" WHERE r.pgarbiter_place > 1 AND pg_catalog.num_nulls({', '.join(f'o.{name}' for name in columns)}) = 0"
    )


def _repoint(
    batch: Taking, link: str, reference: Reference, listed: str, children: str, above: tuple[Table, ...]
) -> int:
    """Point the children of one foreign key to the kept rows; the number of those taken out instead."""
    found = _Children(reference, link, listed)
    if not batch.count(f"SELECT 1 FROM {found.joined} FOR UPDATE OF pgarbiter_c"):
        return 0
    if reference.child in above and (len(above) > 1 or children == QUARANTINE):
        raise OnlineError(
            f"rows of {reference.child} would have to be pointed elsewhere by {reference} while rows of the same table"
            " are taken out; this batch was rolled back",
            "Mend those rows by hand, then run the same command again.",
        )
    for each in batch.references(reference.child):
        if each.follows and set(each.referenced) & set(reference.columns):
            raise OnlineError(
                f"children by {reference} cannot be pointed to the kept row, since {each} would have ON UPDATE write"
                " into its own rows; this batch was rolled back",
                "Mend those rows by hand, then run the same command again.",
            )
    if batch.count(f"SELECT 1 FROM {found.joined} AND pg_catalog.num_nulls({found.new}) > 0"):
        raise OnlineError(
            f"children by {reference} cannot be pointed to a kept row, since its referenced columns are NULL;"
            " this batch was rolled back",
            "Choose the kept row otherwise (keep), so that the row with the values is kept.",
        )
    taken = _take_collisions(batch, found, above) if children == QUARANTINE else 0
    _record(batch, found)
    _update(batch, found)
    return taken


class _Children:
    """The rows that reference a row that goes by one foreign key, in the words of SQL."""

    def __init__(self, reference: Reference, link: str, listed: str) -> None:
        self.reference = reference
        self.link = link
        self._names = tuple(f"n{number}" for number, _ in enumerate(reference.columns, 1))
        self.new = ", ".join(f"pgarbiter_x.{name}" for name in self._names)
        olds = tuple(f"o{number}" for number, _ in enumerate(reference.columns, 1))
        # A row that goes itself needs no new parent, and must be kept as it was.
        self.condition = (
            f"{reference.joined('pgarbiter_x', 'pgarbiter_c', olds)} AND NOT EXISTS (SELECT 1 FROM {listed} z"
            " WHERE z.pgarbiter_place > 1 AND z.part = pgarbiter_c.tableoid AND z.tid = pgarbiter_c.ctid)"
        )
        self.joined = f"{reference.rows} AS pgarbiter_c, {link} AS pgarbiter_x WHERE {self.condition}"

    @property
    def replaced(self) -> dict[str, str]:
        """The new value of each referencing column."""
        return {column: f"pgarbiter_x.{name}" for column, name in zip(self.reference.columns, self._names, strict=True)}


def _take_collisions(batch: Taking, found: _Children, above: tuple[Table, ...]) -> int:
    """Take out children that would get the unique key of a brother."""
    child, taken = found.reference.child, 0
    for index, query in collisions(batch, child, found.reference.rows, found.joined, found.replaced):
        listed = batch.temporary(query)
        if batch.count(f"SELECT 1 FROM {listed}"):
            batch.lock(child, listed, "kept_tid")
            reason = f'its parent was a duplicate, and the kept parent has a child of the same "{index}"'
            taken += retire(batch, child, listed, reason, QUARANTINE, above)
    return taken


def _record(batch: Taking, found: _Children) -> None:
    record = batch.record(found.reference.child)
    written = " || ".join(
        as_json((column,), "pgarbiter_c").replace(f"pgarbiter_c.{quoted(column)}", value)
        for column, value in found.replaced.items()
    )
    rows = f"SELECT {record.values('pgarbiter_c')}, pgarbiter_x.kept_key, {written} FROM {found.joined}"
    named = f"SELECT * FROM ({rows}) v(primary_key, row_data, row_text, kept_key, written)"
    batch.run(record.insert("child", f"its parent by {found.reference} was a duplicate", named))


def _update(batch: Taking, found: _Children) -> None:
    """Point them. The rows that go are locked, so that no new child can come; here none may be left."""
    sets = ", ".join(f"{quoted(column)} = {value}" for column, value in found.replaced.items())
    try:
        batch.run(
            f"UPDATE {found.reference.rows} AS pgarbiter_c SET {sets} FROM {found.link} AS pgarbiter_x"
            f" WHERE {found.condition}"
        )
    except DBAPIError as error:
        if sqlstate(error) != "23505":
            raise
        said = " ".join(str(error.orig).split("\n")[:2])
        raise OnlineError(
            f"children by {found.reference} cannot be pointed to the kept row: {said}; this batch was rolled back",
            _HINT,
        ) from error
    if left := batch.count(f"SELECT 1 FROM {found.joined}"):
        raise OnlineError(
            f"a trigger keeps or changes {plural(left, 'row')} of {found.reference.child} that would go on referencing"
            f" a row that goes, by {found.reference}; this batch was rolled back",
            f"Look at the triggers of {found.reference.child}, then run the same command again.",
        )

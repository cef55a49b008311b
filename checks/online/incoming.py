"""Foreign keys that reference a column which changes its type: taken off and set again in the transaction of the swap.

They come back NOT VALID, so that no table is read under the lock, and refuse wrong rows from that moment on. Which of
them were valid, and are to be validated behind the swap, is kept in their comments: a run that died there goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from . import proof
from .attributes import regclass
from .model import Lock, LockMode, OnlineError, Step, Table
from .pairing import refuse_unpaired
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conversion import Conversion
    from .session import Session
    from .work import Work

_PENDING = "pgarbiter: to be validated behind a change of type"
_SAID = f"{_PENDING}; the comment was "
_BROKEN = "23503"  # foreign_key_violation
_ON_PARTITIONED = 180000  # from here on, a partitioned table takes a foreign key NOT VALID
# By the index and not by the columns: the key may be over others, and the column only be INCLUDEd.
_OF = """\
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = {table} AND EXISTS (
    SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
    WHERE i.indexrelid = k.conindid AND a.attname = {column} AND a.attnum = ANY (i.indkey))"""
_KEYS = """\
SELECT k.conname, c.relname, n.nspname,
    pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', ''), k.convalidated,
    pg_catalog.obj_description(k.oid, 'pg_constraint')
{of} ORDER BY n.nspname, c.relname, k.conname"""
_OBSTACLES = """\
SELECT k.oid, k.conname, c.relname, n.nspname, {number} = ANY (k.confkey), c.relkind = 'p',
    CASE WHEN NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN pg_catalog.pg_get_userbyid(c.relowner) END,
    CASE WHEN COALESCE(pg_catalog.to_jsonb(k) ->> 'conperiod', 'false') = 'true'
        THEN 'it is over periods of time'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgconstraint = k.oid AND tgenabled <> 'O')
        THEN 'its triggers are disabled, or not enabled as usual'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_constraint x WHERE x.conparentid = k.oid AND x.conrelid <> k.conrelid
        AND (x.conname <> k.conname OR x.convalidated <> k.convalidated OR x.conislocal
            OR pg_catalog.obj_description(x.oid, 'pg_constraint') IS NOT NULL))
        THEN 'a partition has it by another name, or otherwise' END
{of} ORDER BY n.nspname, c.relname, k.conname"""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A foreign key of `child`. `definition`: as ADD CONSTRAINT takes it, without NOT VALID; `comment` is its own."""

    name: str
    child: Table
    definition: str
    validated: bool
    comment: str | None

    @property
    def pending(self) -> bool:
        """Whether it is back, and still has to be validated."""
        return (self.comment or "").startswith(_PENDING)

    @property
    def dropped(self) -> str:
        """The statement that takes it off."""
        return f"ALTER TABLE {self.child} DROP CONSTRAINT {quoted(self.name)}"

    @property
    def added(self) -> tuple[str, ...]:
        """The statements that set it again, without a scan, and note whether it is to be validated."""
        noted = self.comment
        if self.validated:
            noted = _PENDING if self.comment is None else f"{_SAID}{self.comment}"
        return (proof.added(self.child, self.name, self.definition), *(self._commented(noted) if noted else ()))

    @property
    def validation(self) -> tuple[str, ...]:
        """The statements that prove it and give it back the comment that it had."""
        comment = self.comment or ""
        former = comment.removeprefix(_SAID) if comment.startswith(_SAID) else None
        return (proof.validated(self.child, self.name), *self._commented(former))

    def __str__(self) -> str:
        """For messages."""
        return f'foreign key "{self.name}" of "{self.child}"'

    def _commented(self, text: str | None) -> tuple[str, ...]:
        said = "NULL" if text is None else literal(text)
        return (f"COMMENT ON CONSTRAINT {quoted(self.name)} ON {self.child} IS {said}",)


def incoming(session: Session, table: Table, column: str) -> tuple[Incoming, ...]:
    """The foreign keys that reference `table` by a unique index which holds `column`."""
    return tuple(
        Incoming(name, Table(child, schema), *rest)
        for name, child, schema, *rest in session.rows(_KEYS.format(of=_of(table, column)))
    )


def refuse(session: Session, conversion: Conversion, number: int, *, exact: bool) -> None:
    """Raise OnlineError for a foreign key that could not be set again as it is. `exact`: values stay the same."""
    of = _of(conversion.table, conversion.column)
    for row in session.rows(_OBSTACLES.format(of=of, number=number)):
        _refuse(session, conversion, row, number, exact=exact)


def validated_again(table: Table, column: str, keys: tuple[Incoming, ...], swapped: Callable[[Session], bool]) -> Step:
    """The step that validates those of `keys` that were valid. `swapped`: the column has its new type."""

    def pending(session: Session) -> tuple[Incoming, ...]:
        return tuple(each for each in incoming(session, table, column) if each.pending)

    def run(work: Work) -> int:
        for each in pending(work.session):
            _validate(work, each)
        return 0

    wanted = tuple(each for each in keys if each.validated or each.pending)
    long = (Lock(str(each), LockMode.SHARE_UPDATE_EXCLUSIVE, brief=False) for each in children(wanted))
    return Step(
        "references",
        "rows that reference the column are checked once more, while reads and writes go on",
        tuple(each.validation[0] for each in wanted),
        lambda s: swapped(s) and not pending(s),
        (*long, Lock(str(table), LockMode.ROW_SHARE, brief=False)),
        run=run,
    )


def children(keys: tuple[Incoming, ...]) -> tuple[Table, ...]:
    """The tables that the foreign keys belong to, each once, in the order in which they are locked."""
    return tuple(dict.fromkeys(each.child for each in keys))


def _of(table: Table, column: str) -> str:
    return _OF.format(table=regclass(table), column=literal(column))


def _refuse(session: Session, conversion: Conversion, row: tuple[Any, ...], number: int, *, exact: bool) -> None:
    key, name, child, schema, by_column, partitioned, owner, reason = row
    table = Table(child, schema)
    what = f'foreign key "{name}" of "{table}"'
    if owner is not None:
        raise OnlineError(
            f'{what} references column "{conversion.column}" of "{conversion.table}", and this role does not own that'
            " table; nothing was changed",
            f'Run the migration as "{owner}", or as a member of the owners of both.',
        )
    if partitioned and session.version < _ON_PARTITIONED:
        reason = "before PostgreSQL 18 a partitioned table takes a foreign key only with all rows read under lock"
    if reason is None and by_column and not exact:
        reason = f"a value as {conversion.type} need not be the one that it is as {conversion.old}"
    if reason is not None:
        raise OnlineError(
            f"{what} cannot be carried over: {reason}; nothing was changed",
            "Drop it in a revision before, and make it again by op.add_foreign_key_online in one behind.",
        )
    if by_column:
        refuse_unpaired(session, conversion, number, key, what)


def _validate(work: Work, key: Incoming) -> None:
    try:
        work.transact_all(key.validation)
    except DBAPIError as error:
        if sqlstate(error) != _BROKEN:
            raise
        raise OnlineError(
            f'foreign key "{key.name}" of "{key.child}" is set again and refuses wrong rows, but is not validated: it'
            " was broken before already, by rows that were written around it; the column has its new type",
            f"{key.validation[0]}; names such a row: mend them, then run the same command again.",
        ) from error

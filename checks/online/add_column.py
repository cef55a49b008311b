"""`op.add_column_online`: a column with any default, without a rewrite of the table under lock; and its reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from . import batches, preflight
from .attributes import columns, regclass
from .directives import register
from .model import Lock, LockMode, OnlineError, Operation, Step, Table
from .not_null import not_null
from .obstacles import Obstacle
from .subject import subject
from .type_name import canonical

if TYPE_CHECKING:
    from .attributes import Column
    from .session import Session

# On a column that is being filled: NULL in it may also be what a writer wants, so the rows cannot tell.
MARK = "pgarbiter: being filled with its default"
_ANY = object()


@register
@dataclass(frozen=True, slots=True)
class AddColumn(Operation):
    """Add `column` of `type`, with SQL expression `default`, NOT NULL if `not_null`.

    A default that is constant or the same for all rows of a statement, like now(), costs nothing. A volatile one, like
    gen_random_uuid(), is filled in in small batches; row triggers of the table fire then.
    """

    directive: ClassVar[str] = "add_column_online"
    table: Table
    column: str
    type: str
    default: str | None = None
    not_null: bool = False

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One step, or for a volatile default: add, fill, and then NOT NULL."""
        table = subject(session, self.table).table
        if self.not_null and self.default is None:
            raise OnlineError(
                f'column "{self.column}" NOT NULL without a default cannot be added to "{table}"; nothing was changed',
                "Give it a default, or add it nullable, fill it, and use op.set_not_null_online.",
            )
        wanted = canonical(session, self.type)
        here = columns(session, table).get(self.column)
        if here is not None and here.type != wanted:
            raise OnlineError(
                f'column "{self.column}" of "{table}" is there with type {here.type}, wanted {wanted};'
                " nothing was changed",
                "Choose another name, or change its type by op.change_type_online.",
            )
        at_once = self.default is None or not _is_volatile(session, table, self.default, self.type)
        if here is not None:
            self._refuse_another(session, table, here, at_once=at_once)
        if self.default is None or at_once:
            return (self._added(table, self._whole(table)),)
        return self._filled(session, table, self.default)

    def reverse(self) -> Operation:
        """Drop it."""
        return DropColumn(self.table, self.column, self.type, self.default, self.not_null)

    def script(self) -> tuple[str, ...]:
        """One statement, right for any default but a volatile one, which rewrites the table."""
        return (self._whole(self.table),)

    def _refuse_another(self, session: Session, table: Table, here: Column, *, at_once: bool) -> None:
        """Raise OnlineError when the column that is there was not added by this directive: it lacks what is wanted."""
        default = _written(session, table, self)
        if (default is _ANY or here.default == default) and (not at_once or here.not_null or not self.not_null):
            return
        found = f"{f'default {here.default}' if here.default else 'no default'}{' NOT NULL' * here.not_null}"
        raise OnlineError(
            f'column "{self.column}" of "{table}" is there already, with {found}; nothing was changed',
            "Choose another name, or leave it and use SET DEFAULT, op.backfill_online, op.set_not_null_online.",
        )

    def _whole(self, table: Table) -> str:
        default = "" if self.default is None else f" DEFAULT {self.default}"
        never = " NOT NULL" if self.not_null else ""
        return f"ALTER TABLE {table} ADD COLUMN {quoted(self.column)} {self.type}{default}{never}"

    def _added(self, table: Table, *statements: str) -> Step:
        return Step(
            "add",
            "a change of the catalog alone: no row is touched",
            statements,
            lambda s: self.column in columns(s, table),
            (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
            undo=f"ALTER TABLE {table} DROP COLUMN {quoted(self.column)}",
        )

    def _filled(self, session: Session, table: Table, default: str) -> tuple[Step, ...]:
        name, where = quoted(self.column), f"{quoted(self.column)} IS NULL"
        add = self._added(
            table,
            f"ALTER TABLE {table} ADD COLUMN {name} {self.type}",
            f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {default}",
            f"COMMENT ON COLUMN {table}.{name} IS {literal(MARK)}",
        )
        fill = Step(
            "fill",
            "each batch locks its own rows only, for the length of one short transaction",
            (f"UPDATE {table} SET {name} = {default} WHERE {where}",),
            lambda s: not self._is_marked(s, table) or not batches.remain(s, table, where),
            (Lock(str(table), LockMode.ROW_EXCLUSIVE),),
            run=lambda work: batches.change(work, batches.Change(table, {self.column: default}, where)),
        )
        finish = Step(
            "finish",
            "all rows have their value, and NULL is left alone from here on",
            (f"COMMENT ON COLUMN {table}.{name} IS NULL",),
            lambda s: not self._is_marked(s, table),
            (Lock(str(table), LockMode.SHARE_UPDATE_EXCLUSIVE),),
        )
        obstacle = Obstacle(
            table,
            where,
            f'column "{self.column}" is NULL',
            "backfill",
            "",
            "",
            lambda s: preflight.nulls(s, table, self.column),
            {self.column: default},
        )
        return (add, fill, *(not_null(session, table, self.column, obstacle) if self.not_null else ()), finish)

    def _is_marked(self, session: Session, table: Table) -> bool:
        here = columns(session, table).get(self.column)
        return here is not None and bool(
            session.value(f"SELECT pg_catalog.col_description({regclass(table)}, {here.number}) = {literal(MARK)}")
        )


@register
@dataclass(frozen=True, slots=True)
class DropColumn(Operation):
    """Drop `column` and what it holds. The rest serves the reverse."""

    directive: ClassVar[str] = "drop_column_online"
    table: Table
    column: str
    type: str | None = None
    default: str | None = None
    not_null: bool = False

    def steps(self, session: Session) -> tuple[Step, ...]:
        """One step."""
        table = subject(session, self.table).table
        return (
            Step(
                "drop",
                "a change of the catalog alone: no row is touched",
                (f"ALTER TABLE {table} DROP COLUMN {quoted(self.column)}",),
                lambda s: self.column not in columns(s, table),
                (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
            ),
        )

    def reverse(self) -> Operation | None:
        """Add it again, where its type is known; its values are gone."""
        if self.type is None:
            return None
        return AddColumn(self.table, self.column, self.type, self.default, self.not_null)

    def script(self) -> tuple[str, ...]:
        """One statement."""
        return (f"ALTER TABLE {self.table} DROP COLUMN {quoted(self.column)}",)


def _written(session: Session, table: Table, wanted: AddColumn) -> object:
    """The default as the server writes it, asked of an empty copy; _ANY where the session may not make one."""
    if session.value("SELECT pg_catalog.current_setting('transaction_read_only')") == "on":
        return _ANY
    copy, name = "pg_temp.pgarbiter_copy", quoted(wanted.column)
    with session.transaction():
        session.run(f"CREATE TEMPORARY TABLE pgarbiter_copy (LIKE {table})")
        session.run(f"ALTER TABLE {copy} DROP COLUMN IF EXISTS {name}")
        session.run(f"ALTER TABLE {copy} ADD COLUMN {name} {wanted.type} DEFAULT {wanted.default or 'NULL'}")
        found = columns(session, Table("pgarbiter_copy", "pg_temp"))[wanted.column].default
        session.run(f"DROP TABLE {copy}")
    return found


def _is_volatile(session: Session, table: Table, default: str, type_: str) -> bool:
    """Whether the server would rewrite the table for it: it does not pull a subquery with a volatile value up.

    A domain counts as volatile too: with constraints, its values are checked row by row in a rewrite.
    """
    query = f"WITH found AS (SELECT CAST({default} AS {type_}) AS value) SELECT value FROM found"
    try:
        ((plan,),) = session.rows(f"EXPLAIN (FORMAT JSON) {query}")
        domain = session.value(
            f"SELECT typtype = 'd' FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype({literal(type_)})"
        )
    except DBAPIError as error:
        if session.lost:
            raise
        said = str(error.orig).splitlines()[0]
        raise OnlineError(
            f"{default} can be no default of a column of {table} of type {type_}: {said}; nothing was changed",
            "Mend the expression, and qualify functions that are not on the search_path.",
        ) from error
    return bool(domain) or "CTE Scan" in str(plan)

"""`op.change_type_online`: another type for a column, by a shadow column that takes its place in one instant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from . import carried, firing, incoming, policies, views
from .attributes import Column, column, columns
from .conversion import Conversion
from .default import carried_default
from .directives import register
from .model import OnlineError, Operation, Table
from .removal import restored
from .shadow import Shadow
from .subject import subject
from .type_name import INTEGERS, canonical, is_date, is_safe, refuse_collation, refuse_constrained
from .unique import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Step
    from .session import Session


@register
@dataclass(frozen=True, slots=True)
class ChangeType(Operation):
    """Give `column` another `type`; its values become those of SQL expression `using`, by default a cast.

    `using` names no other column and only functions of pg_catalog, or qualified ones; what gives NULL or a data
    exception for a value that is not NULL counts as unparsable. `unparsable`: "refuse", or "quarantine" for such rows.
    Where two values become one that a unique index does not take twice: `duplicates`, `keep`, `merge` and `children`
    as in `op.add_unique_online`. Rows are taken out under `rule`. `keep_old`: the old column stays, nullable, as
    `<column>_before`. For the reverse: `was` is the old type and `back` the expression that gives the old values.
    `recover`: take them from `<column>_before` where they still fit; `restore`: the rule whose rows come back.
    A column that has the type already is left as it is. While it runs the table has one more column,
    `<column>_pgarbiter`; the new column stands last in the table afterwards, so let no INSERT go without a list of
    columns.

    The new column has the old one's default, sequence, NOT NULL, indexes, constraints, rights and comment. Policies of
    any table that name it are set again; views over it are dropped and made again, with owner, options, rights,
    comments, defaults and triggers, all in the transaction of the swap. So are foreign keys that reference it, where
    values stay the same (smallint, integer and bigint among each other, and to numeric): NOT VALID, so that no table
    is read under lock, then validated behind it. Referencing columns keep their type: change theirs next. A statement
    that a session has prepared and that gives the column back fails once behind the swap (0A000, cached plan must not
    change result type), as it does behind ALTER TABLE.

    Refused, before anything is changed: partitioned tables, those that inherit, and those with rules; a generated
    column, and what is generated from the column; materialized views, and views that others than views depend on, that
    belong to somebody else, or have rules; triggers that name the column; exclusion constraints, extended statistics,
    column lists of publications, the index of a replica identity, unique indexes with an operator class or collation
    of their own; foreign keys from partitioned tables before PostgreSQL 18, those whose triggers are disabled, and the
    column's own with ON DELETE SET NULL (columns); collations other than the type's; domains with constraints; and
    policies, views, indexes and checks that the new type does not fit. Rows that others reference are not taken out as
    unparsable.
    """

    directive: ClassVar[str] = "change_type_online"
    table: Table
    column: str
    type: str
    using: str | None = None
    unparsable: str = "refuse"
    duplicates: str = "refuse"
    keep: str | None = None
    merge: Mapping[str, str] = field(default_factory=dict)
    children: str = "re-point"
    keep_old: bool = False
    rule: str | None = None
    was: str | None = None
    back: str | None = None
    recover: bool = False
    restore: str | None = None

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Fill a shadow column, prove it, build its indexes, swap, and tidy up."""
        table = subject(session, self.table).table
        here = column(session, table, self.column)
        conversion = self._conversion(session, table, here.type)
        changes = here.type != conversion.type
        if changes:
            self._refuse(session, conversion, here)
        shadow = Shadow(
            conversion,
            carried.indexes(session, conversion, here.number),
            carried.rules(session, conversion, here.number),
            incoming.incoming(session, table, self.column),
            policies.policies(session, table, self.column),
            views.views(session, table, self.column),
            self._policy,
            self.unparsable,
            here.not_null,
            self.keep_old,
        )
        if changes:
            policies.refuse(session, conversion)
            views.refuse(session, conversion)
        return (*shadow.steps(), *((restored(table, self.restore),) if self.restore else ()))

    def _refuse(self, session: Session, conversion: Conversion, here: Column) -> None:
        """Raise OnlineError for what could not be done later, half done."""
        self._policy.check()
        if here.generated:
            raise OnlineError(f'column "{here.name}" of "{conversion.table}" is generated; nothing was changed')
        if conversion.kept is None and conversion.before in columns(session, conversion.table):
            raise OnlineError(
                f'column "{conversion.before}" of "{conversion.table}" is in the way: the old values of'
                f' "{here.name}" would take its name; nothing was changed',
                "Drop or rename it first.",
            )
        if conversion.is_another(session):
            raise OnlineError(
                f'a change of column "{here.name}" of "{conversion.table}" has begun with another expression, and is'
                " not done; nothing was changed now",
                f"Give it up first: DROP FUNCTION {conversion.filler} CASCADE;"
                f" ALTER TABLE {conversion.table} DROP COLUMN {quoted(conversion.shadow)};",
            )
        refuse_constrained(session, conversion.type)
        refuse_collation(session, conversion.table, here.name, self.type)
        carried.refuse_others(session, conversion.table, here.name, here.number)
        carried.refuse_rules(session, conversion, here.number)
        incoming.refuse(session, conversion, here.number, exact=self._is_exact(conversion))
        firing.settings(session, conversion)
        _try(session, conversion)
        carried_default(session, conversion, here)

    def reverse(self) -> Operation | None:
        """Back to the type that was, where it is told, and what was taken out comes back."""
        if self.was is None:
            return None
        takes = "quarantine" in (self.unparsable, self.duplicates)
        return ChangeType(
            self.table,
            self.column,
            self.was,
            self.back,
            keep_old=self.recover,
            was=self.type,
            back=self.using,
            recover=self.keep_old,
            restore=self._policy.rule if takes else None,
        )

    def _conversion(self, session: Session, table: Table, old: str) -> Conversion:
        new = canonical(session, self.type)
        here = Conversion(
            table,
            self.column,
            old,
            new,
            self.using,
            safe=self.using is None and is_safe(session, old, new),
            dates=is_date(session, new),
        )
        if not self.recover or here.before not in columns(session, table):
            return here
        forward = self.back or f"CAST({quoted(self.column)} AS {self.was})"
        return replace(here, kept=here.before, forward=forward)

    def _is_exact(self, conversion: Conversion) -> bool:
        """Whether a value stays the one that it is, so that what references it still does."""
        cast = self.using is None and (self.back is None or not self.recover)
        return cast and conversion.old in INTEGERS and conversion.type in (*INTEGERS, "numeric")

    @property
    def _policy(self) -> Policy:
        rule = self.rule or f"{self.directive} {self.table.name} {self.column}"
        return Policy(self.duplicates, rule, self.keep, self.merge, self.children)


def _try(session: Session, conversion: Conversion) -> None:
    """Whether the expression can be one at all. Raises OnlineError with what the server says."""
    name = quoted(conversion.column)
    using = conversion.using or f"CAST({name} AS {conversion.type})"
    path = session.value("SELECT pg_catalog.current_setting('search_path')")
    session.rows("SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)")
    try:
        session.rows(
            f"SELECT CAST({using} AS {conversion.type}) FROM (SELECT NULL::{conversion.old} AS {name}) pgarbiter_row"
        )
    except DBAPIError as error:
        if session.lost:
            raise
        raise OnlineError(
            f'column "{conversion.column}" of "{conversion.table}" cannot be converted by {using}: {_said(error)};'
            " nothing was changed",
            "Write using=... over the column's own name alone, with functions of pg_catalog or qualified ones.",
        ) from error
    finally:
        if not session.lost:
            session.rows(f"SELECT pg_catalog.set_config('search_path', {literal(path)}, false)")


def _said(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0]

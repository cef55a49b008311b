"""Row security policies that name a column which changes its type: their expressions are set again in the swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .attributes import regclass
from .model import OnlineError, Table
from .stand_in import fitting, stand_in

if TYPE_CHECKING:
    from .conversion import Conversion
    from .session import Session

_POLICIES = """\
SELECT p.polname, c.relname, n.nspname, pg_catalog.pg_get_expr(p.polqual, p.polrelid),
    pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END,
    CASE WHEN NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN pg_catalog.pg_get_userbyid(c.relowner) END
FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid
    AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = {table} AND a.attname = {column})
ORDER BY n.nspname, c.relname, p.polname"""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of `table`; `clauses` are USING and WITH CHECK as CREATE and ALTER POLICY take them.

    `owner`: of its table, where this role has not the owner's rights.
    """

    name: str
    table: Table
    clauses: str
    command: str
    owner: str | None

    @property
    def altered(self) -> str:
        """The statement that sets its expressions, which find the columns by their names of then."""
        return f"ALTER POLICY {quoted(self.name)} ON {self.table} {self.clauses}"

    def __str__(self) -> str:
        """For messages."""
        return f'policy "{self.name}" of "{self.table}"'


def policies(session: Session, table: Table, column: str) -> tuple[Policy, ...]:
    """Those of any table that name the column, with their expressions as the session's search_path has them printed."""
    found = session.rows(_POLICIES.format(table=regclass(table), column=literal(column)))
    return tuple(
        Policy(name, Table(of, schema), _clauses(using, check), command, owner)
        for name, of, schema, using, check, command, owner in found
    )


def refuse(session: Session, conversion: Conversion) -> None:
    """Raise OnlineError for a policy that does not fit the new type, or is on a table of somebody else's."""
    with stand_in(session, conversion) as hide:
        found = policies(session, conversion.table, conversion.column)
        for each in found:
            if each.owner is not None:
                raise OnlineError(
                    f'{each} names column "{conversion.column}" of "{conversion.table}", and this role does not own'
                    " that table; nothing was changed",
                    f'Run the migration as "{each.owner}", or as a member of the owners of both.',
                )
        if found:
            hide()
        made: set[Table] = {conversion.table}
        for number, each in enumerate(found):
            with fitting(session, conversion, str(each)):
                if each.table not in made:
                    session.run(f"CREATE TEMPORARY TABLE {quoted(each.table.name)} (LIKE {each.table})")
                    made.add(each.table)
                session.run(
                    f"CREATE POLICY pgarbiter_{number} ON pg_temp.{quoted(each.table.name)} FOR {each.command}"
                    f" {each.clauses}"
                )


def _clauses(using: str | None, check: str | None) -> str:
    return " ".join(
        f"{clause} ({expression})"
        for clause, expression in (("USING", using), ("WITH CHECK", check))
        if expression is not None
    )

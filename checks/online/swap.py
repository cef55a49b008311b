"""The transaction in which the shadow column takes the old one's place, with its indexes, constraints and default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from . import views
from .attributes import Column, column, regclass
from .carried import names, others
from .default import carried_default, mark
from .incoming import children, incoming
from .model import Lock, LockMode, OnlineError, Table
from .names import derived_name
from .policies import policies

if TYPE_CHECKING:
    from .carried import Index, Rule
    from .conversion import Conversion
    from .incoming import Incoming
    from .policies import Policy
    from .session import Session
    from .views import View

_LARGER = ("bigint",)
_OF_OTHERS = """\
WITH old AS (SELECT c.oid, c.relname, c.reloptions, i.indisclustered, n.nspname FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indrelid = {table} AND c.relname IN ({names}))
SELECT pg_catalog.format('ALTER INDEX %I.%I SET (%s)', nspname, relname, pg_catalog.array_to_string(reloptions, ', '))
FROM old WHERE reloptions IS NOT NULL
UNION ALL SELECT pg_catalog.format('ALTER TABLE %s CLUSTER ON %I', {shown}, relname) FROM old WHERE indisclustered
UNION ALL SELECT pg_catalog.format('COMMENT ON INDEX %I.%I IS %L', nspname, relname, d.said)
FROM old CROSS JOIN LATERAL pg_catalog.obj_description(oid, 'pg_class') d (said) WHERE d.said IS NOT NULL
UNION ALL SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, {shown}, d.said)
FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL pg_catalog.obj_description(k.oid, 'pg_constraint') d (said)
WHERE k.conrelid = {table} AND k.conname IN ({names}) AND d.said IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Swap:
    """What changes places. A column with former values that the conversion took them from is dropped."""

    conversion: Conversion
    indexes: tuple[Index, ...]
    rules: tuple[Rule, ...]
    keys: tuple[Incoming, ...]
    policies: tuple[Policy, ...]
    views: tuple[View, ...]

    @property
    def locks(self) -> tuple[Lock, ...]:
        """What is locked: views over it, tables that reference it, then the table, then those that it references."""
        return tuple(
            Lock(name, LockMode.ACCESS_EXCLUSIVE)
            for name in dict.fromkeys(
                (
                    *(str(each.name) for each in reversed(self.views)),
                    *map(str, self._locked),
                    *(each.referenced for each in self.rules),
                )
            )
            if name is not None
        )

    def locking(self, session: Session, attempt: int) -> tuple[str, ...]:
        """The statements that lock, before anything is asked or changed: in the order in which most others do it.

        Who writes a child locks it, and then the parent to look at it: children come first. Who writes both in one
        transaction may begin with either: every other attempt lets those end first who have begun with the parent,
        by a lock that only writers of the parent wait for.
        """
        tables = tuple(f"LOCK TABLE {each} IN ACCESS EXCLUSIVE MODE" for each in self._locked)
        first = f"LOCK TABLE {self._table} IN SHARE ROW EXCLUSIVE MODE"
        above = views.locking(session, views.views(session, *self._column))
        return (*above, *((first,) if attempt % 2 == 0 and len(tables) > 1 else ()), *tables)

    @property
    def _locked(self) -> tuple[Table, ...]:
        """Tables that reference it or whose policies name the column, then the table itself."""
        others = dict.fromkeys((*children(self.keys), *(each.table for each in self.policies)))
        return (*(each for each in others if each != self._table), self._table)

    def statements(self, session: Session) -> tuple[str, ...]:
        """All of it, for one transaction that has locked the tables before this was asked: sequences stand still."""
        was = column(session, self._table, self.conversion.column)
        self._refuse_new(session, was.number)
        default = carried_default(session, self.conversion, was)
        sequence = _sequence(session, self._table, self.conversion.column)
        keys = incoming(session, *self._column)
        named = policies(session, *self._column)
        above = views.views(session, *self._column)
        return (
            *views.dropped(above),
            *(each.dropped for each in keys),
            f"DROP TRIGGER {quoted(self.conversion.trigger)} ON {self._table}",
            *((f"{self._alter} ALTER COLUMN {self._shadow} SET NOT NULL",) if was.not_null else ()),
            f"{self._alter} DROP CONSTRAINT {quoted(self.conversion.proof)}",
            *self._dropped(),
            *((f"{self._alter} DROP COLUMN {quoted(self.conversion.kept)}",) if self.conversion.kept else ()),
            *(sequence.leave(self._table, was) if sequence else ()),
            f"{self._alter} RENAME COLUMN {self._own} TO {self._before}",
            f"{self._alter} RENAME COLUMN {self._shadow} TO {self._own}",
            f"{self._alter} ALTER COLUMN {self._before} DROP DEFAULT, ALTER COLUMN {self._before} DROP NOT NULL",
            f"COMMENT ON COLUMN {self._table}.{self._before} IS {literal(mark(was))}",
            *self._renamed(),
            *self._not_null_named(session, was),
            f"{self._alter} ALTER COLUMN {self._own} {f'SET DEFAULT {default}' if default else 'DROP DEFAULT'}",
            *(sequence.join(self._table, was, self.conversion.type) if sequence else ()),
            *_belongings(session, self._table, was),
            *self._kept_of_others(session),
            *views.made(session, above),
            *(each.altered for each in named),
            *(statement for each in keys for statement in each.added),
        )

    def _refuse_new(self, session: Session, number: int) -> None:
        """Raise OnlineError when something depends on the column, or does so no longer, since the steps were made."""
        own = {each.name for each in self.indexes} | {each.name for each in self.rules}
        known = own ^ names(session, self.conversion, number)
        before = {str(each) for each in (*self.keys, *self.policies, *self.views)}
        now = (
            incoming(session, *self._column),
            policies(session, *self._column),
            views.views(session, *self._column),
        )
        known |= before ^ {str(each) for found in now for each in found}
        changed = sorted(known | set(others(session, self._table, number)))
        if changed:
            raise OnlineError(
                f'what depends on column "{self.conversion.column}" of "{self._table}" has changed meanwhile:'
                f" {'; '.join(changed)}; it still has its old type, and writers go on",
                "Run the same command again: it takes this into account, and goes on where it stopped.",
            )

    @property
    def _table(self) -> Table:
        return self.conversion.table

    @property
    def _column(self) -> tuple[Table, str]:
        return self.conversion.table, self.conversion.column

    @property
    def _alter(self) -> str:
        return f"ALTER TABLE {self._table}"

    @property
    def _own(self) -> str:
        return quoted(self.conversion.column)

    @property
    def _shadow(self) -> str:
        return quoted(self.conversion.shadow)

    @property
    def _before(self) -> str:
        return quoted(self.conversion.before)

    def _dropped(self) -> tuple[str, ...]:
        names = [each.name for each in self.rules] + [each.name for each in self.indexes if each.constraint]
        return (
            *(f"{self._alter} DROP CONSTRAINT {quoted(name)}" for name in names),
            *(f"DROP INDEX {self._table.beside(each.name)}" for each in self.indexes if not each.constraint),
        )

    def _renamed(self) -> tuple[str, ...]:
        return (
            *(
                f"{self._alter} ADD CONSTRAINT {quoted(each.name)} {each.constraint} USING INDEX"
                f" {quoted(twin(each.name))}{each.deferrable}"
                if each.constraint
                else f"ALTER INDEX {self._table.beside(twin(each.name))} RENAME TO {quoted(each.name)}"
                for each in self.indexes
            ),
            *(
                f"{self._alter} RENAME CONSTRAINT {quoted(twin(each.name))} TO {quoted(each.name)}"
                for each in self.rules
            ),
        )

    def _kept_of_others(self, session: Session) -> tuple[str, ...]:
        """Comments of indexes and constraints, options of indexes, CLUSTER: of the old ones, for their namesakes."""
        names = ", ".join(map(literal, [*(e.name for e in self.indexes), *(e.name for e in self.rules)]))
        if not names:
            return ()
        shown = literal(str(self._table))
        found = session.rows(_OF_OTHERS.format(table=regclass(self._table), shown=shown, names=names))
        return tuple(statement for (statement,) in found)

    def _not_null_named(self, session: Session, was: Column) -> tuple[str, ...]:
        """PostgreSQL 18 names NOT NULL; the new column's, made above, gets the name that the old one's had."""
        name = session.value(
            f"SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = {regclass(self._table)}"
            f" AND contype = 'n' AND conkey = ARRAY[{was.number}::int2]"
        )
        if name is None:
            return ()
        return (
            "DO "
            + literal(
                "DECLARE found name; BEGIN SELECT k.conname INTO STRICT found FROM pg_catalog.pg_constraint k"
                " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]"
                f" WHERE k.contype = 'n' AND a.attrelid = {regclass(self._table)}"
                f" AND a.attname = {literal(self.conversion.column)};"
                f" IF found <> {literal(name)} THEN EXECUTE pg_catalog.format({literal(self._alter)}"
                f" || ' RENAME CONSTRAINT %I TO %I', found, {literal(name)}); END IF; END"
            ),
        )


def twin(name: str) -> str:
    """What an index or constraint over the shadow column is called until it takes the place of `name`."""
    return derived_name(name, "pgarbiter_twin")


@dataclass(frozen=True, slots=True)
class _Sequence:
    """The sequence of the column; `options` and `position` as statements need them."""

    name: str
    type: str
    options: str
    position: str

    def leave(self, table: Table, was: Column) -> tuple[str, ...]:
        if was.identity:
            return (f"ALTER TABLE {table} ALTER COLUMN {was} DROP IDENTITY",)
        return ()

    def join(self, table: Table, was: Column, new: str) -> tuple[str, ...]:
        if was.identity:
            kind = "ALWAYS" if was.identity == "a" else "BY DEFAULT"
            options = f"(SEQUENCE NAME {self.name} {self.options})"
            return (
                f"ALTER TABLE {table} ALTER COLUMN {was} ADD GENERATED {kind} AS IDENTITY {options}",
                f"SELECT pg_catalog.setval({literal(self.name)}, {self.position})",
            )
        wider = (f"ALTER SEQUENCE {self.name} AS {new}",) if new in _LARGER and self.type not in _LARGER else ()
        return (f"ALTER SEQUENCE {self.name} OWNED BY {table}.{was}", *wider)


def _sequence(session: Session, table: Table, name: str) -> _Sequence | None:
    found = session.value(f"SELECT pg_catalog.pg_get_serial_sequence({literal(str(table))}, {literal(name)})")
    if found is None:
        return None
    ((kind, start, step, least, most, cache, cycles),) = session.rows(
        "SELECT pg_catalog.format_type(seqtypid, NULL), seqstart, seqincrement, seqmin,"
        " CASE WHEN seqmax <> CASE seqtypid::regtype::text WHEN 'smallint' THEN 32767"
        " WHEN 'integer' THEN 2147483647 ELSE 9223372036854775807 END THEN seqmax END, seqcache, seqcycle"
        f" FROM pg_catalog.pg_sequence WHERE seqrelid = {literal(found)}::regclass"
    )
    ((last, called),) = session.rows(f"SELECT last_value, is_called FROM {found}")
    limit = "NO MAXVALUE" if most is None else f"MAXVALUE {most}"
    turns = "CYCLE" if cycles else "NO CYCLE"
    options = f"INCREMENT BY {step} MINVALUE {least} {limit} START WITH {start} CACHE {cache} {turns}"
    return _Sequence(found, kind, options, f"{last}, {str(called).lower()}")


def _belongings(session: Session, table: Table, was: Column) -> tuple[str, ...]:
    """Privileges, comment and statistics target of the old column, for the new one of its name."""
    found = session.rows(
        "SELECT pg_catalog.format('GRANT %s (%I) ON TABLE %s TO %s%s', g.privilege_type, a.attname,"
        f" {literal(str(table))}, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident("
        "pg_catalog.pg_get_userbyid(g.grantee)) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"
        " FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) g"
        f" WHERE a.attrelid = {regclass(table)} AND a.attnum = {was.number}"
    )
    ((comment, target, options),) = session.rows(
        f"SELECT pg_catalog.col_description({regclass(table)}, {was.number}), COALESCE(attstattarget, -1),"
        " pg_catalog.array_to_string(attoptions, ', ')"
        f" FROM pg_catalog.pg_attribute WHERE attrelid = {regclass(table)} AND attnum = {was.number}"
    )
    return (
        *(statement for (statement,) in found),
        *((f"COMMENT ON COLUMN {table}.{was} IS {literal(comment)}",) if comment else ()),
        *((f"ALTER TABLE {table} ALTER COLUMN {was} SET STATISTICS {target}",) if target >= 0 else ()),
        *((f"ALTER TABLE {table} ALTER COLUMN {was} SET ({options})",) if options else ()),
    )

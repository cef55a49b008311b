"""Views over a column that changes its type: dropped and made again, with all that is theirs, in the swap.

A view cannot be given another column type, so it is made anew from what the catalog has of it. What has no place in
that, and what depends on a view and is no view itself, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .attributes import regclass
from .model import OnlineError, Table
from .session import document
from .stand_in import fitting, stand_in

if TYPE_CHECKING:
    from .conversion import Conversion
    from .session import Session

# All views and materialized views that name the column, and those that name one of these, with what each names.
_VIEWS = """\
WITH RECURSIVE named (oid, by) AS (
    SELECT d.refobjid, r.ev_class FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
    AND d.refobjid = {table} AND r.ev_class <> d.refobjid AND a.attname = {column}
    UNION
    SELECT d.refobjid, r.ev_class FROM named JOIN pg_catalog.pg_depend d ON d.refobjid = named.by
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
    AND r.ev_class <> d.refobjid)
SELECT c.oid, c.relname, n.nspname, pg_catalog.json_agg(DISTINCT named.oid::bigint) FILTER (WHERE named.oid <> {table})
FROM named JOIN pg_catalog.pg_class c ON c.oid = named.by JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY c.oid, c.relname, n.nspname ORDER BY n.nspname, c.relname"""
_REASONS = """\
SELECT CASE WHEN c.relkind = 'm' THEN 'a materialized view has rows of its own'
    WHEN c.relkind <> 'v' THEN 'it is a table with rules'
    WHEN n.nspname ~ '^pg_(temp|toast_temp)_' THEN 'it is temporary'
    WHEN pg_catalog.pg_get_userbyid(c.relowner) <> current_user AND pg_catalog.current_setting('is_superuser') <> 'on'
        THEN 'it belongs to role "' || pg_catalog.pg_get_userbyid(c.relowner) || '"'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid AND rulename <> '_RETURN')
        THEN 'it has rules of its own'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = c.oid
        AND deptype IN ('e', 'x')) THEN 'it belongs to an extension'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_seclabel WHERE classoid = 'pg_catalog.pg_class'::regclass AND objoid = c.oid)
        THEN 'it has a security label'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'O')
        THEN 'it has a trigger that is not enabled as usual'
    WHEN EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) WHERE grantor <> c.relowner) OR EXISTS (
        SELECT FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) g
        WHERE a.attrelid = c.oid AND g.grantor <> c.relowner) THEN 'others than its owner granted rights on it'
    ELSE (SELECT pg_catalog.min(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) || ' depends on it'
        FROM pg_catalog.pg_depend d WHERE d.deptype <> 'i'
        AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
            OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (
                SELECT oid FROM pg_catalog.pg_type t WHERE c.reltype IN (t.oid, t.typelem)))
        AND d.classid <> 'pg_catalog.pg_rewrite'::regclass
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger x WHERE d.classid = 'pg_catalog.pg_trigger'::regclass
            AND x.oid = d.objid AND x.tgrelid = c.oid)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef x WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass
            AND x.oid = d.objid AND x.adrelid = c.oid)) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {oid}"""
# Rights, comments, defaults of columns, and triggers, as statements.
_BELONGINGS = """\
SELECT pg_catalog.format('GRANT %s ON %s TO %s%s', g.privilege_type, {name}, w.grantee, g.option)
FROM pg_catalog.pg_class c CROSS JOIN LATERAL (SELECT privilege_type, grantee,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM pg_catalog.aclexplode(c.relacl)) g (
    privilege_type, grantee, option) CROSS JOIN LATERAL ({role}) w (grantee) WHERE c.oid = {oid}
UNION ALL SELECT pg_catalog.format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, a.attname, {name}, w.grantee,
    CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) g
CROSS JOIN LATERAL ({role}) w (grantee) WHERE a.attrelid = {oid}
UNION ALL SELECT pg_catalog.format('COMMENT ON VIEW %s IS %L', {name}, d.said)
FROM pg_catalog.obj_description({oid}, 'pg_class') d (said) WHERE d.said IS NOT NULL
UNION ALL SELECT pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', {name}, a.attname, d.said)
FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.col_description({oid}, a.attnum) d (said)
WHERE a.attrelid = {oid} AND a.attnum > 0 AND d.said IS NOT NULL
UNION ALL SELECT pg_catalog.format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', {name}, a.attname,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid))
FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = {oid}
UNION ALL SELECT pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger
WHERE tgrelid = {oid} AND NOT tgisinternal
UNION ALL SELECT pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', tgname, {name}, d.said)
FROM pg_catalog.pg_trigger t CROSS JOIN LATERAL pg_catalog.obj_description(t.oid, 'pg_trigger') d (said)
WHERE tgrelid = {oid} AND NOT tgisinternal AND d.said IS NOT NULL"""
_ROLE = """\
SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END"""


@dataclass(frozen=True, slots=True)
class View:
    """A view by its name; `oid` changes when it is made again. `over`: the oids of other views here that it names."""

    name: Table
    oid: int
    over: tuple[int, ...]

    def __str__(self) -> str:
        """For messages."""
        return f'view "{self.name}"'


def views(session: Session, table: Table, column: str) -> tuple[View, ...]:
    """Those that name the column and those that name one of these, each behind all that it names."""
    found = session.rows(_VIEWS.format(table=regclass(table), column=literal(column)))
    left = [View(Table(name, schema), oid, tuple(document(over) or ())) for oid, name, schema, over in found]
    ordered: list[View] = []
    while left:
        waiting = {each.oid for each in left}
        ready = [each for each in left if not waiting.intersection(each.over)]
        ordered += ready
        left = [each for each in left if each not in ready]
    return tuple(ordered)


def refuse(session: Session, conversion: Conversion) -> None:
    """Raise OnlineError, which names them, for views that cannot be made again as they are or with the new type."""
    found = views(session, conversion.table, conversion.column)
    odd = {each: session.value(_REASONS.format(oid=each.oid)) for each in found}
    if any(odd.values()):
        shown = "; ".join(f"{each}{f' ({reason})' if reason else ''}" for each, reason in odd.items())
        asked = ", ".join(f"pg_catalog.pg_get_viewdef({literal(str(each.name))}::regclass)" for each in found)
        raise OnlineError(
            f'on column "{conversion.column}" of "{conversion.table}" depend views that cannot be made again as they'
            f" are: {shown}; nothing was changed",
            f"Drop them in a revision before, and make them again in one behind; SELECT {asked}; shows what they are.",
        )
    schemas = tuple(each.name.schema or "public" for each in found)
    with stand_in(session, conversion, schemas) as hide:
        made = {each: _definition(session, each) for each in found}
        if found:
            hide()
        for each, definition in made.items():
            with fitting(session, conversion, str(each)):
                session.run(f"CREATE TEMPORARY VIEW {quoted(each.name.name)} AS {definition}")


def locking(session: Session, found: tuple[View, ...]) -> tuple[str, ...]:
    """Statements that lock the views and no table below them, which LOCK TABLE would, and change nothing."""
    owned = (
        (each, session.value(f"SELECT relowner::regrole FROM pg_catalog.pg_class WHERE oid = {each.oid}"))
        for each in found
    )
    return tuple(f"ALTER VIEW {each.name} OWNER TO {owner}" for each, owner in reversed(tuple(owned)))


def dropped(found: tuple[View, ...]) -> tuple[str, ...]:
    """The statement that drops them, if there are any."""
    return (f"DROP VIEW {', '.join(str(each.name) for each in found)}",) if found else ()


def made(session: Session, found: tuple[View, ...]) -> tuple[str, ...]:
    """The statements that make them again, read while they are still there, with a search_path that finds no name."""
    return tuple(statement for each in found for statement in _made(session, each))


def _definition(session: Session, view: View) -> str:
    found: str = session.value(f"SELECT pg_catalog.rtrim(pg_catalog.pg_get_viewdef({view.oid}), ';')")
    return found


def _made(session: Session, view: View) -> tuple[str, ...]:
    name = str(view.name)
    ((options, owner, ordinary),) = session.rows(
        "SELECT pg_catalog.array_to_string(reloptions, ', '), relowner::regrole::text, relacl IS NULL"
        f" FROM pg_catalog.pg_class WHERE oid = {view.oid}"
    )
    with_options = f" WITH ({options})" if options else ""
    belongings = session.rows(_BELONGINGS.format(oid=view.oid, name=literal(name), role=_ROLE))
    return (
        f"CREATE VIEW {name}{with_options} AS {_definition(session, view)}",
        f"ALTER VIEW {name} OWNER TO {owner}",
        _bared(name, but_owner=ordinary),
        *(statement for (statement,) in belongings),
    )


def _bared(name: str, *, but_owner: bool) -> str:
    """The statement that takes the rights away which default privileges gave when the view was made."""
    rights = "c.relacl" if but_owner else "COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))"
    return "DO " + literal(
        "DECLARE who text; BEGIN FOR who IN SELECT DISTINCT w.grantee FROM pg_catalog.pg_class c"
        f" CROSS JOIN LATERAL pg_catalog.aclexplode({rights}) g CROSS JOIN LATERAL ({_ROLE}) w (grantee)"
        f" WHERE c.oid = {literal(name)}::regclass{' AND g.grantee <> c.relowner' if but_owner else ''}"
        f" LOOP EXECUTE {literal(f'REVOKE ALL ON {name} FROM ')} || who; END LOOP; END"
    )

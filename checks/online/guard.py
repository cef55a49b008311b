"""The guard: keeps new duplicates of a key out of a table while the old ones are taken out and the index is built.

Two statement-level triggers look at the keys that a statement adds (a row trigger would reject upserts on another
arbiter, and take a lock per row). Advisory transaction locks on the key make two writers of one key wait for each
other, as the index would. What it cannot do: under REPEATABLE READ and SERIALIZABLE a writer does not see what
others have committed since its snapshot, and triggers do not fire in sessions with session_replication_role =
replica; the build of the index finds what slips through.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .guard_function import definition
from .journal import SCHEMA
from .model import Lock, LockMode, OnlineError, Step
from .relation import tree
from .shape import shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from .key import Key
    from .model import Table
    from .session import Session
    from .work import Work

_EVENTS = {
    "insert": "AFTER INSERT ON {0} REFERENCING NEW TABLE AS pgarbiter_new",
    "update": "AFTER UPDATE ON {0} REFERENCING OLD TABLE AS pgarbiter_old NEW TABLE AS pgarbiter_new",
}


def guard(table: Table, key: Key, name: str, over: Callable[[Session], bool]) -> tuple[Step, Step]:
    """The steps that install and remove the guard of `key`, which speaks as unique index `name`.

    `over`: whether the index that replaces the guard is valid; installing it counts as done then.
    """
    function = guard_name(table, name)
    remove = f"DROP FUNCTION IF EXISTS {SCHEMA}.{function} CASCADE"
    return (
        Step(
            "guard",
            "from here on a statement that adds a duplicate fails, as it will when the index is there",
            tuple(_triggers(str(table), function)),
            lambda session: over(session) or _is_installed(session, table, function, _mark(key)),
            (Lock(str(table), LockMode.SHARE_ROW_EXCLUSIVE),),
            undo=remove,
            run=lambda work: work.transact(lambda: _install(work, table, key, name)),
        ),
        Step(
            "remove guard",
            "the index keeps duplicates out now",
            (remove,),
            lambda session: not _exists(session, function),
            (Lock(str(table), LockMode.ACCESS_EXCLUSIVE),),
        ),
    )


def guard_name(table: Table, name: str) -> str:
    """The name of the guard's function and triggers: one for each index, so that a changed key replaces the guard."""
    return f"pgarbiter_guard_{hashlib.sha256(f'{table} {name}'.encode()).hexdigest()[:16]}"


def _mark(key: Key) -> str:
    """What the function's comment says of its key."""
    return f"guards {key}{' NULLS NOT DISTINCT' if key.nulls_not_distinct else ''}"


def _install(work: Work, table: Table, key: Key, name: str) -> int:
    session, function = work.session, guard_name(table, name)
    if session.value(f"SELECT pg_catalog.row_security_active({literal(str(table))}::regclass)"):
        raise OnlineError(
            f'row security would hide rows of "{table}" from the guard, since it is forced on the role that migrates;'
            " nothing was changed",
            f"Run the migration as a role with BYPASSRLS, or run ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY.",
        )
    found = shape(session, table, key)
    session.run(work.marked(definition(function, table, name, key, found)))
    session.run(f"COMMENT ON FUNCTION {SCHEMA}.{function}() IS {literal(_mark(key))}")
    session.run(f"REVOKE ALL ON FUNCTION {SCHEMA}.{function}() FROM PUBLIC")
    for relation in tree(session, table):
        for statement in _triggers(relation, function):
            session.run(work.marked(statement))
    return 0


def _triggers(relation: str, function: str) -> list[str]:
    return [
        f"CREATE OR REPLACE TRIGGER {quoted(f'{function}_{event}')} {when.format(relation)}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.{function}()"
        for event, when in _EVENTS.items()
    ]


def _exists(session: Session, function: str) -> bool:
    return session.value(f"SELECT pg_catalog.to_regproc('{SCHEMA}.{function}')") is not None


def _is_installed(session: Session, table: Table, function: str, mark: str) -> bool:
    """Whether the table and each of its partitions has both triggers, enabled, for that key."""
    told = f"SELECT pg_catalog.obj_description(pg_catalog.to_regproc('{SCHEMA}.{function}'), 'pg_proc')"
    if session.value(told) != mark:
        return False
    wanted = tree(session, table)
    there: int = session.value(
        "SELECT count(*) FROM pg_catalog.pg_trigger"
        f" WHERE tgfoid = '{SCHEMA}.{function}'::regproc AND tgenabled IN ('O', 'A')"
        f" AND tgrelid = ANY (ARRAY[{', '.join(literal(each) for each in wanted)}]::regclass[])"
    )
    return there == len(wanted) * len(_EVENTS)

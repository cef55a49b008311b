"""Triggers of a table that would see the filling of a shadow column: kept from firing, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import literal
from .attributes import regclass
from .model import OnlineError

if TYPE_CHECKING:
    from .conversion import Conversion
    from .session import Session

# With this setting only triggers fire that are enabled ALWAYS or for REPLICA.
QUIET = "SET LOCAL session_replication_role = replica"
_ROW, _BEFORE, _UPDATE = 1, 2, 16  # bits of tgtype
_PARAMETER_PRIVILEGES = 150000


def settings(session: Session, conversion: Conversion) -> tuple[str, ...]:
    """What the batches have to set, so that no trigger changes rows whose values stay the same (updated_at, history).

    Raises OnlineError for triggers that cannot be kept from firing, and for those that would fire behind ours.
    """
    _refuse(session, conversion, f"tgtype & {_UPDATE} <> 0 AND tgenabled IN ('A', 'R')", "would fire for each row")
    later = f'tgtype & {_ROW | _BEFORE} = {_ROW | _BEFORE} AND tgname::text COLLATE "C" > {literal(conversion.trigger)}'
    _refuse(session, conversion, later, "would fire behind ours, by its name")
    found = _named(session, conversion, f"tgtype & {_UPDATE} <> 0 AND tgenabled = 'O'")
    if not found:
        return ()
    if not _may_be_quiet(session):
        role = session.value("SELECT current_user")
        raise OnlineError(
            f'trigger {found} on "{conversion.table}" would fire for each row that is filled, and role "{role}" may'
            " not keep it from that; nothing was changed",
            f"As a superuser run GRANT SET ON PARAMETER session_replication_role TO {role}; or disable the trigger.",
        )
    return (QUIET,)


def _may_be_quiet(session: Session) -> bool:
    granted = (
        " OR pg_catalog.has_parameter_privilege('session_replication_role', 'SET')"
        if session.version >= _PARAMETER_PRIVILEGES
        else ""
    )
    return bool(session.value(f"SELECT pg_catalog.current_setting('is_superuser') = 'on'{granted}"))


def _refuse(session: Session, conversion: Conversion, condition: str, reason: str) -> None:
    if found := _named(session, conversion, condition):
        raise OnlineError(
            f'trigger {found} on "{conversion.table}" {reason}; nothing was changed',
            "Drop or rename it in a revision before, and make it again in one behind.",
        )


def _named(session: Session, conversion: Conversion, condition: str) -> str:
    own = f"tgname <> {literal(conversion.trigger)} AND tgname NOT LIKE 'pgarbiter\\_guard\\_%'"
    found = session.rows(
        f"SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = {regclass(conversion.table)}"
        f" AND NOT tgisinternal AND {own} AND {condition} ORDER BY 1"
    )
    return ", ".join(f'"{name}"' for (name,) in found)

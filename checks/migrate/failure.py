"""What people are told when a migration fails: SQLSTATE, revision, step, the state it leaves, what to run next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .child import told
from .model import MigrateError

if TYPE_CHECKING:
    from pathlib import Path

    from .model import Event, Revision

_HINTS = {
    "55P03": "Someone holds the table: end that transaction or raise PGARBITER_ONLINE_PATIENCE_S, then run `{}` again.",
    "40P01": "Others lock the same tables in another order: run `{}` again when there is less traffic.",
    "42501": "Grant the role what it lacks, or name another role in the URL; then run `{}` again.",
    "23505": "Duplicates are in the way, which `pgarbiter migrate plan` shows; mend them, then run `{}` again.",
    "53100": "The disk is full: make room, then run `{}` again.",
    "25006": "The database or the role is set read-only, or it is a standby: name the primary, then run `{}` again.",
}
_LOST = ("08", "57P0")  # the connection, or the server
# Those that an operation's own hint, which is for its table, knows nothing of.
_FIRST = ("53100", "25006")


def failed(
    ended: Event, revision: Revision | None, step: str | None, state: str, command: str, *, operating: bool
) -> MigrateError:
    """The error for a child's "failed" event. `operating`: in an online operation, which clears away what it left."""
    message, hint = told(ended)
    where = f"revision {revision.revision} failed" if revision else ""
    at = f' at "{step}"' if step and revision and f'step "{step}"' not in message else ""
    sqlstate = ended.get("sqlstate")
    lost = ended.get("kind") == "lost" or (ended.get("type") == "OperationalError" and not sqlstate)
    lost = lost or (sqlstate or "").startswith(_LOST)
    if "INVALID index" in state and not hint and not operating:
        mended = "" if lost else ", mend the rows that stopped it, which `pgarbiter migrate plan` shows"
        hint = f"Drop what the build has left (DROP INDEX CONCURRENTLY){mended}, then run `{command}` again."
    elif lost:
        hint = resume(command)
    state_of = sqlstate or next((each for each in _FIRST if f"({each})" in message), "")
    if not hint or state_of in _FIRST:
        hint = _HINTS.get(state_of, "Mend the cause, then run `{}` again.").format(command)
    return MigrateError(f"{where}{at}{': ' if where else ''}{message}; {state}", hint, sqlstate)


def brought(ended: Event) -> MigrateError:
    """The error for revisions that the live database has had, and that do not run in a throwaway one."""
    message, hint = told(ended)
    if not ended.get("bringing"):
        return MigrateError(message, hint, ended.get("sqlstate"))
    return MigrateError(
        f"revision {ended['bringing']}, which the database has had, does not run in a throwaway database: {message}",
        "Nothing was changed. Give the throwaway server what the revision needs: --server URL, extensions, roles.",
        ended.get("sqlstate"),
    )


def unknown(revisions: tuple[str, ...], ini: Path) -> MigrateError:
    """The error for a database that is at a revision which the scripts do not have."""
    shown = ", ".join(f'"{each}"' for each in revisions)
    return MigrateError(
        f'the database is at revision {shown}, which is not among the scripts of "{ini}"; nothing was changed',
        "Check out the branch that has it, or name the right database: another project may use this one.",
    )


def resume(command: str) -> str:
    """How to go on after an interruption."""
    return f"Run `{command}` again: it goes on where this run has stopped."

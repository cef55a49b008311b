"""What to do about a break: expand, then contract; and in which order to deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .differences import COLUMN, INDEX, REFUSED, TABLE
from .model import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .differences import Difference
    from .model import Row, State

NEVER = "No state of the schema takes it: `pgarbiter check` names the nearest index and what to change."
_LATER = "and drop it in a later deploy"


def advice(row: Row, sqlstate: str | None, found: Sequence[Difference], state: State, *, early: bool) -> str:
    """What to do, as sentences. `early`: it is the new code that comes too soon, not the revision."""
    if Code.DATABASE in row.codes:
        return f"Make the {row.site.span.inside} anew in the same revision, so that it fits the table."
    if early:
        return f'Run "{state.name}" before this code: until then it is refused.'
    if Code.OLD not in row.codes:
        return f'"{state.name}" breaks the new code too: change its statement, or the revision.'
    told = _keep(sqlstate, [each for each in found if each.lost or each.part == COLUMN])
    if Code.NEW in row.codes:
        told += " The new code writes the same statement, and needs it as well."
    return told


def _keep(sqlstate: str | None, found: Sequence[Difference]) -> str:
    part = found[0].part if found else None
    own = [f'"{each.name}"' for each in found if each.part == part]
    names = f"{'s' if len(own) > 1 else ''} {', '.join(own)}"
    if part == TABLE:
        return f"Keep table{names}, or a view of that name, while old code runs, {_LATER}."
    if part == INDEX:
        index = "index" if len(own) == 1 else "indexes"
        return f"Keep unique {index} {', '.join(own)} beside what comes instead while old code runs, {_LATER}."
    if sqlstate == REFUSED:
        return "Keep the role's privileges and policies while old code runs, and take them away in a later deploy."
    if part == COLUMN and sqlstate == "23502":
        return f"Give column{names} a default, or leave it nullable, while old code runs; NOT NULL in a later deploy."
    if part == COLUMN and sqlstate == "42703":
        return f"Keep column{names} while old code writes it, {_LATER}. For a new name, write both meanwhile."
    return "Run this revision in a later deploy, once no old code runs."

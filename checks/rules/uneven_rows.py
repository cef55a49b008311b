"""An upsert of several rows overwrites what it has no value for.

PostgREST writes one INSERT for all rows of a request, with the columns that any of them has. A row without one of these
keys proposes NULL for it (with `defaultToNull: false`, `Prefer: missing=default`, the default of the column), and DO
UPDATE then sets the column of the stored row to that. `upsert([{ id: 1, name: "a" }, { id: 2, note: "b" }])` clears the
note of row 1 and the name of row 2, without an error. Sent one by one the same rows would leave both as they are.

The usual way to get there is a key that is left out on purpose: `...(user.name && { name: user.name })` or `name:
user.name || undefined` in a `map`, to keep the stored name where no new one is known. In a single object this works. In
an array one row with a name is enough for all others to lose theirs.

Literal rows are compared key by key. Of rows that a `map` or a loop makes, a key counts that depends on the item. Rows
that a program puts together elsewhere are not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Action
from ._cause import key_of
from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA304",
    severity=Severity.WARNING,
    summary="rows of an array upsert differ in their keys, and the update sets all of them",
    effect="Where a row lacks a key that another one has, the stored value is overwritten with NULL or the default.",
    remedy="Write the rows that have the same keys together, each group in a call of its own.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Columns that some rows have no value for, and that DO UPDATE sets in each of them."""
    del context
    write = bound.site.write
    if write.action is not Action.UPDATE or bound.verdict.outcome is Outcome.NOT_JUDGED:
        return
    carried = (write.set_columns or ()) if is_postgrest(bound.site) else write.set_excluded
    keys = key_of(bound)
    columns = [column for column in write.lacking if column in carried and column not in keys]
    if not columns:
        return
    one = len(columns) == 1
    value = f"the default{'' if one else 's'} of the column{'' if one else 's'}" if write.lacking_default else "NULL"
    yield Hit(
        message=f"some rows of the array may have {named(columns)} while others do not",
        effect=f"A stored row whose new one lacks {'it' if one else 'them'} has {'it' if one else 'them'} overwritten "
        f"with {value}: one INSERT with the columns of all rows is sent.",
        remedy="Write the rows that have the same keys together, each group in a call of its own, "
        "or give each row its stored value.",
        related=_refused(bound, columns),
    )


def _refused(bound: BoundSite, columns: list[str]) -> tuple[str, ...]:
    """Where NULL is not allowed it is an error, which at least is seen."""
    relation = bound.base
    if relation is None or bound.site.write.lacking_default:
        return ()
    strict = [c.name for c in relation.columns if c.not_null and c.name in columns]
    return (f"{named(strict)} may not be NULL: such a row fails with 23502 instead",) if strict else ()

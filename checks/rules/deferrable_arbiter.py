"""The arbiter belongs to a deferrable constraint, which ON CONFLICT refuses.

Planning succeeds, and EXPLAIN even names the index; the error comes with the first row that is inserted. INITIALLY
IMMEDIATE and SET CONSTRAINTS do not help, nor does a second index that is not deferrable. `ON CONFLICT DO NOTHING`
without a target fails as soon as any unique or exclusion constraint of the table is deferrable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind
from ..model import AnyArbiter
from ..quoting import quoted
from ..wording import plural
from ._cause import Cause, cause
from ._names import columns_sql, named, table_sql
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Constraint, Relation

_UNIQUE = {ConstraintKind.PRIMARY_KEY: "PRIMARY KEY", ConstraintKind.UNIQUE: "UNIQUE"}


@rule(
    "PGA106",
    severity=Severity.ERROR,
    summary="the arbiter is deferrable",
    effect="Every execution that inserts a row fails with 55000, though EXPLAIN shows the index as arbiter.",
    remedy="Make the constraint NOT DEFERRABLE, or name another unique index that is not deferrable.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A conflict clause whose arbiters include a deferrable constraint."""
    del context
    if cause(bound) is not Cause.DEFERRABLE or bound.base is None:
        return
    spoilers = _spoilers(bound, bound.base)
    any_arbiter = isinstance(bound.site.write.target, AnyArbiter)
    without = "ON CONFLICT DO NOTHING without a target uses every unique index, and " if any_arbiter else ""
    verb = "is deferrable" if len(spoilers) == 1 else "are deferrable"
    which = plural(len(spoilers), "constraint").split(" ", 1)[1]
    yield Hit(
        message=f'{without}{which} {named(c.name for c in spoilers)} of "{bound.base.qualified_name}" {verb}',
        effect="Every execution that inserts a row fails with 55000; EXPLAIN does not show it.",
        remedy=" ".join(
            (*(_remedy(bound.base, c) for c in spoilers), *(("Or name a target.",) if any_arbiter else ()))
        ),
        repair="not-deferrable",
    )


def _spoilers(bound: BoundSite, relation: Relation) -> list[Constraint]:
    deferrable = [c for c in relation.constraints if c.deferrable and (c.kind in _UNIQUE or c.kind.value == "x")]
    chosen = {c.index.oid for c in bound.verdict.candidates} | {
        i.oid for i in relation.indexes if i.name in bound.verdict.arbiters
    }
    return [c for c in deferrable if c.index in chosen] or deferrable


def _remedy(relation: Relation, constraint: Constraint) -> str:
    name, table = quoted(constraint.name), table_sql(relation)
    if constraint.kind not in _UNIQUE:
        return f'Make the exclusion constraint "{constraint.name}" again without DEFERRABLE.'
    again = f"ADD CONSTRAINT {name} {_UNIQUE[constraint.kind]} {columns_sql(constraint.columns)}"
    return f"Make it again without DEFERRABLE: ALTER TABLE {table} DROP CONSTRAINT {name}, {again}."

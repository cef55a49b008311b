"""One small scenario for each form of each operation: what is there, the operation, and what it may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgarbiter.online import AddCheck
from pgarbiter.online.model import Table

if TYPE_CHECKING:
    from pgarbiter.online.model import Operation


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation on tables that `setup` makes and fills.

    `earlier` operations run undisturbed before. `accounted`: the tables whose rows must all be there afterwards, or in
    quarantine; by default the operation's own. `rewritten`: columns that the operation itself changes. `volatile`:
    columns whose new values are other ones each time. `since`: the oldest major that has the feature. `writes`: a
    statement of writers, with the placeholder {id} for a number that each uses once.
    """

    name: str
    setup: str
    operation: Operation
    earlier: tuple[Operation, ...] = ()
    accounted: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    since: int = 14
    writes: str | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The accounted ones, quoted and qualified as in a statement."""
        return self.accounted or (str(self.operation.table),)


_PLAIN = """
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, note text);
INSERT INTO t SELECT n, n, 'row ' || n FROM generate_series(1, 20) n
"""

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "check",
        _PLAIN,
        AddCheck(Table("t"), "t_a_positive", "a > 0"),
        writes="INSERT INTO t VALUES ({id}, {id}, 'written')",
    ),
    Scenario(
        "check, quoted names in another schema",
        'CREATE SCHEMA "My App"; CREATE TABLE "My App"."Order % Items" (id int PRIMARY KEY, "a:b" int);'
        ' INSERT INTO "My App"."Order % Items" VALUES (1, 1), (2, NULL)',
        AddCheck(Table("Order % Items", "My App"), 'a:b "% 5"', '"a:b" % 5 >= 0'),
    ),
)


def named(name: str) -> Scenario:
    """The scenario of that name."""
    return next(each for each in SCENARIOS if each.name == name)

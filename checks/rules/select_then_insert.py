"""A SELECT by a key, an UPDATE or a DELETE of it, and then an INSERT: a race.

Between the two statements another session can do the same. Both see no row, both insert. With a unique index on the
key the slower one fails with 23505; without one both rows stay. A transaction does not help at READ COMMITTED. One
statement with ON CONFLICT does.

One statement that does both, `INSERT ... SELECT ... WHERE NOT EXISTS (SELECT ...)`, is no better: it sees the rows that
were there when it began, and not those that another session has inserted and not yet committed.

A client that looks again when its INSERT fails is safe where such an index is, and only there: Django's get_or_create,
find_or_create_by of Rails from 7.1 on, firstOrCreate and updateOrCreate of Laravel from 10.29 on, findOrCreate of
Sequelize. The release is read from Gemfile.lock, composer.lock or composer.json.

So is a program that does it by itself: the handler around the INSERT, or what follows it, knows the error (23505,
Prisma's P2002, IntegrityError, RecordNotUnique, `unique_violation`, a function such as `isUniqueViolation(error)`) and
reads or writes the row once more. Nothing is said then, where the index is there or the table is not known.

It is a note where the data stays right and only an error is left to see:

- the error is known, and answered in another way than by a statement on the same table, or by one in the transaction
  that the error has ended (25P02) with no savepoint;
- a row that the lookup finds is refused with an error, and an index refuses the second row: what the slower session
  gets is 23505 in place of that error. An upsert would be wrong there, since it takes the row of the other;
- both run under a lock, under a lock on another row that is taken before (FOR UPDATE), or at SERIALIZABLE;
- seeds and scripts, by their paths (`seed.ts`, `db/seeds.rb`, `seeders/`, `scripts/`): nobody runs two of them at once;
- other files of a directory that says tests or migrations, such as `src/tests/` and `src/migration/`.

Not told are INSERTs that are no half of an upsert: into a list, in a loop that begins after the lookup; in another
branch than the first statement; after an UPDATE whose row count nothing asks for; rows that get the key from the
database; and what stands in tests and migrations, told by the names of their files (`a.test.ts`, `test_a.py`,
`0001_init.py`, `.sql` among migrations), which run alone. A function that a migration makes is told where it
is in force, and not where a later migration or a dump has it once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope
from ._by_hand import is_alone, is_by_hand
from ._names import named
from ._race import FIRST, race_of
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ._race import Race

_ALONE = frozenset({Scope.TEST, Scope.MIGRATION})  # a test and a migration meet no second session of their own


@rule(
    "PGA301",
    severity=Severity.WARNING,
    summary="two statements do by key what one upsert does",
    effect="Two sessions at once both see no row and both insert: 23505, or duplicates without a unique index.",
    remedy="Use one INSERT ... ON CONFLICT statement, with a unique index on the key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Racy sites, with what the catalog says about their key, and what the program does about the other's row."""
    del context
    site = bound.site
    first = FIRST.get(site.mechanism)
    if first is None or is_alone(site) or _inserts_another(site):
        return
    race = race_of(site, first, bound.base)
    if race.is_settled:
        return
    table = bound.base.qualified_name if bound.base else site.write.table
    rows = f'rows of "{table}"' if table else "rows of a table that is not known"
    harmless = race.is_harmless or _is_serialised(site) or is_by_hand(site) or site.scope in _ALONE
    yield Hit(
        message=f"{rows} are {first.done}{f' by {named(race.keys)}' if race.keys else ''} and then inserted, "
        + ("in one statement, which does not see what others insert meanwhile" if site.alone else "in two statements"),
        effect=race.effect,
        remedy=race.remedy,
        related=tuple(_related(site, race)),
        severity=Severity.NOTE if harmless else None,
    )


def _related(site: WriteSite, race: Race) -> Iterator[str]:
    if not site.alone:
        yield f"the {race.first.name} stands at line {site.statement_line}"
    if site.reason:
        yield site.reason
    if site.met is not None and site.met.caught is not None and race.caught is None:
        yield f"line {site.met.caught} expects 23505, which no unique index on {named(race.keys)} raises"
    if site.met is not None and site.met.aborted and race.caught is not None:
        yield f"line {race.caught} goes on in the transaction that the error has ended: each statement fails with 25P02"
    if site.met is not None and site.met.serialised and not _is_serialised(site):
        yield f"the function runs under {site.met.serialised}"


def _inserts_another(site: WriteSite) -> bool:
    """Whether the row that is inserted is not the one that was looked for: it gets its key from the database.

    So does an upsert with `where: { id: given ?? -1 }` that creates rows without `id`: two sessions mean two rows.
    Where not all of the row is known, what is known of it must say something.
    """
    keys, columns = site.key_columns or (), site.write.columns
    told = columns is not None and (bool(columns) or site.write.complete)
    return bool(keys) and told and set(keys).isdisjoint(columns or ())


def _is_serialised(site: WriteSite) -> bool:
    """The scanner saw a lock that the two statements run under, or an isolation level that forbids the race."""
    return site.reason is not None and " runs under " in site.reason

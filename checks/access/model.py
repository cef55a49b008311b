"""What a role may do with a statement: each privilege that it needs, and what row security makes of each row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..catalog.acl import Privilege
    from .policies import Check

REFUSED = "42501"  # insufficient_privilege: of missing privileges, and of row security alike
UNDEFINED_TABLE = "42P01"  # for a name whose schema is passed over, for want of USAGE
UNIQUE_VIOLATION = "23505"
THE_TABLE = "the table is in it"  # why a schema is needed, in most cases


class Moment(StrEnum):
    """When the server asks: at each execution, for a row that goes in, or for a row that DO UPDATE updates."""

    ALWAYS = "always"
    INSERT = "insert"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Need:
    """One privilege that the statement needs, and what gives it; `given_by` None: nothing does.

    `object` is a schema's name or a qualified one, `kind` what it is ("table", "view", "schema", "sequence",
    "function"). `column` None: the whole of it, or, `on_any_column`, at least one of its columns. `why` is a sentence
    fragment: what in the statement needs it. `role` needs it: that of the statement, or the owner of a view.
    `arguments` of a function are those that GRANT names; None: it is not known which of several is called.
    """

    privilege: Privilege
    kind: str
    object: tuple[str, ...]
    column: str | None
    why: str
    role: str
    given_by: str | None
    on_any_column: bool = False
    sqlstate: str = REFUSED
    when: Moment = Moment.ALWAYS
    arguments: str | None = None

    @property
    def subject(self) -> str:
        """For people: `column "name" of "public.t"`, `schema "app"`."""
        of = f'"{".".join(self.object)}"'
        return f'column "{self.column}" of {of}' if self.column is not None else f"{self.kind} {of}"


class Row(StrEnum):
    """Which row a check looks at."""

    PROPOSED = "proposed"
    EXISTING = "existing"
    UPDATED = "updated"


class Scenario(StrEnum):
    """What a row meets. A row is one's own when every policy that looks at rows lets it pass, else another owner's."""

    INSERTED_OWN = "no_conflict_own"
    CONFLICT_OWN = "conflict_own"
    CONFLICT_FOREIGN = "conflict_foreign"
    INSERTED_FOREIGN = "no_conflict_foreign"

    @property
    def conflict(self) -> bool:
        """Whether a row with the same key is there."""
        return self in (Scenario.CONFLICT_OWN, Scenario.CONFLICT_FOREIGN)


class Result(StrEnum):
    """What happens to one row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    SKIPPED = "skipped"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens in one scenario.

    `check` is the one that decides, `policy` the name of the policy in it that does; None: no policy lets the row pass.
    `passed` are all that a row has passed: `INSERT policy "insert_own"`.
    `unless_left`: the WHERE of DO UPDATE may leave the row as it is, which no policy is asked about then.
    """

    scenario: Scenario
    result: Result
    message: str | None = None  # the server's
    check: Check | None = None
    policy: str | None = None
    unless_left: bool = False
    passed: tuple[str, ...] = ()

    @property
    def sqlstate(self) -> str | None:
        """Of an error."""
        return {Result.REFUSED: REFUSED, Result.DUPLICATE: UNIQUE_VIOLATION}.get(self.result)


@dataclass(frozen=True, slots=True)
class RowSecurity:
    """What row security does to the rows of a statement; `table`, with its schema, is the one that they go into.

    `exempt`: why `role`, whose rights count there, is not subject to it; then the rest is empty. `foreign_conflicts`
    False: the key holds all that policies look at, so that no row of another owner has the same key.
    """

    table: tuple[str, str]
    role: str
    exempt: str | None = None
    checks: tuple[Check, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    foreign_conflicts: bool = True

    @property
    def subject(self) -> str:
        """The table, for people."""
        return ".".join(self.table)

    def outcome(self, scenario: Scenario) -> Outcome | None:
        """What happens then."""
        return next((one for one in self.outcomes if one.scenario is scenario), None)


@dataclass(frozen=True, slots=True)
class Access:
    """The decision about one statement and role. `reason`: why nothing, or not all, can be told."""

    role: str
    needs: tuple[Need, ...] = ()
    row_security: RowSecurity | None = None
    reason: str | None = None

    @property
    def missing(self) -> tuple[Need, ...]:
        """The privileges that nothing gives."""
        return tuple(need for need in self.needs if need.given_by is None)

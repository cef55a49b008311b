"""A contract: each distinct need for an arbiter, without a word of the source that has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..model import Action, VariableConflict

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite, Candidate
    from ..model import QualifiedName


class Kind(StrEnum):
    """How the statements name what is to arbitrate."""

    ELEMENTS = "elements"
    CONSTRAINT = "constraint"
    PRIMARY_KEY = "primary_key"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Key:
    """An index that stops rows for DO NOTHING without a target; `constraint`: one that is found by its name alone."""

    elements: tuple[str, ...]
    predicate: str | None = None
    constraint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one or more statements ask of a table. `elements` are SQL, as is `predicate`.

    `elements` of a constraint or a primary key are the columns that it had when the contract was written; of an
    exclusion constraint there are none. `keys` go with ANY. `lookup`: the client looks for a unique index of these
    columns and sends that one's predicate. `alias`, `variables` and `search_path` say what the names in expressions
    mean.
    """

    table: QualifiedName
    kind: Kind
    action: Action
    elements: tuple[str, ...] = ()
    predicate: str | None = None
    constraint: str | None = None
    keys: tuple[Key, ...] = ()
    lookup: bool = False
    alias: str | None = None
    variables: tuple[str, ...] = ()
    variable_conflict: VariableConflict = VariableConflict.ERROR
    search_path: tuple[str, ...] | None = None

    @property
    def clause(self) -> str:
        """The conflict clause in short: `ON CONFLICT (email) WHERE active DO UPDATE`."""
        action = f"DO {self.action.upper()}"
        columns = f"({', '.join(self.elements)})"
        match self.kind:
            case Kind.ELEMENTS:
                where = f" WHERE {self.predicate}" if self.predicate is not None else ""
                return f"ON CONFLICT {columns}{where} {action}"
            case Kind.CONSTRAINT:
                return f'ON CONFLICT ON CONSTRAINT "{self.constraint}" {action}'
            case Kind.PRIMARY_KEY:
                return f"ON CONFLICT with the primary key {columns} {action}"
            case Kind.ANY:
                return f"ON CONFLICT {action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one or more statements ask of a table, and of the policies on it, for the role that runs them.

    Names are those of columns. `action` None: the INSERT has no conflict clause. Of those that are `set`, `carried` get
    EXCLUDED's value. `reads` are read of the table's own rows by the conflict target, DO UPDATE or RETURNING,
    `excluded` of EXCLUDED. `conditional`: DO UPDATE has a WHERE.
    """

    role: str
    table: QualifiedName
    action: Action | None
    columns: tuple[str, ...]
    complete: bool = True
    defaulted: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    set_complete: bool = True
    set_default: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """Needs in their order, each with the number of sites that have it, and how many sites are not in it.

    `writes` are the same sites by what their roles must be allowed to, as far as it is known who runs them.

    `broken`: no arbiter serves them now; `unknown`: that cannot be told; `unresolved`: what they write is not known.
    """

    needs: tuple[tuple[Need, int], ...]
    broken: int = 0
    unknown: int = 0
    unresolved: int = 0
    writes: tuple[tuple[Asked, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A contract with the sites that are not in it."""

    contract: Contract
    broken: tuple[BoundSite, ...]
    unknown: tuple[BoundSite, ...]
    unresolved: tuple[BoundSite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A need decided on one catalog; `holds` None: cannot tell. `reason` is a sentence fragment.

    `remedies` are statements of SQL that would make it hold, as far as the catalog says.
    """

    need: Need
    sites: int
    holds: bool | None
    reason: str | None = None
    sqlstate: str | None = None
    arbiters: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What is asked for a role, decided on one catalog; the rest as in Verified."""

    asked: Asked
    sites: int
    holds: bool | None
    reason: str | None = None
    sqlstate: str | None = None
    remedies: tuple[str, ...] = ()

"""The statement that would give a lost need its arbiter, where the catalog is enough to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Deferrable, NotAConstraint, NotValid
from ..catalog.model import RelationKind
from ..model import InferenceClause
from ..quoting import quoted
from ..rules import clause_error
from .model import Key, Kind

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation
    from .model import Need

_NO_CONSTRAINT = "42704"
_MAKES_NO_INDEX = frozenset(("42703", "42704", "42P01", "42809", "42702", "42601", "0A000"))
_TABLES = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)


def remedy(need: Need, number: int, bound: BoundSite) -> str | None:
    """A statement of SQL for site `number` of the need; None where none can be told, as for an absent column."""
    relation = bound.relation
    if relation is None or relation.kind not in _TABLES:
        return None
    wanted = need.keys[number - 1] if number else Key(need.elements, need.predicate)
    if (mended := _of_candidate(relation, bound)) is not None or not wanted.elements:
        return mended  # no elements: an exclusion constraint, whose operators are not in the contract
    match need.kind:
        case Kind.PRIMARY_KEY:
            columns = ", ".join(wanted.elements)
            return None if relation.primary_key else f"ALTER TABLE {_table(relation)} ADD PRIMARY KEY ({columns});"
        case Kind.CONSTRAINT:
            return _constraint(need, relation, bound)
        case Kind.ELEMENTS | Kind.ANY:
            return _index(wanted, relation, bound)


def _index(wanted: Key, relation: Relation, bound: BoundSite) -> str | None:
    error = clause_error(bound.verdict)
    if (error and error.sqlstate in _MAKES_NO_INDEX) or _is_bound_at_run_time(bound):
        return None
    where = f" WHERE {wanted.predicate}" if wanted.predicate is not None else ""
    concurrently = "" if relation.kind is RelationKind.PARTITIONED_TABLE else "CONCURRENTLY "
    return f"CREATE UNIQUE INDEX {concurrently}ON {_table(relation)} ({', '.join(wanted.elements)}){where};"


def _is_bound_at_run_time(bound: BoundSite) -> bool:
    write = bound.site.write
    target = write.target
    parameters = isinstance(target, InferenceClause) and (target.predicate_parameters or target.element_parameters)
    return parameters or bool(write.variables)


def _of_candidate(relation: Relation, bound: BoundSite) -> str | None:
    """What mends an index that is there and has but one thing against it."""
    for candidate in bound.verdict.candidates:
        index = candidate.index
        if candidate.mismatches == (NotValid(),):
            return f"REINDEX INDEX CONCURRENTLY {quoted(relation.schema)}.{quoted(index.name)};"
        if candidate.mismatches == (Deferrable(),) and index.constraint is not None and not index.exclusion:
            return _immediate(relation, index, index.constraint)
    return None


def _immediate(relation: Relation, index: Index, constraint: str) -> str:
    kind = "PRIMARY KEY" if index.primary else "UNIQUE"
    columns = ", ".join(quoted(key.column or "") for key in index.keys)
    name = quoted(constraint)
    return f"ALTER TABLE {_table(relation)} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {kind} ({columns});"


def _constraint(need: Need, relation: Relation, bound: BoundSite) -> str | None:
    error = clause_error(bound.verdict)
    if error is None or error.sqlstate != _NO_CONSTRAINT:
        return None
    name = quoted(need.constraint or "")
    bare = any(candidate.mismatches == (NotAConstraint(),) for candidate in bound.verdict.candidates)
    how = f"USING INDEX {name}" if bare else f"({', '.join(need.elements)})"
    return f"ALTER TABLE {_table(relation)} ADD CONSTRAINT {name} UNIQUE {how};"


def _table(relation: Relation) -> str:
    return f"{quoted(relation.schema)}.{quoted(relation.name)}"

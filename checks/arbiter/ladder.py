"""Every error that the server has in store for a write, in the order in which it would raise them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .columns import insert_errors, not_null_errors, rewrite_errors
from .model import StatementError
from .set_list import set_errors
from .stages import ARBITER, CLAUSE, ON_CONFLICT, PLAN, REWRITE, START

if TYPE_CHECKING:
    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import Write
    from .stages import Fault
    from .views import Reach

# Faults of these stages are raised by the conflict clause; the others by the INSERT as such.
_CLAUSE_STAGES = frozenset((ON_CONFLICT, CLAUSE, PLAN, START, ARBITER))


def ladder(
    write: Write, relation: Relation, reach: Reach, catalog: Catalog, faults: tuple[Fault, ...]
) -> tuple[StatementError, ...]:
    """All errors of the statement, first the one that the server raises first; `faults` are those of inference.

    Order: transformInsertStmt (columns, ON CONFLICT, SET), RewriteQuery (DEFAULT and generated columns, rules, views),
    the planner, ExecInsert (NOT NULL), ExecCheckIndexConstraints (deferrable arbiters).
    """
    found = [
        *(_error(fault) for fault in faults),
        *insert_errors(write, relation),
        *set_errors(write, relation),
        *rewrite_errors(write, relation, reach),
        *not_null_errors(write, relation, reach, catalog),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda error: error.stage))


def _error(fault: Fault) -> StatementError:
    clause = fault.stage in _CLAUSE_STAGES or (fault.stage == REWRITE and fault.sqlstate == "0A000")
    return StatementError(fault.stage, fault.sqlstate, fault.message, clause, fault.subject)

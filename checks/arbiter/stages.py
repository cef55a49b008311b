"""The order in which the server finds errors, and one of them as inference meets it."""

from __future__ import annotations

from typing import NamedTuple

# Errors of a lower stage hide those of a higher one.
RELATION = 10  # the relation cannot take an INSERT, or is not there
INSERT_LIST = 20  # the columns and values (checkInsertTargets, transformInsertRow)
ON_CONFLICT = 30  # whether the clause is allowed here (transformOnConflictArbiter)
CLAUSE = 31  # its elements, then its WHERE, then its constraint
SET_LIST = 40  # DO UPDATE
VIEW = 50  # columns that a view cannot write (rewriteTargetView)
INSERT_VALUES = 51  # generated columns that the INSERT writes (rewriteTargetListIU)
SET_TWICE = 52  # the same column assigned twice
SET_VALUES = 53  # generated columns that SET writes
REWRITE = 54  # rules, and views that cannot be written at all (RewriteQuery)
PLAN = 60  # inference (infer_arbiter_indexes)
START = 70  # relation kinds and privileges (ExecInitModifyTable)
ROW = 80  # NOT NULL (ExecConstraints)
ARBITER = 90  # deferrable arbiters (ExecCheckIndexConstraints)


class Fault(NamedTuple):
    """An error of the conflict clause, as the server words it."""

    stage: int
    sqlstate: str
    message: str
    subject: str | None = None

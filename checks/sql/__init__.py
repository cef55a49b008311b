"""PostgreSQL text to writes and expressions; the only importer of the SQL parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import defer

if TYPE_CHECKING:
    from .complaints import BROKEN, DO_SELECT
    from .ddl import Touched, foreign_keys_stripped, row_trigger, touched
    from .read import parse_writes, read_writes
    from .reading import ParsedWrite, Problem, Reading, Statement
    from .splitting import split
    from .subjects import Subject, subjects
    from .view import ViewColumn, ViewColumns, view_columns

__all__ = [
    "BROKEN",
    "DO_SELECT",
    "ParsedWrite",
    "Problem",
    "Reading",
    "Statement",
    "Subject",
    "Touched",
    "ViewColumn",
    "ViewColumns",
    "foreign_keys_stripped",
    "parse_writes",
    "read_writes",
    "row_trigger",
    "split",
    "subjects",
    "touched",
    "view_columns",
]

# The parser takes a tenth of a second to import, and much of what stands here does without.
defer(
    __name__,
    {
        "BROKEN": ".complaints",
        "DO_SELECT": ".complaints",
        "ParsedWrite": ".reading",
        "Problem": ".reading",
        "Reading": ".reading",
        "Statement": ".reading",
        "Subject": ".subjects",
        "Touched": ".ddl",
        "ViewColumn": ".view",
        "ViewColumns": ".view",
        "foreign_keys_stripped": ".ddl",
        "parse_writes": ".read",
        "read_writes": ".read",
        "row_trigger": ".ddl",
        "split": ".splitting",
        "subjects": ".subjects",
        "touched": ".ddl",
        "view_columns": ".view",
    },
)

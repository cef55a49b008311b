"""PostgreSQL text to writes and expressions; the only importer of the SQL parser."""

from __future__ import annotations

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

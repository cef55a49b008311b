"""PostgreSQL text to writes and expressions; the only importer of the SQL parser."""

from __future__ import annotations

from .read import parse_writes, read_writes
from .reading import ParsedWrite, Problem, Reading, Statement
from .splitting import split
from .view import ViewColumn, ViewColumns, view_columns

__all__ = [
    "ParsedWrite",
    "Problem",
    "Reading",
    "Statement",
    "ViewColumn",
    "ViewColumns",
    "parse_writes",
    "read_writes",
    "split",
    "view_columns",
]

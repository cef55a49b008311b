"""PostgreSQL text to writes and expressions; the only importer of the SQL parser."""

from __future__ import annotations

from .reading import ParsedWrite, Problem, Reading, Statement
from .splitting import split
from .strict import parse_writes
from .view import ViewColumn, ViewColumns, view_columns

__all__ = [
    "ParsedWrite",
    "Problem",
    "Reading",
    "Statement",
    "ViewColumn",
    "ViewColumns",
    "parse_writes",
    "split",
    "view_columns",
]

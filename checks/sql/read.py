"""The two ways to read SQL: texts of an application, which may be anything, and statements, which must parse."""

from __future__ import annotations

from .insert import Scope
from .lexis import without_remarks
from .parser import parse
from .reader import Reader, may_write
from .reading import ParsedWrite, Reading
from .temporary import marked
from .traced import Traced


def parse_writes(text: str) -> tuple[ParsedWrite, ...]:
    """Every INSERT and MERGE of a text that is PostgreSQL as it stands; raises SqlSyntaxError.

    Also those inside CTEs, CREATE RULE, PREPARE, EXPLAIN, COPY, function bodies (sql, plpgsql) and DO blocks.
    """
    parse(text)
    reader = Reader(strict=True, placeholders=False)
    reader.script(Traced.of(text), Scope())
    return tuple(reader.writes)


def read_writes(text: str, *, placeholders: bool = True, bound: bool = False) -> Reading:
    """Every write of a text that may hold holes (holes.py), placeholders of drivers, or no SQL at all; never raises.

    `placeholders` False: `%s`, `?`, `:x`, `@x` are operators, as in a text that a server gets. `bound`: holes in the
    place of a value are bound parameters, as in a tagged template, and not text put in.
    """
    if not may_write(text):
        return Reading()
    reader = Reader(placeholders=placeholders, bound=bound)
    text = without_remarks(text) if placeholders else text
    reader.script(Traced.of(text), Scope())
    writes = sorted(marked(reader.writes, text), key=lambda write: write.offset)
    problems = sorted(reader.problems, key=lambda problem: problem.offset)
    return Reading(tuple(writes), tuple(problems), reader.evidence)

"""Code that knows the error of a missing arbiter (42P10), and goes another way when it comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...sql.handlers import read_handlers
from ..model import Answer, Client, NoSite, SiteFact
from ..values import Constant
from .raw_sql import RAW_SQL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve

_NAMED = r"42P10|no unique or exclusion constraint"
# The class or constant of it: psycopg.errors, asyncpg.exceptions, pgerrcode of Go, PG of Ruby's pg.
_CLASSES = frozenset({"InvalidColumnReference", "InvalidColumnReferenceError", "INVALID_COLUMN_REFERENCE"})
# Calls that write, or run a statement, by their names.
_WRITES = re.compile(
    r"(?i)\b\w*(?:insert|update|upsert|save|persist)\w*(?<!error)(?<!exception)\(|\b(?:query|execute|rpc)\w*\(|\bexec(?:ute)?(?:context)?\("
)
_OTHER = "names the error of a missing arbiter, and writes in no other way"


def find(module: Module) -> Iterator[SiteFact]:
    """Every place that compares an error with that one, and what runs only then."""
    text = module.file.text
    if module.file.language == "sql":
        found = [(one.offset, one.begin, one.end, one.writes) for one in read_handlers(text)]
    else:
        arms = module.answers_to(_NAMED, _CLASSES)
        found = [(at, begin, end, _WRITES.search(text, begin, end) is not None) for at, begin, end in arms]
    seen: set[tuple[int, int]] = set()
    for offset, begin, end, writes in found:
        if (begin, end) in seen:  # one test that names it twice
            continue
        seen.add((begin, end))
        values = {"begin": Constant(begin), "writes": Constant(writes)}
        yield SiteFact(client="arbiter-fallback", values={**values}, offset=offset, statement=offset, end=end)


def finish(fact: SiteFact, resolve: Resolve) -> Answer | NoSite:
    """The same, as the linker passes it on."""
    del resolve
    begin, writes = fact.values["begin"], fact.values["writes"]
    if not isinstance(begin, Constant) or not isinstance(begin.value, int):
        return NoSite(_OTHER)
    return Answer(fact.offset, begin.value, fact.end, writes=writes == Constant(value=True))


ARBITER_FALLBACK = Client(
    name="arbiter-fallback",
    languages=RAW_SQL.languages | {"sql"},
    triggers=(b"42p10", b"no unique or exclusion constraint", b"invalid_column_reference", b"invalidcolumnreference"),
    find=find,
    finish=finish,
    own_dialect=True,
)

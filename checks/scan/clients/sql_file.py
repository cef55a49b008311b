"""Files of SQL statements: scripts, migrations, PL/pgSQL bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...sql import read_writes
from ..flatten import variants
from ..model import Client, Draft, NoSite, SiteFact
from .sql_text import drafts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve


def find(module: Module) -> Iterator[SiteFact]:
    """The file as one text."""
    for value in module.strings():
        yield SiteFact(client="sql-file", values={"sql": value}, offset=0, statement=0, end=len(module.file.text))


def finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """Every write of the file, in order."""
    flat = next(variants(resolve(fact.values["sql"])))
    return drafts_of(read_writes(flat.text), flat)


SQL_FILE = Client(
    name="sql-file",
    languages=frozenset({"sql"}),
    triggers=(b"insert", b"merge", b"conflict"),
    find=find,
    finish=finish,
)

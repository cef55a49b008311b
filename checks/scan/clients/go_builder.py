"""Statements that Go builders put together from pieces of SQL, read as the one text that they send."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...sql import read_writes
from ..flatten import variants
from ..model import Draft, NoSite
from ..values import Join, Opaque, Sequence, Text
from .sql_text import drafts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Resolve, SiteFact
    from ..values import Value


def statement(table: Value, columns: Iterable[Value] | None, clause: Iterable[Value]) -> Join:
    """`INSERT INTO table (columns) VALUES (..) clause`, each given as SQL; `columns` None: no list of columns."""
    parts: list[Value] = [Text("INSERT INTO "), table]
    names = None if columns is None else tuple(columns)
    if names is not None:
        parts += [Text(" ("), *separated(names, ", "), Text(")")]
    holes = tuple(Opaque("a value", 0) for _ in names or ("",))
    parts += [Text(" VALUES ("), *separated(holes, ", "), Text(") ")]
    return Join((*parts, *separated(tuple(clause), " ")))


def separated(parts: tuple[Value, ...], by: str) -> list[Value]:
    """The parts with a text between them."""
    out: list[Value] = []
    for part in parts:
        out += [Text(by), part] if out else [part]
    return out


def read(fact: SiteFact, value: Value, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The writes of such a text; where a statement starts and ends is told by the fact."""
    found: dict[Draft, None] = {}
    for flat in variants(resolve(value)):
        drafts = drafts_of(read_writes(flat.text), flat)
        if isinstance(drafts, tuple):
            found.update(dict.fromkeys(_placed(fact, draft) for draft in drafts))
    return tuple(found) or NoSite("no statement that writes")


def _placed(fact: SiteFact, draft: Draft) -> Draft:
    inside = draft.path is not None and fact.statement <= draft.offset < fact.end
    offset = draft.offset if inside else fact.offset
    write = replace(draft.write, rows=None)  # one call of Values may run many times
    return replace(
        draft, write=write, offset=offset, statement=fact.statement, end=fact.end, path=None, begin=None, part=False
    )


def listed(args: Iterable[Value], resolve: Resolve) -> tuple[Value, ...]:
    """The arguments, those of a list in place of it; what is not known stays as it is."""
    out: list[Value] = []
    for arg in args:
        known = resolve(arg)
        out += known.items if isinstance(known, Sequence) and known.complete else [known]
    return tuple(out)


def quoted(name: str) -> Text:
    """A name as a quoted identifier, its parts apart at dots."""
    return Text(".".join('"' + part.replace('"', '""') + '"' for part in name.split(".")))

"""Edits of a conflict clause, or of an INSERT that gets one, inside the text of a statement."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..quoting import quoted
from ..rules._names import columns_sql, key_sql
from ..scan.flatten import variants
from ..sql.lexis import Kind, lex
from .definitions import predicate_of
from .model import Edit, InferIndex, NameConstraint, OneStatement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import WriteSite
    from ..scan.flatten import Flat
    from ..scan.model import Module
    from ..sql.lexis import Token
    from .model import Wanted

_LONGEST_ESCAPE = 10  # characters: an eight-digit one of Python
_HOLE = "\ue000"  # begins the marker of what is only known at run time
_STRINGS = "(?i)conflict|insert"


def spellings(site: WriteSite, module: Module, offset: int, wanted: Wanted) -> Iterator[tuple[Edit, ...]]:
    """The edit as it stands, then with quotes escaped for the literal around it."""
    for flat, index in _at(module, offset):
        found = _span(flat, index, wanted)
        if found is None:
            continue
        start, end, lead = found
        place = _source(flat, start, end, module.file.path, module.file.text)
        if place is None:
            continue
        text = _text(site, wanted)
        for before in (*([_line_break(flat, index, start)] if isinstance(wanted, OneStatement) else []), lead):
            for spelled in dict.fromkeys((text, _escaped(text, '"'), _escaped(text, "'"), text.replace("{", "{{"))):
                yield (Edit(*place, before + spelled),)
        return


def _line_break(flat: Flat, index: int, end: int) -> str:
    """A line of its own, indented as the last one, where the statement has several; else a blank."""
    lines = flat.text[index:end].split("\n")
    if len(lines) == 1:
        return " "
    last = lines[-1]
    return ("\r\n" if lines[0].endswith("\r") else "\n") + last[: len(last) - len(last.lstrip())]


def _text(site: WriteSite, wanted: Wanted) -> str:
    match wanted:
        case InferIndex(index):
            predicate = predicate_of(index)
            keys = f"({', '.join(key_sql(key) for key in index.keys)})"
            return keys + (f" WHERE {predicate}" if predicate else "")
        case NameConstraint(name):
            return f"ON CONSTRAINT {quoted(name)}"
        case OneStatement(columns, predicate):
            where = f" WHERE {predicate}" if predicate else ""
            sets = [quoted(c) for c in site.write.columns or () if c not in columns]
            action = f"UPDATE SET {', '.join(f'{c} = EXCLUDED.{c}' for c in sets)}" if sets else "NOTHING"
            return f"ON CONFLICT {columns_sql(columns)}{where} DO {action}"


def _at(module: Module, offset: int) -> Iterator[tuple[Flat, int]]:
    """Every text that holds this place of the file, and where in it."""
    path = module.file.path
    for value in module.strings(_STRINGS):
        for flat in variants(value):
            for at, start, owner in flat.pieces:
                index = at + offset - start
                if owner == path and at <= index < len(flat.text) and flat.place(index) == (path, offset):
                    yield flat, index
                    break


def _span(flat: Flat, index: int, wanted: Wanted) -> tuple[int, int, str] | None:
    """Which characters of the text give way, and what stands before the new ones."""
    tokens = [token._replace(start=token.start + index, end=token.end + index) for token in lex(flat.text[index:])]
    if isinstance(wanted, OneStatement):
        end = _end_of_insert(tokens)
        return None if end is None else (end, end, " ")
    return _target(tokens)


def _target(tokens: Sequence[Token]) -> tuple[int, int, str] | None:
    """The target with its WHERE: what stands between ON CONFLICT and DO."""
    if [token.value for token in tokens[:2]] != ["on", "conflict"]:
        return None
    depth = 0
    for position, (token, after) in enumerate(pairwise(tokens)):
        depth += (token.value == "(") - (token.value == ")")
        if depth < 0 or (depth == 0 and token.value == ";"):
            return None
        if depth == 0 and position > 1 and token.value == "do" and after.value in ("update", "nothing"):
            if position == 2:  # noqa: PLR2004 - ON CONFLICT DO: there is no target
                return tokens[1].end, tokens[1].end, " "
            return tokens[2].start, tokens[position - 1].end, ""
    return None


def _end_of_insert(tokens: Sequence[Token]) -> int | None:
    """Where a conflict clause would begin: behind the rows, before RETURNING."""
    if not tokens or tokens[0].value != "insert":
        return None
    depth, end = 0, tokens[0].end
    for token in tokens:
        depth += (token.value == "(") - (token.value == ")")
        if depth < 0 or (depth == 0 and (token.value == ";" or _is(token, "returning"))):
            break
        end = token.end
    return end


def _is(token: Token, word: str) -> bool:
    return token.kind is Kind.WORD and token.value == word


def _source(flat: Flat, start: int, end: int, path: str, source: str) -> tuple[int, int] | None:
    """The same characters in the file, escape sequences included; None where they stand in several pieces."""
    if start == end:
        owner, before = flat.place(start - 1)
        return (before + 1, before + 1) if owner == path else None
    if _HOLE in flat.text[start:end]:
        return None
    first = past = flat.place(start)[1]
    for at in range(start, end):
        owner, here = flat.place(at)
        if owner != path or here != past:
            return None
        past = here + 1
        if source[here] == "\\" and (source[past : past + 1] == "\\" or flat.text[at] != "\\"):
            # An escape sequence ends where the next character begins, which has to stand in the same literal.
            owner, past = flat.place(at + 1) if at + 1 < len(flat.text) else (None, 0)
            if owner != path or not here < past <= here + _LONGEST_ESCAPE:
                return None
    return first, past


def _escaped(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, "\\" + quote)

"""Edits of the `onConflict` of a PostgREST client's call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scan.values import Call, Record, Text
from .model import Edit, InferIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import WriteSite
    from ..scan.model import Module
    from .model import Wanted

CLIENTS = frozenset({"supabase-js", "supabase-py"})  # of the others the call is for the user to edit
_METHODS = frozenset({"upsert", "insert"})
_NAMES = ("onConflict", "on_conflict")


def spellings(site: WriteSite, module: Module, offset: int, wanted: Wanted) -> Iterator[tuple[Edit, ...]]:
    """The columns in place of those that stand there, or the option added to the call."""
    if not isinstance(wanted, InferIndex) or wanted.index.predicate:
        return
    if any(key.column is None or "," in key.column for key in wanted.index.keys):
        return
    call = next((call for call in module.calls(_METHODS) if call.name_offset == offset), None)
    if call is None:
        return
    columns = ",".join(wanted.index.columns)
    edit = _javascript(module, call, columns) if site.client == "supabase-js" else _python(call, columns)
    if edit is not None:
        yield (edit,)


def _javascript(module: Module, call: Call, columns: str) -> Edit | None:
    options = call.args[1] if len(call.args) > 1 else None
    if options is None:
        return Edit(call.end - 1, call.end - 1, f", {{ onConflict: {_literal(columns)} }}") if call.args else None
    if not isinstance(options, Record):
        return None
    given = next((value for key, value in reversed(options.entries) if key in _NAMES), None)
    if given is not None:
        return _inside(given, columns)
    opening = options.offset
    if module.file.text[opening : opening + 1] != "{":
        return None
    more = "," if options.entries or not options.complete else " "
    return Edit(opening + 1, opening + 1, f" onConflict: {_literal(columns)}{more}")


def _python(call: Call, columns: str) -> Edit | None:
    given = next((value for key, value in reversed(call.keywords) if key in _NAMES), None)
    if given is not None:
        return _inside(given, columns)
    doubled = columns.replace("\\", "\\\\").replace('"', '\\"')
    return Edit(call.end - 1, call.end - 1, f', on_conflict="{doubled}"') if call.args else None


def _inside(given: object, columns: str) -> Edit | None:
    """The inside of a literal; None for what is no literal in one piece."""
    if not isinstance(given, Text) or len(given.runs) != 1 or any(char in columns for char in "'\"`\\$"):
        return None
    start = given.runs[0][1]
    return Edit(start, start + len(given.text), columns)


def _literal(columns: str) -> str:
    escaped = columns.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

"""What a project says to PostgREST: the schemas that it exposes, and when it is to read the schema anew."""

from __future__ import annotations

import tomllib
from itertools import islice
from typing import TYPE_CHECKING

from ..sql.lexis import Kind, lex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from .order import SourceFile

CONFIG = "config.toml"
_CHANGES = frozenset({"create", "alter", "drop"})
_CHANGED = frozenset({"table", "view", "function", "procedure", "materialized"})  # what the schema cache holds
_BETWEEN = 4  # words, as in CREATE OR REPLACE TEMPORARY RECURSIVE VIEW


def exposed_beside(root: Path, source: Path | None = None) -> tuple[Path, tuple[str, ...]] | None:
    """The exposed schemas of a project at `root`, told in or beside the directory of its schema source."""
    places = () if source is None else (source.resolve(), source.resolve().parent)
    return exposed_schemas((*places, root / "supabase"))


def exposed_schemas(places: Iterable[Path]) -> tuple[Path, tuple[str, ...]] | None:
    """The schemas in `[api]` of the first `config.toml` of Supabase's CLI in these directories, with that file.

    None where there is none, where it leaves them to the default, or takes them from the environment.
    """
    for place in dict.fromkeys(places):
        try:
            told = tomllib.loads((place / CONFIG).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        api = told.get("api")
        found = api.get("schemas") if isinstance(api, dict) and api.get("enabled", True) is True else None
        if isinstance(found, list) and found and all(isinstance(name, str) and "(" not in name for name in found):
            return place / CONFIG, tuple(found)
    return None


def without_reload(files: Sequence[SourceFile]) -> tuple[str, ...]:
    """The files that change what PostgREST's schema cache holds and do not ask for a reload, in their order.

    None of them when an event trigger is made that may ask for it.
    """
    asks = [file for file in files if "pgrst" in file.text.casefold() and any(_names_channel(file.text))]
    if any("event" in words and "trigger" in words for words in (_words(file.text) for file in asks)):
        return ()
    quiet = {file.path for file in files} - {file.path for file in asks}
    return tuple(dict.fromkeys(file.path for file in files if file.path in quiet and _changes(file.text)))


def _words(text: str) -> frozenset[str]:
    return frozenset(token.value for token in lex(text) if token.kind is Kind.WORD)


def _names_channel(text: str) -> Iterator[bool]:
    """A token, and no comment, that holds the name of the channel."""
    return (True for token in lex(text) if "pgrst" in token.value.casefold())


def _changes(text: str) -> bool:
    tokens = list(lex(text))
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and token.value in _CHANGES:
            after = {one.value for one in islice(tokens, index + 1, index + 1 + _BETWEEN) if one.kind is Kind.WORD}
            if after & _CHANGED:
                return True
    return False

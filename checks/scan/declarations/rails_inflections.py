"""What a Rails project adds to the inflections of Rails, in config/initializers/inflections.rb."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..values import Opaque, Sequence, Text
from .ruby_words import RAILS

if TYPE_CHECKING:
    from ..model import Module, Resolve
    from ..values import Call, Value
    from .ruby_words import Words

_METHODS = frozenset({"plural", "singular", "irregular", "uncountable", "acronym"})


def words_of(resolve: Resolve) -> Words:
    """The inflections of the project."""
    return _words(resolve.modules_holding(b".inflections"))


@lru_cache(maxsize=8)
def _words(modules: tuple[Module, ...]) -> Words:
    words = RAILS
    for module in modules:
        for call in module.calls(_METHODS):
            words = _with(words, call)
    return words


def _with(words: Words, call: Call) -> Words:
    given = [one for arg in call.args for one in (arg.items if isinstance(arg, Sequence) else (arg,))]
    known = [one.text if isinstance(one, Text) else "" for one in given]
    pattern = _pattern(given[0]) if given else None
    match getattr(call.callee, "name", ""), known:
        case "irregular", [str(one), str(many)] if one and many:
            return words.with_irregular(one, many)
        case "uncountable", [_, *_]:
            return words.with_uncountable(word for word in known if word)
        case "acronym", [str(word)] if word:
            return words.with_acronym(word)
        case "plural", [_, str(ending)] if pattern is not None:
            return words.with_plural(pattern, ending)
        case "singular", [_, str(ending)] if pattern is not None:
            return words.with_singular(pattern, ending)
        case _:
            return words


def _pattern(value: Value) -> str | None:
    r"""A rule's pattern: a text, or `/(ox)$/i` as Python would write it."""
    if isinstance(value, Text):
        return re.escape(value.text) + "$"
    found = re.fullmatch(r"/(.*)/i?", value.source) if isinstance(value, Opaque) else None
    if found is None:
        return None
    pattern = found[1].replace(r"\z", r"\Z").replace(r"\A", "^")
    try:
        re.compile(pattern)
    except re.error:
        return None
    return pattern

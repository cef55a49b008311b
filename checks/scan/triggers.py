"""Which clients can have a site in a file, told from its bytes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .clients import clients_of
from .languages import language_of

if TYPE_CHECKING:
    from .model import Client


def triggered(path: str, data: bytes) -> tuple[str, ...]:
    """The names of the clients of which a file of that name and contents holds a trigger word; none for most files."""
    language = language_of(path)
    if language is None:
        return ()
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.decode("utf-16", "replace").encode()
    lower = data.lower()
    found: dict[str, None] = {}
    for word, names in _words(language.name):
        if word in lower:
            found.update(dict.fromkeys(names))
    for client in clients_of(language.name):
        if client.name not in found and _holds_both(client, data, lower):
            found[client.name] = None
    return tuple(found)


@cache
def _words(language: str) -> tuple[tuple[bytes, tuple[str, ...]], ...]:
    """The trigger words of a language's clients, each with the clients that have it."""
    able = clients_of(language)
    words = dict.fromkeys(word.lower() for client in able for word in client.triggers)
    return tuple((word, tuple(client.name for client in able if _has(client, word))) for word in words)


def _holds_both(client: Client, data: bytes, lower: bytes) -> bool:
    if any(one.lower() in lower and other.lower() in lower for one, other in client.pairs):
        return True
    return client.paired is not None and client.paired(data)


def _has(client: Client, word: bytes) -> bool:
    return any(trigger.lower() == word for trigger in client.triggers)

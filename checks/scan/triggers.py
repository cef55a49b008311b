"""Which clients can have a site in a file, told from its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .languages import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Client


class Triggers:
    """The trigger words of all clients, by language."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._by_language: dict[str, tuple[tuple[bytes, tuple[Client, ...]], ...]] = {}
        self._paired: dict[str, tuple[Client, ...]] = {}
        for language in {language for client in clients for language in client.languages}:
            able = [client for client in clients if language in client.languages]
            words = dict.fromkeys(word.lower() for client in able for word in client.triggers)
            self._by_language[language] = tuple((word, tuple(c for c in able if _has(c, word))) for word in words)
            self._paired[language] = tuple(client for client in able if client.pairs or client.paired is not None)

    def of(self, path: str, data: bytes) -> tuple[Client, ...]:
        """The clients of which the file holds a trigger word, in their order; none for most files."""
        language = language_of(path)
        words = self._by_language.get(language.name, ()) if language is not None else ()
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            data = data.decode("utf-16", "replace").encode()
        lower = data.lower()
        found: dict[Client, None] = {}
        for word, clients in words:
            if word in lower:
                found.update(dict.fromkeys(clients))
        for client in self._paired.get(language.name, ()) if language is not None else ():
            if client not in found and _holds_both(client, data, lower):
                found[client] = None
        return tuple(found)


def _holds_both(client: Client, data: bytes, lower: bytes) -> bool:
    if any(one.lower() in lower and other.lower() in lower for one, other in client.pairs):
        return True
    return client.paired is not None and client.paired(data)


def _has(client: Client, word: bytes) -> bool:
    return any(trigger.lower() == word for trigger in client.triggers)

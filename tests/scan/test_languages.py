"""The documentation names all that is read."""

from __future__ import annotations

from pathlib import Path

from pgarbiter.scan.clients import clients
from pgarbiter.scan.languages import LANGUAGES

PAGE = (Path(__file__).parents[2] / "docs" / "languages.md").read_text("utf-8")


def test_every_client_is_named() -> None:
    assert [client.name for client in clients() if f"`{client.name}`" not in PAGE] == []


def test_every_suffix_is_named() -> None:
    assert [suffix for suffix in LANGUAGES if f"`{suffix}`" not in PAGE] == []

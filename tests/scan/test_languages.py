"""The documentation names all that is read, and the table all clients."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from pgarbiter.scan.clients import client, clients, table
from pgarbiter.scan.clients.table import HOMES
from pgarbiter.scan.languages import LANGUAGES
from pgarbiter.scan.model import Client

PAGE = (Path(__file__).parents[2] / "docs" / "languages.md").read_text("utf-8")


def test_every_client_is_named() -> None:
    assert [client.name for client in clients() if f"`{client.name}`" not in PAGE] == []


def test_every_suffix_is_named() -> None:
    assert [suffix for suffix in LANGUAGES if f"`{suffix}`" not in PAGE] == []


def test_every_client_is_in_the_table_with_its_name_and_the_languages_that_it_reads() -> None:
    known = {language.name for language in LANGUAGES.values()}
    for name, (place, languages) in HOMES.items():
        assert client(name).name == name, place
        assert client(name).languages & known == languages, place


def test_every_client_is_in_the_table() -> None:
    room = Path(str(table.__file__)).parent
    modules = [import_module(f"{table.__package__}.{path.stem}") for path in room.glob("[!_]*.py")]
    found = {value.name for module in modules for value in vars(module).values() if isinstance(value, Client)}
    assert found == set(HOMES)

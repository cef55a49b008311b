"""Every kind of drift has something to show on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.model import Action
from pgarbiter.report.diff import html
from pgarbiter.report.diff.sections import sections
from pgarbiter.structure.read import read_structure

from ...diff.conftest import BASE
from ...diff.drift import DRIFTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure


@pytest.fixture(scope="module")
def base(server18: Server) -> Iterator[tuple[psycopg.Connection[Any], Structure]]:
    database = server18.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE.encode())
        yield connection, read_structure(connection)
    server18.drop_database(database)


@pytest.mark.parametrize("name", DRIFTS)
def test_a_change_says_what_was_and_what_is(name: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    with connection.transaction(force_rollback=True):
        connection.execute(DRIFTS[name].ddl.encode())
        after = read_structure(connection, own_transaction=False)
    for one, two in ((before, after), (after, before)):
        found = difference(("one", one), ("two", two))
        items = [item for section in sections(found) for item in section.items]
        assert len(items) == len(found.changes)
        for item, change in zip(items, found.changes, strict=True):
            shown = item.made, item.old != item.new, item.body, item.properties
            named_only = change.subject.kind == "other" and item.action is not Action.CHANGED
            assert any(shown) or named_only, change
            assert all(told.old != told.new for told in item.properties), change
            assert len(item.properties) + bool(item.body) + bool(item.old) <= len(change.properties) + 1, change
        assert html.page(found).count('class="item"') == len(found.changes)

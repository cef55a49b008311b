"""Every kind of drift is seen on a real server, as one entry of the right kind, name and property."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.structure.read import read_structure

from .conftest import BASE
from .drift import DRIFTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.diff.model import Change
    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure


def after(connection: psycopg.Connection[Any], ddl: str) -> Structure:
    """The structure with that change, which is rolled back."""
    with connection.transaction(force_rollback=True):
        connection.execute(ddl.encode())
        return read_structure(connection, own_transaction=False)


def entry(change: Change) -> str:
    subject = change.subject
    name = ".".join(part for part in (*subject.identity, subject.name) if part is not None)
    if subject.kind in ("function", "procedure", "aggregate"):
        name = "{}.{}({})".format(*subject.identity)
    told = (change.action, subject.part or subject.kind, name, *sorted(each.name for each in change.properties))
    return " ".join(told)


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_seen_as_what_it_is(name: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    drift = DRIFTS[name]
    if connection.info.server_version // 10000 < drift.since:
        pytest.skip(f"needs version {drift.since}")
    found = difference(("old", before), ("new", after(connection, drift.ddl)))
    expected = [each.format(user=connection.info.user) for each in drift.entries]
    assert sorted(map(entry, found.changes)) == sorted(expected)


def test_the_same_database_read_twice_has_no_difference(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    found = difference(("old", before), ("new", read_structure(connection)))
    assert (found.changes, found.notes) == ((), ())


def test_a_copy_of_the_database_has_no_difference(
    base: tuple[psycopg.Connection[Any], Structure], servers: Callable[[int], Server]
) -> None:
    connection, before = base
    server = servers(connection.info.server_version // 10000)
    copy = server.create_database()
    try:
        with psycopg.connect(copy, autocommit=True) as other:
            other.execute(BASE)
            assert difference(("old", before), ("new", read_structure(other))).changes == ()
    finally:
        server.drop_database(copy)

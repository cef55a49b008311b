from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgarbiter.catalog import snapshot
from pgarbiter.catalog.read import read_catalog
from pgarbiter.model import QualifiedName

Connection = psycopg.Connection[Any]

DDL = """
CREATE SCHEMA s; CREATE DOMAIN s.d AS text NOT NULL DEFAULT 'x';
CREATE TABLE s.p (id int PRIMARY KEY, a text COLLATE "C", b s.d, g int GENERATED ALWAYS AS (id + 1) STORED,
    EXCLUDE USING btree (a WITH =), CHECK (id > 0)) WITH (user_catalog_table = true);
CREATE UNIQUE INDEX two ON s.p ((lower(a)), (id + 1)) INCLUDE (b) WHERE a IS NOT NULL;
CREATE TABLE s.parent (id int) PARTITION BY LIST (id); CREATE TABLE s.child PARTITION OF s.parent DEFAULT;
CREATE VIEW s.v AS SELECT id, a AS "\u00e4 \U0001f418" FROM s.p;
ALTER TABLE s.p ENABLE ROW LEVEL SECURITY; CREATE POLICY pol ON s.p TO pg_monitor USING (id = 1);
CREATE RULE r AS ON UPDATE TO s.p DO INSTEAD NOTHING;
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE INSERT ON s.p FOR EACH ROW EXECUTE FUNCTION s.f();
CREATE TEMP TABLE mine (id int);
"""


def test_a_snapshot_holds_all_that_was_read(connection: Connection) -> None:
    connection.execute(DDL.encode())
    connection.execute("SET search_path = s, public")
    read = read_catalog(connection)
    loaded = snapshot.load(snapshot.dump(read))
    assert list(loaded.relations()) == list(read.relations())
    assert len(list(loaded.relations())) == 5
    assert (loaded.version, loaded.database, loaded.search_path) == (read.version, read.database, ("s", "public"))
    for name in ("p", "two", "v", "mine", "pg_class", "nope"):
        assert loaded.resolve(QualifiedName(None, name)) == read.resolve(QualifiedName(None, name))
    parent = read.relation("s", "parent")
    assert parent is not None
    assert [child.name for child in loaded.children(parent.oid)] == ["child"]
    assert loaded.collation(QualifiedName(None, "C")) == read.collation(QualifiedName(None, "C"))
    assert loaded.opclass(QualifiedName(None, "text_ops")) == read.opclass(QualifiedName(None, "text_ops"))


def test_a_snapshot_of_a_snapshot_is_the_same(connection: Connection) -> None:
    connection.execute(DDL.encode())
    first = snapshot.dump(read_catalog(connection))
    assert snapshot.dump(snapshot.load(first)) == first


def test_a_snapshot_keeps_the_search_path_it_was_given(connection: Connection) -> None:
    catalog = read_catalog(connection, search_path=("x", "y"))
    assert snapshot.load(snapshot.dump(catalog)).search_path == ("x", "y")


def test_damaged_bytes_are_refused(connection: Connection) -> None:
    connection.execute(DDL.encode())
    data = snapshot.dump(read_catalog(connection))
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    for damaged in (b"", b"{}", data[:-1], data[:middle], data + b"\n", flipped):
        with pytest.raises(snapshot.StaleSnapshotError):
            snapshot.load(damaged)


def test_a_snapshot_of_another_reader_is_refused(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    data = snapshot.dump(read_catalog(connection))
    monkeypatch.setattr(snapshot, "READER_VERSION", snapshot.READER_VERSION + 1)
    with pytest.raises(snapshot.StaleSnapshotError, match="written by another version"):
        snapshot.load(data)

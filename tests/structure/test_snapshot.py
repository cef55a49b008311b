"""Snapshots hold everything, change little when little changes, and are refused when they are not what they were."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any, get_type_hints

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgarbiter.diff import difference
from pgarbiter.errors import SourceError
from pgarbiter.structure import snapshot
from pgarbiter.structure.model import TYPES, Kind, Structure
from pgarbiter.structure.read import read_structure

Connection = psycopg.Connection[Any]

HERE = Path(__file__).parent
VERSION_1 = HERE.joinpath("version_1.json").read_text("utf-8")


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """One or two objects of a few kinds, each field at random."""
    objects: dict[Kind, dict[tuple[str, ...], Any]] = {kind: {} for kind in Kind}
    for kind in draw(st.lists(st.sampled_from(list(Kind)), max_size=3, unique=True)):
        made, identity = TYPES[kind]
        found = draw(st.lists(st.from_type(made), max_size=2))
        by_name = {one[:identity]: one for one in found}
        objects[kind] = {name: by_name[name] for name in sorted(by_name)}
    known = {name: draw(st.from_type(hint)) for name, hint in get_type_hints(Structure).items() if name != "objects"}
    return Structure(objects=objects, **known | {"owners": True})


@given(structures())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=60)
def test_whatever_is_written_is_read_back(structure: Structure) -> None:
    text = snapshot.dump(structure)
    assert snapshot.load(text) == structure
    assert snapshot.dump(snapshot.load(text)) == text


@pytest.mark.parametrize("major", [18, 15])
def test_a_real_structure_is_read_back(major: int, servers: Any) -> None:
    server = servers(major)
    database = server.create_database()
    base = HERE.parent.joinpath("diff", "base.sql").read_text("utf-8")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(base.encode())
        found = read_structure(connection)
    server.drop_database(database)
    assert snapshot.load(snapshot.dump(found)) == found


def test_a_snapshot_of_version_1_says_what_it_said(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HERE.joinpath("version_1.sql").read_bytes())
        now = read_structure(connection)
    kept = snapshot.load(VERSION_1)
    assert difference(("kept", kept), ("now", now)).changes == ()
    assert sum(len(members) for members in kept.objects.values()) == 28


def test_a_source_without_owners_is_written_alike_whoever_loads_it(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE someone")
        texts = []
        for role in (connection.info.user, "someone"):
            with connection.transaction(force_rollback=True):
                connection.execute("ALTER SCHEMA public OWNER TO pg_database_owner; CREATE SCHEMA s")
                connection.execute(f"ALTER SCHEMA s OWNER TO {role}; SET ROLE {role}".encode())
                connection.execute("CREATE TABLE s.t (a int); GRANT SELECT ON s.t TO PUBLIC")
                connection.execute("CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
                connection.execute("REVOKE EXECUTE ON FUNCTION s.f() FROM PUBLIC")
                connection.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC")
                found = read_structure(connection, own_transaction=False)
                texts.append(snapshot.dump(found._replace(owners=False)))
        connection.execute("DROP ROLE someone")
    assert texts[0] == texts[1]
    assert "someone" not in texts[1]
    assert '"acl": []' in texts[0]  # PUBLIC may not execute it, which is not the default


@pytest.mark.parametrize(
    ("ddl", "lines"),
    [
        ("ALTER TABLE app.t ADD later int", 3),  # the column, the comma before it and the digest
        ("ALTER TABLE app.t ALTER org SET NOT NULL", 2),
        ("DROP INDEX app.plain", 2),
        ("COMMENT ON TABLE app.t IS 'other'", 2),
        ("CREATE TABLE app.zz (a int)", 6),
        ("CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'", 1),
    ],
)
def test_a_small_change_changes_few_lines(ddl: str, lines: int, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HERE.parent.joinpath("diff", "base.sql").read_bytes())
        before = snapshot.dump(read_structure(connection)).splitlines()
        connection.execute(ddl.encode())
        after = snapshot.dump(read_structure(connection)).splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line.startswith("+ ")] or [
        line for line in difflib.ndiff(before, after) if line.startswith("- ")
    ]
    assert len(changed) <= lines


def changed(text: str, **fields: Any) -> str:
    return json.dumps(json.loads(text) | fields)


def with_table(**fields: Any) -> str:
    """A snapshot with one table, whose digest is that of what it holds."""
    digest = fields.pop("digest", None) or snapshot._digest(snapshot._canonical(fields))
    header = {"format": snapshot.FORMAT, "version": 1, "server_version": 180000}
    return json.dumps(header | {"objects": {"table": [fields | {"digest": digest}]}})


COLUMN = {"name": "a", "type": "integer"}
DAMAGED = {
    "nothing": ("", "is no JSON"),
    "cut off": (VERSION_1[:-400], "is no JSON"),
    "another file": ("{}", "is no snapshot of a structure"),
    "a list": ("[1, 2]", "is no snapshot of a structure"),
    "nested too deeply": ("[" * 100_000, "is no JSON"),
    "half a character": ('"\\ud800"', "is no JSON"),
    "no version": (changed(VERSION_1, version=None), '"version" is no number'),
    "a version that is true": (changed(VERSION_1, version=True), '"version" is no number'),
    "a newer version": (changed(VERSION_1, version=2), "is of version 2, wanted 1 or older"),
    "a newer field": (changed(VERSION_1, later=1), 'unknown field "later"'),
    "server of words": (changed(VERSION_1, server_version="18"), '"server_version": input should be a valid'),
    "no objects": (changed(VERSION_1, objects=None), '"objects" is no table of lists'),
    "objects of words": (changed(VERSION_1, objects={"table": "all"}), '"objects" is no table of lists'),
    "an unknown kind": (changed(VERSION_1, objects={"galaxy": []}), 'of an unknown kind "galaxy"'),
    "no object": (changed(VERSION_1, objects={"enum": [7]}), "enum 1 is no object"),
    "a nameless enum": (changed(VERSION_1, objects={"enum": [{"schema": "s"}]}), 'field "name" of enum 1'),
    "the same twice": (
        changed(VERSION_1, objects={"enum": [{"schema": "s", "name": "e"}] * 2}),
        'enum "s.e" is there twice',
    ),
    "a flipped word": (VERSION_1.replace('"type": "bigint"', '"type": "bigots"', 1), 'digest of table "app.t"'),
    "no digest": (with_table(schema="s", name="t", digest="0"), 'digest of table "s.t"'),
    "a newer field of a column": (
        with_table(schema="s", name="t", columns=[COLUMN | {"colour": 1}]),
        'unknown field "columns.0.colour" in table "s.t"',
    ),
    "a number for a type": (
        with_table(schema="s", name="t", columns=[COLUMN | {"type": 5}]),
        'field "columns.0.type" of table "s.t": input should be a valid string',
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_no_sound_snapshot_is_a_clear_error(name: str) -> None:
    text, message = DAMAGED[name]
    with pytest.raises(SourceError) as raised:
        snapshot.load(text)
    assert message in raised.value.message
    assert raised.value.hint is not None


def test_a_sound_snapshot_made_by_hand_is_read() -> None:
    found = snapshot.load(with_table(schema="s", name="t", columns=[COLUMN]))
    assert [column.name for column in found.objects[Kind.TABLE]["s", "t"].columns] == ["a"]  # type: ignore[union-attr]


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}", b"{"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"could not read snapshot .*schema\.json"):
        snapshot.read(path)

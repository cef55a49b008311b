"""Diagrams of a real schema: what is in them, how it is laid out and written."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.model import Action
from pgarbiter.report.erd import changed, schema
from pgarbiter.report.erd.mermaid import mermaid
from pgarbiter.report.erd.model import Diagram, Line
from pgarbiter.report.erd.place import placed
from pgarbiter.report.erd.svg import svg
from pgarbiter.structure.model import Kind, Relation, Structure
from pgarbiter.structure.parts import Column, Constraint
from pgarbiter.structure.read import read_structure

from ..shop import EVIL, OLD, release, structures

if TYPE_CHECKING:
    from pgarbiter.diff import Diff
    from pgarbiter.report.erd.model import Box
    from pgarbiter.server import Server
    from pgarbiter.structure.parts import Name

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def old(server18: Server) -> Structure:
    return structures(server18)[0]


@pytest.fixture(scope="module")
def diff(server18: Server) -> Diff:
    return release(server18)


def after(server: Server, ddl: str) -> Structure:
    database = server.create_database()
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"{OLD}{ddl}".encode())
            return read_structure(connection)
    finally:
        server.drop_database(database)


def boxes(diagram: Diagram) -> dict[str, Box]:
    return {box.name[1]: box for box in diagram.boxes}


def ends(diagram: Diagram) -> set[tuple[str, str]]:
    return {(line.child[1], line.parent[1]) for line in diagram.lines}


def test_a_schema_is_its_tables_with_keys_and_references(old: Structure) -> None:
    diagram = schema.of_structure(old)
    assert [*boxes(diagram)] == ["alone", "carts", "events", "orgs", "profiles", "special", "users"]
    assert [(row.name, row.keys) for row in boxes(diagram)["users"].rows] == [
        ("id", ("PK",)), ("org", ("FK",)), ("boss", ("FK",)), ("phone", ()), ("email", ()),
    ]  # fmt: skip
    assert ends(diagram) == {
        ("users", "orgs"), ("users", "users"), ("profiles", "users"), ("carts", "users"), ("events", "orgs"),
        ("special", "alone"),
    }  # fmt: skip


def test_a_partition_is_told_with_the_whole(old: Structure) -> None:
    diagram = schema.of_structure(old)
    assert boxes(diagram)["events"].notes == ("1 partition",)
    chosen = schema.of_structure(old, {("app", "events_2024")})
    assert [*boxes(chosen)] == ["events"]


def test_a_line_says_whether_there_may_be_none_or_many(old: Structure) -> None:
    lines = {(line.child[1], line.parent[1]): line for line in schema.of_structure(old).lines}
    found = {ends: (line.optional, line.unique) for ends, line in lines.items()}
    assert found["users", "orgs"] == (False, False)
    assert found["users", "users"] == (True, False)
    assert found["profiles", "users"] == (False, True)
    assert lines["special", "alone"].inherits


def test_a_diff_is_the_changed_tables_and_what_is_near_them(diff: Diff) -> None:
    diagram = changed.of_diff(diff)
    marks = {name: box.mark for name, box in boxes(diagram).items()}
    assert marks == {
        "carts": Action.REMOVED, "orgs": Action.CHANGED, "refunds": Action.ADDED, "user_profiles": Action.RENAMED,
        "users": Action.CHANGED, EVIL: Action.ADDED, "events": None,
    }  # fmt: skip
    rows = {row.name: row.mark for row in boxes(diagram)["users"].rows}
    assert rows == {"id": None, "org": None, "boss": None, "locale": Action.ADDED, "phone": Action.REMOVED}
    assert boxes(diagram)["users"].notes == ("… 1 more column", "± 1 index")
    assert {(line.child[1], line.parent[1]): line.mark for line in diagram.lines} == {
        ("carts", "users"): Action.REMOVED, ("refunds", "users"): Action.ADDED, ("user_profiles", "users"): None,
        ("users", "orgs"): None, ("users", "users"): None, ("events", "orgs"): None,
    }  # fmt: skip


def test_a_change_of_a_partition_is_told_with_the_whole_and_one_that_left_stands_for_itself(
    server18: Server, old: Structure
) -> None:
    detached = after(server18, "ALTER TABLE app.events DETACH PARTITION app.events_2024")
    found = boxes(changed.of_diff(difference(("old", old), ("new", detached))))
    assert found["events_2024"].mark is Action.CHANGED
    more = after(server18, "CREATE TABLE app.rest PARTITION OF app.events DEFAULT")
    found = boxes(changed.of_diff(difference(("old", old), ("new", more))))
    assert {name: box.mark for name, box in found.items()} == {"events": Action.CHANGED}
    assert "± 1 partition" in found["events"].notes


def test_of_too_many_tables_the_worst_are_drawn_and_the_rest_is_counted(diff: Diff) -> None:
    diagram = changed.of_diff(diff, most=2)
    assert [*boxes(diagram)] == ["carts", "users"]
    assert diagram.left_out == 5


@pytest.mark.parametrize("most", [1, 5, 60])
def test_no_box_lies_on_another_and_no_line_ends_beside_its_box(diff: Diff, most: int) -> None:
    drawing = placed(changed.of_diff(diff, most))
    places = {each.box.name: each for each in drawing.boxes}
    for one in drawing.boxes:
        assert one.x >= 0
        assert one.y >= 0
        assert one.x + one.width <= drawing.width
        assert one.y + one.height <= drawing.height
        for two in drawing.boxes:
            apart = one.x + one.width < two.x or two.x + two.width < one.x
            assert one is two or apart or one.y + one.height < two.y or two.y + two.height < one.y
    for routed in drawing.lines:
        for point, name in ((routed.points[0], routed.line.parent), (routed.points[-1], routed.line.child)):
            box = places[name]
            assert box.x - 1 <= point[0] <= box.x + box.width + 1
            assert box.y - 1 <= point[1] <= box.y + box.height + 1


def test_a_file_is_well_formed_svg_with_every_name_and_the_same_each_time(diff: Diff) -> None:
    diagram = schema.of_structure(diff.new.structure)
    text = svg(diagram, "tables")
    assert text == svg(diagram, "tables")
    drawing = ET.fromstring(text)
    assert drawing.tag == f"{SVG}svg"
    texts = {element.text for element in drawing.iter(f"{SVG}text")}
    assert {"app.users", "locale", "text"} <= texts
    assert any("alert(1)</script>\\x0a\\x09'\"&\\u202e\\x1b" in (each or "") for each in texts)
    assert not [element for element in drawing.iter() if {"href", "onload"} & {*element.attrib}]


def test_an_empty_schema_is_an_empty_drawing() -> None:
    assert ET.fromstring(svg(schema.of_structure(Structure(180000, {})), "none")).get("width") == "0"


def test_mermaid_has_a_line_for_each_column_and_each_reference(old: Structure) -> None:
    text = mermaid(schema.of_structure(old))
    assert '    "app.users" {\n        integer id PK\n        integer org FK\n        integer boss FK "null"\n' in text
    assert '    "app.users" |o--o{ "app.users" : "users_boss_fkey"\n' in text
    assert '    "app.users" ||--o| "app.profiles" : "profiles_user_id_fkey"\n' in text
    assert '    "app.alone" ||..o{ "app.special" : "inherited by"\n' in text


def test_mermaid_has_no_name_that_its_grammar_refuses_and_no_two_alike() -> None:
    names = (EVIL, "a%b", "a\u2030b", "1st", "end", "}", "日本")
    tables: dict[Name, Relation] = {
        ("app", name): Relation(
            "app",
            name,
            tuple(Column(each, "timestamp(3) with time zone[]") for each in names),
            (Constraint(name, "foreign key", (name,), references=("app", EVIL), referenced_columns=(EVIL,)),),
        )
        for name in names
    }
    text = mermaid(schema.of_structure(Structure(180000, {Kind.TABLE: tables})))  # type: ignore[dict-item]
    quoted = r'"[^"%\r\n\v\x08\\]+"'
    entity = rf"    {quoted} {{"
    attribute = rf"        [A-Za-z][\w\-\[\]()]* [A-Za-z][\w\-\[\]()]*( (PK|FK|UK)(, (PK|FK|UK))*)?( {quoted})?"
    relationship = rf"    {quoted} (\|o|\|\|)(--|\.\.)(o\||o{{) {quoted} : {quoted}"
    grammar = re.compile(rf"erDiagram|{entity}|{attribute}|    }}|{relationship}")
    assert [line for line in text.splitlines() if not grammar.fullmatch(line)] == []
    found = [line for line in text.splitlines() if re.fullmatch(entity, line)]
    assert len(found) == len(set(found)) == len(names)


def test_a_reference_to_a_table_that_is_not_drawn_has_no_line(old: Structure) -> None:
    diagram = schema.of_structure(old, {("app", "users"), ("app", "carts")})
    assert {(each.child[1], each.parent[1]) for each in diagram.lines} == {("users", "users"), ("carts", "users")}
    assert all(isinstance(each, Line) for each in diagram.lines)

"""Where files define an object of the database."""

from __future__ import annotations

import pytest

from pgarbiter.catalog.stored import Signature, Stored
from pgarbiter.inside.definitions import Definition, Definitions, File
from pgarbiter.model import Origin

BODY = "\nbegin\n  insert into t values (1);\nend"


def function(body: str = BODY, *types: str, schema: str = "public", deparsed: bool = False) -> Stored:
    signature = Signature(schema, "f", types)
    return Stored(Origin.FUNCTION, "public.f()", "plpgsql", "", 0, body, signature, deparsed)


def create(body: str = BODY, head: str = "f()") -> str:
    return f"create or replace function {head} returns void language plpgsql as $${body}$$;\n"


def found(stored: Stored, *files: tuple[str, str] | File) -> Definition | None:
    return Definitions([file if isinstance(file, File) else File(*file) for file in files]).of(stored)


def test_the_last_of_several_definitions_counts() -> None:
    first, second = ("1.sql", create()), ("2.sql", "-- again\n" + create())
    assert found(function(), first, second) == Definition("2.sql", 2, 5, 2)


def test_the_text_of_the_database_goes_before_a_later_definition() -> None:
    later = ("2.sql", create(BODY + " -- new"))
    assert found(function(), ("1.sql", create()), later) == Definition("1.sql", 1, 4, 1)


def test_without_its_text_the_last_definition_of_the_same_signature_is_told() -> None:
    files = [("1.sql", create("1")), ("2.sql", create("2")), ("3.sql", create("3", "f(a int)"))]
    assert found(function(), *files) == Definition("2.sql", 1, 1, None)


@pytest.mark.parametrize(
    ("head", "types"),
    [
        ("f(a integer, out b int, c varchar(20) default 'x')", ("int4", "varchar")),
        ("f(timestamp with time zone, text[])", ("timestamptz", "text[]")),
        ("public.f(a app.mood)", ("mood",)),
        ("f(variadic a text[])", ("text[]",)),
    ],
)
def test_signatures_are_compared_by_input_types(head: str, types: tuple[str, ...]) -> None:
    assert found(function("other", *types), ("1.sql", create(head=head))) == Definition("1.sql", 1, 4, None)
    assert found(function("other", "bytea"), ("1.sql", create(head=head))) is None


def test_a_schema_that_the_script_does_not_name_is_told_by_the_text() -> None:
    assert found(function(schema="app"), ("1.sql", create())) == Definition("1.sql", 1, 4, 1)
    assert found(function("other", schema="app"), ("1.sql", create())) is None
    script = "set search_path = app;\n" + create()
    assert found(function("other", schema="app"), ("1.sql", script)) == Definition("1.sql", 2, 5, None)


def test_line_ends_and_doubled_quotes_are_no_difference() -> None:
    body = "\nbegin\r\n  insert into t values ('it');\r\nend"
    quoted = "create function f() returns void language plpgsql as '\nbegin\n  insert into t values (''it'');\nend'"
    assert found(function(body), ("1.sql", quoted)) == Definition("1.sql", 1, 4, 1)


def test_a_body_that_the_server_printed_anew_is_told_by_its_signature() -> None:
    text = "create function f() returns void language sql begin atomic insert into t values (1); end"
    stored = function("BEGIN ATOMIC\n INSERT INTO public.t VALUES (1);\nEND", deparsed=True)
    assert found(stored, ("1.sql", text)) == Definition("1.sql", 1, 1, None)


def test_a_string_of_another_language_is_told_by_its_text() -> None:
    text = f'op.execute("""{create()}""")\n'
    assert found(function(), ("versions/a.py", "\n" + text)) == Definition("versions/a.py", 2, 5, 2)
    assert found(function("other"), ("versions/a.py", text)) is None
    assert found(function(), ("a.sql", create()), ("a.py", text)) == Definition("a.sql", 1, 4, 1)


def test_rules_are_told_by_name_and_table() -> None:
    text = "create rule r as on insert to u do also nothing;\ncreate rule r as on insert to t do also nothing;\n"
    rule = Stored(Origin.RULE, "r on public.t", "sql", "", 0, "", Signature("public", "r", table="t"), deparsed=True)
    assert found(rule, ("1.sql", text)) == Definition("1.sql", 2, 2, None)


def test_jobs_are_told_by_their_command() -> None:
    job = Stored(Origin.CRON, "nightly", "sql", "", 0, "\n  insert into t values ('x')\n")
    text = "select cron.schedule('nightly', '* * * * *', $$\n  insert into t values ('x')\n$$);"
    assert found(job, ("1.sql", text)) == Definition("1.sql", 1, 3, 1)
    assert found(job, ("1.sql", "select 1")) is None


def test_of_overloads_with_one_text_each_has_its_own_definition() -> None:
    text = create() + create(head="f(a int)")
    assert found(function(), ("1.sql", text)) == Definition("1.sql", 1, 4, 1)
    assert found(function(BODY, "int4"), ("1.sql", text)) == Definition("1.sql", 5, 8, 5)


def test_a_copy_outside_of_the_schema_source_does_not_count_before_it() -> None:
    copy = File("schema.sql", create(), of_source=False)
    assert found(function(), ("1.sql", create()), copy) == Definition("1.sql", 1, 4, 1)
    assert found(function(), ("1.sql", create("older")), copy) == Definition("1.sql", 1, 1, None)
    assert found(function(), ("1.sql", "select 1"), copy) == Definition("schema.sql", 1, 4, 1)

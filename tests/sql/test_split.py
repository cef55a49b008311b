"""Splitting scripts into statements."""

from __future__ import annotations

import time

import postgast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.sql import split


def texts(script: str) -> list[str]:
    found = split(script)
    for statement in found:
        assert script[statement.offset :].startswith(statement.text.split("\n", maxsplit=1)[0].rstrip())
    return [statement.text for statement in found]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("select 1; select 2;", ["select 1", "select 2"]),
        ("-- a; b\n/* c; /* d; */ ; */ select 1", ["select 1"]),
        (
            "select ';', \";\", $$;$$, $a$;$$;$a$, E'\\';' ; select 2",
            ["select ';', \";\", $$;$$, $a$;$$;$a$, E'\\';'", "select 2"],
        ),
        ("select 'it''s;'; select 2", ["select 'it''s;'", "select 2"]),
        ("\ufeffselect 1;;;\n\n", ["select 1"]),
        (
            "create rule r as on insert to t do (select 1; select 2); select 3",
            ["create rule r as on insert to t do (select 1; select 2)", "select 3"],
        ),
        ("select ((1; select 2", ["select ((1", "select 2"]),
        ("\\set a 1\nselect 1 \\gset\nselect 2;\n\\i x.sql\n", ["select 1", "select 2"]),
        ("select 1\nGO\nselect 2\n/\nselect 3", ["select 1", "select 2", "select 3"]),
        ("", []),
        ("-- nothing", []),
    ],
)
def test_a_script_is_split_at_its_semicolons(script: str, expected: list[str]) -> None:
    assert texts(script) == expected


def test_a_standard_body_is_one_statement() -> None:
    body = "create function f() returns int begin atomic select case when true then 1 else 2 end; select 2; end"
    assert texts(f"{body}; select 3") == [body, "select 3"]


def test_copy_and_its_data_are_one_statement() -> None:
    script = "copy t (a,\n b) from stdin with (format text);\n1\tit's; \n\\N\t$$\n\\.\nselect 1;"
    copy, select = split(script)
    assert copy.text.endswith("\n\\.")
    assert copy.error is None
    assert (select.text, select.offset) == ("select 1", script.index("select"))


def test_a_psql_command_inside_a_statement_is_blanked_out() -> None:
    script = "insert into t\n\\echo hi; there\nvalues (1);"
    (statement,) = split(script)
    assert statement.text == "insert into t\n" + " " * 15 + "\nvalues (1)"
    assert statement.error is None


def test_a_statement_that_does_not_parse_says_why() -> None:
    good, bad = split("select 1; selec 2")
    assert good.error is None
    assert bad.error == 'syntax error at or near "selec"'


def test_an_unterminated_quote_does_not_hide_what_stands_before_it() -> None:
    assert texts("select 1; select 'abc; select 2")[0] == "select 1"


PIECES = [
    "select 1",
    "select 'a;b'",
    'select ";"',
    "select $$;$$",
    "/* ; */ select 2 /* é */",
    "insert into é values (E'\\';')",
    "create rule r as on insert to t do also (select 1; select 2)",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from([";", ";\n", " ; -- x;\n", ";;"]))
def test_the_parser_splits_in_the_same_way(pieces: list[str], separator: str) -> None:
    script = separator.join(pieces)
    assert len(split(script)) == len(postgast.parse(script).stmts)
    assert all(statement.error is None for statement in split(script))


@given(st.text())
def test_any_text_can_be_split(script: str) -> None:
    for statement in split(script):
        assert statement.text.strip()
        assert statement.offset >= 0


@pytest.mark.parametrize("unit", ["select 'a', $$b$$, \"c\"; ", "((", "$a$ $b$ ", "/* ", "' ", "E'\\' ", "-- x\n"])
def test_time_grows_with_the_size_only(unit: str) -> None:
    def seconds(size: int) -> float:
        script = unit * (size // len(unit))
        start = time.perf_counter()
        split(script)
        return time.perf_counter() - start

    small = min(seconds(50_000) for _ in range(3))
    assert seconds(800_000) < 16 * 12 * small + 0.5

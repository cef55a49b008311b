"""Names that nobody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online.model import OnlineError
from pgarbiter.online.names import default_name, derived_name
from pgarbiter.quoting import quoted

if TYPE_CHECKING:
    import psycopg


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("t", ("a", "b")),
        ("Tab le", ("Ä", 'q"q')),
        ("a" * 60, ("b", "c")),
        ("t", ("b" * 63, "c")),
        ("a" * 50, ("b" * 40, "c" * 40)),
        ("ä" * 31, ("ü" * 31,)),
    ],
)
def test_a_default_name_is_the_one_that_the_server_chooses(
    another: psycopg.Connection[Any], table: str, columns: tuple[str, ...]
) -> None:
    listed = ", ".join(quoted(each) for each in columns)
    typed = ", ".join(f"{quoted(each)} int" for each in columns)
    another.execute(f"CREATE TABLE {quoted(table)} ({typed}, UNIQUE ({listed}))")
    another.execute(f"CREATE INDEX ON {quoted(table)} ({listed})")
    made = {name for (name,) in another.execute("SELECT relname FROM pg_class WHERE relkind = 'i' AND oid > 16383")}
    assert {default_name(table, columns, "key"), default_name(table, columns, "idx")} <= made


def test_an_expression_has_no_default_name() -> None:
    with pytest.raises(OnlineError, match="needs a name"):
        default_name("t", ("(lower(a))",), "idx")


def test_long_derived_names_stay_apart() -> None:
    one, other = derived_name("t" * 70, "helper"), derived_name("t" * 70, "guard")
    assert one != other
    assert len(one.encode()) <= 63
    assert derived_name("t", "helper") == "t_helper"

"""What is counted before a constraint is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import preflight
from pgarbiter.online.key import Key
from pgarbiter.online.model import OnlineError, Table

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

T = Table("t")


def test_duplicates_are_counted_in_a_read_only_session(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("""CREATE TABLE t (a int, b text);
        INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (1, 'y'), (1, 'y'), (2, 'x'), (NULL, 'x'), (NULL, 'x')""")
    session.run("SET default_transaction_read_only = on")
    found = preflight.duplicates(session, T, Key(("a", "b")))
    assert (found.groups, found.rows) == (2, 5)
    assert found.samples == ("(a, b)=(1, x): 3 rows", "(a, b)=(1, y): 2 rows")
    assert str(found).startswith("5 rows of t with 2 duplicate keys (a, b), such as (a, b)=(1, x): 3 rows; ")
    assert (
        preflight.duplicates(session, T, Key(("b",), where="a IS NULL OR b = 'y'", nulls_not_distinct=True)).rows == 4
    )
    assert not preflight.duplicates(session, T, Key(("a", "b"), where="a = 2"))


def test_nulls_are_duplicates_where_they_are_not_distinct(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, NULL), (1, NULL), (NULL, NULL)")
    assert preflight.duplicates(session, T, Key(("a", "b"), nulls_not_distinct=True)).rows == 2
    assert preflight.duplicates(session, T, Key(("a", "b"))).rows == 0


def test_a_composite_value_with_a_null_in_it_is_a_value(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TYPE c AS (x int, y int); CREATE TABLE t (a c)")
    another.execute("INSERT INTO t VALUES ('(1,)'), ('(1,)'), (NULL), (NULL)")
    assert preflight.duplicates(session, T, Key(("a",))).rows == 2
    assert preflight.nulls(session, T, "a").rows == 2


def test_expressions_and_collations_compare_as_in_the_index(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a text COLLATE \"C\", n numeric); INSERT INTO t VALUES ('A', 1.0), ('a', 1.00)")
    assert preflight.duplicates(session, T, Key(("a", "n"))).rows == 0
    found = preflight.duplicates(session, T, Key(('(lower(a)) COLLATE "C" text_pattern_ops', "n")))
    assert (found.groups, found.rows) == (1, 2)


def test_an_equality_that_is_not_the_type_s_own_is_refused(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TYPE c AS (x numeric); CREATE TABLE t (a c, v varchar(9)); INSERT INTO t VALUES ('(1)', '')"
    )
    assert preflight.duplicates(session, T, Key(("(v) varchar_pattern_ops", "(a) record_ops"))).rows == 0
    with pytest.raises(OnlineError, match=r'operator class "record_image_ops" of \(a\) has an equality of its own'):
        preflight.duplicates(session, T, Key(("(a) record_image_ops",)))


@pytest.mark.parametrize("element", ["(a", "(a) DESC x y", "(a) COLLATE", "(a) || (b)"])
def test_what_is_no_index_element_is_told(session: Session, another: psycopg.Connection[Any], element: str) -> None:
    another.execute("CREATE TABLE t (a text, b text)")
    with pytest.raises(OnlineError, match="is no index element"):
        preflight.duplicates(session, T, Key((element,)))


def test_names_that_need_quotes_and_rows_of_heirs(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("""CREATE SCHEMA "My S"; CREATE TABLE "My S"."T %t" ("A ""b" int);
        CREATE TABLE heir () INHERITS ("My S"."T %t");
        INSERT INTO "My S"."T %t" VALUES (1), (1); INSERT INTO heir VALUES (1), (2), (2)""")
    found = preflight.duplicates(session, Table("T %t", "My S"), Key(('A "b',)))
    assert (found.groups, found.rows, found.samples) == (1, 2, ('("A ""b")=(1): 2 rows',))
    with pytest.raises(OnlineError, match='table "nowhere" does not exist'):
        preflight.duplicates(session, Table("nowhere"), Key(("a",)))


def test_rows_in_the_way_of_other_constraints_are_shown_by_their_key(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int, part int, a int, PRIMARY KEY (part, id))")
    another.execute("INSERT INTO t VALUES (1, 7, NULL), (2, 7, -1), (3, 7, 1)")
    assert preflight.nulls(session, T, "a").samples == ("(part, id)=(7, 1)",)
    assert preflight.violations(session, T, "a > 0").samples == ("(part, id)=(7, 2)",)
    another.execute("CREATE TABLE u (a int); INSERT INTO u VALUES (NULL)")
    assert preflight.nulls(session, Table("u"), "a").samples == ("(ctid)=((0,1))",)


def test_orphans_are_counted_by_what_they_miss(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE p (x int, y bigint); INSERT INTO p VALUES (1, 1)")
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 2), (1, 2), (1, NULL), (3, 1)")
    found = preflight.orphans(session, T, ("a", "b"), Table("p"), ("x", "y"))
    assert (found.groups, found.rows) == (2, 3)
    assert found.samples == ("(a, b)=(1, 2): 2 rows", "(a, b)=(3, 1): 1 row")

"""What DO UPDATE assigns and asks for."""

from __future__ import annotations

from pgarbiter.sql.expressions import Column, NullTest, Opaque
from pgarbiter.sql.update_clause import update_clauses


def test_values_and_conditions_are_read_one_by_one() -> None:
    (clause,) = update_clauses(
        "WITH x AS (INSERT INTO s.a AS t (b) VALUES (1) ON CONFLICT (b) DO UPDATE "
        "SET (b, c) = ROW (EXCLUDED.b, t.c), d = DEFAULT WHERE t.b = EXCLUDED.b AND t.c IS NULL) SELECT"
    )
    assert (clause.table, clause.alias) == ("a", "t")
    assert clause.value("b") == Column(("excluded",), "b")
    assert clause.value("c") == Column(("t",), "c")
    assert isinstance(clause.value("d"), Opaque)
    assert clause.value("e") is None
    assert clause.conditions[1] == NullTest(Column(("t",), "c"), null=True)
    assert len(clause.conditions) == 2


def test_each_insert_of_a_text_has_its_own() -> None:
    found = update_clauses(
        "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING; INSERT INTO b VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 1"
    )
    assert [(clause.table, clause.alias, clause.conditions) for clause in found] == [("b", "b", ())]


def test_what_does_not_parse_has_none() -> None:
    assert update_clauses("INSERT INTO a VALUES (1) ON CONFLICT (x) DO") == ()


def test_parts_of_a_column_are_not_its_value() -> None:
    (clause,) = update_clauses("INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET v[1] = a.v[1]")
    assert isinstance(clause.value("v"), Opaque)

"""Strict reading of statements."""

from __future__ import annotations

import pytest

from pgarbiter.errors import SqlSyntaxError
from pgarbiter.model import (
    Action,
    AnyArbiter,
    ColumnReference,
    InferenceClause,
    InferenceElement,
    Mechanism,
    NamedConstraint,
    Overriding,
    QualifiedName,
    Write,
)
from pgarbiter.sql import parse_writes


def write(text: str) -> Write:
    (parsed,) = parse_writes(text)
    return parsed.write


def target(clause: str) -> InferenceClause:
    found = write(f"insert into t values (1) on conflict {clause} do nothing").target
    assert isinstance(found, InferenceClause)
    return found


def element(text: str) -> InferenceElement:
    (found,) = target(f"({text})").elements
    return found


def test_names_are_folded_as_the_server_folds_them() -> None:
    found = write('INSERT INTO Public.Users AS U (Id, "Name") VALUES (1, 2)')
    assert (found.table, found.alias, found.columns) == (QualifiedName("public", "users"), "u", ("id", "Name"))


def test_without_a_column_list_all_columns_are_meant() -> None:
    assert (write("insert into t values (1, 2)").all_columns, write("insert into t values (1, 2)").value_count) == (
        True,
        2,
    )
    assert write("insert into t select a, b, c from s").value_count == 3
    assert write("insert into t select * from s").value_count is None
    assert write("insert into t select s.*, 1 from s").value_count is None
    assert write("insert into t (select 1, 2 union select 3, 4)").value_count == 2
    assert write("insert into t table s").value_count is None


def test_default_values_write_no_column() -> None:
    found = write("insert into t default values")
    assert (found.columns, found.all_columns, found.rows) == ((), False, 1)


def test_defaults_count_only_when_in_every_row_and_nulls_when_in_any() -> None:
    found = write("insert into t (a, b, c, d) values (default, default, 1, 2), (default, 1, null, null::int)")
    assert (found.defaulted, found.nulls, found.rows) == (("a",), ("c", "d"), 2)


def test_overriding_is_read() -> None:
    assert write("insert into t (a) overriding system value values (1)").overriding is Overriding.SYSTEM
    assert write("insert into t (a) overriding user value values (1)").overriding is Overriding.USER


@pytest.mark.parametrize("spelling", ["a", "(a)", "((a))", "A"])
def test_a_parenthesised_bare_column_is_a_column(spelling: str) -> None:
    assert element(spelling) == InferenceElement("a", column="a")


def test_a_qualified_column_is_an_expression() -> None:
    assert element("(t.a)") == InferenceElement("(t.a)", expression="t.a")


def test_collate_inside_parentheses_is_an_expression() -> None:
    assert element('(c collate "C")') == InferenceElement('(c COLLATE "C")', expression='c COLLATE "C"')


def test_collate_and_opclass_belong_to_the_element() -> None:
    assert element('c collate pg_catalog."C" text_pattern_ops') == InferenceElement(
        'c COLLATE pg_catalog."C" text_pattern_ops',
        column="c",
        collation=QualifiedName("pg_catalog", "C"),
        opclass=QualifiedName(None, "text_pattern_ops"),
    )


def test_expressions_keep_their_own_text() -> None:
    assert element("lower(Email)") == InferenceElement("lower(email)", expression="lower(email)")
    assert element("(a || b)") == InferenceElement("(a || b)", expression="a || b")


def test_an_ordering_is_noted() -> None:
    assert element("a desc nulls last").ordering == "DESC NULLS LAST"
    assert element("a asc").ordering == "ASC"


def test_parameters_of_a_target_are_flagged_where_they_are() -> None:
    assert target("(a) where b = $1").predicate_parameters
    assert not target("(a) where b = 1").predicate_parameters
    assert target("(mod(a, $1))").element_parameters
    assert not target("(mod(a, 2)) where b = $1").element_parameters


def test_the_predicate_is_the_where_before_do() -> None:
    found = write("insert into t values (1) on conflict (a) where b is null do update set c = 1 where t.d = 2")
    assert isinstance(found.target, InferenceClause)
    assert found.target.predicate == "b IS NULL"
    assert found.references == (ColumnReference("t", "d"),)


def test_a_constraint_is_named() -> None:
    assert write('insert into t values (1) on conflict on constraint "K" do nothing').target == NamedConstraint("K")


def test_no_target_is_any_arbiter() -> None:
    assert write("insert into t values (1) on conflict do nothing").target == AnyArbiter()


def test_set_columns_of_all_spellings() -> None:
    found = write(
        "insert into t as x values (1) on conflict (a) do update"
        " set (b, c) = row(excluded.b, default), d = default, t.e = 1, (f, g) = (select h, i from s), k[1] = x.l"
    )
    assert found.action is Action.UPDATE
    assert found.set_columns == ("b", "c", "d", "t", "f", "g", "k")
    assert found.set_defaults == ("c", "d")
    assert found.references == (ColumnReference("excluded", "b"), ColumnReference("x", "l"))


def test_merge_has_the_columns_of_its_arms() -> None:
    (parsed,) = parse_writes(
        "merge into t using s on t.a = s.a when matched then update set b = 1"
        " when not matched then insert (a, b) values (1, default)"
    )
    assert parsed.mechanism is Mechanism.MERGE
    assert (parsed.write.columns, parsed.write.set_columns, parsed.write.action) == (("a", "b"), ("b",), None)
    assert parsed.write.defaulted == ("b",)


@pytest.mark.parametrize(
    "wrapper",
    [
        "explain analyze {}",
        "prepare p as {}",
        "copy ({} returning *) to stdout",
        "create rule r as on insert to v do instead {}",
        "with c as ({}) select 1",
        "do $do$ begin {}; end $do$",
    ],
)
def test_an_insert_is_found_in_what_wraps_it(wrapper: str) -> None:
    text = "/* é */ " + wrapper.format("insert into t (a) values (1) on conflict (a) do nothing")
    (parsed,) = parse_writes(text)
    assert text[parsed.offset :].startswith("insert into t")
    assert text[parsed.conflict_offset :].startswith("on conflict (a)")
    assert text[parsed.offset : parsed.end].startswith("insert into t (a) values (1) on conflict (a) do nothing")


def test_every_insert_of_a_statement_is_one_write() -> None:
    ctes = "with a as (insert into t values (1) returning 1), b as (insert into u values (2))"
    text = f"{ctes} insert into w select * from a"
    assert [(str(w.write.table), text[: w.end].rpartition(" ")[2]) for w in parse_writes(text)] == [
        ("t", "1"),
        ("u", "(2)"),
        ("w", "a"),
    ]


def test_a_syntax_error_tells_where_it_is() -> None:
    text = "insert into é values (1); insert into u valuess (1)"
    with pytest.raises(SqlSyntaxError) as caught:
        parse_writes(text)
    assert text[caught.value.offset :].startswith("valuess")


def test_too_long_a_chain_is_an_error_and_no_crash() -> None:
    with pytest.raises(SqlSyntaxError):
        parse_writes("insert into t select " + "1+" * 200_000 + "1")

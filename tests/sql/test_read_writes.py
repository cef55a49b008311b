"""Tolerant reading: holes, placeholders, fragments, prose, and offsets that stay exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, QualifiedName, Unresolved
from pgarbiter.sql import ParsedWrite, Reading, read_writes
from pgarbiter.sql.holes import marker

H = [marker(index) for index in range(5)]


def only(text: str, *, placeholders: bool = True, bound: bool = False) -> ParsedWrite:
    (write,) = read_writes(text, placeholders=placeholders, bound=bound).writes
    return write


def columns(write: ParsedWrite) -> tuple[str, ...]:
    assert isinstance(write.write.target, InferenceClause)
    return write.write.target.columns


PLACEHOLDERS = ["%s", "%(a)s", ":a", "?", "?1", "@a", "$1", "${a}", "#{a}", "{{ a }}", "{a}", ":'a'", H[0], "'x'", "%d"]
PLACEHOLDERS += ["sqlc.arg(a)", "sqlc.narg('b')", 'sqlc.arg( "a" )', "sqlc.slice(b)", "pggen.arg('a')"]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_as_a_value_is_harmless(value: str) -> None:
    text = f"insert into t (a, b) values ({value}, 1) on conflict (a) do update set b = {value}, c = {value}::int"
    write = only(text)
    assert write.write.table == QualifiedName(None, "t")
    assert (write.write.columns, write.write.set_columns) == (("a", "b"), ("b", "c"))
    assert columns(write) == ("a",)
    assert write.write.reason is None
    assert write.write.references == ()


@pytest.mark.parametrize(
    "name", ["%s", "{t}", "{{ t }}", "${t}", H[0], f"pre_{H[0]}", f"{H[0]}_post", f'"{H[0]}"', "??", "pre_%s"]
)
@pytest.mark.parametrize("schema", ["", "s."])
def test_a_hole_in_the_table_leaves_the_rest_known(name: str, schema: str) -> None:
    write = only(f"insert into {schema}{name} (a) values (1) on conflict (a) do nothing")
    assert write.write.table is None
    assert write.write.reason == "the table is only known at run time"
    assert (write.write.columns, write.write.complete) == (("a",), True)
    assert columns(write) == ("a",)


@pytest.mark.parametrize("text", [f"(user_id, {H[0]})", f"({H[0]}, user_id)", f"(user_id {H[0]})", f"({H[0]} user_id)"])
def test_a_hole_in_the_column_list_leaves_the_others_known(text: str) -> None:
    write = only(f"insert into t {text} values (1, 2) on conflict (user_id) do nothing")
    assert (write.write.columns, write.write.complete) == (("user_id",), False)


@pytest.mark.parametrize(
    "middle", [f"{H[0]}", f"{H[0]} values {H[1]}", f"({H[0]}) values {H[1]}", f"{H[0]} {H[1]}", f"{H[0]} select 1"]
)
def test_unknown_columns_are_unknown(middle: str) -> None:
    write = only(f"insert into t {middle} on conflict (a) do nothing")
    assert (write.write.columns, write.write.complete, write.write.all_columns) == (None, False, False)
    assert columns(write) == ("a",)


@pytest.mark.parametrize(
    "rows", ["values %s", f"values {H[0]}", f"values (1, 2), {H[0]}", f"{H[0]}", f"values ({H[0]})", f"select {H[0]}"]
)
def test_unknown_rows_leave_the_columns_known(rows: str) -> None:
    write = only(f"insert into t (a, b) {rows} on conflict (a) do nothing")
    assert (write.write.columns, write.write.complete, write.write.rows) == (("a", "b"), True, None)
    assert write.write.reason is None


@pytest.mark.parametrize("rows", [H[0], "%s"])
@pytest.mark.parametrize("around", ["with i as ({})", "with i as (select * from ({}) as v (a, b))"])
def test_unknown_rows_of_a_query_before_the_statement_leave_it_known(around: str, rows: str) -> None:
    query = around.format(f"values {rows}")
    write = only(f"{query} insert into t (a, b) select * from i on conflict (a) do nothing")
    assert (columns(write), write.write.reason) == (("a",), None)


@pytest.mark.parametrize(
    "target",
    [H[0], f"({H[0]})", f"(a, {H[0]})", f"(a {H[0]})", f"(a) {H[0]}", f"(lower({H[0]}))", f"on constraint {H[0]}"],
)
def test_a_hole_in_the_target_makes_it_unresolved(target: str) -> None:
    write = only(f"insert into t (a) values (1) on conflict {target} do nothing")
    assert isinstance(write.write.target, Unresolved)
    assert (write.mechanism, write.write.action) == (Mechanism.ON_CONFLICT, Action.NOTHING)


def test_a_conditional_part_of_a_target_makes_it_unresolved() -> None:
    write = only("insert into t (a) values (1) on conflict (a{% if b %}, b{% endif %}) do nothing")
    assert isinstance(write.write.target, Unresolved)


def test_a_value_in_the_predicate_is_a_parameter_only_if_it_is_bound() -> None:
    text = f"insert into t (a) values (1) on conflict (a) where b = {H[0]} do nothing"
    assert isinstance(only(text).write.target, Unresolved)
    target = only(text, bound=True).write.target
    assert isinstance(target, InferenceClause)
    assert (target.predicate, target.predicate_parameters) == ("b = $1", True)
    driver = only(text.replace(H[0], "%s")).write.target
    assert driver == target


@pytest.mark.parametrize("sets", [f"{H[0]}", f"b = 1, {H[0]}", f"b = 1 {H[0]}", f"{H[0]}, b = 1", f"{H[0]} = 1, b = 2"])
def test_a_hole_in_the_set_list_makes_it_incomplete(sets: str) -> None:
    write = only(f"insert into t (a) values (1) on conflict (a) do update set {sets}").write
    assert write.action is Action.UPDATE
    assert not write.set_complete
    assert write.set_columns == (("b",) if "b" in sets else ())


@pytest.mark.parametrize("end", [f"do {H[0]}", H[0]])
def test_an_unknown_action_is_none(end: str) -> None:
    write = only(f"insert into t (a) values (1) on conflict (a) {end}")
    assert (write.write.action, write.write.reason) == (None, "the conflict action is only known at run time")
    assert columns(write) == ("a",)


def test_a_hole_after_the_rows_may_be_a_conflict_clause() -> None:
    write = only(f"insert into t (a) values (1) {H[0]}")
    assert write.mechanism is Mechanism.PLAIN_INSERT
    assert isinstance(write.write.target, Unresolved)
    assert write.conflict_offset == write.offset


def test_operators_and_casts_are_no_placeholders() -> None:
    text = (
        "insert into t (a, b) values (:a::jsonb, x[1:2]) on conflict (a) where j ? 'k' and k ?| l and m @> n do nothing"
    )
    write = only(text)
    assert isinstance(write.write.target, InferenceClause)
    assert write.write.target.predicate == "j ? 'k' AND k ?| l AND m @> n"
    assert write.sql == text.replace(":a:", "$1:")


def test_the_statement_shows_holes_as_numbers() -> None:
    text = f"insert into {H[3]} (a, b, c) values (%s, $2, '{H[1]}') on conflict (a) do nothing -- {H[2]} :x"
    assert only(text).sql.startswith("insert into $3 (a, b, c) values ($4, $2, '$5') on conflict (a) do nothing")


def test_a_fragment_without_insert_is_a_write_of_an_unknown_table() -> None:
    write = only(" ON CONFLICT (a, b) DO UPDATE SET v = EXCLUDED.v")
    assert (write.write.table, write.write.columns, write.write.complete) == (None, None, False)
    assert (columns(write), write.write.set_columns, write.write.reason) == (
        ("a", "b"),
        ("v",),
        "a fragment without INSERT",
    )
    assert (write.offset, write.conflict_offset) == (1, 1)


@pytest.mark.parametrize(
    "prose",
    [
        "version conflicts on conflict (see docs)",
        "uses ON CONFLICT DO NOTHING",
        "ON CONFLICT DO NOTHING is what it uses",
        "On conflict (id) do update to upsert",
        "insert into the form",
        "Please insert into the form (below) on conflict",
        "insert into the box, then merge",
        "merge conflict",
        "don't insert into a table, it's a conflict",
        "-- insert into t (a) values (1) on conflict (a) do nothing",
        "/* insert into t (a) values (1) on conflict (a) do nothing */",
        "select 'insert into t (a) values (1) on conflict (a) do nothing'",
        "select $x$ insert into t (a) values (1) on conflict (a) do nothing $x$",
    ],
)
def test_prose_comments_and_literals_are_no_sites(prose: str) -> None:
    assert read_writes(prose).writes == ()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("insert into t (a) values (1, on conflict (a) do nothing", True),
        ("insert into t (a) values ('don\\'t') on conflict (a) do nothing", True),
        ("insert into t (a) select ! from on conflict (a) do nothing", True),
        ("insert into t (a) values (1) on conflict (a) do update b = 1", True),
        ("insert into t (a) values (1) on conflict (a) do select", True),
        ("insert into t (a) values (1) on conflict (a do nothing", False),
        ("insert into t (a) values (1) on conflict oops", False),
        ("insert into t (a) values (1) on conflict (a) do update", True),
    ],
)
def test_what_does_not_parse_keeps_what_can_be_read(text: str, *, known: bool) -> None:
    write = only(text)
    assert write.write.table == QualifiedName(None, "t")
    assert write.write.columns == ("a",)
    assert write.write.reason
    assert isinstance(write.write.target, InferenceClause if known else Unresolved)
    assert text[write.conflict_offset :].startswith("on conflict")
    assert write.end == len(text)


def test_a_broken_statement_does_not_hide_its_neighbours() -> None:
    text = "insert into a (k) values (1) on conflict (k) do nothing; nonsense here; insert into b (k) values (2)"
    assert [str(w.write.table) for w in read_writes(text).writes] == ["a", "b"]


def test_an_expression_too_deep_for_the_parser_keeps_the_target() -> None:
    text = "insert into t (a) values (" + "'x' || " * 300 + "'y') on conflict (a) do nothing"
    assert columns(only(text)) == ("a",)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("insert into `t` (`a`) values (1)", "names in backticks are MySQL"),
        ("insert into t (a) values (1) on duplicate key update a = 1", "ON DUPLICATE KEY is MySQL"),
        ("insert or replace into t values (1)", "INSERT OR REPLACE is SQLite"),
        ("insert or ignore into t values (1)", "INSERT OR IGNORE is SQLite"),
        ("insert into t (a) values (unixepoch('now') * 1000) on conflict (a) do nothing", "unixepoch() is SQLite"),
        ("insert into t (a) values (our.strftime('%s'), strftime)", None),
        ("insert ignore into t values (1)", "INSERT IGNORE is MySQL"),
        ("replace into t values (1); insert into t values (1)", "REPLACE INTO is MySQL or SQLite"),
        ("pragma foreign_keys = on; insert into t values (1)", "PRAGMA is SQLite"),
        ("create table t (a integer primary key autoincrement); insert into t values (1)", "AUTOINCREMENT is SQLite"),
        ("create table t (a text primary key on conflict replace)", "ON CONFLICT REPLACE is SQLite"),
        ("insert into t (a) values (?) on conflict (a) do nothing", None),
        ("insert into t (a) values ('on duplicate key `x`')", None),
    ],
)
def test_other_systems_are_told_by_evidence(text: str, evidence: str | None) -> None:
    assert read_writes(text).not_postgres == evidence


def test_a_statement_with_backticks_is_still_read() -> None:
    write = only("insert into `t` (`a`) values (1) on conflict (`a`) do nothing")
    assert (write.write.table, columns(write)) == (QualifiedName(None, "t"), ("a",))


def test_copy_data_and_psql_commands_are_skipped() -> None:
    text = (
        "\\set x 1\nCOPY t (a) FROM stdin;\ninsert into no (a) values (1) on conflict (a) do nothing;\nit's\n\\.\n"
        "\\connect db\ninsert into yes (a) values (:x) on conflict (a) do nothing;\nGO\n/\n"
    )
    write = only(text)
    assert write.write.table == QualifiedName(None, "yes")
    assert text[write.offset :].startswith("insert into yes")


NOISE = ["", " ", "\n", "\r\n", "/* insert 'é' */", "-- on conflict (x) 😀\n", "\t", "\ufeff"]


@given(
    st.lists(st.sampled_from(NOISE), min_size=8, max_size=8),
    st.lists(st.sampled_from([*PLACEHOLDERS, "'é;'", "$q$;'$q$"]), min_size=3, max_size=3),
)
def test_offsets_point_at_the_words_whatever_surrounds_them(noise: list[str], values: list[str]) -> None:
    gaps = [f" {gap} " for gap in noise]
    text = (
        f"select 'é;' ;{gaps[0]}insert into{gaps[1]}tä (a,b){gaps[2]}values ({values[0]},{gaps[3]}{values[1]})"
        f"{gaps[4]}on conflict{gaps[5]}(a){gaps[6]}do update set b = {values[2]}{gaps[7]};select 2"
    ).replace("\ufeff", "")
    write = only(text)
    assert text[write.offset :].startswith("insert into")
    assert text[write.conflict_offset :].startswith("on conflict")
    assert text[: write.end].endswith(f"b = {values[2]}")
    assert columns(write) == ("a",)


WORDS = [
    "insert into",
    "t",
    "(",
    ")",
    "a",
    ",",
    "values",
    "select",
    "on conflict",
    "do",
    "nothing",
    "update",
    "set",
    "=",
    "where",
    "'",
    '"',
    "$$",
    "$x$",
    ";",
    "--",
    "/*",
    "*/",
    H[0],
    "%s",
    "?",
    ":x",
    "{{",
    "}}",
    "\\",
    "\n",
    "é",
    "\0",
    "\ud800",
    "returning",
    "with",
    "as",
    "merge",
    "begin",
    "end",
    "1",
    "`",
    "create function f() returns void language plpgsql as",
    "execute format(",
    "||",
    "U&'",
    "E'\\",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_mutated_sql_never_raises(text: str) -> None:
    for write in read_writes(text).writes:
        assert 0 <= write.offset <= write.conflict_offset <= len(text)
        assert write.offset < write.end <= len(text)
        assert text[write.offset :][:6].lower() in {"insert", "merge ", "on con"} or text[write.offset :][
            :2
        ].lower() in {"on", "me"}


@given(st.text().map(lambda text: f"insert {text} conflict"))
def test_any_text_gives_a_reading(text: str) -> None:
    assert isinstance(read_writes(text), Reading)


def test_a_targetless_clause_is_any_arbiter() -> None:
    assert only(f"insert into t (a) values ({H[0]}) on conflict do nothing").write.target == AnyArbiter()


def test_hostile_sizes_are_read_in_time() -> None:
    assert read_writes("insert into t values " + "(" * 50_000 + " on conflict do nothing").writes
    assert read_writes("insert " + "$a$ $b$ " * 20_000 + "conflict") == Reading()
    assert read_writes("insert " + "/* " * 50_000 + "conflict") == Reading()


@pytest.mark.parametrize(
    "text",
    [
        f"{H[0]}insert into t (a) values (1) on conflict (a) do nothing",
        f"begin;\n{H[0]}{H[1]}insert into t (a) values (1) on conflict (a) do nothing;\ndrop table u",
        f"{H[0]}with u as (select 1) insert into t (a) values (1) on conflict (a) do nothing",
        f"insert into t (a){H[0]}values (1) on conflict (a) do nothing",
        f"insert into t (a) values (1){H[0]}on conflict (a) do nothing",
        f"insert into t (a) values (1) on conflict (a){H[0]}do nothing",
        f"insert into t (a) values (1) on conflict (a) do nothing{H[0]}",
        f"insert into t (a) values (1) on conflict (a) do nothing{H[0]}returning a",
    ],
)
def test_a_hole_right_beside_a_clause_is_no_part_of_its_first_word(text: str) -> None:
    reading = read_writes(text)
    (write,) = reading.writes
    assert (str(write.write.table), write.write.columns, write.write.reason) == ("t", ("a",), None)
    assert text[write.conflict_offset :].startswith("on conflict")
    assert write.offset == text.index("insert")


def test_a_hole_in_a_name_that_ends_like_a_clause_is_part_of_it() -> None:
    (write,) = read_writes(f"insert into {H[0]}insert (a) values (1)").writes
    assert write.write.table is None


def test_a_hole_right_behind_values_is_its_rows() -> None:
    (write,) = read_writes(f"insert into t (a, b) values{marker(0)} on conflict (a) do nothing").writes
    assert (write.write.columns, write.write.rows, write.write.reason) == (("a", "b"), None, None)
    assert write.sql == "insert into t (a, b) values$1 on conflict (a) do nothing"


@pytest.mark.parametrize("end", ["", "\n\t", ";"], ids=["at once", "after blanks", "before a semicolon"])
def test_an_insert_that_ends_with_values_is_put_together_at_run_time(end: str) -> None:
    reading = read_writes(f"INSERT INTO t (a) VALUES{end}")
    (write,) = reading.writes
    assert write.write.columns == ("a",)
    assert isinstance(write.write.target, Unresolved)
    assert (write.write.reason, reading.problems) == ("the conflict action is only known at run time", ())


def test_why_a_text_does_not_parse_shows_no_mark_of_a_hole() -> None:
    (problem,) = read_writes(f"insert into t (a) select a from u where{marker(0)} a b c").problems
    assert problem.reason.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "insert into t (a, b) select 1, {% if x %} {{ x }}::int {% else %} 2 {% endif %} as b from u",
        "insert into t (a, b) select case {% for v in vs %} when {{ v }} then 1 {% endfor %} end, 2;",
        f"insert into t (a, b) select 1, x from ({H[0]}) as u",
        f"with u as (select x from v where x > 1 {H[0]} and (y = 2 {H[1]})) insert into t (a, b) select 1, x from u",
    ],
)
def test_rows_that_are_put_together_hide_neither_table_nor_columns(text: str) -> None:
    write = only(text)
    assert (write.mechanism, write.write.table) == (Mechanism.PLAIN_INSERT, QualifiedName(None, "t"))
    assert (write.write.columns, write.write.complete) == (("a", "b"), True)


@pytest.mark.parametrize(
    "text",
    [
        "insert into t (a, b) select 1, from where",  # nothing is put in: it fails as it stands
        f"insert into t (a, b) select 1, x from ({H[0]}) as u {H[1]}",  # the last may be its conflict clause
        f"insert into t (a, b select 1, {H[0]}",
        f"insert into {H[0]} (a, b) select 1, from {H[1]} as u",  # the table may be anything, and nothing is gained
    ],
)
def test_what_does_not_parse_and_may_be_anything_stays_unread(text: str) -> None:
    reading = read_writes(text)
    assert not reading.writes
    assert [problem.reason.startswith("the statement does not parse") for problem in reading.problems] == [True]

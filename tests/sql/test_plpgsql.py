"""Writes inside PL/pgSQL and SQL function bodies."""

from __future__ import annotations

import pytest

from pgarbiter.model import AnyArbiter, InferenceClause, QualifiedName, Unresolved, VariableConflict
from pgarbiter.sql import ParsedWrite, parse_writes, read_writes


def only(text: str) -> ParsedWrite:
    (write,) = parse_writes(text)
    return write


def body(statements: str, *, head: str = "f()", declare: str = "") -> str:
    return f"create function {head} returns void language plpgsql as $$\n{declare}\nbegin\n{statements}\nend $$"


def test_arguments_and_declarations_are_in_scope() -> None:
    write = only(
        body("insert into t values (1);", head='f(a int, out "B" int, int)', declare="declare c int; d record;")
    )
    assert write.write.variables == ("a", "B", "found", "c", "d")


def test_columns_of_returns_table_are_in_scope() -> None:
    text = """create function bump(metric_id int) returns table (total int, hits int) language plpgsql as $body$
    begin
      return query
      insert into counters (metric_id, hits) values (1, 1)
      on conflict (metric_id) do update set hits = counters.hits + 1 returning counters.metric_id, counters.hits;
    end $body$;"""
    write = only(text)
    assert write.write.variables == ("metric_id", "total", "hits", "found")
    assert text[write.conflict_offset :].startswith("on conflict (metric_id)")
    assert text[write.offset : write.end].startswith("insert into counters")
    assert text[write.offset : write.end].endswith("counters.hits")


def test_names_of_a_block_end_with_it() -> None:
    text = body("""
        declare inside int; begin insert into a values (1); end;
        insert into b values (1);
        for i in 1 .. 3 loop insert into c values (i); end loop;
        insert into d values (1);
        <<again>> for r in select 1 loop
          if true then insert into e values (1); elsif false then null; else insert into f values (2); end if;
        end loop again;
        case when true then insert into g values (case when true then 1 else 2 end); end case;
        insert into h values (1);
    """)
    assert {str(w.write.table): w.write.variables for w in parse_writes(text)} == {
        "a": ("found", "inside"),
        "b": ("found",),
        "c": ("found", "i"),
        "d": ("found",),
        "e": ("found",),
        "f": ("found",),
        "g": ("found",),
        "h": ("found",),
    }


def test_names_stay_in_scope_in_an_exception_handler() -> None:
    text = body("""
        declare x int;
        begin
          perform 1;
        exception when unique_violation or not_null_violation then
          insert into a values (1);
        end;
    """)
    assert only(text).write.variables == ("found", "x")


def test_into_is_no_part_of_the_statement() -> None:
    text = body("""
        insert into t (a) values (1) on conflict (a) do nothing returning id, b into strict x, y.z[1];
        with n as (insert into u (a) values (2) returning a) select a into q from n;
        for r in insert into v values (1) returning * loop null; end loop;
    """)
    tables = [(str(w.write.table), text[w.offset : w.offset + 13]) for w in parse_writes(text)]
    assert tables == [("t", "insert into t"), ("u", "insert into u"), ("v", "insert into v")]


def test_variable_conflict_is_read() -> None:
    text = "do $$ #variable_conflict use_column\nbegin insert into t values (1); end $$"
    assert only(text).write.variable_conflict is VariableConflict.USE_COLUMN


def test_a_trigger_function_has_the_variables_of_triggers_but_not_new() -> None:
    text = """create or replace function public.on_user() returns trigger language plpgsql security definer
    set search_path = '' as $$ begin insert into public.p (id) values (new.id) on conflict (id) do nothing;
    return new; end; $$;"""
    write = only(text).write
    assert {"tg_op", "found"} <= set(write.variables)
    assert "new" not in write.variables
    assert write.search_path == ()
    assert write.table == QualifiedName("public", "p")


def test_search_path_of_a_function_and_of_the_session() -> None:
    setting = 'set search_path to app, "Public";\ninsert into t values (1);\n'
    function = "create function f() returns void language sql set search_path = x, y as 'insert into u values (1)';\n"
    plain = "create function g() returns void language sql as 'insert into v values (1)';\n"
    block = "do $$ begin insert into w values (1); end $$;\nreset search_path; insert into z values (1)"
    found = {str(w.write.table): w.write.search_path for w in parse_writes(setting + function + plain + block)}
    assert found == {"t": ("app", "Public"), "u": ("x", "y"), "v": None, "w": ("app", "Public"), "z": None}


def test_set_config_as_pg_dump_writes_it_sets_the_path() -> None:
    text = "SELECT pg_catalog.set_config('search_path', '', false); INSERT INTO public.t VALUES (1)"
    assert only(text).write.search_path == ()


def test_arguments_of_an_sql_function_shadow_nothing() -> None:
    text = """create function f(a int) returns void language sql as
    'insert into t (a, b) values ($1, ''x'') on conflict (a) do update set b = ''y'''"""
    write = only(text)
    assert write.write.variables == ()
    assert text[write.conflict_offset :].startswith("on conflict")
    assert (
        text[write.offset : write.end]
        == "insert into t (a, b) values ($1, ''x'') on conflict (a) do update set b = ''y''"
    )


def test_a_standard_body_is_read() -> None:
    text = "create function f() returns void begin atomic insert into t values (1); insert into u values (2); end"
    assert [str(w.write.table) for w in parse_writes(text)] == ["t", "u"]


def test_execute_of_a_literal_is_a_write() -> None:
    text = body("execute 'insert into t (a, b) values ($1, ''x'') on conflict (a) do nothing' using 1;")
    write = only(text)
    assert write.write.columns == ("a", "b")
    assert write.write.variables == ()
    assert text[write.conflict_offset :].startswith("on conflict (a)")


def test_execute_of_format_has_holes() -> None:
    text = body(
        "execute format('insert into %I (%I, v) values ($1, %L) on conflict (%2$I) do update set v = 1', t, k);"
    )
    write = only(text).write
    assert write.table is None
    assert (write.columns, write.complete) == (("v",), False)
    assert isinstance(write.target, Unresolved)
    assert write.set_columns == ("v",)


def test_execute_of_a_concatenation_has_holes() -> None:
    text = body(
        "execute 'insert into ' || quote_ident(t) || ' (a) values ('"
        " || quote_literal(v) || ') on conflict (a) do nothing';"
    )
    write = only(text)
    assert write.write.table is None
    assert isinstance(write.write.target, InferenceClause)
    assert write.write.target.columns == ("a",)
    assert text[write.conflict_offset :].startswith("on conflict (a)")


def test_a_statement_kept_in_a_variable_is_read() -> None:
    text = body("q := 'insert into t (a) values (1) on conflict do nothing'; execute q;", declare="declare q text;")
    assert only(text).write.target == AnyArbiter()


def test_a_body_that_does_not_parse_keeps_its_other_writes() -> None:
    text = body("insert into t (a) values (1) on conflict (a) do nothing; insert into u (a values; foo bar baz;")
    reading = read_writes(text)
    assert [str(w.write.table) for w in reading.writes] == ["t"]
    assert [text[p.offset :][:13] for p in reading.problems] == ["insert into u"]


def test_a_function_with_a_broken_head_still_gives_its_writes() -> None:
    head = "create function {{ name }}(a int) returns void as"
    text = f"{head} $$ begin insert into t (a) values (1) on conflict (a) do nothing; end $$"
    assert [str(w.write.table) for w in read_writes(text).writes] == ["t"]


def test_a_function_made_inside_a_block_is_read() -> None:
    text = """do $$ begin
      create function f(a int) returns void as $f$ begin insert into t (a) values (1) on conflict do nothing; end $f$
      language plpgsql;
    end $$"""
    write = only(text)
    assert write.write.variables == ("a", "found")
    assert text[write.conflict_offset :].startswith("on conflict do nothing")


def test_a_clause_added_to_a_text_is_a_fragment() -> None:
    text = body("q := q || ' on conflict (a) do nothing';", declare="declare q text;")
    write = only(text).write
    assert (write.table, write.reason) == (None, "a fragment without INSERT")


def test_a_path_that_the_body_sets_counts_from_there_on() -> None:
    text = body("insert into a values (1); set local search_path to app, public; insert into b values (1);")
    assert [w.write.search_path for w in parse_writes(text)] == [None, ("app", "public")]
    text = body("perform set_config('search_path', 'app, \"My\"', true); execute 'insert into b values (1)';")
    assert [w.write.search_path for w in parse_writes(text)] == [("app", "My")]


@pytest.mark.parametrize(
    "setting",
    [
        "perform set_config('search_path', tenant, true);",
        "execute format('set local search_path to %I', tenant);",
        "if x then set search_path to app; end if;",
        "set search_path to app; set search_path to other;",
    ],
)
def test_a_path_that_is_only_known_at_run_time_leaves_tables_open(setting: str) -> None:
    text = body(f"insert into before values (1); {setting} insert into t values (1); insert into app.t values (1);")
    assert [str(w.write.table) for w in parse_writes(text)] == ["before", "None", "app.t"]


def test_a_path_set_in_a_loop_counts_for_what_stands_before_it_too() -> None:
    text = body("loop insert into t values (1); set search_path to app; end loop;")
    assert only(text).write.table is None


def test_a_path_that_is_only_read_changes_nothing() -> None:
    text = body("x := current_setting('search_path'); insert into t values (1);")
    assert str(only(text).write.table) == "t"

"""Functions of migrations: the last definition is live code, those before it are history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Scope
from pgarbiter.scan import scan
from pgarbiter.scan.definitions import definitions_of, source_of
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

_UPSERT = "insert into t (a) values (1) on conflict (a) do nothing;"


def _function(name: str, returns: str = "void", options: str = "") -> str:
    head = f"create or replace function {name} returns {returns} language plpgsql {options}"
    return f"{head} as $$ begin {_UPSERT} end $$;\n"


def _ended(*texts: str) -> list[str | None]:
    """By what each function of the files "1.sql", "2.sql", ... was ended, in order."""
    files = {f"m/{number}.sql": text for number, text in enumerate(texts, 1)}
    found = definitions_of("m", files)
    return [one.ended[0] if one.ended else None for path in files for one in found.get(path, ())]


def _scan(root: Path, files: dict[str, str]) -> tuple[WriteSite, ...]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return scan([root], Settings()).sites


@pytest.mark.parametrize(
    ("first", "second", "ended"),
    [
        (_function("f(a int)"), _function("public.f(b integer, out c text)"), ["m/2.sql", None]),
        (_function("f(a int)"), _function("f(a bigint)"), [None, None]),
        (_function("f(a int)"), _function("f(a int[])"), [None, None]),
        (_function("f()"), _function("s.f()"), [None, None]),
        (_function("f()"), "set search_path = s;" + _function("f()"), [None, None]),
        (_function("f(a int)") + _function("f()"), "drop function if exists f(int);", ["m/2.sql", None]),
        (_function("f(a int)"), "drop function f;", ["m/2.sql"]),
        (_function("s.f()") + _function("f()"), "drop schema s cascade;", ["m/2.sql", None]),
        (_function("f()"), "alter function f() rename to g;" + _function("f()"), [None, None]),
        (_function("f()"), "alter function f() rename to g;" + _function("g()"), ["m/2.sql", None]),
        (_function("f()"), "alter function f() set schema s;" + _function("s.f()"), ["m/2.sql", None]),
        (_function("f(a varchar(10))"), _function("f(a character varying)"), ["m/2.sql", None]),
        (_function("f()", "trigger"), _function("f()", "trigger"), ["m/2.sql", None]),
        (_function("f()"), "-- migrate:up\nselect 1;\n-- migrate:down\n" + _function("f()"), [None]),
        (
            _function("f(a int)"),
            "do $$ begin drop function if exists f(int); exception when others then end $$;",
            ["m/2.sql"],
        ),
        (_function("f(a int)"), "do $$ begin execute 'drop function f(int)'; end $$;", ["m/2.sql"]),
        (_function("f(a int)"), "do $$ begin execute format('drop function %I(int)', n); end $$;", [None]),
        (_function("f()"), "create function f( this does not parse; drop function f();", ["m/2.sql"]),
    ],
)
def test_a_definition_ends_where_the_server_would_end_it(first: str, second: str, ended: list[str | None]) -> None:
    assert _ended(first, second) == ended


def test_files_count_in_the_order_of_their_numbers() -> None:
    found = definitions_of("m", {"m/10_b.sql": _function("f()"), "m/9_a.sql": _function("f()")})
    assert found["m/9_a.sql"][0].ended == ("m/10_b.sql", 0)
    assert found["m/10_b.sql"][0].ended is None


def test_files_that_undo_define_nothing() -> None:
    found = definitions_of("m", {"m/1.up.sql": _function("f()"), "m/1.down.sql": _function("f()")})
    assert list(found) == ["m/1.up.sql"]
    assert found["m/1.up.sql"][0].ended is None


def test_a_directory_for_each_migration_is_one_source() -> None:
    assert source_of("prisma/migrations/1_a/migration.sql") == "prisma/migrations"
    assert source_of("supabase/migrations/1_a.sql") == "supabase/migrations"
    assert source_of("1_a.sql") == ""


def test_the_last_definition_is_application_code_and_those_before_it_are_history(tmp_path: Path) -> None:
    first, own, last = _scan(
        tmp_path,
        {
            "supabase/migrations/1_a.sql": "select 1;\n" + _function("f()"),
            "supabase/migrations/2_b.sql": _UPSERT + "\n" + _function("public.f()"),
        },
    )
    assert (first.scope, first.reason) == (Scope.MIGRATION, "superseded by supabase/migrations/2_b.sql:2")
    assert (own.scope, own.reason) == (Scope.MIGRATION, None)
    assert (last.scope, last.reason) == (Scope.APP, None)


def test_a_dropped_function_is_history_though_the_file_that_drops_it_writes_nothing(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path,
        {
            "migrations/1/migration.sql": _function("f()", "trigger"),
            "migrations/2/migration.sql": "drop function f;",
        },
    )
    assert (site.scope, site.reason) == (Scope.MIGRATION, "dropped by migrations/2/migration.sql:1")


def test_do_blocks_of_migrations_stay_history(tmp_path: Path) -> None:
    (site,) = _scan(tmp_path, {"migrations/1.sql": f"do $$ begin {_UPSERT} end $$;"})
    assert site.scope is Scope.MIGRATION


def test_functions_of_migrations_that_belong_to_tests_stay_tests(tmp_path: Path) -> None:
    (site,) = _scan(tmp_path, {"tests/migrations/1.sql": _function("f()")})
    assert site.scope is Scope.TEST


def test_a_search_path_set_later_is_the_one_that_counts(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path,
        {
            "migrations/1.sql": _function("f()", options="set search_path = a"),
            "migrations/2.sql": "alter function f() set search_path = '';",
        },
    )
    assert site.write.search_path == ()


def test_a_definition_that_replaces_another_keeps_no_search_path_of_it(tmp_path: Path) -> None:
    *_, site = _scan(
        tmp_path,
        {
            "migrations/1.sql": _function("f()"),
            "migrations/2.sql": "alter function f() set search_path = '';",
            "migrations/3.sql": _function("f()"),
        },
    )
    assert (site.scope, site.write.search_path) == (Scope.APP, None)

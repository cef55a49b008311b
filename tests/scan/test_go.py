"""Go sources: strings put together in every way, names across files and packages, functions that write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Scope, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

NOTHING = "ON CONFLICT (a) DO NOTHING"


def _tables(sites: tuple[WriteSite, ...]) -> list[str]:
    return [str(site.write.table) for site in sites if site.status is not Status.UNRESOLVED]


def _within(body: str) -> str:
    return f"package store\n\nfunc save(ctx context.Context, table string) {{\n{body}\n}}\n"


TAIL = f"(a) VALUES (1) {NOTHING}"
BODIES = (
    f"q := `INSERT INTO t {TAIL}`",
    f'q := "INSERT INTO t " + "(a) VALUES ($1) " +\n\t\t"{NOTHING}"',
    f'q := fmt.Sprintf("INSERT INTO %s (%[2]s) VALUES ($1) {NOTHING}", "t", "a")',
    f'q := fmt.Sprint("INSERT INTO t (a) VALUES (1) ", "{NOTHING}")',
    f'q := strings.Join([]string{{"INSERT INTO t (a)", "VALUES (1)", "{NOTHING}"}}, " ")',
    f'q := strings.ReplaceAll("INSERT INTO $T {TAIL}", "$T", "t")',
    f'q := "INSERT INTO t (a) VALUES (1) "\n\tq += "{NOTHING}"',
    f'var q string\n\tq += "INSERT INTO t (a) VALUES (1) "\n\tq += "{NOTHING}"',
    f'var b strings.Builder\n\tb.WriteString("INSERT INTO t ")\n\tb.WriteString("{TAIL}")\n\trun(b.String())',
    f'var b strings.Builder\n\tfmt.Fprintf(&b, "INSERT INTO %s {TAIL}", "t")\n\trun(b.String())',
    f'q := fmt.Sprintf("INSERT INTO %s {TAIL}", pgx.Identifier{{"t"}}.Sanitize())',
    f'q := db.Rebind("INSERT INTO t (a) VALUES (?) {NOTHING}")',
    (
        f'o := Options{{Table: "t"}}\n\tq := "INSERT INTO " + o.Table + " {TAIL}"\n}}\n\n'
        "type Options struct{ Table string }\n\nfunc other() {"
    ),
    f'q := "INSERT INTO " + string(k) + " {TAIL}"\n}}\n\ntype Kind string\n\nconst k Kind = "t"\n\nfunc other() {{',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, {"store.go": _within(f"\t{body}")})
    assert str(site.write.table) == "t"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)


def test_lines_stay_exact_behind_escapes_and_in_raw_strings(tmp_path: Path) -> None:
    body = '\tq := "INSERT INTO \\"T\\"\\t(a) " +\n\t\t`VALUES (1)\n\t\tON CONFLICT (a)\n\t\tDO NOTHING`'
    (site,) = sites_of(tmp_path, {"store.go": _within(body)})
    assert (site.statement_line, site.span.line, site.span.column) == (4, 6, 3)
    assert str(site.write.table) == "T"


def test_each_table_of_a_loop_is_a_site(tmp_path: Path) -> None:
    body = f"""	for _, t := range []string{{"x", "y"}} {{
		db.Exec(fmt.Sprintf("INSERT INTO %s (a) VALUES (1) {NOTHING}", t))
	}}"""
    assert _tables(sites_of(tmp_path, {"store.go": _within(body)})) == ["x", "y"]


def test_each_branch_of_a_switch_is_a_site(tmp_path: Path) -> None:
    body = f"""	var q string
	switch table {{
	case "x":
		q = "INSERT INTO x (a) VALUES (1) {NOTHING}"
	default:
		q = "INSERT INTO y (a) VALUES (1) {NOTHING}"
	}}
	db.Exec(q)"""
    assert _tables(sites_of(tmp_path, {"store.go": _within(body)})) == ["x", "y"]


def test_constants_of_the_package_and_of_other_packages_are_known(tmp_path: Path) -> None:
    store = """package store

import dbn "example.com/app/internal/names"

const insert = "INSERT INTO " + dbn.Hosts + " (" + key + ") VALUES ($1) ON CONFLICT (" + dbn.Keys.Host + ") DO NOTHING"
"""
    names = """package names

const (
	schema = "inv"
	Hosts  = schema + ".hosts"
)

var Keys = struct{ Host string }{Host: "a"}
"""
    sites = sites_of(
        tmp_path,
        {
            "go.mod": "module example.com/app // the service\n\ngo 1.22\n",
            "internal/names/names.go": names,
            "store/store.go": store,
            "store/columns.go": 'package store\n\nconst key = "a"\n',
        },
    )
    assert _tables(sites) == ["inv.hosts"]


def test_a_name_that_two_files_of_a_package_declare_is_not_guessed(tmp_path: Path) -> None:
    sites = sites_of(
        tmp_path,
        {
            "a.go": f'package a\n\nconst q = "INSERT INTO " + table + " (a) VALUES (1) {NOTHING}"\n',
            "b_linux.go": 'package a\n\nconst table = "x"\n',
            "b_darwin.go": 'package a\n\nconst table = "y"\n',
        },
    )
    assert [site.status for site in sites] == [Status.UNRESOLVED]


WRAPPER = f"""package store

func (s *Store) put(ctx context.Context, table string, columns ...string) error {{
	names := strings.Join(columns, ", ")
	_, err := s.db.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (1) {NOTHING}", table, names))
	return err
}}
"""


def test_the_calls_of_a_method_that_writes_are_sites(tmp_path: Path) -> None:
    store = """package store

type Store struct{ db *pgxpool.Pool }

func (s *Store) Save(ctx context.Context) error { return s.put(ctx, "one", "a", "b") }

func save(ctx context.Context, s *Store) error { return s.put(ctx, "two", "a") }
"""
    wrapper, one, two = sites_of(tmp_path, {"store/put.go": WRAPPER, "store/store.go": store})
    assert wrapper.followed == 2
    assert (str(one.write.table), one.write.columns) == ("one", ("a", "b"))
    assert (str(two.write.table), two.write.columns) == ("two", ("a",))


def test_a_method_of_another_type_with_that_name_is_no_call(tmp_path: Path) -> None:
    other = """package store

type Store struct{ db *pgxpool.Pool }

type Cache struct{ m map[string]string }

func (c *Cache) put(ctx context.Context, table string, columns ...string) error { return nil }

func save(ctx context.Context, c *Cache) error { return c.put(ctx, "cached", "a") }
"""
    (wrapper,) = sites_of(tmp_path, {"store/put.go": WRAPPER, "store/store.go": other})
    assert wrapper.status is Status.UNRESOLVED


def test_what_a_test_expects_to_be_sent_is_no_site(tmp_path: Path) -> None:
    body = f"""	mock.ExpectExec(regexp.QuoteMeta("INSERT INTO t (a) VALUES ($1) {NOTHING}"))
	assert.Equal(t, "INSERT INTO t (a) VALUES ($1) {NOTHING}", q)
	if strings.Contains(err.Error(), "ON CONFLICT DO UPDATE") {{
	}}"""
    assert sites_of(tmp_path, {"store.go": _within(body)}) == ()


def test_comments_and_tags_and_prose_are_no_sites(tmp_path: Path) -> None:
    source = f"""package store

// INSERT INTO t (a) VALUES (1) {NOTHING}
type T struct {{
	A string `doc:"INSERT INTO t (a) VALUES (1) {NOTHING}"`
}}

func f() {{ log.Printf("insert into %s failed: %v", t, err) }}
"""
    assert sites_of(tmp_path, {"store.go": source}) == ()


def test_generated_code_is_told_by_its_header(tmp_path: Path) -> None:
    header = (
        "// Copyright of somebody\n// SPDX-License-Identifier: MIT\n\n// Code generated by tool v1. DO NOT EDIT.\n\n"
    )
    (site,) = sites_of(
        tmp_path, {"q.go": header + f'package q\n\nconst q = "INSERT INTO t (a) VALUES (1) {NOTHING}"\n'}
    )
    assert site.scope is Scope.GENERATED

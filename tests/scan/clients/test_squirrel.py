from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, InferenceClause, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]


def _only(sites: Sites, body: str) -> WriteSite:
    (site,) = sites({"store.go": f"package store\n\nfunc save(table string, cols []string) {{\n{body}\n}}\n"})
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_a_statement_that_grows_in_a_loop_is_one_site(sites: Sites) -> None:
    body = """	q := sq.Insert("app.player").Columns("steam_id, name")
	for _, p := range players {
		q = q.Values(p.ID, p.Name)
	}
	q = q.Suffix("ON CONFLICT (steam_id) DO UPDATE SET name = EXCLUDED.name").PlaceholderFormat(sq.Dollar)"""
    site = _only(sites, body)
    assert str(site.write.table) == "app.player"
    assert site.write.columns == ("steam_id", "name")
    assert _columns(site) == ("steam_id",)
    assert site.status is Status.RESOLVED
    assert site.span.line == 8


def test_a_map_gives_the_columns(sites: Sites) -> None:
    body = """	sq.Insert("messages").SetMap(map[string]interface{}{"id": 1, "body": 2}).
		Suffix("ON CONFLICT(id) DO NOTHING")"""
    site = _only(sites, body)
    assert site.write.columns == ("body", "id")
    assert site.write.action is Action.NOTHING


def test_two_suffixes_are_one_clause(sites: Sites) -> None:
    body = """	sq.Insert("t").Columns("a").Values(1).Suffix("ON CONFLICT (a)").Suffix("DO NOTHING RETURNING a")"""
    assert _columns(_only(sites, body)) == ("a",)


def test_a_computed_table_and_computed_columns_are_not_guessed(sites: Sites) -> None:
    body = '\tsq.Insert(table).Columns(cols...).Values(1).Suffix("ON CONFLICT (a) DO NOTHING")'
    site = _only(sites, body)
    assert site.write.table is None
    assert site.status is Status.UNRESOLVED


def test_a_constant_clause_stands_for_each_statement_it_is_put_into(sites: Sites) -> None:
    source = """package store

const onKey = "ON CONFLICT (k) DO NOTHING"

func one() { sq.Insert("a").Columns("k").Values(1).Suffix(onKey) }
func two() { sq.Insert("b").Columns("k").Values(1).Suffix(onKey) }
"""
    found = sites({"store.go": source})
    assert [str(site.write.table) for site in found if site.status is Status.RESOLVED] == ["a", "b"]


def test_other_suffixes_are_no_upserts(sites: Sites) -> None:
    assert sites({"a.go": 'package a\n\nvar q = sq.Select("x").From("t").Suffix("FOR UPDATE")\n'}) == ()

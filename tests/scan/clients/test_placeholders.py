from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_VALUES = """
-- a line before

INSERT INTO t (k, v)
VALUES ({0}, {1})
ON CONFLICT (k)
DO UPDATE SET v = {1};
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (":k", ":v"),
        (":k", ":row.v"),
        (":k::int", "':no'"),
        ("?", "?"),
        ("?1", "?2"),
        ("$1", "$2"),
        ("%s", "%s"),
        ("%(k)s", "%(v)s"),
        ("@k", "@v"),
        ("@p1::text", "@v"),
        ("sqlc.arg(k)", "sqlc.narg('v')"),
        ("sqlc.arg(k)::int", "COALESCE(@v, sqlc.narg(v))"),
        (":'k'", ":v"),
        ("{{ k }}", "'{{ v }}'"),
        ("${k}", "#{v}"),
        (":v:k", ":value:v"),
    ],
)
def test_a_placeholder_of_a_value_changes_no_line(sites: Sites, first: str, second: str) -> None:
    (site,) = sites({"q.sql": _VALUES.format(first, second)})
    assert (site.statement_line, site.span.line, site.span.column, site.span.end_line) == (4, 6, 1, 7)
    assert site.write.columns == ("k", "v")
    assert site.write.set_columns == ("v",)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("k",)
    assert site.status is Status.RESOLVED


@pytest.mark.parametrize("table", [':"tbl"', ":i:tbl", "{{ tbl }}", "{tbl}", "${tbl}"])
def test_a_placeholder_of_a_table_leaves_the_rest_known(sites: Sites, table: str) -> None:
    (site,) = sites({"q.sql": f"INSERT INTO {table} (k, v) VALUES (1, 2)\nON CONFLICT (k) DO NOTHING;"})
    assert (site.statement_line, site.span.line) == (1, 2)
    assert site.write.table is None
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("k",)


@pytest.mark.parametrize("rows", ["%s", ":tuple*:rows", ":t*:rows", "{{ rows }}"])
def test_a_placeholder_may_stand_for_all_rows(sites: Sites, rows: str) -> None:
    (site,) = sites({"q.sql": f"INSERT INTO t (k, v) VALUES {rows}\nON CONFLICT (k) DO UPDATE SET v = excluded.v"})
    assert site.write.columns == ("k", "v")
    assert (site.span.line, site.status) == (2, Status.RESOLVED)


@pytest.mark.parametrize(
    "names",
    [
        ("-- name: put!", "-- name: see^"),
        ("-- name: Put :exec", "-- name: See :one"),
        ("-- :name put :! :n", "-- :name see :? :1"),
        ("--name: put<!", "--name: see"),
    ],
)
def test_a_named_query_ends_where_the_next_begins(sites: Sites, names: tuple[str, str]) -> None:
    body = f"""{names[0]}
-- Insert or update.
insert into t (k) values (:k)
on conflict (k) do nothing

{names[1]}
insert into u (k)
values (:k)
"""
    first, second = sites({"q.sql": body})
    assert (str(first.write.table), first.span.line, first.statement_line) == ("t", 4, 3)
    assert (str(second.write.table), second.span.line, second.mechanism) == ("u", 7, Mechanism.PLAIN_INSERT)


def test_a_name_in_a_body_ends_nothing(sites: Sites) -> None:
    body = """
create function put() returns void language sql as $$
insert into t (k) values (1)
-- name: no query
on conflict (k) do nothing
$$;
"""
    (site,) = sites({"q.sql": body})
    assert (site.span.line, site.write.action) == (5, Action.NOTHING)


def test_commands_and_variables_of_psql_are_no_sql(sites: Sites) -> None:
    body = """
\\set tbl 'on conflict'
\\if :{?x}
INSERT INTO t (k) VALUES (:'k')
ON CONFLICT (k) DO NOTHING \\gset
\\endif
INSERT INTO :schema.t (k) VALUES (1) ON CONFLICT DO NOTHING;
"""
    first, second = sites({"q.sql": body})
    assert (first.span.line, first.status) == (5, Status.RESOLVED)
    assert (second.span.line, second.status, second.write.schema_open) == (7, Status.PARTIAL, True)


def test_control_tags_of_a_template_are_no_text(sites: Sites) -> None:
    body = """
{# on conflict (x) do nothing #}
{% for row in rows %}
insert into t (k{% if wide %}, v{% endif %}) values ({{ row.k }}{% if wide %}, 1{% endif %})
on conflict (k) {% if quiet %}do nothing{% endif %};
{% endfor %}
"""
    (site,) = sites({"q.sql": body})
    assert (site.span.line, site.statement_line, site.write.action) == (5, 4, Action.NOTHING)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("k",)
    assert site.write.target.predicate is None
    assert not site.write.complete


@pytest.mark.parametrize("path", ["a.sql", "a.py"])
def test_merge_is_a_mechanism_of_its_own(sites: Sites, path: str) -> None:
    merge = """
MERGE INTO shop.stock AS t
USING (VALUES (1, 2)) AS s (id, qty) ON t.id = s.id
WHEN MATCHED THEN UPDATE SET qty = s.qty, seen = now()
WHEN NOT MATCHED THEN INSERT (id, qty) VALUES (s.id, s.qty)"""
    (site,) = sites({path: merge if path.endswith(".sql") else f'cur.execute("""{merge}""")'})
    assert site.mechanism is Mechanism.MERGE
    assert (str(site.write.table), site.span.line) == ("shop.stock", 2)
    assert site.write.columns == ("id", "qty")
    assert site.write.set_columns == ("qty", "seen")

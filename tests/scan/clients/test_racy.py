from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_LOCATION = """
export async function save(x) {
  const found = await pool.query('SELECT id FROM hl WHERE location_id = $1', [x.id])
  if (found.rows.length) {
    await pool.query('UPDATE hl SET token = $2 WHERE id = $1', [found.rows[0].id, x.token])
  } else {
    await pool.query(`INSERT INTO hl (location_id, token)
      VALUES ($1, $2)`, [x.id, x.token])
  }
}
"""


def test_an_insert_after_a_lookup_by_its_key_is_one_racy_site(sites: Sites) -> None:
    (site,) = sites({"a.js": _LOCATION})
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert (site.span.line, site.statement_line) == (7, 3)
    assert site.key_columns == ("location_id",)
    assert site.reason is None


def test_an_insert_with_on_conflict_is_no_race(sites: Sites) -> None:
    (site,) = sites(
        {"a.js": _LOCATION.replace("VALUES ($1, $2)", "VALUES ($1, $2) ON CONFLICT (location_id) DO NOTHING")}
    )
    assert site.mechanism is Mechanism.ON_CONFLICT


def test_a_lookup_in_another_function_is_no_race(sites: Sites) -> None:
    body = """
const find = (k) => sql`SELECT 1 FROM t WHERE k = ${k}`
const add = (k) => sql`INSERT INTO t (k) VALUES (${k})`
"""
    assert [site.mechanism for site in sites({"a.ts": body})] == [Mechanism.PLAIN_INSERT]


def test_a_lookup_by_a_column_that_is_not_written_is_no_race(sites: Sites) -> None:
    body = """
def reply(cur):
    cur.execute("SELECT * FROM comments WHERE id = %s", (1,))
    cur.execute("INSERT INTO comments (parent_id, body) VALUES (%s, %s)", (1, 2))
"""
    assert [site.mechanism for site in sites({"a.py": body})] == [Mechanism.PLAIN_INSERT]


def test_statements_kept_in_constants_are_followed_to_where_they_run(sites: Sites) -> None:
    body = """
FIND = "SELECT id FROM users WHERE email = %s"
ADD = "INSERT INTO users (email, name) VALUES (%s, %s)"
def get_or_create(cur, email):
    cur.execute(FIND, (email,))
    if cur.fetchone() is None:
        cur.execute(ADD, (email, "n"))
"""
    (site,) = sites({"a.py": body})
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("email",))
    assert (site.span.line, site.statement_line) == (3, 2)


def test_a_lock_is_told(sites: Sites) -> None:
    body = """
async def locked(conn, k):
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext($1))", k)
    if not await conn.fetchrow("SELECT 1 FROM keys WHERE k = $1", k):
        await conn.execute("INSERT INTO keys (k) VALUES ($1)", k)
"""
    (site,) = sites({"a.py": body})
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.reason == "the function runs under pg_advisory_xact_lock()"


def test_a_function_body_that_looks_before_it_inserts_is_a_race(sites: Sites) -> None:
    body = """
CREATE FUNCTION get(p_loc text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_id uuid;
BEGIN
  SELECT id INTO STRICT v_id FROM hl WHERE loc = p_loc;
  IF NOT FOUND THEN
    INSERT INTO hl (loc) VALUES (p_loc);
  END IF;
  IF NOT EXISTS (SELECT 1 FROM s.hl2 h WHERE h.k = p_loc) THEN
    INSERT INTO s.hl2 (k) VALUES (p_loc);
  END IF;
END $$;
SELECT 1 FROM z WHERE k = 1;
INSERT INTO z (k) VALUES (1);
"""
    found = sites({"f.sql": body})
    assert [(str(s.write.table), s.mechanism, s.key_columns, s.statement_line) for s in found] == [
        ("hl", Mechanism.SELECT_THEN_INSERT, ("loc",), 5),
        ("s.hl2", Mechanism.SELECT_THEN_INSERT, ("k",), 9),
        ("z", Mechanism.PLAIN_INSERT, None, 14),
    ]


def test_where_not_exists_does_not_make_an_insert_safe(sites: Sites) -> None:
    body = "INSERT INTO u (k) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM u WHERE k = 1);"
    (site,) = sites({"f.sql": body})
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("k",))


@pytest.mark.parametrize(
    "asked",
    [
        "cur.execute('UPDATE t SET v = %s WHERE k = %s', a)\n    if cur.rowcount == 0:",
        "row = cur.execute('UPDATE t SET v = %s WHERE k = %s RETURNING k', a).fetchone()\n    if row is None:",
        "if cur.execute('UPDATE t SET v = %s WHERE k = %s', a) == 'UPDATE 0':",
    ],
)
def test_an_insert_when_an_update_found_no_row_is_a_race(sites: Sites, asked: str) -> None:
    insert = "cur.execute('INSERT INTO t (k, v) VALUES (%s, %s)', a)"
    (site,) = sites({"a.py": f"def put(cur, a):\n    {asked}\n        {insert}"})
    assert (site.mechanism, site.key_columns) == (Mechanism.UPDATE_THEN_INSERT, ("k",))
    assert site.statement_line == 2


def test_an_insert_that_asks_nothing_of_the_update_before_it_is_no_race(sites: Sites) -> None:
    body = """
def renew(cur, a):
    cur.execute("UPDATE prices SET updated_at = now(), status = 'old' WHERE product = %s", a)
    cur.execute("INSERT INTO prices (product, price) VALUES (%s, %s)", a)
"""
    assert [site.mechanism for site in sites({"a.py": body})] == [Mechanism.PLAIN_INSERT]


def test_a_row_that_is_deleted_and_inserted_again_is_a_race_but_rows_of_a_parent_are_none(sites: Sites) -> None:
    body = """
def put(cur, k, v):
    cur.execute("DELETE FROM t WHERE k = %s", (k,))
    cur.execute("INSERT INTO t (k, v) VALUES (%s, %s)", (k, v))
def replace_lines(cur, k, lines):
    cur.execute("DELETE FROM lines WHERE k = %s", (k,))
    for line in lines:
        cur.execute("INSERT INTO lines (k, line) VALUES (%s, %s)", (k, line))
"""
    first, second = sites({"a.py": body})
    assert (first.mechanism, first.key_columns, first.statement_line) == (Mechanism.DELETE_INSERT, ("k",), 3)
    assert second.mechanism is Mechanism.PLAIN_INSERT


def test_routines_and_with_clauses_are_read_alike(sites: Sites) -> None:
    body = """
CREATE FUNCTION put(p_k int, p_v int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE t SET v = p_v WHERE k = p_k;
  IF NOT FOUND THEN
    INSERT INTO t (k, v) VALUES (p_k, p_v);
  END IF;
END $$;
WITH changed AS (UPDATE u SET v = 1 WHERE k = 1 RETURNING k)
INSERT INTO u (k, v) SELECT 1, 1 WHERE NOT EXISTS (SELECT FROM changed);
"""
    first, second = sites({"a.sql": body})
    assert (first.mechanism, first.span.line, first.statement_line) == (Mechanism.UPDATE_THEN_INSERT, 6, 4)
    assert (second.mechanism, second.span.line, second.statement_line) == (Mechanism.UPDATE_THEN_INSERT, 10, 9)

from __future__ import annotations

from typing import TYPE_CHECKING

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

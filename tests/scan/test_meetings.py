"""What a program does about a row that another session makes between its lookup and its INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Met
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

_SELECT = "'SELECT id FROM t WHERE email = $1', [e]"
_INSERT = "'INSERT INTO t (email) VALUES ($1)', [e]"


def _site(root: Path, name: str, text: str) -> WriteSite:
    (root / name).write_text(text, "utf-8")
    (site,) = (one for one in scan([root], Settings()).sites if one.mechanism is not Mechanism.ON_CONFLICT)
    return site


def _script(before: str, insert: str) -> str:
    return (
        "import pg from 'pg'\nconst pool = new pg.Pool()\nexport async function save(e) {\n"
        f"  const found = await pool.query({_SELECT})\n{before}\n{insert}\n}}\n"
    )


_RUN = f"try {{ await pool.query({_INSERT}) }} catch (error) {{\n"
_CODE = "if (error.code === '23505') return 'taken'\n}"
_LATER = f"const sql = {_INSERT.partition(',')[0]}\ntry {{ await pool.query(sql, [e]) }} catch (error) {{\n{_CODE}"
_OTHER = f"await pool.query({_INSERT})\ntry {{ await other() }} catch (error) {{\n{_CODE}"
_READ = f"if (error.code !== '23505') throw error\nreturn (await pool.query({_SELECT})).rows[0]\n}}"
_PROMISE = f"await pool.query({_INSERT}).catch((error) => {{\nif (!isUniqueViolation(error)) throw error\n}})"


@pytest.mark.parametrize(
    ("insert", "met"),
    [
        (_RUN + _CODE, Met(caught=7)),
        (_RUN + _READ, Met(caught=7, again=True)),
        (_PROMISE, Met(caught=7)),
        (_LATER, Met(caught=8)),
        (_RUN + "// 23505: another session was faster\nlog(error)\n}", None),
        (_OTHER, None),
    ],
    ids=["caught", "and read again", "in a promise", "where the text is run", "in a comment alone", "of another call"],
)
def test_the_error_of_the_second_row_is_known_where_the_insert_fails(
    tmp_path: Path, insert: str, met: Met | None
) -> None:
    assert _site(tmp_path, "a.js", _script("", insert)).met == met


_SWALLOWED = f"{_RUN}if (error.code === '23505') {{ log(getText(error)); return }}\nthrow error\n}}"
_ELSEWHERE = _READ.replace("FROM t", "FROM other")
_PROSE = f"{_RUN}log('maybe a duplicate key', error)\nload()\n}}"
_FLAG = f"await pool.query({_INSERT})\nif (rq.isDuplicate) return pool.query({_SELECT})"
_VISITOR = f"const done = await pool.query({_INSERT})\nif (isUniqueVisitor(done)) return pool.query({_SELECT})"


@pytest.mark.parametrize(
    ("insert", "met"),
    [
        (_SWALLOWED, Met(caught=7)),
        (_RUN + _ELSEWHERE, Met(caught=7)),
        (_PROSE, None),
        (_FLAG, None),
        (_VISITOR, None),
    ],
    ids=["only told", "another table", "words of a message", "something else", "a part of a word"],
)
def test_only_what_is_certain_is_an_answer_to_the_error(tmp_path: Path, insert: str, met: Met | None) -> None:
    assert _site(tmp_path, "a.js", _script("", insert)).met == met


@pytest.mark.parametrize(
    ("before", "aborted"),
    [("await pool.query('BEGIN')", True), ("await pool.query('BEGIN')\nawait pool.query('SAVEPOINT a')", False)],
    ids=["in a transaction", "after a savepoint"],
)
def test_a_row_is_not_read_again_in_the_transaction_that_the_error_has_ended(
    tmp_path: Path,
    before: str,
    aborted: bool,  # noqa: FBT001
) -> None:
    met = _site(tmp_path, "a.js", _script(before, _RUN + _READ)).met
    assert met is not None
    assert (met.again, met.aborted) == (not aborted, aborted)


@pytest.mark.parametrize(
    "before",
    ["log('checking for update of it')", "if (!e) throw new Error('it is not serializable')", "log('we lock table t')"],
)
def test_words_of_a_message_lock_nothing(tmp_path: Path, before: str) -> None:
    code = _script("", f"await pool.query({_INSERT})").replace("  const found", f"  {before}\n  const found")
    assert _site(tmp_path, "a.js", code).met is None


def test_a_lock_of_the_lookup_itself_is_none_on_another_row(tmp_path: Path) -> None:
    code = _script("", f"await pool.query({_INSERT})").replace(
        _SELECT, "`\n  SELECT id FROM t WHERE email = $1 FOR UPDATE`"
    )
    assert _site(tmp_path, "a.js", code).met is None


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ("if (found.rows.length > 0) throw new Error('taken')", True),
        ("if (found.rows.length > 0) { res.status(409).json({}); return }", True),
        ("if (found.rows.length > 0) return found.rows[0]", False),
        ("if (found.rows.length > 0) return found.rows[0].transferred", False),
        ("if (found.rows.length > 0) return new UserExistsError()", True),
        ("if (!found) throw new Error('no answer')", False),
        ("if (e === '') throw new Error('no address')", False),
        ("if (found.rows.length > 0) {\nif (e === '') throw new Error('no address')\n}", False),
    ],
    ids=[
        "by an exception",
        "by a status",
        "taken",
        "err in a word",
        "by an error",
        "where there is none",
        "another value",
        "for another reason",
    ],
)
def test_a_row_that_the_lookup_finds_is_refused(tmp_path: Path, before: str, refused: bool) -> None:  # noqa: FBT001
    met = _site(tmp_path, "a.js", _script(before, f"await pool.query({_INSERT})")).met
    assert (met is not None and met.refused) is refused


_PRISMA = """
generator client { provider = "prisma-client-js" }
datasource db { provider = "postgresql" }
model Shop {
  id   Int @id @default(autoincrement())
  code String
  tag  String
  @@map("shops")
}
"""
_FIND = "const found = await tx.shop.findFirst({ where: { code } })"
_CREATE = "await tx.shop.create({ data: { code, tag } })"


def _shop(root: Path, body: str) -> WriteSite:
    (root / "schema.prisma").write_text(_PRISMA, "utf-8")
    code = "import { PrismaClient } from '@prisma/client'\nconst tx = new PrismaClient()\n"
    return _site(root, "a.ts", f"{code}export async function save(code, tags, tag) {{\n{body}\n}}\n")


_BOTH = f"{_FIND}\nif (!found) {_CREATE}"
_ROW = "await tx.$queryRaw`SELECT 1 FROM owners FOR UPDATE`"


@pytest.mark.parametrize(
    ("body", "lock"),
    [
        (f"await tx.$transaction(async (tx) => {{ {_BOTH} }}, {{ isolationLevel: 'Serializable' }})", "SERIALIZABLE"),
        (f"await tx.$queryRaw`SELECT pg_advisory_xact_lock(1)`\n{_BOTH}", "pg_advisory_xact_lock()"),
        (f"{_ROW}\n{_BOTH}", "a row lock (FOR UPDATE)"),
        (f"{_BOTH}\n{_ROW}", None),
    ],
    ids=["isolation", "advisory lock", "a row of another table", "a lock that comes later"],
)
def test_a_lock_around_both_is_seen(tmp_path: Path, body: str, lock: str | None) -> None:
    met = _shop(tmp_path, body).met
    assert (met.serialised if met is not None else None) == lock


_DELETE = "await tx.shop.deleteMany({ where: { code } })"
_UPDATE = "await tx.shop.updateMany({ where: { code }, data: { tag } })"


@pytest.mark.parametrize(
    ("body", "mechanism"),
    [
        (_BOTH, Mechanism.SELECT_THEN_INSERT),
        (f"{_FIND}\nif (found) return\nfor (const tag of tags) {_CREATE}", Mechanism.PLAIN_INSERT),
        (f"for (const code of tags) {{ {_BOTH} }}", Mechanism.SELECT_THEN_INSERT),
        (f"{_FIND}\nif (found) return\nfor (let i = 0; i < 3; i++) {_CREATE}", Mechanism.SELECT_THEN_INSERT),
        (f"{_FIND}\nwhile (!found) {_CREATE}", Mechanism.SELECT_THEN_INSERT),
        (f"{_FIND}\nfor (const one of tags) {{ const tag = one.name\n{_CREATE} }}", Mechanism.PLAIN_INSERT),
        (f"if (tag) return\nelse if (await {_FIND[20:]}) return\nelse {_CREATE}", Mechanism.SELECT_THEN_INSERT),
        (f"for (;;) {{ if (tag) {{ {_FIND}\nbreak }} }}\n{_CREATE}", Mechanism.SELECT_THEN_INSERT),
        (f"if (tag) {{ {_DELETE}\nreturn }}\n{_CREATE}", Mechanism.PLAIN_INSERT),
        (f"if (tag) {_DELETE}\nelse {_CREATE}", Mechanism.PLAIN_INSERT),
        (f"if (tag) {_DELETE}\n{_CREATE}", Mechanism.PLAIN_INSERT),
        (f"if (tag) {{ {_DELETE}\n{_CREATE} }}", Mechanism.DELETE_INSERT),
        (f"{_DELETE.replace('{ code }', '{ code: tag }')}\n{_CREATE}", Mechanism.PLAIN_INSERT),
        (f"{_UPDATE}\n{_CREATE}", Mechanism.PLAIN_INSERT),
        (f"const done = {_UPDATE}\nif (done.count === 0) {_CREATE}", Mechanism.UPDATE_THEN_INSERT),
    ],
    ids=[
        "a lookup",
        "into a list",
        "each of a list",
        "tried again in a loop that counts",
        "tried again in a loop with a test",
        "into a list by another name",
        "in the else of the test that looks up",
        "after a loop that is left",
        "a branch that leaves",
        "the other branch",
        "a delete that is made sometimes",
        "a delete",
        "a delete of another row",
        "an update that decides nothing",
        "an update that decides",
    ],
)
def test_two_statements_are_one_upsert_only_where_both_are_for_one_row(
    tmp_path: Path, body: str, mechanism: Mechanism
) -> None:
    assert _shop(tmp_path, body).mechanism is mechanism


_IN_GO = """
package a
func save(ctx context.Context, db *sql.DB, e string) error {
	var id int
	LOOKUP
		_, err = db.ExecContext(ctx, "INSERT INTO t (email) VALUES ($1)", e)
		return err
	}
	return nil
}
"""
_ROW_OF = 'db.QueryRowContext(ctx, "SELECT id FROM t WHERE email = $1", e).Scan(&id)'


@pytest.mark.parametrize(
    "lookup",
    [
        f"if err := {_ROW_OF}; errors.Is(err, sql.ErrNoRows) {{",
        f"if err = {_ROW_OF}; err == sql.ErrNoRows {{",
        f"switch err := {_ROW_OF}; err {{\n\tcase sql.ErrNoRows:",
        f"if err := {_ROW_OF}; err == nil {{\n\t\treturn nil\n\t}} else {{",
    ],
)
def test_what_stands_before_a_test_is_run_before_every_branch(tmp_path: Path, lookup: str) -> None:
    assert _site(tmp_path, "a.go", _IN_GO.replace("LOOKUP", lookup)).mechanism is Mechanism.SELECT_THEN_INSERT


_ELIF = """
def save(conn, e, x):
    if x:
        return
    elif conn.execute("SELECT id FROM t WHERE email = %s", (e,)).fetchone():
        return
    else:
        conn.execute("INSERT INTO t (email) VALUES (%s)", (e,))
"""
_TRIED = """
def save(conn, e):
    if conn.execute("SELECT id FROM t WHERE email = %s", (e,)).fetchone():
        return
    for attempt in range(3):
        try:
            return conn.execute("INSERT INTO t (email) VALUES (%s)", (e,))
        except psycopg.OperationalError:
            time.sleep(attempt)
"""


@pytest.mark.parametrize("text", [_ELIF, _TRIED], ids=["the test of an elif", "tried again"])
def test_no_way_to_the_insert_is_left_out(tmp_path: Path, text: str) -> None:
    assert _site(tmp_path, "a.py", text).mechanism is Mechanism.SELECT_THEN_INSERT


def _function(handler: str, found: str = "IF NOT FOUND THEN") -> str:
    return (
        "CREATE FUNCTION save(e text) RETURNS void LANGUAGE plpgsql AS $$\nDECLARE known bigint;\nBEGIN\n"
        f"  SELECT id INTO known FROM t WHERE email = e;\n  {found}\n    INSERT INTO t (email) VALUES (e);\n  END IF;\n"
        f"{handler}END $$;\n"
    )


@pytest.mark.parametrize(
    ("text", "met"),
    [
        (_function("EXCEPTION WHEN unique_violation THEN\n  NULL;\n"), Met(caught=8)),
        (_function("EXCEPTION WHEN others THEN NULL;\nWHEN SQLSTATE '23505' THEN\n  UPDATE t SET email = e;\n"),
         Met(caught=9, again=True)),
        (_function("EXCEPTION WHEN unique_violation THEN\n  UPDATE log SET email = e;\n"), Met(caught=8)),
        (_function("EXCEPTION WHEN unique_violation THEN\n  SELECT id INTO known FROM public.t;\n"),
         Met(caught=8, again=True)),
        (_function("EXCEPTION WHEN foreign_key_violation THEN\n  NULL;\n"), None),
        (_function("BEGIN\nPERFORM 1;\nEXCEPTION WHEN unique_violation THEN\n  NULL;\nEND;\n"), None),
        (_function("", "IF FOUND THEN RAISE EXCEPTION 'taken'; ELSE"), Met(refused=True)),
        (_function("", "IF FOUND THEN RAISE NOTICE 'taken'; ELSE"), None),
    ],
    ids=[
        "caught",
        "and written again",
        "and another table",
        "and read again",
        "another error",
        "of another block",
        "refused",
        "only told",
    ],
)  # fmt: skip
def test_a_function_of_the_database_says_it_with_a_handler(tmp_path: Path, text: str, met: Met | None) -> None:
    assert _site(tmp_path, "a.sql", text).met == met


_LANGUAGES = {
    "a.py": """
import psycopg
def save(cur, e):
    cur.execute("SELECT id FROM t WHERE email = %s", (e,))
    if cur.fetchone() is None:
        try:
            cur.execute("INSERT INTO t (email) VALUES (%s)", (e,))
        except psycopg.errors.UniqueViolation:
            cur.execute("SELECT id FROM t WHERE email = %s", (e,))
""",
    "a.rb": """
def save(conn, e)
  found = conn.exec_params("SELECT id FROM t WHERE email = $1", [e])
  begin
    conn.exec_params("INSERT INTO t (email) VALUES ($1)", [e]) if found.ntuples.zero?
  rescue PG::UniqueViolation
    conn.exec_params("SELECT id FROM t WHERE email = $1", [e]).first
  end
end
""",
    "a.go": """
package a
import "context"
func save(ctx context.Context, e string) error {
	err := pool.QueryRow(ctx, "SELECT id FROM t WHERE email = $1", e).Scan(&id)
	_, err = pool.Exec(ctx, "INSERT INTO t (email) VALUES ($1)", e)
	var failed *pgconn.PgError
	if errors.As(err, &failed) && failed.Code == pgerrcode.UniqueViolation {
		return pool.QueryRow(ctx, "SELECT id FROM t WHERE email = $1", e).Scan(&id)
	}
	return err
}
""",
    "A.java": """
class A {
  void save(String e) {
    jdbc.queryForList("SELECT id FROM t WHERE email = ?", e);
    try {
      jdbc.update("INSERT INTO t (email) VALUES (?)", e);
    } catch (DuplicateKeyException error) {
      jdbc.queryForList("SELECT id FROM t WHERE email = ?", e);
    }
  }
}
""",
    "a.php": """<?php
function save($pdo, $e) {
    $pdo->prepare('SELECT id FROM t WHERE email = ?')->execute([$e]);
    try {
        $pdo->prepare('INSERT INTO t (email) VALUES (?)')->execute([$e]);
    } catch (UniqueConstraintViolationException $error) {
        $pdo->query('SELECT id FROM t WHERE email = ?')->fetch();
    }
}
""",
    "A.kt": """
fun save(e: String) {
    jdbc.queryForList("SELECT id FROM t WHERE email = ?", e)
    try {
        jdbc.update("INSERT INTO t (email) VALUES (?)", e)
    } catch (error: DuplicateKeyException) {
        jdbc.queryForList("SELECT id FROM t WHERE email = ?", e)
    }
}
""",
    "A.cs": """
class A {
  void Save(string e) {
    connection.Query("SELECT id FROM t WHERE email = @e", new { e });
    try {
      connection.Execute("INSERT INTO t (email) VALUES (@e)", new { e });
    } catch (PostgresException error) when (error.SqlState == "23505") {
      connection.Query("SELECT id FROM t WHERE email = @e", new { e });
    }
  }
}
""",
    "a.rs": """
async fn save(pool: &PgPool, e: &str) -> Result<(), Error> {
    sqlx::query("SELECT id FROM t WHERE email = $1").bind(e).fetch_optional(pool).await?;
    match sqlx::query("INSERT INTO t (email) VALUES ($1)").bind(e).execute(pool).await {
        Err(error) if error.as_database_error().unwrap().is_unique_violation() => {
            sqlx::query("SELECT id FROM t WHERE email = $1").bind(e).fetch_one(pool).await?;
        }
        other => { other?; }
    }
    Ok(())
}
""",
    "a.dart": """
Future<void> save(String e) async {
  await connection.query('SELECT id FROM t WHERE email = @e', substitutionValues: {'e': e});
  try {
    await connection.execute('INSERT INTO t (email) VALUES (@e)', substitutionValues: {'e': e});
  } on UniqueViolationException {
    await connection.query('SELECT id FROM t WHERE email = @e', substitutionValues: {'e': e});
  }
}
""",
    "A.scala": """
object A {
  def save(e: String) = {
    statement.executeQuery("SELECT id FROM t WHERE email = 'a'")
    try {
      statement.executeUpdate("INSERT INTO t (email) VALUES ('a')")
    } catch {
      case error: PSQLException if error.getSQLState == "23505" =>
        statement.executeQuery("SELECT id FROM t WHERE email = 'a'")
    }
  }
}
""",
    "a.swift": """
func save(e: String) throws {
    try db.query("SELECT id FROM t WHERE email = 'a'")
    do {
        try db.execute("INSERT INTO t (email) VALUES ('a')")
    } catch PostgresError.uniqueViolation {
        try db.query("SELECT id FROM t WHERE email = 'a'")
    }
}
""",
}


@pytest.mark.parametrize("name", _LANGUAGES)
def test_handlers_of_each_language_are_read(tmp_path: Path, name: str) -> None:
    met = _site(tmp_path, name, _LANGUAGES[name]).met
    assert met is not None
    assert (met.caught is not None, met.again) == (True, True)

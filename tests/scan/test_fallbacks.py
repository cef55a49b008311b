"""Places that answer the error of a missing arbiter by writing another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Scope
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.scan.model import Fallback

GO = "package a\nfunc save(db *DB) error {\n\t_, err := db.Exec(q)\n"
FUNCTION = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN PERFORM 1; EXCEPTION "
WRITTEN = "IF NOT EXISTS (SELECT FROM t) THEN INSERT INTO t (a) VALUES (1); END IF;"


def _fallbacks(place: Path, name: str, text: str) -> tuple[Fallback, ...]:
    file = place / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    result = scan([place], Settings(cache=False))
    assert not result.failed
    return result.fallbacks


def _javascript(body: str) -> str:
    return f"async function save(e, row) {{\n  {body}\n}}\n"


@pytest.mark.parametrize(
    "body",
    [
        "if (e.code === '42P10') { await db.update(row) }",
        "if (e?.message?.includes('no unique or exclusion constraint')) return await pool.query('SELECT 1')",
        "if (e && (e.code === '42P10' || e.message.includes('no unique or exclusion constraint'))) upsertByHand(row)",
        "if (e.code !== '42P10') { throw e }\n  await saveByHand(row)",
        "if (!(e.code == '42P10')) throw e; else await saveByHand(row)",
        "switch (e.code) { case '42P10': await insertOne(row); break; default: throw e }",
        "return e.code === '42P10' ? insertByHand(row) : Promise.reject(e)",
        "if (e.code === '42P10') await db.from('t').insert(row)",
    ],
)
def test_a_branch_that_writes_is_a_fallback(tmp_path: Path, body: str) -> None:
    (found,) = _fallbacks(tmp_path, "a.ts", _javascript(body))
    assert (found.span.path, found.span.line, found.scope) == ("a.ts", 2, Scope.APP)


@pytest.mark.parametrize(
    "body",
    [
        "if (e.code === '42P10') return res.status(500).json({ error: 'no arbiter' })",
        "if (e.code === '42P10') throw new InsertError('no arbiter')",
        "if (e.code === '42P10') { console.error(e) } else { await db.update(row) }",
        "if (e.code !== '42P10') { await saveByHand(row) }",
        "if (e.code === '23505') { await db.update(row) }",
        "console.log('42P10'); await db.update(row)",
        "const known = { '42P10': 'no arbiter' }; await db.update(row)",
    ],
)
def test_what_only_tells_of_the_error_is_no_fallback(tmp_path: Path, body: str) -> None:
    assert _fallbacks(tmp_path, "a.ts", _javascript(body)) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.py",
            "def a():\n    try:\n        up()\n    except errors.InvalidColumnReference:\n        db.execute(q)\n",
        ),
        ("a.py", 'def a(e):\n    if e.pgcode == "42P10":\n        insert_by_hand()\n    else:\n        raise e\n'),
        ("a.go", GO + '\tif pgErr.Code == "42P10" {\n\t\t_, err = db.Exec(other)\n\t}\n\treturn err\n}\n'),
        ("a.go", GO + "\tif pgErr.Code == pgerrcode.InvalidColumnReference {\n\t\tsave(db)\n\t}\n\treturn err\n}\n"),
        ("a.rb", "def a\n  up\nrescue PG::InvalidColumnReference\n  Thing.insert(a: 1)\nend\n"),
        ("A.java", 'class A { void b(E e) { if ("42P10".equals(e.getSQLState())) { jdbc.update(q); } } }\n'),
        (
            "A.cs",
            'class A { void B() { try { Up(); } catch (E e) when (e.SqlState == "42P10") { db.ExecuteAsync(q); } } }\n',
        ),
        ("a.sql", f"{FUNCTION}WHEN invalid_column_reference THEN {WRITTEN} WHEN others THEN NULL; END $f$;\n"),
        ("a.sql", f"{FUNCTION}WHEN unique_violation OR SQLSTATE '42P10' THEN {WRITTEN} END $f$;\n"),
    ],
)
def test_each_language_names_the_error_in_its_own_way(tmp_path: Path, name: str, text: str) -> None:
    assert len(_fallbacks(tmp_path, name, text)) == 1


@pytest.mark.parametrize(
    "handler",
    [
        "WHEN invalid_column_reference THEN RAISE NOTICE 'no arbiter'; END $f$;",
        f"WHEN invalid_column_reference THEN NULL; WHEN unique_violation THEN {WRITTEN} END $f$;",
        f"WHEN invalid_column_reference THEN NULL; END; {WRITTEN} $f$;",
    ],
)
def test_a_handler_of_plpgsql_that_does_not_write_is_no_fallback(tmp_path: Path, handler: str) -> None:
    assert _fallbacks(tmp_path, "a.sql", f"{FUNCTION}{handler}\n") == ()


def test_a_fallback_in_a_test_says_so(tmp_path: Path) -> None:
    text = _javascript("if (e.code === '42P10') { await db.update(row) }")
    (found,) = _fallbacks(tmp_path, "tests/a.test.ts", text)
    assert found.scope is Scope.TEST

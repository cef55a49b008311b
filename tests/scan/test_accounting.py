"""Every hit of a trigger word is in a site, or is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.scan.model import ScanResult

_SQL = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"


def _scan(root: Path, files: dict[str, str], settings: Settings | None = None) -> ScanResult:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return scan([root], settings or Settings(), explain=True)


def _explained(result: ScanResult) -> dict[str, str]:
    return {f"{one.path}:{one.line}": one.reason for one in result.skipped}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.py", f"x = 1  # {_SQL}\n", "in a comment"),
        ("a.py", f'"""Says {_SQL}."""\n', "in a docstring, or another string that stands alone"),
        ("a.py", "log('conflicts: insert into, on conflict')\n", "no statement that writes"),
        ("a.py", f"assert sql == '{_SQL}'\n", "a string that is compared, not executed"),
        ("a.py", f"expected_sql = '{_SQL}'\ncompare(sql, expected_sql)\n", "a string that is compared, not executed"),
        (
            "a.ts",
            f"const expectSql = sql`{_SQL}`\nsame(text, expectSql.sql)\n",
            "a string that is compared, not executed",
        ),
        (
            "a_test.go",
            f'package a\nfunc f() {{\n\twant := "{_SQL}"\n\tsame(want)\n}}\n',
            "a string that is compared, not executed",
        ),
        ("a.ts", "const m = new Map(); cache.upsert(1)\n", 'calls "cache.upsert", which is no write of a known client'),
        ("A.kt", "fun f() { dao.upsert(one, two) }\n", 'calls "dao.upsert", which is no write of a known client'),
        ("a.ts", f"/* {_SQL} */\n", "in a comment"),
        ("a.ts", "const x = { onConflict: 'id' }\n", '"onConflict" is neither called nor executed here'),
        ("a.vue", "<template>insert into</template>\n", "stands outside of the scripts of the component"),
        ("a.tsx", "export const A = () => <p>How to insert into a list</p>\n", "in the text of a page"),
        ("a.sql", f"-- {_SQL}\nSELECT 1;\n", "in a comment"),
        ("a.sql", "SELECT 'insert into t';\n", "in a literal"),
        ("a.sql", "CREATE TRIGGER x BEFORE INSERT ON t EXECUTE FUNCTION f();\n", "names the event of a trigger"),
        ("a.sql", "CREATE POLICY p ON t FOR INSERT WITH CHECK (true);\n", "names the command of a policy"),
        (
            "a.sql",
            "CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION on_insert();\n",
            '"on_insert" is a name, or begins no statement that writes',
        ),
        ("a.sql", "GRANT SELECT, INSERT ON t TO app;\n", "names a privilege"),
        (
            "a.sql",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN -- insert\n RETURN 1; END $$;\n",
            "in a comment",
        ),
        ("README.md", f"```sql\n{_SQL};\n```\n", "prose is not read (.md)"),
        ("a.zig", f'const q = "{_SQL}";\n', "a file of a language that is not read (.zig)"),
        ("a.min.js", f"q('{_SQL}')\n", "a minified bundle, left out"),
    ],
)
def test_a_hit_that_is_no_site_is_explained(tmp_path: Path, name: str, text: str, reason: str) -> None:
    result = _scan(tmp_path, {name: text})
    assert result.sites == ()
    assert set(_explained(result).values()) == {reason}
    assert result.hits is not None
    assert (result.hits.in_sites, result.hits.explained > 0) == (0, True)


def test_a_hit_in_a_site_is_not_explained(tmp_path: Path) -> None:
    result = _scan(tmp_path, {"a.py": f"run('{_SQL}')\n", "b.sql": f"{_SQL};\n"})
    assert result.skipped == ()
    assert result.hits is not None
    assert (result.hits.in_sites, result.hits.explained) == (4, 0)


def test_parts_of_a_statement_that_is_put_together_are_in_its_site(tmp_path: Path) -> None:
    code = (
        "HEAD = 'INSERT INTO t (a) '\nTAIL = ' ON CONFLICT (a) DO NOTHING'\n"
        "def f(c):\n    c.execute(HEAD + 'VALUES (1)' + TAIL)\n"
    )
    result = _scan(tmp_path, {"a.py": code})
    assert len(result.sites) == 1
    assert result.skipped == ()


def test_an_unknown_call_around_a_site_is_explained(tmp_path: Path) -> None:
    result = _scan(tmp_path, {"a.ts": f"store.upsert(await q(`{_SQL}`))\n"})
    assert len(result.sites) == 1
    assert _explained(result) == {"a.ts:1": 'calls "store.upsert", which is no write of a known client'}


def test_directories_that_are_not_looked_into_are_named(tmp_path: Path) -> None:
    files = {"node_modules/x/a.ts": f"q(`{_SQL}`)\n", "old/a.ts": f"q(`{_SQL}`)\n", "a.ts": "1\n"}
    result = _scan(tmp_path, files, Settings(exclude=("old/",)))
    assert _explained(result) == {
        "node_modules/:0": "not looked into: by its name it holds dependencies, build output or caches",
        "old/a.ts:0": "left out by --include or --exclude, or by the settings",
    }


def test_binary_files_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1 on conflict")
    assert _scan(tmp_path, {}).skipped == ()


def test_hits_are_counted_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# insert into\n")
    result = scan([tmp_path], Settings())
    assert (result.skipped, result.hits) == ((), None)


def test_a_file_for_another_database_is_one_site_and_its_other_writes_are_explained(tmp_path: Path) -> None:
    text = "INSERT IGNORE INTO `t` (`a`) VALUES (1);\n-- insert\nINSERT INTO `t` (`a`) VALUES (2);\n"
    result = _scan(tmp_path, {"a.sql": text})
    assert [site.status.value for site in result.sites] == ["not_postgres"] * len(result.sites)
    assert _explained(result)["a.sql:2"] == "in a comment"
    assert {reason for place, reason in _explained(result).items() if place != "a.sql:2"} <= {
        "INSERT IGNORE is MySQL",
        "names in backticks are MySQL",
    }

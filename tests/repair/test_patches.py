"""Patches are exact: what they say is what the statement needs, in the file's own encoding, and git applies them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ended

SCHEMA = """
CREATE TABLE t (id serial PRIMARY KEY, email text, k text, st text, "User ""Id" text);
CREATE UNIQUE INDEX t_email ON t (lower(email));
CREATE UNIQUE INDEX t_k ON t (k) WHERE st = 'on';
CREATE UNIQUE INDEX t_user ON t ("User ""Id");
"""
SUPABASE = "import {{ createClient }} from '@supabase/supabase-js'\nconst db = createClient(a, b)\n{}\n"
SQLALCHEMY = """
import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import insert

t = Table("t", MetaData(), Column("email", Text), Column("k", Text), Column("st", Text), Column('User "Id', Text))


def save(connection):
    connection.execute(insert(t).values({{"email": "ä", "k": "b", "st": "on", 'User "Id': "c"}}).{})
"""


@pytest.fixture
def patched(tmp_path: Path, command: Callable[..., Ended]) -> Callable[[str, bytes], bytes]:
    """A file after the patch that repair makes of it, and a check that finds no error then."""

    def patch(name: str, data: bytes) -> bytes:
        (tmp_path / "schema.sql").write_text(SCHEMA)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        made = tmp_path / "made.patch"
        common = (tmp_path, "--schema", "sql:schema.sql", "--format", "json")
        ended = command("repair", *common, "--prefer", "code", "--patch", made)
        assert ended.err == ""
        assert ended.json["remaining"] == []
        assert made.read_bytes().decode() == ended.json["patch"]
        subprocess.run(["git", "-C", tmp_path, "apply", made], check=True)
        assert command("check", *common).code == 0
        return (tmp_path / name).read_bytes()

    return patch


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "a.sql",
            "INSERT INTO t (k) VALUES (1) ON CONFLICT (k) DO NOTHING;\n",
            "INSERT INTO t (k) VALUES (1) ON CONFLICT (k) WHERE st = 'on'::text DO NOTHING;\n",
        ),
        (
            "several lines/and a blank.sql",
            "INSERT INTO t (email) VALUES (1)\n  ON CONFLICT -- by mail\n  (email)\n  DO UPDATE SET k = '1';",
            "INSERT INTO t (email) VALUES (1)\n  ON CONFLICT -- by mail\n  ((lower(email)))\n  DO UPDATE SET k = '1';",
        ),
        (
            "a.js",
            "pool.query('INSERT INTO t (k) VALUES ($1) ON CONFLICT (k) DO NOTHING', [a])\n",
            "pool.query('INSERT INTO t (k) VALUES ($1) ON CONFLICT (k) WHERE st = \\'on\\'::text DO NOTHING', [a])\n",
        ),
        (
            "a.ts",
            'pool.query("INSERT INTO t (k) VALUES ($1) ON CONFLICT (\\"k\\") DO NOTHING", [a])\n',
            "pool.query(\"INSERT INTO t (k) VALUES ($1) ON CONFLICT (k) WHERE st = 'on'::text DO NOTHING\", [a])\n",
        ),
        (
            "a.py",
            'db.execute(f"INSERT INTO t (email) VALUES ({r!r})" " ON CONFLICT (email) DO NOTHING")\n',
            'db.execute(f"INSERT INTO t (email) VALUES ({r!r})" " ON CONFLICT ((lower(email))) DO NOTHING")\n',
        ),
    ],
)
def test_the_target_alone_is_changed(
    patched: Callable[[str, bytes], bytes], name: str, before: str, after: str
) -> None:
    assert patched(name, before.encode()) == after.encode()


def test_the_marks_and_line_ends_of_a_file_stay(patched: Callable[[str, bytes], bytes]) -> None:
    text = 'INSERT INTO t ("User ""Id", k)\r\nVALUES (1, 2)\r\nON CONFLICT\r\n (k)\r\nDO NOTHING;\r\n'
    after = patched("odd.sql", b"\xef\xbb\xbf" + text.encode())
    assert after == b"\xef\xbb\xbf" + text.replace(" (k)\r", " (k) WHERE st = 'on'::text\r").encode()


def test_several_statements_of_one_file_are_one_patch(patched: Callable[[str, bytes], bytes]) -> None:
    one = "INSERT INTO t (k) VALUES (1) ON CONFLICT (k) DO NOTHING;\n"
    two = "INSERT INTO t (email) VALUES (1) ON CONFLICT (email) DO NOTHING;\n"
    after = patched("two.sql", (one + two + one).encode()).decode()
    assert after.splitlines()[1] == "INSERT INTO t (email) VALUES (1) ON CONFLICT ((lower(email))) DO NOTHING;"
    assert after.count("(k) WHERE st = 'on'::text DO") == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "on_conflict_do_nothing(index_elements=['k'])",
            "index_elements=['k'], index_where=sa.text(\"st = 'on'::text\")",
        ),
        ("on_conflict_do_nothing(constraint='t_k')", "index_elements=['k'], index_where=sa.text(\"st = 'on'::text\")"),
        (
            "on_conflict_do_update(index_elements=['k'], index_where=t.c.st == 'on', set_={'email': 'x'})",
            "index_elements=['k'], index_where=sa.text(\"st = 'on'::text\"), set_={'email': 'x'}",
        ),
        ("on_conflict_do_nothing(index_elements=['email'])", "index_elements=[sa.text('lower(email)')]"),
        ("on_conflict_do_nothing(constraint='t_user')", "index_elements=['User \"Id']"),
    ],
)
def test_the_arguments_of_sqlalchemy_are_changed(
    patched: Callable[[str, bytes], bytes], before: str, after: str
) -> None:
    changed = patched("models.py", SQLALCHEMY.format(before).encode()).decode()
    assert changed == SQLALCHEMY.format(f"{before.partition('(')[0]}({after})")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ onConflict: 'id,User \"Id' }", "{ onConflict: 'id' }"),
        ("{ ignoreDuplicates: true, onConflict: `k,id` }", "{ ignoreDuplicates: true, onConflict: `id` }"),
    ],
)
def test_the_option_of_a_postgrest_client_is_changed(
    patched: Callable[[str, bytes], bytes], before: str, after: str
) -> None:
    call = "export const done = await db.from('t').upsert({{ id: a, k: b, 'User \"Id': c }}, {})"
    changed = patched("save.ts", SUPABASE.format(call.format(before)).encode()).decode()
    assert changed == SUPABASE.format(call.format(after))


def test_a_target_that_is_put_together_is_not_patched(tmp_path: Path, command: Callable[..., Ended]) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "a.js").write_text(
        "const target = '(k)'\npool.query(`INSERT INTO t (k) VALUES ($1) ON CONFLICT ${target} DO NOTHING`)\n"
    )
    ended = command("repair", tmp_path, "--schema", "sql:schema.sql", "--format", "json", "--prefer", "code")
    proposal = ended.proposal("PGA102")
    assert [cure["kind"] for cure in proposal["cures"]] == ["schema"]
    assert (
        proposal["not_offered"][-1]["why"] == "the clause does not stand in the file in one piece that could be edited"
    )
    assert (proposal["chosen"], ended.code) == (None, 1)

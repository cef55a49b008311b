"""Libraries of JavaScript that make a statement of names and rows: pg-format and pg-promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = "const format = require('pg-format');\n"
_PROMISE = "import pgPromise from 'pg-promise'\nconst pgp = pgPromise()\n"


@pytest.mark.parametrize(
    ("made", "table", "columns"),
    [
        ("format('INSERT INTO %I (id, n) VALUES %L ON CONFLICT (%I) DO NOTHING', 'users', rows, 'id')",
         "users", ("id", "n")),
        ("format('INSERT INTO users (%I) VALUES %L ON CONFLICT (id) DO NOTHING', ['id', 'n'], rows)",
         "users", ("id", "n")),
        ("format('INSERT INTO %2$I (id) VALUES (%1$L) ON CONFLICT (id) DO NOTHING', 7, 'users')", "users", ("id",)),
        ("format.withArray('INSERT INTO %I (id) VALUES %L ON CONFLICT (id) DO NOTHING', ['users', rows])",
         "users", ("id",)),
        ("format('INSERT INTO %I (id) VALUES %L ON CONFLICT (id) DO NOTHING', 'shop.users', rows)",
         "(shop.users)", ("id",)),
        ("format('INSERT INTO %s (id) VALUES %L ON CONFLICT (id) DO NOTHING', 'shop.users', rows)",
         "shop.users", ("id",)),
        ("format('INSERT INTO %I (%I) VALUES %L ON CONFLICT (id) DO NOTHING', 'Users', ['id', 'orgId'], rows)",
         "Users", ("id", "orgId")),
    ],
    ids=["names", "a list", "numbered", "an array", "a dot", "text", "quoted"],
)  # fmt: skip
def test_a_statement_of_pg_format_is_read(tmp_path: Path, made: str, table: str, columns: tuple[str, ...]) -> None:
    (site,) = sites_of(tmp_path, {"save.js": f"{_FORMAT}await client.query({made});\n"})
    named = site.write.table
    assert named is not None
    shown = f"({named.name})" if "." in named.name else str(named)
    assert (shown, site.write.columns, site.status) == (table, columns, Status.RESOLVED)


def test_a_wrapper_of_pg_format_is_judged_at_its_calls(tmp_path: Path) -> None:
    text = (
        "const put = (t, columns, key, rows) =>\n"
        "  db.query(format('INSERT INTO %I (%I) VALUES %L ON CONFLICT (%I) DO NOTHING', t, columns, rows, key));\n"
        "put('users', ['id', 'n'], 'id', rows);\n"
    )
    _, site = sites_of(tmp_path, {"save.js": _FORMAT + text})
    assert (str(site.write.table), site.write.columns) == ("users", ("id", "n"))


def test_another_format_is_not_taken_for_pg_format(tmp_path: Path) -> None:
    text = (
        "const format = require('./own');\nrun(format('INSERT INTO %I (a) VALUES (1) ON CONFLICT DO NOTHING', 'u'));\n"
    )
    (site,) = sites_of(tmp_path, {"save.js": text, "own.js": "module.exports = make();\n"})
    assert site.write.table is None


def test_a_column_set_that_is_extended_holds_more(tmp_path: Path) -> None:
    text = (
        "const { ColumnSet, insert } = pgp.helpers\n"
        "const ids = new ColumnSet(['id'], { table: { table: 'users', schema: 'shop' } })\n"
        "const all = ids.extend(['n'])\n"
        "await db.none(insert(rows, all) + ' ON CONFLICT (id) DO UPDATE SET '\n"
        "  + all.assignColumns({ from: 'EXCLUDED', skip: 'id' }))\n"
    )
    (site,) = sites_of(tmp_path, {"save.ts": _PROMISE + text})
    assert (str(site.write.table), site.write.columns, site.write.set_columns) == ("shop.users", ("id", "n"), ("n",))

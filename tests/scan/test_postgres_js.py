"""Helpers of postgres.js and Bun in templates: names and rows that the tag itself writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

_OPEN = "import postgres from 'postgres'\nconst sql = postgres(process.env.DATABASE_URL)\n"


@pytest.mark.parametrize(
    ("statement", "table", "columns"),
    [
        ("sql`insert into ${sql('users')} ${sql(rows, 'id', 'name')} on conflict do nothing`", "users", ("id", "name")),
        ("sql`insert into users ${sql({ id, name })} on conflict (id) do nothing`", "users", ("id", "name")),
        ("sql`insert into users ${sql([{ id: 1, name }])} on conflict (id) do nothing`", "users", ("id", "name")),
        ("sql`insert into ${sql('shop.items')} ${sql(rows, ['id'])} on conflict do nothing`", "shop.items", ("id",)),
        ("sql`insert into users (${sql(['id', 'name'])}) values ${sql(list)} on conflict (id) do nothing`",
         "users", ("id", "name")),
        ("sql.begin(async (tx) => { await tx`insert into ${tx('users')} ${tx(rows, 'id')} on conflict do nothing` })",
         "users", ("id",)),
        ("sql.begin((tx) => tx`insert into users ${sql(rows, 'id')} on conflict (id) do nothing`)", "users", ("id",)),
    ],
    ids=["names and rows", "an object", "a list", "a schema", "a list of names", "a transaction", "both"],
)  # fmt: skip
def test_a_helper_of_a_tag_that_the_file_makes_is_read(
    tmp_path: Path, statement: str, table: str, columns: tuple[str, ...]
) -> None:
    (site,) = sites_of(tmp_path, {"save.ts": f"{_OPEN}{statement}\n"})
    assert (str(site.write.table), site.write.columns, site.status) == (table, columns, Status.RESOLVED)


def test_a_helper_of_a_tag_that_another_file_makes_is_read(tmp_path: Path) -> None:
    (site,) = sites_of(
        tmp_path,
        {
            "db.ts": "import postgres from 'postgres'\nexport default postgres(url, { max: 3 })\n",
            "save.ts": "import sql from './db'\nsql`insert into ${sql('t')} ${sql(r, 'id')} on conflict do nothing`\n",
        },
    )
    assert (str(site.write.table), site.write.columns) == ("t", ("id",))


def test_a_helper_after_set_assigns(tmp_path: Path) -> None:
    text = (
        "const row = { id: 1, n: 2 }\nsql`insert into t ${sql(row)} on conflict (id) do update set ${sql(row, 'n')}`\n"
    )
    (site,) = sites_of(tmp_path, {"save.ts": _OPEN + text})
    assert (site.write.columns, site.write.set_columns) == (("id", "n"), ("n",))


@pytest.mark.parametrize(
    ("transform", "columns"),
    [
        ("postgres.camel", ("user_id",)),
        ("{ undefined: null }", ("userId",)),
        ("{ column: { to: postgres.fromCamel } }", ("user_id",)),
        ("{ column: { from: postgres.toCamel } }", ("userId",)),
        ("ours", None),
    ],
)
def test_names_are_changed_as_the_tag_is_told(tmp_path: Path, transform: str, columns: tuple[str, ...] | None) -> None:
    text = (
        f"import postgres from 'postgres'\nconst sql = postgres(url, {{ transform: {transform} }})\n"
        "sql`insert into t ${sql({ userId: 1 })} on conflict (user_id) do nothing`\n"
    )
    (site,) = sites_of(tmp_path, {"save.ts": text})
    assert site.write.columns == columns


def test_helpers_of_bun_are_read(tmp_path: Path) -> None:
    text = (
        'import { sql, SQL } from "bun"\nconst user = { name, email }\nconst db = new SQL({ adapter: "postgres" })\n'
        "await sql`INSERT INTO users ${sql(user)} ON CONFLICT (email) DO NOTHING`\n"
        "await Bun.sql`INSERT INTO users ${Bun.sql(user, 'name')} ON CONFLICT (email) DO NOTHING`\n"
        "await db`INSERT INTO ${db('users')} ${db([user])} ON CONFLICT (email) DO NOTHING`\n"
    )
    found = sites_of(tmp_path, {"save.ts": text})
    assert [(str(site.write.table), site.write.columns) for site in found] == [
        ("users", ("name", "email")),
        ("users", ("name",)),
        ("users", ("name", "email")),
    ]


def test_another_call_in_a_template_is_a_value(tmp_path: Path) -> None:
    text = "sql`insert into t (a) values (${now('users')}) on conflict (a) do nothing`\n"
    (site,) = sites_of(tmp_path, {"save.ts": _OPEN + text})
    assert (str(site.write.table), site.write.columns) == ("t", ("a",))

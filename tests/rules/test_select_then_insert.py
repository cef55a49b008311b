"""A client that looks a row up again when its INSERT fails, with and without the index that makes it fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules import check
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.rules.model import Finding

_MODEL = """
from django.db import models
class Shop(models.Model):
    code = models.CharField(max_length=9)
    class Meta:
        app_label = "shop"
        db_table = "shops"
Shop.objects.get_or_create(code="a")
"""


@pytest.mark.parametrize(
    ("index", "codes"),
    [
        ("CREATE UNIQUE INDEX ON shops (code)", []),
        ("CREATE UNIQUE INDEX ON shops (code) WHERE code <> ''", ["PGA301"]),
        ("CREATE INDEX ON shops (code)", ["PGA301"]),
    ],
)
def test_a_lookup_that_is_made_again_is_no_race_where_an_index_decides(
    database: str, tmp_path: Path, index: str, codes: list[str]
) -> None:
    assert [finding.code for finding in _checked(database, tmp_path, {"shop.py": _MODEL}, index)] == codes


def _checked(database: str, root: Path, files: dict[str, str], index: str) -> tuple[Finding, ...]:
    """The findings in these files, with a table that has this index."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE shops (id bigserial PRIMARY KEY, code text NOT NULL)")
        connection.execute(index.encode())
        catalog = read_catalog(connection)
    loaded = Loaded(catalog, ServerInfo("18", "test", "test"), SchemaInfo("sql:schema.sql"), live=True)
    bounds = tuple(bind(site, loaded) for site in scan([root], Settings()).sites)
    return check(bounds, loaded, Settings())


_PRISMA = {
    "schema.prisma": """
datasource db {
  provider = "postgresql"
}
model Shop {
  id   BigInt @id @default(autoincrement())
  code String
  @@map("shops")
}
""",
}


def test_a_row_that_gets_its_key_from_the_database_is_another_than_the_one_looked_for(
    database: str, tmp_path: Path
) -> None:
    call = "prisma.shop.upsert({ where: { id: given ?? -1 }, create: { code: 'a' }, update: { code: 'a' } })"
    files = {**_PRISMA, "a.ts": f"import {{ prisma }} from './db'\nexport const put = (given) => {call}\n"}
    assert _checked(database, tmp_path, files, "CREATE INDEX ON shops (code)") == ()


_RAILS = {
    "app/models/shop.rb": "class Shop < ApplicationRecord\nend\n",
    "app/jobs/a.rb": "class A\n  def f\n    Shop.find_or_create_by(code: 'a')\n  end\nend\n",
}
_LARAVEL = {
    "app/Models/Shop.php": (
        "<?php\nnamespace App\\Models;\nclass Shop extends \\Illuminate\\Database\\Eloquent\\Model\n{\n"
        "    public $timestamps = false;\n}\n"
    ),
    "app/A.php": "<?php\nnamespace App;\nuse App\\Models\\Shop;\nShop::firstOrCreate(['code' => 'a']);\n",
}
_UNIQUE = "CREATE UNIQUE INDEX shops_code ON shops (code)"


def _gems(release: str) -> dict[str, str]:
    return {**_RAILS, "Gemfile.lock": f"GEM\n  specs:\n    activerecord ({release})\n"}


def _locked(release: str) -> dict[str, str]:
    packages = [{"name": "brick/math", "version": "0.12"}, {"name": "laravel/framework", "version": release}]
    return {**_LARAVEL, "composer.lock": json.dumps({"packages": packages})}


def _required(constraint: str) -> dict[str, str]:
    return {**_LARAVEL, "composer.json": json.dumps({"require": {"laravel/framework": constraint}})}


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        (_gems("7.0.8"), "warning"),
        (_gems("7.1.0"), None),
        (_gems("8.0.2"), None),
        (_RAILS, "note"),
        (_locked("v9.52.0"), "warning"),
        (_locked("v10.22.0"), None),
        (_locked("v10.26.2"), "warning"),
        (_locked("v12.1.0"), None),
        (_required("^9.0"), "warning"),
        (_required("^10.10"), "note"),
        (_required("^11.0|^12.0"), None),
        (_required("*"), "note"),
        (_LARAVEL, "note"),
    ],
)
def test_a_unique_index_is_enough_from_the_release_on_that_looks_again(
    database: str, tmp_path: Path, files: dict[str, str], severity: str | None
) -> None:
    found = _checked(database, tmp_path, files, _UNIQUE)
    assert [(finding.code, finding.severity.value) for finding in found] == ([("PGA301", severity)] if severity else [])


def test_a_release_that_is_not_known_is_told_for_both(database: str, tmp_path: Path) -> None:
    (finding,) = _checked(database, tmp_path, _RAILS, _UNIQUE)
    assert finding.effect.endswith(
        '"shops_code" refuses the second row: before Rails 7.1 with 23505, from then on the client takes the first.'
    )


def test_without_a_unique_index_both_rows_stay_in_any_release(database: str, tmp_path: Path) -> None:
    (finding,) = _checked(database, tmp_path, _gems("8.0.2"), "CREATE INDEX ON shops (code)")
    assert finding.severity.value == "warning"
    assert "both rows stay" in finding.effect
    assert finding.remedy.endswith("With it the client takes the row of the other session.")


def test_one_statement_that_looks_before_it_inserts_is_a_race_as_well(database: str, tmp_path: Path) -> None:
    text = "INSERT INTO shops (code) SELECT 'a' WHERE NOT EXISTS (SELECT FROM shops WHERE code = 'a');\n"
    (finding,) = _checked(database, tmp_path, {"shop.sql": text}, "CREATE INDEX ON shops (code)")
    assert finding.code == "PGA301"
    assert "in one statement" in finding.message
    assert not any("stands at line" in line for line in finding.related)


def _saved(lookup: str, columns: str) -> dict[str, str]:
    values = ", ".join(f"${number}" for number in range(1, columns.count(",") + 2))
    return {
        "a.js": "export async function save(pool, id, code) {\n"
        f"  const found = await pool.query('SELECT 1 FROM shops WHERE {lookup}', [id, code])\n"
        "  if (found.rows.length === 0) {\n"
        f"    await pool.query('INSERT INTO shops ({columns}) VALUES ({values})', [id, code])\n"
        "  }\n}\n"
    }


@pytest.mark.parametrize(
    ("lookup", "columns", "told"),
    [
        ("id = $1 AND code = $2", "id, code", 'fails with 23505 on "shops_pkey"'),
        ("id = $1 AND code = $2", "code", "both rows stay"),
        ("code = $2", "id, code", "both rows stay"),
    ],
)
def test_an_index_on_a_part_of_the_key_refuses_the_second_row_that_has_that_part(
    database: str, tmp_path: Path, lookup: str, columns: str, told: str
) -> None:
    (finding,) = _checked(database, tmp_path, _saved(lookup, columns), "CREATE INDEX ON shops (code)")
    assert told in finding.effect
    with psycopg.connect(database, autocommit=True) as one, psycopg.connect(database) as other:
        insert = f"INSERT INTO shops ({columns}) SELECT {columns} FROM (VALUES (9, 'a')) AS row (id, code)".encode()
        one.execute(insert)
        if "23505" in told:
            with pytest.raises(psycopg.errors.UniqueViolation):
                other.execute(insert)


def test_of_a_key_that_is_not_known_it_is_not_said_that_no_index_forbids_the_row(database: str, tmp_path: Path) -> None:
    schema = _PRISMA["schema.prisma"].replace("code String", "code String @unique\n  team Team?")
    schema += (
        "model Team {\n  id Int @id\n  shopCode String @unique\n"
        "  shop Shop @relation(fields: [shopCode], references: [code])\n}\n"
    )
    call = "prisma.team.update({ where: { id: 1 }, data: { shop: { upsert: { create: given, update: given } } } })"
    files = {
        "schema.prisma": schema,
        "a.ts": f"import {{ prisma }} from './db'\nexport const put = (given) => {call}\n",
    }
    found = [finding for finding in _checked(database, tmp_path, files, _UNIQUE) if finding.code == "PGA301"]
    assert [finding.effect.partition("insert: ")[2] for finding in found] == [
        "the slower one fails with 23505 where a unique index forbids its row, else both rows stay."
    ]


_FIND = "const found = await prisma.shop.findFirst({ where: { code } })\n"
_CREATE = "await prisma.shop.create({ data: { code } })"
_CAUGHT = f"if (!found)\ntry {{ {_CREATE} }} catch (error) {{\nif (error.code === 'P2002') ANSWER\nthrow error }}"
_AGAIN = _CAUGHT.replace("ANSWER", "return prisma.shop.findFirst({ where: { code } })")
_TOLD = _CAUGHT.replace("ANSWER", "throw new Error('taken')")
_REFUSED = f"if (found) throw new Error('taken')\n{_CREATE}"
_PARTIAL = "CREATE UNIQUE INDEX shops_code ON shops (code) WHERE code <> ''"
_NO_INDEX = "CREATE INDEX ON shops (code)"


def _shop(body: str, path: str = "src/a.ts") -> dict[str, str]:
    code = "import { PrismaClient } from '@prisma/client'\nconst prisma = new PrismaClient()\n"
    return {**_PRISMA, path: f"{code}export async function save(code) {{\n{_FIND}{body}\n}}\n"}


@pytest.mark.parametrize(
    ("body", "index", "severity"),
    [
        (f"if (!found) {_CREATE}", _UNIQUE, "warning"),
        (_AGAIN, _UNIQUE, None),
        (_AGAIN, _PARTIAL, "note"),
        (_AGAIN, _NO_INDEX, "warning"),
        (_TOLD, _UNIQUE, "note"),
        (_REFUSED, _UNIQUE, "note"),
        (_REFUSED, _PARTIAL, "warning"),
        (_REFUSED, _NO_INDEX, "warning"),
        (f"if (!found) {_CREATE}", "CREATE UNIQUE INDEX shops_code ON shops (lower(code))", "warning"),
    ],
    ids=[
        "not caught",
        "caught and read again",
        "caught where some rows are refused",
        "caught where nothing is raised",
        "caught and told",
        "refused",
        "refused where some rows are",
        "refused by nothing but the lookup",
        "by an expression",
    ],
)
def test_what_the_program_does_about_the_row_of_the_other_session_counts(
    database: str, tmp_path: Path, body: str, index: str, severity: str | None
) -> None:
    found = _checked(database, tmp_path, _shop(body), index)
    assert [(finding.code, finding.severity.value) for finding in found] == ([("PGA301", severity)] if severity else [])


def test_an_error_that_no_index_raises_is_expected_in_vain(database: str, tmp_path: Path) -> None:
    (finding,) = _checked(database, tmp_path, _shop(_AGAIN), _NO_INDEX)
    assert "both rows stay" in finding.effect
    assert 'line 7 expects 23505, which no unique index on "code" raises' in finding.related
    assert finding.remedy.endswith("Line 7 then gets the 23505 that it expects.")


def test_a_refused_row_is_no_upsert(database: str, tmp_path: Path) -> None:
    (finding,) = _checked(database, tmp_path, _shop(_REFUSED), _UNIQUE)
    assert finding.effect.endswith('with 23505 on "shops_code", and not with the error that the lookup leads to.')
    assert "ON CONFLICT" not in finding.remedy


def test_an_index_on_an_expression_of_the_key_refuses_the_second_row(database: str, tmp_path: Path) -> None:
    index = "CREATE UNIQUE INDEX shops_code ON shops (lower(code))"
    (finding,) = _checked(database, tmp_path, _shop(f"if (!found) {_CREATE}"), index)
    assert finding.effect.endswith('the slower one fails with 23505 on "shops_code".')


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("prisma/seed.ts", "note"),
        ("prisma/seeds/shops.ts", "note"),
        ("packages/shared/scripts/seeder/seed-postgres.ts", "note"),
        ("scripts/backfill.ts", "note"),
        ("src/seedlings/a.ts", "warning"),
        ("src/proceeds.ts", "warning"),
        ("src/scripting/a.ts", "warning"),
        ("src/tests/a.ts", "note"),
        ("src/modules/test/a.ts", "note"),
        ("src/migration/a.ts", "note"),
        ("src/fixtures/a.ts", "note"),
    ],
)
def test_a_race_that_one_person_runs_is_a_note(database: str, tmp_path: Path, path: str, severity: str) -> None:
    (finding,) = _checked(database, tmp_path, _shop(f"if (!found) {_CREATE}", path), _UNIQUE)
    assert finding.severity.value == severity


@pytest.mark.parametrize("path", ["src/a.test.ts", "tests/a.spec.ts", "src/migrations/0001-init.ts"])
def test_a_test_and_a_migration_are_not_told(database: str, tmp_path: Path, path: str) -> None:
    assert _checked(database, tmp_path, _shop(f"if (!found) {_CREATE}", path), _UNIQUE) == ()


_ENDED = """try {{
  {body}
}} catch (error) {{
if (error.code === 'P2002') return tx.shop.findFirst({{ where: {{ code }} }})
throw error }}"""


def test_a_row_that_is_read_again_in_a_transaction_that_has_ended_is_a_note(database: str, tmp_path: Path) -> None:
    body = _ENDED.format(body=_CREATE.replace("prisma", "tx"))
    find = _FIND.replace("prisma", "tx")
    files = _shop(f"return prisma.$transaction(async (tx) => {{ {find}if (found) return found\n{body} }})")
    (finding,) = _checked(database, tmp_path, files, _UNIQUE)
    assert finding.severity.value == "note"
    assert any("25P02" in line for line in finding.related)
    assert "savepoint" in finding.remedy


def test_a_spread_that_may_hold_the_key_is_not_taken_for_it(database: str, tmp_path: Path) -> None:
    body = "const was = await prisma.shop.findUnique({ where: { id } })\n"
    body += "if (!was) await prisma.shop.create({ data: { ...rest, code } })"
    assert _checked(database, tmp_path, _shop(body), _UNIQUE) == ()

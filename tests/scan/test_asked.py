"""A part of a project is judged as the whole would be: the same names, the same sites, the same ids."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

FILES = {
    "package.json": '{"name": "shop"}',
    "prisma/schema.prisma": """
datasource db {
  provider = "postgresql"
}
model Member {
  id     Int    @id
  teamId Int    @map("team_id")
  @@map("members")
}
""",
    "src/invite.ts": """
import { PrismaClient } from "@prisma/client";
import { put } from "./db/put";
const prisma = new PrismaClient();
export const invite = () =>
  prisma.member.upsert({ where: { id: 1 }, create: { id: 1, teamId: 2 }, update: {} });
export const label = () => put("labels", "name");
""",
    "src/db/put.ts": """
import { pool } from "./pool";
export function put(table: string, key: string) {
  return pool.query(`INSERT INTO ${table} (${key}) VALUES ($1) ON CONFLICT (${key}) DO NOTHING`, [1]);
}
""",
    "src/other.ts": """
import { pool } from "./db/pool";
export const other = () => pool.query("INSERT INTO others (id) VALUES (1) ON CONFLICT (id) DO NOTHING");
""",
    "tests/shop/seed.ts": """
import { pool } from "../../src/db/pool";
export const seed = () => pool.query("INSERT INTO seeds (id) VALUES (1) ON CONFLICT (id) DO NOTHING");
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "a project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def _sites(*paths: Path, settings: Settings | None = None) -> dict[str, WriteSite]:
    found = scan(paths, settings or Settings(cache=False), whole=True)
    assert found.failed == ()
    return {f"{site.span.path}:{site.write.table}": site for site in found.sites}


def test_a_directory_is_judged_with_what_the_project_declares(project: Path) -> None:
    sites = _sites(project / "src")
    assert set(sites) == {"invite.ts:members", "invite.ts:labels", "db/put.ts:None", "other.ts:others"}
    assert sites["invite.ts:members"].write.columns == ("id", "team_id")


@pytest.mark.parametrize("part", ["src", "src/invite.ts", "src/db", "src/other.ts", "tests"])
def test_a_site_has_the_same_id_from_wherever_it_is_asked_for(project: Path, part: str) -> None:
    whole = {site.id for site in _sites(project).values()}
    found = [site.id for site in _sites(project / part).values()]
    assert found
    assert set(found) <= whole


def test_a_wrapper_in_another_file_is_followed_to_its_call_in_a_file_that_is_asked_for(project: Path) -> None:
    sites = _sites(project / "src" / "invite.ts")
    assert set(sites) == {"invite.ts:members", "invite.ts:labels"}


def test_files_are_counted_that_were_asked_for(project: Path) -> None:
    found = scan([project / "src" / "db"], Settings(cache=False), whole=True)
    assert (found.seen, found.read, found.parsed) == (1, 1, 1)


def test_who_asks_for_a_directory_of_tests_asks_for_an_application(project: Path) -> None:
    assert [site.scope for site in _sites(project / "tests" / "shop").values()] == ["app"]
    assert [site.scope for site in _sites(project / "tests" / "shop" / "seed.ts").values()] == ["test"]


def test_globs_are_read_from_what_was_asked_for_and_leave_the_rest_out(project: Path) -> None:
    settings = Settings(cache=False, exclude=("/other.ts",))
    assert "other.ts:others" not in _sites(project / "src", settings=settings)


def test_a_part_is_explained_alone(project: Path) -> None:
    (project / "src" / "note.ts").write_text("// an upsert, ON CONFLICT\n")
    (project / "note.ts").write_text("// an upsert, ON CONFLICT\n")
    found = scan([project / "src"], Settings(cache=False), whole=True, explain=True)
    assert {skipped.path for skipped in found.skipped} == {"note.ts"}
    assert found.hits


def test_outside_of_a_repository_only_what_was_asked_for_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.ts").write_text(FILES["src/invite.ts"])
    (site,) = scan([tmp_path / "src"], Settings(cache=False), whole=True).sites
    assert site.status == "unresolved"


def test_what_is_kept_of_a_project_serves_its_parts(project: Path, tmp_path: Path) -> None:
    for number in range(210):
        (project / "src" / f"plain{number}.ts").write_text(f"export const x = {number};\n")
    settings = Settings(cache_dir=tmp_path / "cache")
    before = _sites(project, settings=settings)
    part = _sites(project / "src" / "invite.ts", settings=settings)
    assert {site.id for site in part.values()} < {site.id for site in before.values()}
    assert _sites(project, settings=settings) == before
    assert _sites(project / "src" / "invite.ts", settings=settings) == part


def test_a_file_that_was_deleted_and_not_committed_is_no_file(project: Path) -> None:
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    (project / "src" / "other.ts").unlink()
    (project / "prisma" / "schema.prisma").unlink()
    assert "src/invite.ts:labels" in _sites(project)
    assert "invite.ts:labels" in _sites(project / "src")


_CLOSURE = """
import { client } from "./client";
export async function keep(table: string) {
  await retry(async () => {
    await client.from(table).upsert({ id: 1 }, { onConflict: "id" });
  });
}
"""
_AROUND = """
import { pool } from "./pool";
function into(table: string) {
  return pool.query(`INSERT INTO ${table} (id) VALUES (1) ON CONFLICT (id) DO NOTHING`);
}
export function file(table: string) {
  return into(table);
}
"""


def test_a_wrapper_that_writes_in_a_function_without_a_name_is_followed(project: Path) -> None:
    (project / "src" / "keep.ts").write_text(_CLOSURE)
    (project / "src" / "use.ts").write_text('import { keep } from "./keep";\nexport const use = () => keep("kept");\n')
    assert set(_sites(project / "src" / "use.ts")) == {"use.ts:kept"}


def test_a_wrapper_of_a_wrapper_in_its_own_file_is_followed(project: Path) -> None:
    (project / "src" / "around.ts").write_text(_AROUND)
    (project / "src" / "use.ts").write_text(
        'import { file } from "./around";\nexport const use = () => file("files");\n'
    )
    assert set(_sites(project / "src" / "use.ts")) == {"use.ts:files"}


def test_each_file_has_the_sites_that_it_has_of_the_whole(project: Path, tmp_path: Path) -> None:
    (project / "src" / "keep.ts").write_text(_CLOSURE)
    (project / "src" / "around.ts").write_text(_AROUND)
    (project / "src" / "use.ts").write_text(
        'import { file } from "./around";\nimport { keep } from "./keep";\nimport { put } from "./db/put";\n'
        'export const use = () => [file("files"), keep("kept"), put("labels", "name")];\n'
    )
    for number in range(210):
        (project / "src" / f"plain{number}.ts").write_text(f"export const x = {number};\n")
    settings = Settings(cache_dir=tmp_path / "cache")
    whole = scan([project], settings, whole=True)
    for name in [*FILES, "src/keep.ts", "src/around.ts", "src/use.ts"]:
        for part in (replace(settings, changed=(name,)), Settings(cache=False, changed=(name,))):
            found = scan([project], part, whole=True)
            assert found.sites == tuple(site for site in whole.sites if site.span.path == name)

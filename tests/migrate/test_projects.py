"""A project as it may be found: new, or with something wrong in it, which is told as that."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config

from pgarbiter.migrate.model import MigrateError
from pgarbiter.migrate.plan import plan
from pgarbiter.migrate.status import status

from .conftest import Project, rows, settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("template", ["generic", "async"])
def test_what_alembic_init_writes_works_as_it_is(tmp_path: Path, database: str, template: str) -> None:
    if template == "async":
        pytest.importorskip("greenlet", reason="SQLAlchemy's asyncio needs greenlet")
    new = Project(tmp_path)
    command.init(Config(new.ini, stdout=StringIO()), str(tmp_path / "migrations"), template=template)
    new.add("r1", "CREATE TABLE t (id int)")
    assert [each.not_planned for each in plan(new.ini, database, [tmp_path], settings(database)).revisions] == [None]
    assert new.up(database).current == ("r1",)
    assert rows(database, "SELECT version_num FROM alembic_version") == [("r1",)]


ENV, SCRIPT, INI = "migrations/env.py", "migrations/versions/other.py", "alembic.ini"


@pytest.mark.parametrize(
    ("file", "text", "wanted", "hint"),
    [
        (ENV, "x = 1", r"^env.py has not asked Alembic to run anything; nothing was changed$", "run_migrations"),
        (ENV, "import os\nos.environ['MUST_BE_SET']", r"^migrations/env.py:2: KeyError: 'MUST_BE_SET'", "--python"),
        (ENV, "raise RuntimeError('no password=hunter2')", r"env.py:1: RuntimeError: no password=\*\*\*", "--python"),
        (ENV, "def f(:", r"^migrations/env.py:1: SyntaxError: invalid syntax", "--python"),
        (ENV, "raise SystemExit", r"^migrations/env.py:1: SystemExit", "--python"),
        (SCRIPT, "def f(:", r"^migrations/versions/other.py:1: SyntaxError: invalid syntax", "Mend the cause"),
        (
            SCRIPT,
            "revision = 'r1'\ndown_revision = None",
            r"^revision r1 is present more than once",
            "Mend the scripts",
        ),
        (SCRIPT, "revision = 'r2'\ndown_revision = 'r0'", r"^revision r0 referenced .* is not present", "Mend the"),
        (INI, "[alembic]\n", r"^alembic.ini cannot be read: No 'script_location' key", "--ini"),
        (INI, "[alembic]\nscript_location = %(here)s/x\n", r"^alembic.ini .*: Path doesn't exist: \S+/x\b", "--ini"),
        (INI, "garbage", r"^alembic.ini cannot be read: File contains no section headers", "--ini"),
    ],
)
def test_what_is_wrong_with_a_project_is_told_and_nothing_is_run(
    project: Project, database: str, file: str, text: str, wanted: str, hint: str
) -> None:
    project.add("r1", "CREATE TABLE t (id int)")
    (project.root / file).write_text(text)
    with pytest.raises(MigrateError, match=wanted) as got:
        project.up(database)
    assert "; nothing was changed" in got.value.message or "no revision was run" in got.value.message
    assert hint in (got.value.hint or "")
    with pytest.raises(MigrateError, match=wanted.partition("; nothing")[0]):
        status(project.ini, database)
    assert rows(database, "SELECT to_regclass('t')") == [(None,)]

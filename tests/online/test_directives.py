"""Online operations through Alembic: upgrade, downgrade, --sql, rendering, and company in their revision."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import alembic.command
import psycopg
import pytest
from alembic.autogenerate import render_python_code
from alembic.config import Config
from alembic.operations.ops import UpgradeOps

from pgarbiter.online import AddCheck, AddUnique, directives, wrapped
from pgarbiter.online.model import OnlineError, Operation, Table

from ..faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from alembic.operations import MigrateOperation

ENV = """
import psycopg
from alembic import context
from sqlalchemy import create_engine, pool

settings = dict(transaction_per_migration=True)
if context.is_offline_mode():
    context.configure(url="postgresql+psycopg://", **settings)
    with context.begin_transaction():
        context.run_migrations()
else:
    conninfo = context.config.attributes["conninfo"]
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **settings)
        with context.begin_transaction():
            context.run_migrations()
"""
REVISION = """
import pgarbiter.online
from alembic import op

revision, down_revision = {revision!r}, {down!r}

def upgrade():
    {upgrade}

def downgrade():
    {downgrade}
"""
CREATE = "op.execute('CREATE TABLE t (a int, \"b:c\" text)')"


@dataclass
class Project:
    """An Alembic project on a database; revisions are chained in the order they are written."""

    place: Path
    conninfo: str

    def write(self, upgrade: str, downgrade: str = "pass") -> None:
        versions = self.place / "versions"
        number = len(list(versions.glob("*.py"))) + 1
        text = REVISION.format(
            revision=str(number), down=str(number - 1) if number > 1 else None, upgrade=upgrade, downgrade=downgrade
        )
        (versions / f"{number}.py").write_text(text, "utf-8")

    def config(self) -> Config:
        config = Config(output_buffer=io.StringIO(), attributes={"conninfo": self.conninfo})
        config.set_main_option("script_location", str(self.place))
        config.set_main_option("path_separator", "os")
        return config

    def upgrade(self) -> None:
        alembic.command.upgrade(self.config(), "head")

    def downgrade(self, revision: str) -> None:
        alembic.command.downgrade(self.config(), revision)

    def script(self) -> str:
        config = self.config()
        alembic.command.upgrade(config, "head", sql=True)
        written = config.output_buffer
        assert isinstance(written, io.StringIO)
        return written.getvalue()

    def asked(self, query: str) -> Any:
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def project(tmp_path: Path, any_database: str) -> Project:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV, "utf-8")
    return Project(tmp_path, any_database)


def test_upgrade_and_downgrade_run_an_operation_and_its_reverse(project: Project) -> None:
    project.write(CREATE, "op.execute('DROP TABLE t')")
    project.write("op.add_unique_online('t', ['a'])", "op.drop_unique_online('t', 't_a_idx', columns=['a'])")
    project.upgrade()
    indexes = "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass"
    assert project.asked(indexes) == [("t_a_idx", True)]
    project.downgrade("1")
    assert project.asked(indexes) == []
    assert project.asked("SELECT version_num FROM alembic_version") == [("1",)]


def test_an_operation_may_be_the_first_revision_of_all(project: Project) -> None:
    with psycopg.connect(project.conninfo) as connection:
        connection.execute("CREATE TABLE t (a int)")
    project.write("op.add_check_online('t', 'c', 'a > 0')")
    project.upgrade()
    assert project.asked("SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'c'") == [
        ("c",)
    ]


def test_an_operation_that_stands_behind_another_statement_is_refused_and_nothing_is_kept(project: Project) -> None:
    project.write(CREATE)
    project.write("op.execute('ALTER TABLE t ADD d int'); op.add_check_online('t', 'c', 'a > 0')")
    with pytest.raises(OnlineError, match="is not the only statement of its revision"):
        project.upgrade()
    assert project.asked("SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'd'") == []
    assert project.asked("SELECT version_num FROM alembic_version") == [("1",)]


@pytest.mark.parametrize("company", ["CREATE TABLE s (a int)", "INSERT INTO t VALUES (1)", "ALTER TABLE t ADD d int"])
def test_company_is_refused_in_the_first_revision_of_all(project: Project, company: str) -> None:
    with psycopg.connect(project.conninfo) as connection:
        connection.execute("CREATE TABLE t (a int)")
    project.write(f"op.execute('{company}'); op.add_check_online('t', 'c', 'a > 0')")
    with pytest.raises(OnlineError, match="is not the only statement of its revision"):
        project.upgrade()
    assert project.asked("SELECT to_regclass('s'), to_regclass('alembic_version'), count(*) FROM t") == [
        (None, None, 0)
    ]


def test_a_revision_that_failed_is_not_recorded_and_goes_on_when_it_is_run_again(project: Project) -> None:
    project.write(CREATE)
    project.write("op.add_check_online('t', 'c', 'a > 0')")
    alembic.command.upgrade(project.config(), "1")
    with psycopg.connect(project.conninfo) as connection:
        connection.execute("INSERT INTO t VALUES (-1)")
    with pytest.raises(OnlineError):
        project.upgrade()
    assert project.asked("SELECT version_num FROM alembic_version") == [("1",)]
    with psycopg.connect(project.conninfo) as connection:
        connection.execute("UPDATE t SET a = 1")
    project.upgrade()
    assert project.asked("SELECT version_num FROM alembic_version") == [("2",)]


def test_a_script_that_was_printed_does_what_the_operations_do(project: Project) -> None:
    project.write(CREATE)
    project.write("op.add_check_online('t', 'c:d %', \"\\\"b:c\\\" <> ':x' AND a % 5 > 0\")")
    project.write("op.add_unique_online('t', ('a', 'b:c'))")
    script = project.script()
    with psycopg.connect(project.conninfo, autocommit=True) as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
    shown = project.asked(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'c'"
    )
    assert shown == [("c:d %", "CHECK (((\"b:c\" <> ':x'::text) AND ((a % 5) > 0)))")]
    assert project.asked("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == [(True,)]


def test_what_depends_on_the_rows_is_not_printed(project: Project) -> None:
    project.write(CREATE)
    project.write("op.add_unique_online('t', ['a'], duplicates='quarantine', keep='a')")
    with pytest.raises(OnlineError, match="cannot be printed"):
        project.script()


class Recorder:
    """Stands for Alembic's `op`: gives back what a directive would run."""

    def __getattr__(self, directive: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Operation:
            found: Operation = BY_NAME[directive].invoked(self, *args, **kwargs).operation  # type: ignore[arg-type]
            return found

        return call

    @staticmethod
    def invoke(operation: MigrateOperation) -> MigrateOperation:
        return operation


BY_NAME = {operation.directive: wrapper for operation, wrapper in directives._WRAPPERS.items()}


def _read_back(operation: Operation) -> Operation:
    text = render_python_code(UpgradeOps([wrapped(operation)]))
    (line,) = (line for line in text.split("\n    ") if line.startswith("op."))
    found: Operation = eval(line, {"op": Recorder()})  # what Alembic does with a revision
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_an_operation_and_its_reverse_are_read_back_from_their_rendering(scenario: Any) -> None:
    operation: Operation = scenario.operation
    assert _read_back(operation) == operation
    if (back := operation.reverse()) is not None:
        assert _read_back(back) == back


def test_a_text_where_columns_are_wanted_is_no_list_of_its_letters(project: Project) -> None:
    project.write("op.add_unique_online('t', columns='a')")
    with pytest.raises(OnlineError, match=r'columns of op.add_unique_online is the text "a", wanted a list') as caught:
        project.upgrade()
    assert "columns=['a']" in str(caught.value.hint)


def test_lists_become_tuples_so_that_an_operation_stays_a_value() -> None:
    made = Recorder().add_unique_online("t", ["a", "b"], include=["c"])
    assert made == AddUnique(Table("t"), ("a", "b"), include=("c",))
    assert hash(Recorder().add_check_online("t", "c", "a > 0")) == hash(AddCheck(Table("t"), "c", "a > 0"))

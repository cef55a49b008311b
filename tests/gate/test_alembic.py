"""Alembic's pending revisions: in their order, with branches and merges, by the scripts of each tree."""

from __future__ import annotations

from io import StringIO
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.gate.model import GateError, Order
from pgarbiter.gate.reports import write

from .conftest import limits, matrix, upsert

if TYPE_CHECKING:
    from .conftest import Judge, Repository

ENV = dedent("""
    from alembic import context
    from sqlalchemy import create_engine, pool

    engine = create_engine("postgresql+psycopg://nobody:hunter2@nowhere.invalid/prod", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
""")
FILES = {
    "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\n",
    "migrations/env.py": ENV,
    "app/save.py": upsert("invites", "org_id, email"),
}


def revision(name: str, below: Any, *statements: str) -> dict[str, str]:
    body = "".join(f"    op.execute({each!r})\n" for each in statements) or "    pass\n"
    head = f'"""what {name} does"""\nfrom alembic import op\n\nrevision = {name!r}\ndown_revision = {below!r}\n\n\n'
    return {f"migrations/versions/{name}.py": f"{head}def upgrade():\n{body}"}


INIT = revision(
    "a1",
    None,
    "CREATE TABLE invites (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, org_id int, email text)",
    "CREATE UNIQUE INDEX invites_org_email ON invites (org_id, email)",
)
DROP = "DROP INDEX invites_org_email"


def test_the_revision_that_shrinks_a_key_is_named(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    repository.commit(
        {
            **revision("a2", "a1", "ALTER TABLE invites ADD COLUMN note text"),
            **revision("a3", "a2", DROP, "CREATE UNIQUE INDEX invites_email ON invites (email)"),
            "app/save.py": upsert("invites", "email"),
        }
    )
    (part,) = judge(base, schema="alembic:alembic.ini").parts
    assert part.source == "alembic:alembic.ini"
    assert [state.name for state in part.states] == ["before", "a2 what a2 does", "a3 what a3 does"]
    assert part.states[2].path == "migrations/versions/a3.py"
    assert matrix(part) == {
        ("old", "app/save.py"): ["ok", "ok", "breaks 42P10"],
        ("new", "app/save.py"): ["breaks 42P10", "breaks 42P10", "ok"],
    }
    assert [[ran.text for ran in why.by] for why in part.whys] == [
        [DROP],
        ["CREATE UNIQUE INDEX invites_email ON invites (email)"],
    ]
    assert limits(part) == (2, 1)


def test_branches_and_their_merge_are_run_in_the_order_of_an_upgrade(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT, **revision("b1", "a1")})
    repository.commit(
        {
            **revision("b2", "b1", "CREATE UNIQUE INDEX ON invites (email, org_id)"),
            **revision("c2", "a1", DROP),
            **revision("m", ("b2", "c2")),
        }
    )
    (part,) = judge(base, schema="alembic:alembic.ini").parts
    names = [state.label for state in part.states]
    assert (names[0], sorted(names[1:3]), names[3]) == ("before", ["b2", "c2"], "m")
    assert part.rows == () if names[1] == "b2" else len(part.rows) == 1


def test_old_revisions_are_run_as_the_base_has_them(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    changed = {name: text.replace("CREATE UNIQUE INDEX", "CREATE INDEX") for name, text in INIT.items()}
    repository.commit({**changed, **revision("a2", "a1")})
    (part,) = judge(base, schema="alembic:alembic.ini").parts
    assert part.rows == ()
    assert part.notes[0].startswith("1 revision of the base was edited: migrations/versions/a1.py.")


def test_scripts_without_the_revision_of_the_base_are_refused(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT, **revision("a2", "a1")})
    repository.commit({"migrations/versions/a2.py": None, **revision("a9", "a1")})
    with pytest.raises(GateError, match='revision "a2", which the base is at, is not among the new scripts'):
        judge(base, schema="alembic:alembic.ini")


def test_a_revision_that_does_not_run_ends_the_gate_with_its_place(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    repository.commit(revision("a2", "a1", "ALTER TABLE nowhere ADD COLUMN a int"))
    with pytest.raises(
        GateError, match=r'revision a2 does not run in a throwaway database: .*"nowhere" does not exist'
    ):
        judge(base, schema="alembic:alembic.ini")


def test_code_of_another_commit_is_judged_by_its_own_scripts(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    head = repository.commit(revision("a2", "a1", "ALTER TABLE invites ADD COLUMN note text"))
    repository.commit({"migrations/versions/a2.py": None, "app/save.py": None})
    (part,) = judge(base, head, schema="alembic:alembic.ini").parts
    assert [state.label for state in part.states] == ["before", "a2"]
    assert all(part.is_safe(order) for order in Order)


def test_nothing_of_a_project_is_run_without_being_asked_for(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    with pytest.raises(GateError, match=r"no schema source was found; alembic.ini was found but not run"):
        judge(base)


def test_the_base_is_run_with_the_env_files_that_git_does_not_keep(repository: Repository, judge: Judge) -> None:
    reads = 'assert "KEY=1" in open(".env").read()\nassert "MORE=1" in open("../.env.local").read()\n'
    service = {f"api/{name}": text for name, text in {**FILES, **INIT, "migrations/env.py": reads + ENV}.items()}
    base = repository.commit({**service, ".gitignore": ".env*\n"})
    repository.write({"api/.env": "KEY=1\n", ".env.local": "MORE=1\n"})
    added = {f"api/{name}": text for name, text in revision("a2", "a1", DROP).items()}
    repository.commit({**added})
    (part,) = judge(base, schema="alembic:api/alembic.ini").parts
    assert matrix(part) == {("old+new", "api/app/save.py"): ["ok", "breaks 42P10"]}
    (part,) = judge(base, "HEAD", schema="alembic:api/alembic.ini").parts
    assert len(part.states) == 2


def test_a_base_that_does_not_run_today_is_named(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT, "migrations/env.py": f"import gone_since\n{ENV}"})
    repository.commit({**FILES})
    with pytest.raises(GateError, match=r'base "[0-9a-f]{10}": .*migrations/env.py:1: module "gone_since" is missing'):
        judge(base, schema="alembic:alembic.ini")


def test_a_pull_request_is_annotated_where_its_revision_is(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**FILES, **INIT})
    repository.commit({**revision("a2", "a1", DROP)})
    stream = StringIO()
    write(judge(base, schema="alembic:alembic.ini"), "github", stream)
    assert "::error file=migrations/versions/a2.py,line=1,title=pgarbiter gate::app/save.py:" in stream.getvalue()

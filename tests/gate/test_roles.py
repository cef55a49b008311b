"""The gate for a role: what its privileges and row security refuse in each state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.gate.model import GateError, Order, Standing
from pgarbiter.settings import PathRole

from .conftest import matrix, upsert

if TYPE_CHECKING:
    from .conftest import Judge, Repository

NOTES = """
CREATE ROLE gate_app NOLOGIN;
CREATE TABLE notes (id int PRIMARY KEY, owner text DEFAULT current_user, body text);
GRANT SELECT, INSERT, UPDATE ON notes TO gate_app;
"""
OLD = {
    "migrations/0001_init.sql": NOTES,
    "app/note.py": upsert("notes", "id").replace("DO NOTHING", "DO UPDATE SET body = EXCLUDED.body"),
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("REVOKE UPDATE ON notes FROM gate_app;", 'changes the privileges on "notes"'),
        ("ALTER TABLE notes ENABLE ROW LEVEL SECURITY;", 'enables row security of "notes"'),
    ],
)
def test_what_the_role_may_do_no_more_is_a_break(change: str, told: str, repository: Repository, judge: Judge) -> None:
    base = repository.commit(OLD)
    repository.commit({"migrations/0002_rights.sql": f"ALTER TABLE notes ADD COLUMN kind text;\n{change}"})
    (part,) = judge(base, role="gate_app").parts
    assert list(matrix(part).values()) == [["ok", "breaks 42501"]]
    (why,) = part.whys
    assert why.changes == (told,)
    assert [ran.place for ran in why.by] == ["migrations/0002_rights.sql:2"]
    assert "later deploy" in why.remedy
    (unasked,) = judge(base).parts
    assert not unasked.rows


def test_a_grant_that_comes_later_is_what_new_code_waits_for(repository: Repository, judge: Judge) -> None:
    base = repository.commit({**OLD, "migrations/0001_init.sql": NOTES.replace(", UPDATE", "")})
    repository.commit(
        {
            "migrations/0002_grant.sql": "GRANT UPDATE ON notes TO gate_app;",
            "app/second.py": OLD["app/note.py"],
        }
    )
    (part,) = judge(base, role="gate_app").parts
    assert part.first_for_new == 1
    assert "role" in part.whys[-1].message


def test_a_role_that_is_not_there_is_refused(repository: Repository, judge: Judge) -> None:
    base = repository.commit(OLD)
    with pytest.raises(GateError, match='role "gate_nobody"'):
        judge(base, role="gate_nobody")


LATE = {
    "migrations/0002_role.sql": "CREATE ROLE gate_late NOLOGIN;\nGRANT SELECT, INSERT, UPDATE ON notes TO gate_late;",
    "app/second.py": OLD["app/note.py"],
}


@pytest.mark.parametrize("order", [Order.MIGRATIONS_FIRST, Order.CODE_FIRST])
def test_nobody_logs_in_as_a_role_that_a_revision_makes_later(
    repository: Repository, judge: Judge, order: Order
) -> None:
    base = repository.commit(OLD)
    repository.commit(LATE)
    found = judge(base, role="gate_late", order=order)
    (part,) = found.parts
    assert [[cell.sqlstate for cell in row.cells] for row in part.rows] == [["28000", None]] * len(part.rows)
    assert part.rows[-1].cells[0].said == 'role "gate_late" does not exist'
    assert part.first_for_new == 1
    assert Standing.BROKEN not in {row.standing for row in part.rows}
    assert found.is_safe == (order is Order.MIGRATIONS_FIRST)


def test_a_role_of_some_files_may_be_made_later_while_others_run_as_another(
    repository: Repository, judge: Judge
) -> None:
    base = repository.commit(OLD)
    repository.commit(LATE)
    roles = (PathRole(name="gate_late", paths=("app/second.py",)), PathRole(name="gate_app", paths=("app/note.py",)))
    (part,) = judge(base, role=roles, located=repository.root).parts
    assert matrix(part) == {("new", "app/second.py"): ["breaks 28000", "ok"]}

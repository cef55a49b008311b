"""The gate for a role: what its privileges and row security refuse in each state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.gate.model import GateError

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

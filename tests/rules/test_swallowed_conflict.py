"""Which constraints a DO NOTHING without a target covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import FindingsOf

INSERT = "INSERT INTO t (id, a, b) VALUES (1, 2, 3) ON CONFLICT DO NOTHING;"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("id int PRIMARY KEY, a int UNIQUE, b int UNIQUE", 1),
        ("id int PRIMARY KEY, a int UNIQUE, b int", 0),
        ("id int, a int UNIQUE, b int, PRIMARY KEY (id, b)", 1),
        ("id int, a int UNIQUE, b int, UNIQUE (a, b)", 0),
        ("id int, a int UNIQUE, b int, CONSTRAINT again UNIQUE (a)", 0),
        ("id int PRIMARY KEY, a int UNIQUE, b int, c int UNIQUE", 0),
    ],
)
def test_independent_keys_are_counted(findings_of: FindingsOf, table: str, found: int) -> None:
    assert len(findings_of(f"CREATE TABLE t ({table});", INSERT, "PGA311")) == found


def test_the_targets_to_choose_from_are_named(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (id int, a int UNIQUE, b int); CREATE UNIQUE INDEX part ON t (b) WHERE a > 0;"
    (found,) = findings_of(ddl, INSERT, "PGA311")
    assert "ON CONFLICT (a) DO NOTHING or ON CONFLICT (b) WHERE a > 0 DO NOTHING" in found.remedy

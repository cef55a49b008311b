"""Which foreign keys want an index before the table that they reference is repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import FindingsOf

TABLES = """
CREATE TABLE p (id int, part int, k text NOT NULL, PRIMARY KEY (id, part));
CREATE TABLE c (p int, part int, body text, FOREIGN KEY (p, part) REFERENCES p);
"""
BROKEN = "INSERT INTO p (id, part, k) VALUES (1, 2, 'x') ON CONFLICT (k) DO NOTHING;"


@pytest.mark.parametrize(
    ("index", "found"),
    [
        ("", 1),
        ("CREATE INDEX ON c (p);", 1),
        ("CREATE INDEX ON c (body, p, part);", 1),
        ("CREATE INDEX ON c (p, part) WHERE body <> '';", 1),
        ("CREATE INDEX ON c (part, p);", 0),
        ("CREATE INDEX ON c (p, part, body);", 0),
        ("CREATE INDEX ON c (p, part) WHERE p IS NOT NULL;", 0),
    ],
)
def test_an_index_must_begin_with_the_referencing_columns(findings_of: FindingsOf, index: str, found: int) -> None:
    assert len(findings_of(TABLES + index, BROKEN, "PGA506")) == found


def test_the_index_to_make_first_is_named(findings_of: FindingsOf) -> None:
    (found,) = findings_of(TABLES, BROKEN, "PGA506")
    assert found.remedy == "First: CREATE INDEX CONCURRENTLY ON public.c (p, part);"
    assert found.object == "constraint c_p_part_fkey on public.c"


def test_a_table_whose_upserts_work_wants_none(findings_of: FindingsOf) -> None:
    works = BROKEN.replace("(k) DO", "(id, part) DO")
    assert findings_of(TABLES, works, "PGA506") == ()


def test_a_missing_column_is_no_matter_of_indexes(findings_of: FindingsOf) -> None:
    assert findings_of(TABLES, BROKEN.replace("(k) DO", "(gone) DO"), "PGA506") == ()

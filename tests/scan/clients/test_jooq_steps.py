"""jOOQ: inserts that a lookup, an update or a delete of the same values comes before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

INSERT = "ctx.insertInto(USERS).set(USERS.EMAIL, email).set(USERS.NAME, name).execute();"
VALUES = "ctx.insertInto(USERS, USERS.EMAIL, USERS.NAME).values(email, name).execute();"


def _mechanism(place: Path, body: str) -> Mechanism:
    method = f"void save(DSLContext ctx, String email, String name) {{\n{body}\n}}"
    source = f"import org.jooq.DSLContext;\nimport static gen.Tables.USERS;\nclass Store {{\n{method}\n}}\n"
    (site,) = sites_of(place, {"Store.java": source})
    return site.mechanism


@pytest.mark.parametrize("insert", [INSERT, VALUES])
@pytest.mark.parametrize(
    "lookup",
    [
        "ctx.selectFrom(USERS).where(USERS.EMAIL.eq(email)).fetchOne() == null",
        "ctx.select(USERS.ID).from(USERS).where(USERS.EMAIL.eq(email)).and(USERS.NAME.eq(name)).fetchOptional().isEmpty()",
        "!ctx.fetchExists(ctx.selectOne().from(USERS).where(USERS.EMAIL.eq(email)))",
        "!ctx.fetchExists(USERS, USERS.EMAIL.eq(email))",
        "ctx.fetchOne(USERS, USERS.EMAIL.eq(email)) == null",
    ],
)
def test_a_lookup_of_what_is_inserted_is_one_site_with_it(tmp_path: Path, lookup: str, insert: str) -> None:
    assert _mechanism(tmp_path, f"if ({lookup}) {{ {insert} }}") is Mechanism.SELECT_THEN_INSERT


def test_an_update_counts_when_its_rows_are(tmp_path: Path) -> None:
    update = "ctx.update(USERS).set(USERS.NAME, name).where(USERS.EMAIL.eq(email)).execute();"
    assert _mechanism(tmp_path / "a", f"int n = {update}\nif (n == 0) {{ {INSERT} }}") is Mechanism.UPDATE_THEN_INSERT
    assert _mechanism(tmp_path / "b", f"{update}\n{INSERT}") is Mechanism.PLAIN_INSERT


def test_a_delete_counts_when_one_row_is_inserted(tmp_path: Path) -> None:
    delete = "ctx.deleteFrom(USERS).where(USERS.EMAIL.eq(email)).execute();"
    assert _mechanism(tmp_path / "a", f"{delete}\n{INSERT}") is Mechanism.DELETE_INSERT
    loop = f"{delete}\nfor (String name : names) {{ {INSERT} }}"
    assert _mechanism(tmp_path / "b", loop) is Mechanism.PLAIN_INSERT


@pytest.mark.parametrize(
    "lookup",
    [
        "ctx.selectFrom(USERS).where(USERS.EMAIL.eq(other)).fetchOne() == null",
        "ctx.selectFrom(TEAMS).where(TEAMS.EMAIL.eq(email)).fetchOne() == null",
        "ctx.selectFrom(USERS).where(USERS.EMAIL.ne(email)).fetchOne() == null",
        "ctx.selectFrom(USERS).where(USERS.EMAIL.eq(email)).orderBy(USERS.ID).fetchAny() == null",
        "ctx.selectFrom(USERS).where(USERS.EMAIL.eq(email)).fetch().isEmpty()",
    ],
)
def test_lookups_of_other_rows_are_none(tmp_path: Path, lookup: str) -> None:
    assert _mechanism(tmp_path, f"if ({lookup}) {{ {INSERT} }}") is Mechanism.PLAIN_INSERT

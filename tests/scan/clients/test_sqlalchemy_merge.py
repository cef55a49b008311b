"""Rows that a session of SQLAlchemy merges: looked up by their primary key, and then inserted or updated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
class Base(DeclarativeBase): ...
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column("mail_address", unique=True)
class Vote(Base):
    __tablename__ = "votes"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    poll_id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[str]
"""


@pytest.mark.parametrize(
    ("body", "table", "keys", "columns"),
    [
        ("session.merge(User(id=i, mail=m))", "users", ("id",), ("id", "mail_address")),
        ("user = User(id=i, mail=m)\n    session.merge(user)", "users", ("id",), ("id", "mail_address")),
        ("await session.merge(Vote(user_id=i, poll_id=2, answer=m))", "votes", ("user_id", "poll_id"),
         ("user_id", "poll_id", "answer")),
    ],
    ids=["in place", "in a variable", "a key of several columns"],
)  # fmt: skip
def test_a_merged_row_is_looked_up_by_its_primary_key(
    sites: Sites, body: str, table: str, keys: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    (site,) = sites({"save.py": f"{_MODELS}async def save(session, i, m):\n    {body}\n"})
    assert (site.mechanism, str(site.write.table)) == (Mechanism.SELECT_THEN_INSERT, table)
    assert (site.key_columns, site.write.columns, site.status) == (keys, columns, Status.RESOLVED)


@pytest.mark.parametrize(
    "body",
    ["session.merge(User(mail=m))", "session.merge(user)", "frame.merge(User(mail=m), other)", "a.merge(b, on='id')"],
    ids=["without a key", "a row of elsewhere", "no session", "of pandas"],
)
def test_other_merges_are_no_sites(sites: Sites, body: str) -> None:
    assert sites({"save.py": f"{_MODELS}def save(session, frame, user, a, b, m, other):\n    {body}\n"}) == ()


def test_a_row_that_get_does_not_find_is_added_by_whatever_its_key_is_called(sites: Sites) -> None:
    body = "if session.get(Vote, u) is None:\n        session.add(Vote(user_id=u, poll_id=2, answer=m))"
    (site,) = sites({"save.py": f"{_MODELS}def save(session, u, m):\n    {body}\n"})
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("user_id",))


def test_a_row_that_is_changed_before_it_is_merged_may_hold_more(sites: Sites) -> None:
    body = "user = User(id=i)\n    user.mail = m\n    session.merge(user)"
    (site,) = sites({"save.py": f"{_MODELS}def save(session, i, m):\n    {body}\n"})
    assert (site.write.complete, site.status) == (False, Status.PARTIAL)

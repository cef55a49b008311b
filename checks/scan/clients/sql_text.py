"""What reading a flattened text found, as drafts with their places in the source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Mechanism, Unresolved, Write
from ..flatten import CUT
from ..model import Draft, NoSite
from ..racy import within

if TYPE_CHECKING:
    from ...sql import ParsedWrite, Problem, Reading
    from ..flatten import Flat

_STATEMENT_WORDS = ("values", "select", "default", "on conflict", "set")


def drafts_of(
    reading: Reading, flat: Flat, *, shift: int = 0, foreign: frozenset[int] = frozenset()
) -> tuple[Draft, ...] | NoSite:
    """One draft for each write and each problem. `shift`: characters put before it."""
    not_postgres = reading.not_postgres
    drafts = [_draft(write, flat, not_postgres, shift, foreign) for write in reading.writes]
    drafts = within(drafts, reading.writes, flat) if not shift else drafts
    drafts += [_problem(problem, flat, not_postgres, shift) for problem in reading.problems if _is_sql(flat, problem)]
    if not drafts and reading.not_postgres is not None:
        drafts = [_elsewhere(flat, reading.not_postgres)]
    return tuple(drafts) or NoSite("no statement that writes")


def _draft(write: ParsedWrite, flat: Flat, not_postgres: str | None, shift: int, foreign: frozenset[int]) -> Draft:
    path, offset = _place(flat, write.conflict_offset - shift)
    begin, statement = _place(flat, max(write.offset - shift, 0))
    own, other = flat.part(write.conflict_offset - shift), flat.part(max(write.offset - shift, 0))
    # A statement put together from constants has no one start: the clause's own place is the most that can be said.
    if begin != path or (own != other and (own in foreign or other in foreign)):
        statement = offset
    _, last = _place(flat, max(write.end - shift - 1, 0))
    end = last + 1 if last >= offset else offset
    return Draft(
        mechanism=write.mechanism,
        write=write.write,
        offset=offset,
        statement=statement,
        end=end,
        sql=write.sql,
        path=path,
        begin=(begin, _place(flat, max(write.offset - shift, 0))[1]),
        reason=write.write.reason,
        caution=CUT if flat.cut else None,
        not_postgres=not_postgres,
    )


def _problem(problem: Problem, flat: Flat, not_postgres: str | None, shift: int) -> Draft:
    path, offset = _place(flat, max(problem.offset - shift, 0))
    found = replace(_unread(path, offset, problem.reason, not_postgres), begin=(path, offset))
    clause = "on conflict" in " ".join(flat.text[max(problem.offset - shift, 0) :].casefold().split())
    return found if clause else replace(found, mechanism=Mechanism.PLAIN_INSERT)


def _elsewhere(flat: Flat, not_postgres: str) -> Draft:
    path, offset = _place(flat, len(flat.text) - len(flat.text.lstrip()))
    return _unread(path, offset, not_postgres, not_postgres)


def _unread(path: str | None, offset: int, reason: str, not_postgres: str | None) -> Draft:
    return Draft(
        mechanism=Mechanism.ON_CONFLICT,
        write=Write(table=None, target=Unresolved(reason), complete=False, reason=reason),
        offset=offset,
        statement=offset,
        end=offset,
        path=path,
        reason=reason,
        not_postgres=not_postgres,
    )


def _is_sql(flat: Flat, problem: Problem) -> bool:
    """Whether a text that does not parse is meant as a statement, and is no prose about one."""
    words = " ".join(flat.text[problem.offset :].casefold().split())
    return "on conflict" in words or ("insert into" in words and any(word in words for word in _STATEMENT_WORDS))


def _place(flat: Flat, index: int) -> tuple[str | None, int]:
    return flat.place(index)

"""The diff as SQL that leads from the old schema to the new one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ...diff import words
from ...diff.migration import plan, withheld
from ...structure.ddl import SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from ...diff.migration import Plan, Step
    from ...diff.model import Diff, Subject

_ALLOW = "not run, since it destroys data; --allow-destructive writes it"


def write(diff: Diff, stream: TextIO, *, online: bool = False, allow_destructive: bool = False) -> None:
    """Write a script for psql, in transactions where that is possible.

    `online`: indexes CONCURRENTLY, constraints NOT VALID and then validated. Without `allow_destructive` whatever
    destroys data is there as a comment, with the reason.
    """
    stream.writelines(line + "\n" for line in lines(diff, online=online, allow_destructive=allow_destructive))


def lines(diff: Diff, *, online: bool, allow_destructive: bool) -> Iterator[str]:
    """The lines of the script."""
    found = plan(diff, online=online)
    yield from comment(f"From {diff.old.name} to {diff.new.name}.")
    for note in diff.notes:
        yield from comment(f"Note: {note}")
    for each in found.unwritten:
        yield from comment(f"Not written: {called(each.subject)}: {each.reason}.")
    if not found.steps:
        yield from comment("Nothing to do.")
        return
    kept_back = {} if allow_destructive else withheld(found)
    yield from _script(found, kept_back)


def _script(found: Plan, kept_back: dict[int, str]) -> Iterator[str]:
    yield ""
    yield "\\set ON_ERROR_STOP on"
    for statement in SESSION:
        yield f"{statement};"
    numbered = enumerate(found.steps)
    for transactional, steps in groupby(numbered, key=lambda item: item[1].transactional):
        yield ""
        if transactional:
            yield "BEGIN;"
        subject = None
        for index, step in steps:
            yield from _step(step, kept_back.get(index), titled=step.subject != subject)
            subject = step.subject
        if transactional:
            yield "COMMIT;"


def _step(step: Step, reason: str | None, *, titled: bool) -> Iterator[str]:
    lock = f" ({step.lock})" if step.lock else ""
    if titled:
        yield from comment(called(step.subject) + lock)
    if reason is not None:
        yield from comment(f"{reason}: {_ALLOW}")
        yield from comment(f"{step.sql};")
        return
    if step.destroys:
        yield from comment(f"destructive: {step.destroys}")
    yield f"{step.sql};"


def called(subject: Subject) -> str:
    """The name that comments give it: `table app.t, column a`."""
    whole = words.title(subject._replace(part=None, name=None))
    return f"{whole}, {words.title(subject)}" if subject.part else whole


def comment(text: str) -> Iterator[str]:
    """The text as comments, whatever line breaks a name in it has."""
    return (f"-- {line}" for line in text.splitlines())

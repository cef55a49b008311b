"""Other names as statements: of relations and columns first of all, of constraints and indexes after what goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import quoted
from ...structure.ddl.statement import Statement
from ...structure.definition import qualified
from ...structure.model import Kind
from ...structure.parts import Part
from .model import EXCLUSIVE, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.parts import Name
    from ..model import Change


def renamed(changes: Iterable[Change]) -> Iterator[Step]:
    """Relations and columns that got another name."""
    for change in changes:
        word = "MATERIALIZED VIEW" if change.subject.kind is Kind.MATERIALIZED_VIEW else "TABLE"
        if change.subject.part is Part.COLUMN:
            table = qualified((change.subject.identity[0], change.subject.identity[1]))
            text = f"ALTER {word} {table} RENAME COLUMN {quoted(change.old)} TO {quoted(change.new)}"
            yield Step(Statement(text), change.subject, EXCLUSIVE)
            continue
        old, new = change.old, change.new
        if old[1] != new[1]:
            text = f"ALTER {word} {qualified(old)} RENAME TO {quoted(new[1])}"
            yield Step(Statement(text), change.subject, EXCLUSIVE)
        if old[0] != new[0]:
            text = f"ALTER {word} {qualified((old[0], new[1]))} SET SCHEMA {quoted(new[0])}"
            yield Step(Statement(text), change.subject, EXCLUSIVE)


def part_renamed(change: Change) -> Step:
    """RENAME CONSTRAINT, or ALTER INDEX ... RENAME."""
    subject = change.subject
    old, new = quoted(change.old.name), quoted(change.new.name)
    if subject.part is Part.INDEX:
        text = f"ALTER INDEX {quoted(subject.identity[0])}.{old} RENAME TO {new}"
        makes: tuple[Name, ...] = ((subject.identity[0], change.new.name),)
    else:
        table = qualified((subject.identity[0], subject.identity[1]))
        text, makes = f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}", ()
    return Step(Statement(text, makes, ""), subject, "SHARE UPDATE EXCLUSIVE")

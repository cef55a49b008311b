"""Who is told how far a migration is: a command line, a test, nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .model import Revision


class Audience(Protocol):
    """Told on the migration's own thread, between two events of the child."""

    def revision(self, revision: Revision) -> None:
        """A revision begins."""

    def stamped(self, revision: Revision) -> None:
        """A revision is recorded in the database."""

    def step(self, text: str) -> None:
        """A statement, or a step of an online operation, begins."""

    def progress(self, text: str, done: int, total: int | None) -> None:
        """How far the running statement is; `total` is None when that cannot be told."""

    def note(self, text: str) -> None:
        """Something that people should know now: a wait, a try again."""


class Nobody:
    """Listens to nothing."""

    def revision(self, revision: Revision) -> None:
        """Nothing."""

    def stamped(self, revision: Revision) -> None:
        """Nothing."""

    def step(self, text: str) -> None:
        """Nothing."""

    def progress(self, text: str, done: int, total: int | None) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

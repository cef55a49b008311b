"""What a running migration shows on stderr: revisions and steps as they pass, and bars while they take their time."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from typing_extensions import override

from ..migrate.audience import Nobody
from . import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..migrate.audience import Audience
    from ..migrate.model import Revision


@contextmanager
def audience() -> Iterator[Audience]:
    """Lines, and on a terminal bars too."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=30), TaskProgressColumn(),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as bar:
        yield _Bars(bar)


class _Lines(Nobody):
    """One line for each revision, and its time when it is recorded."""

    def __init__(self) -> None:
        self._begun = 0.0

    def say(self, text: str) -> None:
        click.echo(text, err=True)

    @override
    def revision(self, revision: Revision) -> None:
        self._begun = time.monotonic()
        self.say(f"{click.style(revision.revision, bold=True)}  {visible(revision.doc.partition(chr(10))[0])}")

    @override
    def stamped(self, revision: Revision) -> None:
        self.say(f"  {click.style('done', fg='green')}, {_duration(time.monotonic() - self._begun)}")

    @override
    def note(self, text: str) -> None:
        self.say(f"  {click.style('note', fg='yellow')}  {visible(text)}")


class _Bars(_Lines):
    """The same above a line that says what runs now."""

    def __init__(self, bar: Any) -> None:
        super().__init__()
        self._bar = bar
        self._task = bar.add_task("", total=None, visible=False)
        self._step = ""

    @override
    def say(self, text: str) -> None:
        from rich.text import Text

        self._bar.console.print(Text.from_ansi(text), soft_wrap=True)

    @override
    def step(self, text: str) -> None:
        self._step = visible(text)
        self._bar.remove_task(self._task)  # a task keeps the total that it has had
        self._task = self._bar.add_task(f"  {self._step}", total=None)

    @override
    def progress(self, text: str, done: int, total: int | None) -> None:
        shown = f"  {self._step}: {visible(text)}" if text and text not in self._step else f"  {self._step}"
        self._bar.update(self._task, description=shown, completed=done, total=total)

    @override
    def stamped(self, revision: Revision) -> None:
        self._bar.update(self._task, visible=False)
        super().stamped(revision)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"  # noqa: PLR2004 - a minute

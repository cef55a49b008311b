"""The files of a run in portions, each read and linked on its own, so that several processes can share the work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .asked import Concern
from .link import Linked, Linker
from .processes import Processes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .databases import Databases
    from .project import Project
    from .reading import Reader
    from .task import Task

FEWEST = 4  # portions; fewer are sooner linked than processes are started
SIZE = 64  # files; the same however many processes there are, so that the result is the same

Named = tuple[str, tuple[str, ...]]  # a file, and the clients of which it holds a trigger word


@dataclass(slots=True)
class Portions:
    """Reads and links the files of one project, portion by portion."""

    project: Project
    reader: Reader
    databases: Databases
    concern: Concern = field(init=False)

    def __post_init__(self) -> None:
        """What is concerned is told by the project."""
        self.concern = Concern(self.project, self.reader)

    def linked(self, hits: Sequence[Named], task: Task) -> Linked:
        """What the facts of all these files are."""
        portions = [hits[at : at + SIZE] for at in range(0, len(hits), SIZE)]
        linked = Linked()
        for portion, done in zip(portions, self._shared(portions, task), strict=True):
            linked.add(self.portion(portion) if done is None else done)
        return linked

    def _shared(self, portions: Sequence[Sequence[Named]], task: Task) -> list[Linked | None]:
        """What other processes have made of the portions, None for what is left to do."""
        if task.processes < 2 or len(portions) < FEWEST or self.project.edited:  # noqa: PLR2004 - one is this one
            return [None] * len(portions)
        with Processes(min(task.processes, len(portions)), task) as processes:
            done, learnt = processes.linked(portions)
        for one in learnt:
            self.project.learn(one)
        return done

    def portion(self, hits: Iterable[Named]) -> Linked:
        """What the facts of these files are, whatever was linked before."""
        self.project.begin()
        facts = [fact for path, named in hits for fact in self.concern.facts(path, named)]
        return Linker(self.project, self.databases).link(facts)

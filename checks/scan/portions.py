"""The files of a run in portions, each read and linked on its own, so that several processes can share the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .link import Linked, Linker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .databases import Databases
    from .model import Client
    from .project import Project
    from .reading import Reader

SIZE = 64  # files; the same however many processes there are, so that the result is the same

Named = tuple[str, tuple["Client", ...]]  # a file, and the clients of which it holds a trigger word


@dataclass(slots=True)
class Portions:
    """Reads and links the files of one project, portion by portion."""

    project: Project
    reader: Reader
    clients: Mapping[str, Client]
    databases: Databases

    def linked(self, hits: Sequence[Named]) -> Linked:
        """What the facts of all these files are."""
        linked = Linked()
        for at in range(0, len(hits), SIZE):
            linked.add(self.portion(hits[at : at + SIZE]))
        return linked

    def portion(self, hits: Iterable[Named]) -> Linked:
        """What the facts of these files are, whatever was linked before."""
        self.project.begin()
        facts = [fact for path, named in hits for fact in self.reader.facts(path, named)]
        return Linker(self.project, self.clients, self.databases).link(facts)

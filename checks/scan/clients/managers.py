"""What a method of a model, a manager or a query set is called on, in Python's ORMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Member, Name

if TYPE_CHECKING:
    from ..model import Module
    from ..values import Value

_LONGEST = 40
# Methods of query sets that narrow down which rows a later method looks at.
_NARROWING = frozenset({"filter", "exclude", "complex_filter", "distinct", "reverse", "none", "where"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """`owner.manager.filter(...)`: `root` is what stands before the first call, `links` the calls, latest first.

    `owner` is `root` itself, and `manager` empty, where no dot stands in it.
    """

    root: Value
    owner: Value
    manager: str
    links: tuple[Call, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether the rows are narrowed down before."""
        return any(isinstance(link.callee, Member) and link.callee.name in _NARROWING for link in self.links)


def receiver_of(module: Module, value: Value) -> Receiver:
    """The receiver of a call, followed through variables that hold a query set."""
    links: list[Call] = []
    for _ in range(_LONGEST):
        if isinstance(value, Call) and isinstance(value.callee, Member):
            links.append(value)
            value = value.callee.object
            continue
        meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else None
        if not isinstance(meant, Call | Member):
            break
        value = meant
    if isinstance(value, Member):
        owner = value.object
        meant = module.lookup(owner.name, owner.offset) if isinstance(owner, Name) else None
        between = isinstance(meant, Member) and meant.name == "through"  # of two models, many to many
        return Receiver(value, meant if between and meant else owner, value.name, tuple(links))
    return Receiver(value, value, "", tuple(links))

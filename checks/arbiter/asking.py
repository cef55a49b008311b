"""Who is asked when the catalog cannot tell: the server first, then a twin of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import PgArbiterError
from .answers import Answer, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..catalog.model import Relation
    from ..model import Write
    from .model import DecidedBy
    from .verdict import Asks


class InTurn:
    """Asks each in turn until one answers. `decided_by` is whoever was asked last."""

    def __init__(self, first: Asks, *others: Asks) -> None:
        self._askers = (first, *others)
        self._last = first

    @property
    def decided_by(self) -> DecidedBy:
        """Who gave the last answer."""
        return self._last.decided_by

    def ask(self, write: Write, relation: Relation, search_path: Sequence[str]) -> Answer:
        """The first answer, else all reasons why there is none; an asker that cannot be had gives none."""
        reasons = []
        for asker in self._askers:
            self._last = asker
            try:
                answer = asker.ask(write, relation, search_path)
            except PgArbiterError as error:
                answer = NoAnswer(error.message)
            if not isinstance(answer, NoAnswer):
                return answer
            reasons.append(answer.reason)
        return NoAnswer("; ".join(reasons))

"""Steps that are not taken unless somebody allows it: those that destroy something, and what comes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structure.model import RELATIONS, Kind

if TYPE_CHECKING:
    from ..model import Subject
    from .model import Plan

_OF_ONE_NAMESPACE = (*RELATIONS, Kind.SEQUENCE, Kind.COMPOSITE)  # whose names pg_class keeps apart


def withheld(plan: Plan) -> dict[int, str]:
    """Indexes of the steps that destroy something, or are about the same thing as one that does, with the reason."""
    about = {_named(step.subject): step.destroys for step in plan.steps if step.destroys}
    return {
        index: reason
        for index, step in enumerate(plan.steps)
        if (reason := step.destroys or about.get(_named(step.subject)))
    }


def _named(subject: Subject) -> Subject:
    """The same for a table that stays and a view that would get its name."""
    return subject._replace(kind=Kind.TABLE) if subject.kind in _OF_ONE_NAMESPACE else subject

"""Steps that are not taken unless somebody allows it: those that destroy something, and what comes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Plan


def withheld(plan: Plan) -> dict[int, str]:
    """Indexes of the steps that destroy something, or are about the same thing as one that does, with the reason."""
    about = {step.subject: step.destroys for step in plan.steps if step.destroys}
    return {
        index: reason for index, step in enumerate(plan.steps) if (reason := step.destroys or about.get(step.subject))
    }

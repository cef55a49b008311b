"""From one structure to the other: the statements that a diff amounts to, in an order that works."""

from __future__ import annotations

from .backwards import backwards
from .model import Plan, Step, Unwritten
from .plan import plan
from .withheld import withheld

__all__ = ["Plan", "Step", "Unwritten", "backwards", "plan", "withheld"]

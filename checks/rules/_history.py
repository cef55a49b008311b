"""Statements that nothing runs any more, or that ran once and alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Scope

if TYPE_CHECKING:
    from ..model import WriteSite

_ENDED = ("superseded by ", "dropped by ", "a copy of ")


def is_history(site: WriteSite) -> bool:
    """Whether it stands in a function of a file that is not the one in force: replaced, dropped, or in a dump."""
    return site.scope is Scope.MIGRATION and (site.reason or "").startswith(_ENDED)

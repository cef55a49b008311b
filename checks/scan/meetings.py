"""Races with what their functions do about a row that another session makes between lookup and INSERT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Mechanism, Met

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Draft, Step
    from .project import Project

_RACY = frozenset({Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT})


def met(
    found: Iterable[tuple[str, Draft, str]], steps: Mapping[str, tuple[Step, ...]], project: Project
) -> list[tuple[str, Draft, str]]:
    """The drafts, racy ones with what is done about the row of another session."""
    listed = [*found]
    places: dict[str, list[int]] = {}
    for path, draft, _ in listed:
        places.setdefault(path, []).append(draft.offset)
    return [
        (path, _met(draft, path, places[path], _others(draft, path, listed, steps), project), client)
        if draft.mechanism in _RACY
        else (path, draft, client)
        for path, draft, client in listed
    ]


def _others(
    draft: Draft, path: str, listed: list[tuple[str, Draft, str]], steps: Mapping[str, tuple[Step, ...]]
) -> list[int]:
    """Where else in the file rows of the same table are looked up or written."""
    table = draft.write.table
    if table is None:
        return []
    asked = [step.offset for step in steps.get(path, ()) if step.table.name == table.name]
    written = [
        one.statement
        for at, one, _ in listed
        if at == path and one is not draft and one.write.table is not None and one.write.table.name == table.name
    ]
    return sorted({*asked, *written})


def _met(draft: Draft, path: str, places: list[int], others: list[int], project: Project) -> Draft:
    module = project.module(path) if draft.not_postgres is None else None
    if module is None or draft.path not in (None, path):
        return draft
    end = max(draft.end, draft.offset + 1)
    until = min((place for place in places if place >= end), default=len(module.file.text))
    seen = module.met(draft.statement, (draft.offset, end), until, others)
    return replace(draft, met=seen if seen != Met() else None)

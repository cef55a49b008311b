"""Two statements in place of one: an INSERT after a lookup, an UPDATE or a DELETE of the same key in one function."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Mechanism, Status
from .literals import place_of
from .sites import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Draft, Function, Module, Step
    from .project import Project

# What a function says that goes on another way when ON CONFLICT finds no arbiter.
_CAUGHT = r"42P10|no unique or exclusion constraint"
CAUGHT = "its failure for want of an arbiter (42P10) is caught, and answered another way"


def raced(
    found: Iterable[tuple[str, Draft, str]], steps: Mapping[str, tuple[Step, ...]], project: Project
) -> list[tuple[str, Draft, str]]:
    """The drafts, those that insert what an earlier step of their function asked for with its mechanism."""
    return [(path, _raced(draft, path, steps.get(path, ()), project), client) for path, draft, client in found]


def _raced(draft: Draft, path: str, steps: tuple[Step, ...], project: Project) -> Draft:
    if draft.mechanism is not Mechanism.PLAIN_INSERT or draft.path is not None or not steps:
        return draft
    module = project.module(path)
    function = module.function_at(draft.statement) if module is not None else None
    if function is None:
        return draft
    before = sorted((one for one in steps if _leads_to(one, draft, function)), key=lambda one: -one.offset)
    last = next((one for one in before if module is not None and _is_followed(one, draft, module)), None)
    if last is None:
        return draft
    return replace(draft, mechanism=last.mechanism, statement=last.offset, key_columns=last.columns)


def _leads_to(step: Step, draft: Draft, function: Function) -> bool:
    """Whether the step stands before the INSERT in its function and asks for a row by columns that it writes."""
    table, columns = draft.write.table, draft.write.columns
    if not function.offset <= step.offset < draft.statement or table is None or step.table.name != table.name:
        return False
    if not _is_one_row(step.mechanism, draft.write.rows):
        return False
    if None not in {step.table.schema, table.schema} and step.table.schema != table.schema:
        return False
    return columns is None or not draft.write.complete or set(step.columns) <= set(columns)


def _is_followed(step: Step, draft: Draft, module: Module) -> bool:
    """Whether the INSERT is of the row that the step asked for, by the way that the function goes."""
    if step.mechanism is Mechanism.DELETE_INSERT:  # one that is made only sometimes is of another row, as a rule
        known = module.guards(draft.statement)
        if not all(guard in known for guard in module.guards(step.offset)):
            return False
        return module.leads(step.offset, draft.statement, asked=False, same=True)
    return module.leads(step.offset, draft.statement, asked=step.mechanism is Mechanism.UPDATE_THEN_INSERT)


def _is_one_row(mechanism: Mechanism, rows: int | None) -> bool:
    """Whether the INSERT writes the one row that the step asked for; to delete and insert many replaces a list."""
    return rows == 1 if mechanism is Mechanism.DELETE_INSERT else rows in {None, 1}


def caught(found: Iterable[tuple[str, Draft, str]], project: Project) -> list[tuple[str, Draft, str]]:
    """The drafts, an upsert whose function knows the error of a missing arbiter with a caution that says so."""
    known: dict[str, tuple[Function, ...]] = {}
    out = []
    for path, draft, client in found:
        if draft.mechanism is Mechanism.ON_CONFLICT and status_of(draft) is not Status.NOT_POSTGRES:
            if path not in known:
                known[path] = tuple(_functions(path, project))
            inside = any(one.offset <= draft.offset < one.end for one in known[path])
            told = "; ".join(part for part in (draft.caution, CAUGHT) if part)
            out.append((path, replace(draft, caution=told) if inside else draft, client))
        else:
            out.append((path, draft, client))
    return out


def _functions(path: str, project: Project) -> Iterable[Function]:
    """The functions of a host file in which the error is named, as a code or by its words."""
    file = project.file(path)
    if file is None or ("42P10" not in file.text and "no unique or exclusion" not in file.text):
        return
    module = project.module(path)
    yield from _naming(module) if module is not None else ()


def _naming(module: Module) -> Iterable[Function]:
    for value in module.strings(_CAUGHT):
        place = place_of(value)
        function = module.function_at(place) if place is not None else None
        if function is not None:
            yield function

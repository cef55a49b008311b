"""From a need back to writes that inference can decide: its own, and one for each key that DO NOTHING relies on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import SourceError, SqlSyntaxError
from ..model import (
    Action,
    AnyArbiter,
    DefaultKey,
    InferenceClause,
    Mechanism,
    NamedConstraint,
    Span,
    Status,
    Write,
    WriteSite,
)
from ..sql import parse_writes
from .model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import ConflictTarget
    from .model import Contract, Key, Need

CLIENT = "contract"


def sites_of(contract: Contract) -> tuple[tuple[WriteSite, ...], ...]:
    """For each need the sites that must all find their arbiters.

    Raises SourceError for a need whose elements or predicate are no SQL.
    """
    found = []
    for number, (need, _) in enumerate(contract.needs):
        try:
            writes = tuple(_writes(need))
        except SqlSyntaxError as error:
            raise SourceError(
                f'need {number + 1} of the contract, of table "{need.table}", cannot be read: {error.message}'
            ) from None
        found.append(tuple(_site(write, f"{number}.{part}") for part, write in enumerate(writes)))
    return tuple(found)


def _writes(need: Need) -> Iterator[Write]:
    write = Write(
        table=need.table,
        target=_target(need),
        action=need.action,
        complete=False,
        set_complete=False,
        alias=need.alias,
        variables=need.variables,
        variable_conflict=need.variable_conflict,
        search_path=need.search_path,
    )
    yield write
    for key in need.keys:
        yield replace(write, target=_of_key(key), action=Action.NOTHING)


def _target(need: Need) -> ConflictTarget:
    match need.kind:
        case Kind.ELEMENTS:
            return replace(_clause(need.elements, need.predicate), looked_up=need.lookup)
        case Kind.CONSTRAINT:
            return NamedConstraint(need.constraint or "")
        case Kind.PRIMARY_KEY:
            return DefaultKey()
        case Kind.ANY:
            return AnyArbiter()


def _of_key(key: Key) -> ConflictTarget:
    return _clause(key.elements, key.predicate) if key.constraint is None else NamedConstraint(key.constraint)


def _clause(elements: Sequence[str], predicate: str | None) -> InferenceClause:
    where = f" WHERE ({predicate}\n)" if predicate is not None else ""
    listed = ", ".join(elements)
    writes = parse_writes(f"INSERT INTO t DEFAULT VALUES ON CONFLICT ({listed}\n){where} DO NOTHING")  # noqa: S608 (it is parsed, never sent)
    target = writes[0].write.target if len(writes) == 1 else None
    # A text that ends the list and goes on with another clause changes how many elements there are, or the predicate.
    if not isinstance(target, InferenceClause) or len(target.elements) != len(elements):
        raise SqlSyntaxError(f"({listed}) is no list of columns and expressions")
    if (target.predicate is None) != (predicate is None):
        raise SqlSyntaxError(f"({listed}) is no list of columns and expressions")
    return target


def _site(write: Write, name: str) -> WriteSite:
    return WriteSite(
        id=name,
        span=Span(None, 1, 1, 1),
        statement_line=1,
        language="sql",
        client=CLIENT,
        mechanism=Mechanism.ON_CONFLICT,
        write=write,
        status=Status.RESOLVED,
    )

"""Whether what a client sent is what `scan` said that it sends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pgarbiter.model import AnyArbiter, DefaultKey, InferenceClause, Mechanism, NamedConstraint, Unresolved
from pgarbiter.sql import parse_writes

from .sent import writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pgarbiter.model import ConflictTarget, Write, WriteSite
    from pgarbiter.sql import ParsedWrite

    from .running import Case

_RACY = frozenset({Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT})


def problems(case: Case) -> list[str]:
    """What differs, in words; nothing when all is the same."""
    if case.failure is not None:
        return [f"failed: {case.failure}"]
    found = [one for one in writes(list(case.statements)) if one.mechanism is not Mechanism.MERGE]
    left = list(case.sites)
    out: list[str] = []
    for one in found:
        site = next((site for site in left if not list(_differences(site, one, case.keys))), None)
        if site is not None:
            left.remove(site)
        elif left and _alike(left[0], one):
            out += [f"{text}: {one.sql}" for text in _differences(left.pop(0), one, case.keys)]
        elif one.mechanism is Mechanism.ON_CONFLICT:
            out.append(f"no site for: {one.sql}")
    return out + [f"nothing was sent for the site of line {site.span.line}" for site in left]


def _alike(site: WriteSite, one: ParsedWrite) -> bool:
    return site.mechanism in _RACY or one.mechanism is Mechanism.ON_CONFLICT


def _differences(site: WriteSite, sent: ParsedWrite, keys: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    said, did = site.write, sent.write
    racy = site.mechanism in _RACY
    if racy != (sent.mechanism is Mechanism.PLAIN_INSERT):
        yield f"{site.mechanism} was said, {sent.mechanism} sent"
    if _table(said) != _table(did):
        yield f"table {said.table} was said, {did.table} sent"
    if not racy:
        wanted = _target(said.target, did)
        if isinstance(said.target, DefaultKey):
            wanted = (tuple(keys.get(did.table.name if did.table else "", ())), None, False)
        if wanted is None or wanted != _target(did.target, did):
            yield f"target {said.target} was said, {did.target} sent"
        if said.action is not did.action:
            yield f"action {said.action} was said, {did.action} sent"
    left = set(said.optional)  # what a client sends as it likes, or as DEFAULT
    sent_columns = tuple(name for name in did.columns or () if name not in left)
    yield from _columns_differ("columns", said.columns, sent_columns, exact=said.complete)
    if not racy:
        yield from _columns_differ("SET", said.set_columns, did.set_columns, exact=said.set_complete)
    if said.complete and set(said.defaulted) != set(did.defaulted) - left:
        yield f"DEFAULT for {said.defaulted} was said, for {did.defaulted} sent"


def _columns_differ(
    what: str, said: tuple[str, ...] | None, did: tuple[str, ...] | None, *, exact: bool
) -> Iterator[str]:
    one, other = set(said or ()), set(did or ())
    if one != other if exact else one - other:
        yield f"{what} {sorted(one)} were said, {sorted(other)} sent"


def _table(write: Write) -> tuple[str, str] | None:
    return None if write.table is None else (write.table.schema or "public", write.table.name)


def _target(target: ConflictTarget, write: Write) -> tuple[object, ...] | None:
    match target:
        case InferenceClause():
            elements = tuple(element.column or element.text for element in target.elements)
            return (elements, _predicate(target, write), target.predicate_parameters)
        case NamedConstraint(name):
            return (name,)
        case AnyArbiter():
            return ()
        case DefaultKey() | Unresolved():
            return None


def _predicate(target: InferenceClause, write: Write) -> str | None:
    """The predicate in one spelling: the table's own name before a column says nothing, nor a number."""
    text = target.asked_predicate
    if text is None:
        return None
    statement = f"INSERT INTO t DEFAULT VALUES ON CONFLICT (a) WHERE {text} DO NOTHING"
    (parsed,) = parse_writes(statement)
    found = parsed.write.target
    assert isinstance(found, InferenceClause)
    for own in (write.alias, write.table, write.table.name if write.table else None):
        text = (found.predicate or "").replace(f"{own}.", "")
        found = replace(found, predicate=text)
    return re.sub(r"\$\d+", "$", found.predicate or "")

"""The fate of each write site if an index is dropped, partial or deferrable, or its table is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..arbiter.bind import bind
from ..arbiter.guards import guards
from ..arbiter.model import Outcome as Verdicts
from ..arbiter.without import Change, impossible, is_alike, parts_of, with_change
from ..model import AnyArbiter, InferenceClause, Mechanism, Scope, Status, Unresolved
from ..rules import clause_error
from ..wording import plural
from .dependents import dependents
from .model import Affected, Consequence, Fate, Outcome, Subject
from .subject import unique_indexes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite, Verdict
    from ..catalog.model import Index, Relation
    from ..schema.model import Loaded

_WORST = tuple(Fate)
ANY_PREDICATE = "it depends on the new predicate whether the WHERE of the conflict target implies it"


def consequences(
    subject: Subject,
    bounds: Sequence[BoundSite],
    loaded: Loaded,
    *,
    changes: Sequence[Change],
    predicate: str | None = None,
    exposed_schema: str = "public",
) -> tuple[Consequence, ...]:
    """What each change of each unique index of the subject leads to; of a table also what dropping it does.

    `bounds` are judged by `loaded`. `predicate` None: any. No server is asked about what does not exist.
    """
    sites = [one for one in bounds if _counts(one)]
    judge = _Judge(loaded, exposed_schema, predicate)
    found = [judge.index(subject.relation, index, sites, changes) for index in unique_indexes(subject)]
    if subject.index is None and Change.DROP in changes:
        found.insert(0, judge.table(subject.relation, sites))
    return tuple(found)


def _counts(bound: BoundSite) -> bool:
    """Tests do not run in production, and migrations ran on a schema that is gone."""
    site = bound.site
    return site.scope not in (Scope.TEST, Scope.MIGRATION) and site.status is not Status.NOT_POSTGRES


def _gone(bound: BoundSite) -> str:
    """What the server says of the table that a statement names: with its schema if the statement has it."""
    return f'relation "{bound.site.write.table}" does not exist'


class _Judge:
    """The catalog as it is, and how sites are bound to it."""

    def __init__(self, loaded: Loaded, exposed_schema: str, predicate: str | None) -> None:
        self._loaded = loaded
        self._exposed = exposed_schema
        self._predicate = predicate

    def table(self, relation: Relation, sites: Sequence[BoundSite]) -> Consequence:
        """All that writes to the table fails without it."""
        affected = tuple(Affected(one, Fate.DIES, _gone(one), "42P01") for one in sites if relation.oid in _oids(one))
        subject = Subject(relation)
        return Consequence(subject, (Outcome(Change.DROP, affected),), dependents(subject, sites, self._loaded.catalog))

    def index(
        self, relation: Relation, index: Index, sites: Sequence[BoundSite], changes: Sequence[Change]
    ) -> Consequence:
        """What each change of the index does to the sites that it serves now, on partitions as well."""
        parts = tuple(parts_of(self._loaded.catalog, relation, index))
        oids = {part.oid for part, _ in parts}
        near = [one for one in sites if oids & _oids(one)]
        outcomes = tuple(self._outcome(parts, near, change) for change in changes)
        subject = Subject(relation, index)
        notes = tuple(_notes(relation, index, near, self._loaded))
        return Consequence(subject, outcomes, dependents(subject, sites, self._loaded.catalog), notes)

    def _outcome(self, parts: Sequence[tuple[Relation, Index]], near: Sequence[BoundSite], change: Change) -> Outcome:
        if (reason := impossible(parts[0][1], change)) is not None:
            return Outcome(change, impossible=reason)
        then = replace(self._loaded, catalog=with_change(self._loaded.catalog, parts, change, self._predicate))
        changed = {index.oid for _, index in parts}
        found = [
            self._affected(one, bind(one.site, then, exposed_schema=self._exposed), changed, change)
            for one in near
            if one.site.mechanism is Mechanism.ON_CONFLICT
        ]
        affected = [one for one in found if one is not None]
        return Outcome(change, tuple(sorted(affected, key=lambda one: _WORST.index(one.fate))))

    def _affected(self, now: BoundSite, then: BoundSite, changed: set[int], change: Change) -> Affected | None:
        """The site's fate; None of one that the index does not serve, or that is refused already."""
        before, after = now.verdict, then.verdict
        if before.outcome is not Verdicts.MATCH:
            known = before.outcome is not Verdicts.UNKNOWN and not isinstance(now.site.write.target, Unresolved)
            return None if known else Affected(now, Fate.UNKNOWN, before.reason or "what arbitrates now is not known")
        if after.outcome is Verdicts.MATCH:
            return _working(now, then, changed, change)
        if after.outcome is Verdicts.NOT_JUDGED:  # its client takes the primary key, and no key is a plain INSERT
            return Affected(now, Fate.LETS_IN, after.reason or "")
        open_ = change is Change.PARTIAL and self._predicate is None and _has_where(now)
        if open_ or after.outcome is Verdicts.UNKNOWN:
            return Affected(now, Fate.UNKNOWN, ANY_PREDICATE if open_ else after.reason or "")
        return Affected(now, Fate.DIES, *_refusal(after))


def _notes(relation: Relation, index: Index, near: Sequence[BoundSite], loaded: Loaded) -> Iterator[str]:
    unclaimed = sum(one.site.mechanism is not Mechanism.ON_CONFLICT for one in near)
    if unclaimed:
        told = plural(unclaimed, "other write")
        yield f"{told} to the table without a conflict clause: rows that only this index refuses would go in"
    for parent in relation.parents if relation.is_partition else ():
        above = loaded.catalog.by_oid(parent)
        whole = next((ix for ix in above.indexes if is_alike(index, ix)), None) if above is not None else None
        if above is not None and whole is not None:
            told = f'it may be a part of index "{whole.name}" of "{above.qualified_name}"'
            yield f"{told}, which the server does not let go alone"


def _working(now: BoundSite, then: BoundSite, changed: set[int], change: Change) -> Affected | None:
    """A site that runs on: through another index, or letting in what it stopped."""
    write = now.site.write
    if now.relation is None or now.base is None or then.relation is None or then.base is None:
        return None
    if isinstance(write.target, AnyArbiter):
        lost = [index for index in guards(write, now.relation, now.base) if index.oid in changed]
        left = [index for index in guards(write, then.relation, then.base) if index.oid not in changed]
        if not lost:
            return None
        other = next((index for index in left if _is_as_strict(index, lost[0])), None)
        if other is not None:
            return Affected(now, Fate.SURVIVES, f'"{other.name}" stops the same rows', None, (other.name,))
        which = "rows outside of the new predicate" if change is Change.PARTIAL else "rows that the index stopped"
        return Affected(now, Fate.LETS_IN, f"DO NOTHING without a target: {which} go in")
    served = {index.name for index in now.base.indexes if index.oid in changed}
    if not served.intersection(now.verdict.arbiters):
        return None
    names = ", ".join(f'"{name}"' for name in then.verdict.arbiters)
    return Affected(now, Fate.SURVIVES, f"arbiter {names}", None, then.verdict.arbiters)


def _is_as_strict(index: Index, lost: Index) -> bool:
    """Whether it surely stops every row that the lost one stopped."""
    keys = [{(key.column, key.expression, key.collation, key.opclass) for key in one.keys} for one in (index, lost)]
    predicate = index.predicate is None or index.predicate == lost.predicate
    return index.unique and predicate and keys[0] <= keys[1] and index.nulls_not_distinct >= lost.nulls_not_distinct


def _oids(bound: BoundSite) -> set[int]:
    return {relation.oid for relation in (bound.relation, bound.base) if relation is not None}


def _has_where(bound: BoundSite) -> bool:
    target = bound.site.write.target
    return isinstance(target, InferenceClause) and target.asked_predicate is not None


def _refusal(verdict: Verdict) -> tuple[str, str | None]:
    error = clause_error(verdict)
    if error is not None:
        return error.message, error.sqlstate
    return verdict.reason or verdict.message or "the server refuses it", verdict.sqlstate

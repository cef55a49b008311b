"""Which write sites are one statement, told by what they write and not by their text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import DefaultKey, InferenceClause, NamedConstraint, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..catalog.catalog import Catalog
    from ..model import ConflictTarget, WriteSite

Outline = tuple[object, ...]


def outline(site: WriteSite) -> Outline:
    """What stays the same when the server prints a statement anew: names get their schema, expressions another text."""
    write = site.write
    table = write.table.name if write.table else None
    return site.mechanism, table, _target(write.target), write.action


def contents(site: WriteSite) -> Outline:
    """All that a statement says about its table, its columns and its conflict clause."""
    write = site.write
    texts: Outline = ()
    if isinstance(write.target, InferenceClause):
        texts = (*(element.text for element in write.target.elements), write.target.predicate)
    return (*outline(site), texts, write.columns, write.set_columns, write.all_columns, write.search_path)


def _target(target: ConflictTarget) -> Outline:
    match target:
        case InferenceClause():
            return "columns", target.columns, len(target.elements), target.predicate is not None
        case NamedConstraint(name):
            return "constraint", name
        case Unresolved():
            return ("unresolved",)
        case _:
            return (type(target).__name__,)


def paired(
    sites: Iterable[WriteSite], others: Sequence[WriteSite], *, exactly: bool
) -> tuple[list[tuple[WriteSite, WriteSite]], list[WriteSite]]:
    """Each of `sites` with the first of `others` that is the same statement and not taken yet; those without one."""
    told = contents if exactly else outline
    left = list(others)
    pairs, alone = [], []
    for site in sites:
        other = next((one for one in left if told(one) == told(site)), None)
        if other is None:
            alone.append(site)
        else:
            left.remove(other)
            pairs.append((site, other))
    return pairs, alone


class Known:
    """The sites that are known already, to tell whether a statement that was executed comes from one of them."""

    def __init__(self, sites: Iterable[WriteSite], catalog: Catalog) -> None:
        self._catalog = catalog
        self._found: dict[Outline, list[WriteSite]] = {}
        for site in sites:
            self.add(site)

    def add(self, site: WriteSite) -> None:
        """Know this one, too."""
        self._found.setdefault(self._key(site), []).append(site)

    def has(self, executed: WriteSite) -> bool:
        """Whether a known site writes the same: the columns that it is known to write, at least."""
        if executed.write.table is None:
            return False
        return any(_covers(known, executed) for known in self._found.get(self._key(executed), ()))

    def _key(self, site: WriteSite) -> Outline:
        write = site.write
        relation = self._catalog.resolve(write.table, write.search_path) if write.table is not None else None
        target = write.target
        if isinstance(target, DefaultKey) and relation is not None:
            return site.mechanism, relation.oid, frozenset(relation.primary_key), 0
        if not isinstance(target, InferenceClause):
            return site.mechanism, relation.oid if relation else write.table, _target(target)
        expressions = len(target.elements) - len(target.columns)
        return site.mechanism, relation.oid if relation else write.table, frozenset(target.columns), expressions


def _covers(known: WriteSite, executed: WriteSite) -> bool:
    ours, theirs = known.write, executed.write
    if ours.action not in {None, theirs.action}:
        return False
    columns = _agree(ours.columns, theirs.columns, complete=ours.complete)
    return columns and _agree(ours.set_columns, theirs.set_columns, complete=ours.set_complete)


def _agree(ours: tuple[str, ...] | None, theirs: tuple[str, ...] | None, *, complete: bool) -> bool:
    if ours is None or theirs is None:
        return True
    return set(ours) == set(theirs) if complete else set(ours) <= set(theirs)

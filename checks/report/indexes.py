"""A conflict target and the unique indexes of its table side by side: which keys both have, and which only one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

from ..arbiter.model import ColumnsDiffer, ExpressionsDiffer, PredicateNotImplied
from ..model import AnyArbiter, DefaultKey, InferenceClause, Mechanism, NamedConstraint, Unresolved
from ..rules import fragment
from .page import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..arbiter.model import BoundSite, Mismatch
    from ..catalog.model import Index, Relation
    from ..model import WriteSite

BOTH, ONLY_INDEX, ONLY_TARGET, UNTOLD = "=", "+", "-", ""


class Key(NamedTuple):
    """A column or an expression, and which of the two has it; UNTOLD where that cannot be said from names."""

    text: str
    sign: str = UNTOLD


class Row(NamedTuple):
    """The target, or an index. `facts` are what else matters of an index, `why` each reason why it does not count."""

    name: str
    keys: tuple[Key, ...]
    where: str | None = None
    arbiter: bool = False
    refused: bool = False  # by its predicate
    facts: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """What a site needs an index on. `names`: its columns; None when they do not say all, as with expressions.

    Not `keyed`: it names no keys, but a constraint, or nothing.
    """

    row: Row
    names: frozenset[str] | None
    keyed: bool = True


def compared(bound: BoundSite) -> tuple[Row, ...]:
    """The target first, then the indexes: arbiters, candidates, other unique ones; nothing where none is needed."""
    relation = bound.base or bound.relation
    wanted = _wanted(bound.site, relation)
    if wanted is None:
        return ()
    rows = list(_rows(bound, relation, wanted))
    return (wanted.row, *rows) if rows else ()


def _wanted(site: WriteSite, relation: Relation | None) -> Wanted | None:
    if site.mechanism is not Mechanism.ON_CONFLICT:
        columns = site.key_columns or ()
        return _of_columns("looked up by", columns) if columns else None
    target = site.write.target
    match target:
        case InferenceClause():
            keys = tuple(Key(visible(element.text)) for element in target.elements)
            plain = len(target.columns) == len(target.elements)
            row = Row("conflict target", keys, visible(target.predicate) if target.predicate else None)
            return Wanted(row, frozenset(target.columns) if plain else None)
        case NamedConstraint(name):
            return Wanted(Row("conflict target", (Key(visible(f"constraint {name}")),)), None, keyed=False)
        case DefaultKey():
            return _of_columns("its primary key", relation.primary_key if relation else ())
        case AnyArbiter():
            return Wanted(Row("any conflict", ()), None, keyed=False)
        case Unresolved():
            return None
        case _:
            assert_never(target)


def _of_columns(name: str, columns: Sequence[str]) -> Wanted:
    return Wanted(Row(name, tuple(Key(visible(column)) for column in columns)), frozenset(columns))


def _rows(bound: BoundSite, relation: Relation | None, wanted: Wanted) -> Iterator[Row]:
    """Each index once."""
    verdict = bound.verdict
    own = relation.indexes if relation else ()
    shown: set[int] = set()
    for index in own:
        if index.name in verdict.arbiters:
            shown.add(index.oid)
            yield _row(index, (), wanted, arbiter=True)
    for candidate in verdict.candidates:
        if candidate.index.oid not in shown:
            shown.add(candidate.index.oid)
            yield _row(candidate.index, candidate.mismatches, wanted)
    others = [_row(each, _differing(each, wanted), wanted) for each in own if each.oid not in shown and _guards(each)]
    yield from sorted(others, key=lambda row: sum(key.sign != BOTH for key in row.keys))


def _guards(index: Index) -> bool:
    return index.unique or index.exclusion


def _differing(index: Index, wanted: Wanted) -> tuple[Mismatch, ...]:
    """By names, of an index that inference did not look at."""
    if wanted.names is None or not wanted.names:
        return ()
    missing = tuple(text for key, text in zip(index.keys, index.columns, strict=True) if key.column not in wanted.names)
    extra = tuple(sorted(wanted.names - {key.column for key in index.keys}))
    return (ColumnsDiffer(missing, extra),) if missing or extra else ()


def _row(index: Index, mismatches: Sequence[Mismatch], wanted: Wanted, *, arbiter: bool = False) -> Row:
    return Row(
        visible(index.name),
        tuple(_in_order(_signs(index, mismatches, wanted, arbiter=arbiter), wanted.row.keys)),
        visible(index.predicate) if index.predicate else None,
        arbiter=arbiter,
        refused=any(isinstance(each, PredicateNotImplied) for each in mismatches),
        facts=tuple(_facts(index)),
        why=tuple(visible(fragment(each)) for each in mismatches),
    )


def _in_order(signs: Iterable[tuple[str, str]], target: Sequence[Key]) -> list[Key]:
    """As the target has them, so that both are read side by side; to inference the order makes no difference."""
    order = {key.text: place for place, key in enumerate(target)}
    last = len(order)
    keys = [Key(visible(text), sign) for text, sign in signs]
    return sorted(keys, key=lambda key: order.get(key.text, last) if key.sign in (BOTH, ONLY_TARGET) else last)


def _signs(index: Index, mismatches: Sequence[Mismatch], wanted: Wanted, *, arbiter: bool) -> Iterator[tuple[str, str]]:
    """The keys of the index in order, then what only the target has, by its mismatches."""
    differing = [each for each in mismatches if isinstance(each, ColumnsDiffer | ExpressionsDiffer)]
    missing = {name for each in differing for name in each.missing}
    extra = [name for each in differing for name in each.extra]
    known = arbiter or bool(mismatches) or bool(wanted.names)
    told = wanted.keyed and known and (not differing or bool(missing or extra))
    yield from _marked(index, missing, BOTH if told else UNTOLD)
    yield from ((name, ONLY_TARGET) for name in extra)


def _marked(index: Index, missing: Collection[str], other: str) -> Iterator[tuple[str, str]]:
    for key, text in zip(index.keys, index.columns, strict=True):
        yield text, ONLY_INDEX if {text, key.column, key.expression} & set(missing) else other


def _facts(index: Index) -> Iterator[str]:
    if index.primary:
        yield "primary key"
    elif index.exclusion:
        yield "exclusion constraint"
    elif not index.unique:
        yield "not unique"
    elif index.constraint is not None:
        yield "unique constraint"
    else:
        yield "unique index"
    if not index.immediate:
        yield "deferrable"
    if not index.valid:
        yield "invalid"
    if index.nulls_not_distinct:
        yield "NULLS NOT DISTINCT"
    if index.include:
        yield visible(f"INCLUDE ({', '.join(index.include)})")

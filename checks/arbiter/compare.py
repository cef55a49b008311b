"""One index against one inference clause: every reason why it does not count, or what cannot be told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Expression, columns
from .elements import equal
from .implication import Prover
from .model import (
    CollationDiffers,
    ColumnsDiffer,
    Exclusion,
    ExpressionsDiffer,
    Mismatch,
    NotUnique,
    NotValid,
    OpclassDiffers,
    PredicateNotImplied,
)
from .quals import qualify
from .tidy import Types, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Index, IndexKey, Relation
    from .clause import Clause
    from .elements import Element


@dataclass(frozen=True, slots=True)
class Question:
    """A clause and the relation whose indexes are asked. `any_value`: parameters count as whatever would help."""

    clause: Clause
    relation: Relation
    any_value: bool = False

    @property
    def types(self) -> Types:
        """The types of the relation's columns."""
        return Types(self.relation)

    def with_any_value(self) -> Question:
        """The same under the most helpful values of its parameters."""
        return replace(self, any_value=True)


@dataclass(slots=True)
class Comparison:
    """The certain mismatches, and what else may be one: `suspected`, with the reason in `unknown`."""

    mismatches: tuple[Mismatch, ...] = ()
    unknown: str | None = None
    suspected: tuple[Mismatch, ...] = ()
    stored: dict[int, Expression] = field(default_factory=dict)  # position of a key -> its expression


def compare(index: Index, question: Question) -> Comparison:
    """The tests of infer_arbiter_indexes in their order, none of them skipped after a failure."""
    result = Comparison()
    found: list[Mismatch] = [*_kind(index)]
    try:
        result.stored = _expressions(index, question.types)
    except SqlSyntaxError:
        return Comparison(tuple(found), f'an expression of index "{index.name}" cannot be read')
    found += _columns(index, question, result)
    found += _expression_elements(index, question, result)
    for element in question.clause.elements:
        found += _filters(index, element, result)
    found += _predicate(index, question, result)
    result.mismatches = tuple(found)
    return result


def _kind(index: Index) -> Iterator[Mismatch]:
    if not index.valid:
        yield NotValid()
    if index.exclusion:
        yield Exclusion()
    elif not index.unique:
        yield NotUnique()


def _expressions(index: Index, types: Types) -> dict[int, Expression]:
    return {
        number: tidy(parse_expression(key.expression), types)
        for number, key in enumerate(index.keys)
        if key.expression is not None
    }


def _columns(index: Index, question: Question, result: Comparison) -> Iterator[Mismatch]:
    keys = dict.fromkeys(key.column for key in index.keys if key.column is not None)
    elements = question.clause.elements
    named = dict.fromkeys(e.column for e in elements if e.column is not None)
    possible = {c.name for e in elements if e.maybe_column and e.expression is not None for c in columns(e.expression)}
    missing = [name for name in keys if name not in named]
    extra = tuple(name for name in named if name not in keys)
    if any(name in possible for name in missing):
        result.unknown = "an expression of the target may come to a bare column"
        missing = [name for name in missing if name not in possible]
    if missing or extra:
        yield ColumnsDiffer(tuple(missing), extra)


def _expression_elements(index: Index, question: Question, result: Comparison) -> Iterator[Mismatch]:
    """Every element must be an expression of the index, and the other way round."""
    elements = [e for e in question.clause.elements if e.expression is not None]
    answers = {
        (number, n): _equal(element, stored, any_value=question.any_value)
        for n, element in enumerate(elements)
        for number, stored in result.stored.items()
    }
    missing = [number for number in result.stored if _best(a for (k, _), a in answers.items() if k == number) is False]
    extra = [
        n
        for n, e in enumerate(elements)
        if _best(a for (_, k), a in answers.items() if k == n) is False and not e.maybe_column
    ]
    sure_missing = [n for n in missing if not any(e.maybe_column for e in elements)]
    if sure_missing or extra:
        texts = tuple(index.keys[number].expression or "" for number in sure_missing)
        yield ExpressionsDiffer(texts, tuple(elements[n].text for n in extra))
    elif missing or _open(answers, result.stored, elements):
        result.unknown = f'cannot tell whether an expression of the target is that of index "{index.name}"'
        stored = tuple(index.keys[number].expression or "" for number in result.stored)
        result.suspected += (ExpressionsDiffer(stored, tuple(e.text for e in elements)),)


def _equal(element: Element, stored: Expression, *, any_value: bool) -> bool | None:
    if any_value and element.parametrised:
        return True
    return equal(element.expression, stored) if element.expression is not None else False


def _best(answers: Iterator[bool | None]) -> bool | None:
    known = list(answers)
    return True if True in known else None if None in known else False


def _open(answers: dict[tuple[int, int], bool | None], stored: dict[int, Expression], elements: list[Element]) -> bool:
    by_key = (_best(a for (k, _), a in answers.items() if k == number) for number in stored)
    by_element = (_best(a for (_, k), a in answers.items() if k == n) for n in range(len(elements)))
    return any(answer is not True for answer in (*by_key, *by_element))


def _filters(index: Index, element: Element, result: Comparison) -> Iterator[Mismatch]:
    """COLLATE and opclass narrow (infer_collation_opclass_match): one key that fits both is enough."""
    if element.collation is None and element.opclass is None:
        return
    keys = [(key, _is_key(number, key, element, result)) for number, key in enumerate(index.keys)]
    fitting = [same for key, same in keys if _fits(key, element)]
    if True in fitting or not any(same is not False for _, same in keys):
        return  # the second: another mismatch says it already
    if None in fitting:
        result.unknown = f'cannot tell whether "{element.text}" is a key of index "{index.name}"'
        return
    key = next(key for key, same in keys if same is not False)
    if element.collation is not None and element.collation.oid != key.collation:
        yield CollationDiffers(element.text, element.collation.name, key.collation_name or "default")
    if element.opclass is not None and not _same_class(key, element):
        yield OpclassDiffers(element.text, element.opclass.name, key.opclass)
    if (
        element.collation is not None
        and element.opclass is not None
        and element.collation.oid == key.collation
        and _same_class(key, element)
    ):
        yield OpclassDiffers(element.text, element.opclass.name, key.opclass)  # no single key has both


def _is_key(number: int, key: IndexKey, element: Element, result: Comparison) -> bool | None:
    if element.column is not None:
        return key.column == element.column
    if number not in result.stored or element.expression is None:
        return None if element.maybe_column else False
    return equal(element.expression, result.stored[number])


def _fits(key: IndexKey, element: Element) -> bool:
    collation = element.collation is None or element.collation.oid == key.collation
    return collation and (element.opclass is None or _same_class(key, element))


def _same_class(key: IndexKey, element: Element) -> bool:
    wanted = element.opclass
    return wanted is not None and (key.opfamily, key.opcintype) == (wanted.opfamily, wanted.opcintype)


def _predicate(index: Index, question: Question, result: Comparison) -> Iterator[Mismatch]:
    if index.predicate is None:
        return
    clause = question.clause
    types = question.types
    try:
        predicate = qualify(tidy(parse_expression(index.predicate), types), types)
    except SqlSyntaxError:
        result.unknown = f'the predicate of index "{index.name}" cannot be read'
        return
    answer = Prover(types, optimistic=question.any_value).implied(predicate, clause.predicate)
    if answer is None:
        result.unknown = f'cannot tell whether the target\'s WHERE implies that of index "{index.name}"'
        result.suspected += (PredicateNotImplied(index.predicate, clause.text),)
    elif not answer:
        helped = clause.parameters and Prover(types, optimistic=True).implied(predicate, clause.predicate) is True
        yield PredicateNotImplied(index.predicate, clause.text, parametrised=helped)

"""Whether a target's WHERE implies an index predicate: predicate_implied_by of the server, as far as text proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sql.expressions import (
    WHOLE_ROW,
    BooleanTest,
    Column,
    Constant,
    NullTest,
    Operation,
    Parameter,
    Quantified,
    columns,
)
from .elements import equal, has_parameter
from .literals import Value
from .quals import MAX_ARRAY, NO, YES, Atom, Compare, Every, Qual, Some, conjuncts
from .tidy import COMPARISONS, is_builtin, is_solid, strict_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .tidy import Types

# For `x clause-operator c` => `x predicate-operator p`: the signs of p - c that prove it (the implication table of
# predtest.c). What is not here is never provable.
_PROOFS: dict[str, dict[str, set[int]]] = {
    "<": {"<": {0, 1}, "<=": {0, 1}, "<>": {0, 1}},
    "<=": {"<": {1}, "<=": {0, 1}, "<>": {1}},
    "=": {"<": {1}, "<=": {0, 1}, "=": {0}, ">=": {0, -1}, ">": {-1}, "<>": {1, -1}},
    ">=": {">=": {0, -1}, ">": {-1}, "<>": {-1}},
    ">": {">=": {0, -1}, ">": {0, -1}, "<>": {0, -1}},
    "<>": {"<>": {0}},
}
_ORDERED = frozenset(("integer", "numeric", "uuid", "date"))
_FIRST_USER_OID = 16384  # collations of initdb are all deterministic


class Prover:
    """Three-valued implication between predicates on one relation; None: cannot tell.

    `optimistic`: a comparison with a parameter counts as one with whatever value would help.
    """

    def __init__(self, types: Types, *, optimistic: bool = False) -> None:
        self._types = types
        self._optimistic = optimistic

    def implied(self, predicate: Qual, clause: Qual) -> bool | None:
        """Whether the clause implies the predicate (predicate_implied_by, strong form)."""
        if predicate == YES:
            return True
        answer = self._recurse(predicate, clause)
        if answer and not _all_stay(clause):
            return None  # a part that folds to false or NULL takes the others with it
        if answer is False and not _all_stay(predicate) and (clause == NO or not _all_stay(clause)):
            return None  # both may come to the same constant
        if answer is False and (_is_nested(predicate) or _is_nested(clause)):
            return None  # the server may have put it in another form (extract_or_clause)
        return answer

    def _recurse(self, predicate: Qual, clause: Qual) -> bool | None:  # noqa: PLR0911 (one line per pair of forms)
        """The cases of predicate_implied_by_recurse, in its order."""
        match clause, predicate:
            case _, Every(parts) if predicate != YES:
                return _all(self._recurse(part, clause) for part in parts)
            case Every(clauses), Some(parts):
                by_part = _any(self._recurse(part, clause) for part in parts)
                return by_part or _any((by_part, *(self._recurse(predicate, c) for c in clauses)))
            case Every(clauses), _:
                return _any(self._recurse(predicate, c) for c in clauses)
            case Some(clauses), Some(parts) if clauses:
                return _all(_any(self._recurse(part, c) for part in parts) for c in clauses)
            case Some(clauses), _ if clauses:
                return _all(self._recurse(predicate, c) for c in clauses)
            case _, Some(parts) if parts:
                return _any(self._recurse(part, clause) for part in parts)
            case _:
                return self._atom(predicate, clause)

    def _atom(self, predicate: Qual, clause: Qual) -> bool | None:
        """Constants, and atoms without a column in common, before the real work."""
        if NO in (clause, predicate):
            # Two constants may still differ in type (NULL), and something else may come to one.
            return False if clause != predicate and _all_stay(clause) else None
        if not isinstance(clause, Atom | Compare) or not isinstance(predicate, Atom | Compare):
            return None
        if not (names := _names(clause)) & _names(predicate) and WHOLE_ROW not in names:
            return False if _stays(predicate) else None
        if self._optimistic and _parametrised(clause):
            return True
        return self._simple(predicate, clause)

    def _simple(self, predicate: Atom | Compare, clause: Atom | Compare) -> bool | None:
        """The cases of predicate_implied_by_simple_clause."""
        if clause == predicate:
            return True if _builtin(predicate) else None
        if isinstance(predicate, Compare):
            return self._proved(clause, predicate) if isinstance(clause, Compare) else _compare_by_atom(clause)
        tested = predicate.expression
        if isinstance(tested, NullTest) and not tested.null and isinstance(tested.arg, Column):
            return self._not_null(tested.arg, clause)
        return (
            self._atom_by_compare(predicate, clause)
            if isinstance(clause, Compare)
            else _atom_by_atom(predicate, clause)
        )

    def _proved(self, clause: Compare, predicate: Compare) -> bool | None:
        if isinstance(clause.value, Parameter) or isinstance(predicate.value, Parameter):
            return False
        signs = _PROOFS[clause.operator].get(predicate.operator, set())
        possible = self._signs(predicate.value, clause.value, clause.column)
        if possible <= signs:
            return True
        return None if possible & signs else False

    def _signs(self, a: Value, b: Value, column: str) -> frozenset[int]:
        """The possible results of comparing two constants."""
        if a == b:
            return frozenset((0,))
        if a.family != b.family:
            return frozenset((-1, 0, 1))
        if a.family in _ORDERED:
            return frozenset((1 if a.key > b.key else -1,))  # type: ignore[operator]  # one family has one kind of key
        described = self._types.relation.column(column)
        exact = described is not None and described.collation < _FIRST_USER_OID
        return frozenset((-1, 1)) if exact else frozenset((-1, 0, 1))

    def _not_null(self, column: Column, clause: Atom | Compare) -> bool | None:
        """A clause that is strict in the column proves that it is not NULL (clause_is_strict_for)."""
        if isinstance(clause, Compare):
            type_ = self._types.of(column) or "."
            return True if "." not in type_ or isinstance(clause.value, Value) else None
        expression = clause.expression
        if isinstance(expression, NullTest | BooleanTest) and is_solid(expression):
            return False
        if clause.negated:
            return False if isinstance(expression, Column) else None
        return strict_for(expression, column)

    def _atom_by_compare(self, predicate: Atom, clause: Compare) -> bool | None:
        """`column operator constant` proves no more than itself, unless the atom may be such a comparison as well."""
        if not _stays(predicate):
            return None
        expression = predicate.expression
        if isinstance(expression, Operation) and expression.operator in COMPARISONS:
            return False if isinstance(clause.value, Parameter) else None
        if isinstance(expression, NullTest) and not expression.null:
            return None
        return None if isinstance(expression, Quantified) else False


def _compare_by_atom(clause: Atom) -> bool | None:
    expression = clause.expression
    if not is_solid(expression):
        if isinstance(expression, Quantified) and not _any_small(expression):
            return False
        return None
    if isinstance(expression, Operation) and expression.operator in COMPARISONS:
        return None if any(_is_constant(arg) for arg in expression.args) else False
    return None if isinstance(expression, Quantified) else False


def _atom_by_atom(predicate: Atom, clause: Atom) -> bool | None:  # noqa: PLR0911 (one line per pair of kinds)
    if not (_stays(predicate) and _stays(clause)):
        return None
    a, b = predicate.expression, clause.expression
    if type(a) is not type(b) or predicate.negated is not clause.negated:
        strict = isinstance(a, NullTest) and not a.null
        return None if strict or isinstance(a, Quantified) or isinstance(b, Quantified) else False
    match a, b:
        case Column(), Column():
            return False
        case NullTest(), NullTest():
            return equal(b.arg, a.arg) if a.null is b.null else (None if not a.null else False)
        case BooleanTest(), BooleanTest():
            return False if a.kind != b.kind else equal(b.arg, a.arg)
        case Operation(), Operation():
            related = a.operator in COMPARISONS and b.operator in COMPARISONS
            return None if related or equal(b, a) is not False else False
        case _:
            return None


def _any_small(quantified: Quantified) -> bool:
    """Whether the server would look into the list."""
    items = getattr(quantified.right, "items", ())
    return not items or len(items) <= MAX_ARRAY


def _is_constant(arg: object) -> bool:
    while (inner := getattr(arg, "arg", None)) is not None:
        arg = inner
    return isinstance(arg, Constant)


def _stays(qual: Qual) -> bool:
    return isinstance(qual, Compare) or (isinstance(qual, Atom) and is_solid(qual.expression))


def _all_stay(qual: Qual) -> bool:
    return all(_stays(atom) for atom in _atoms(qual))


def _builtin(qual: Atom | Compare) -> bool:
    return isinstance(qual, Compare) or is_builtin(qual.expression)


def _parametrised(qual: Atom | Compare) -> bool:
    return isinstance(qual.value, Parameter) if isinstance(qual, Compare) else has_parameter(qual.expression)


def _names(qual: Atom | Compare) -> frozenset[str]:
    return (
        frozenset((qual.column,)) if isinstance(qual, Compare) else frozenset(c.name for c in columns(qual.expression))
    )


def _atoms(qual: Qual) -> Iterable[Atom | Compare]:
    if isinstance(qual, Every | Some):
        return [atom for arg in qual.args for atom in _atoms(arg)]
    return [qual]


def _is_nested(qual: Qual) -> bool:
    """An OR that holds an AND."""
    if isinstance(qual, Some) and any(len(conjuncts(arg)) > 1 for arg in qual.args):
        return True
    return isinstance(qual, Every | Some) and any(_is_nested(arg) for arg in qual.args)


def _any(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def _all(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True

"""What could cure a finding: one function per rule, best first. Whether it does is tried afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from . import constraints, other_keys, predicates, writing
from .model import NotOffered
from .nullable import nullable_target
from .racing import select_then_insert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from .circumstances import Circumstances
    from .model import Idea

_TABLES = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)


def ideas(code: str, bound: BoundSite, known: Circumstances) -> Iterator[Idea]:
    """What could cure the finding of that rule at that site."""
    if bound.when_run:
        yield NotOffered("a change of the statement", "it stands in a migration that runs before any new revision")
        return
    if reason := _OUT_OF_REACH.get(code):
        yield NotOffered("a change of the schema", reason)
        return
    relation = bound.base
    if relation is None or relation.kind not in _TABLES:
        yield NotOffered("a change of the schema", "the statement does not reach a table")
        return
    if bound.relation is not relation and code in _BY_RULE:
        yield NotOffered("a change of the schema", "the statement writes through a view, which renames columns at will")
        return
    yield from _BY_RULE.get(code, _nothing)(bound, relation, known)


def _nothing(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    del bound, relation, known
    yield NotOffered("a repair", "this rule has none that could be told from the catalog")


_OUT_OF_REACH: Mapping[str, str] = {
    "PGA001": "what columns and types the table should have is not known",
    "PGA002": "what type the column should have is not known; add it by a revision of your own, or mend the name",
    "PGA110": "a name must be changed in the body of the function, by a revision of your own that replaces it",
    "PGA201": "the value must be left out of the statement, or GENERATED ALWAYS given up by a revision of your own",
    "PGA401": "no revision grants anything: the remedy of the finding is the GRANT, for whoever may give it",
    "PGA402": "no revision makes a policy: who may write which rows is not for a program to say",
    "PGA901": "nothing is known to be wrong",
}
_BY_RULE: Mapping[str, Callable[[BoundSite, Relation, Circumstances], Iterator[Idea]]] = {
    "PGA101": other_keys.no_arbiter,
    "PGA102": predicates.partial,
    "PGA103": predicates.parameter,
    "PGA104": predicates.expression,
    "PGA105": constraints.constraint_name,
    "PGA106": constraints.deferrable,
    "PGA107": constraints.invalid,
    "PGA108": other_keys.exclusion,
    "PGA109": predicates.postgrest,
    "PGA111": writing.missing_target,
    "PGA202": writing.not_null,
    "PGA203": writing.client_default,
    "PGA204": writing.client_default,
    "PGA205": nullable_target,
    "PGA301": select_then_insert,
    "PGA302": writing.owner,
}

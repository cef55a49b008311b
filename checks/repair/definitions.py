"""Online operations from what the catalog says of an index, and names that are free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..online.add_unique import AddUnique
from ..online.model import Table
from ..online.names import default_name, derived_name
from ..online.replace_unique import ReplaceUnique
from ..quoting import quoted
from ..rules._names import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..catalog.model import Index, IndexKey, Relation
    from ..model import InferenceClause
    from .policy import Policy


def table_of(relation: Relation) -> Table:
    """The table as operations name it."""
    return Table(relation.name, relation.schema)


def elements_of(index: Index) -> tuple[str, ...]:
    """The keys of an index as the directives spell them."""
    return tuple(_element(key) for key in index.keys)


def _element(key: IndexKey) -> str:
    rest = ""
    if key.collation_name is not None:
        rest += f" COLLATE {quoted(key.collation_name)}"
    if key.opclass.endswith("_pattern_ops"):  # all others of pg_catalog are the default of their type
        rest += f" {quoted(key.opclass)}"
    if key.column is not None:
        return f"({quoted(key.column)}){rest}" if rest else key.column
    return f"({key.expression}){rest}"


def asked_by(target: InferenceClause) -> tuple[str, ...] | None:
    """The elements that a conflict target asks for, as the directives spell them; None where no index can have them."""
    if target.element_parameters or any(element.ordering for element in target.elements):
        return None
    return tuple(dict.fromkeys(_asked(element) for element in target.elements))


def _asked(element: Any) -> str:
    if element.column is not None and not element.collation and not element.opclass:
        return str(element.column)
    subject = quoted(element.column) if element.column is not None else element.expression
    rest = f" COLLATE {_name(element.collation)}" if element.collation else ""
    rest += f" {_name(element.opclass)}" if element.opclass else ""
    return f"({subject}){rest}"


def _name(name: Any) -> str:
    return ".".join(quoted(part) for part in (name.schema, name.name) if part)


def add(relation: Relation, elements: Sequence[str], policy: Policy, **more: Any) -> AddUnique:
    """A unique index of its own on these elements, under a name that is free."""
    given = {"name": free_name(relation, elements), **more}
    return AddUnique(table_of(relation), tuple(elements), **given, **policy.of_duplicates())


def replace(relation: Relation, index: Index, elements: Sequence[str], policy: Policy, **more: Any) -> ReplaceUnique:
    """Another unique index in place of this one, of the same kind where it can be.

    `more`: `where`, `nulls_not_distinct`, `constraint` of the new one. It keeps the name unless the key is another.
    """
    wanted = tuple(elements)
    same = wanted == elements_of(index)
    plain = not more.get("where") and all(not each.startswith("(") for each in wanted)
    own = index.constraint is not None
    given = {"constraint": own and plain, "include": index.include, **more}
    return ReplaceUnique(
        table_of(relation),
        old=index.name,
        new=index.name if same else free_name(relation, wanted, constraint=bool(given["constraint"])),
        columns=wanted,
        **given,
        **policy.of_duplicates(),
        old_columns=elements_of(index),
        old_constraint=own,
        old_where=predicate_of(index),
        old_nulls_not_distinct=index.nulls_not_distinct,
        old_include=index.include,
    )


def predicate_of(index: Index) -> str | None:
    """The predicate without the parentheses around it."""
    return None if index.predicate is None else bare(index.predicate)


def free_name(relation: Relation, elements: Sequence[str], *, constraint: bool = False) -> str:
    """The name that PostgreSQL would give an index on these elements; it counts up where a name is taken."""
    words = tuple("expr" if each.startswith("(") else each for each in elements)
    wanted = default_name(relation.name, words, "key" if constraint else "idx")
    taken = {index.name for index in relation.indexes} | {found.name for found in relation.constraints}
    names = (wanted, *(derived_name(wanted, str(number)) for number in range(1, len(taken) + 2)))
    return next(name for name in names if name not in taken)


def is_plain(index: Index) -> bool:
    """All keys are columns."""
    return all(key.column is not None for key in index.keys)


def shown(elements: Sequence[str]) -> str:
    """Elements as SQL, in parentheses."""
    return f"({', '.join(each if each.startswith('(') else quoted(each) for each in elements)})"

"""Steps that leave a table in use while they run: CONCURRENTLY, and NOT VALID with VALIDATE behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...quoting import default_name, quoted
from ...structure.ddl import NOT_NULL_ROWS, parts
from ...structure.ddl.statement import Statement
from ...structure.definition import qualified
from ...structure.parts import Constraint, Index, Part
from .model import EXCLUSIVE, Step
from .relations import index_made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...structure.model import Relation
    from ...structure.parts import Column, Name, NotNull

_SHARED = "SHARE UPDATE EXCLUSIVE"


def created(step: Step, found: Index | Constraint, relation: Relation) -> Iterator[Step]:
    """The steps for one that makes an index or adds a constraint; itself where nothing is gained.

    An index of a partitioned table by itself (ON ONLY) is made at once: those of its partitions are built.
    """
    if isinstance(found, Index):
        last = not found.unique and found.parent is None and not _attributed(found)
        made = replace(step, part=found)
        yield made if relation.partition_key is not None else replace(_concurrently(made), late=last)
    elif (
        found.kind in ("check", "foreign key")
        and found.validated
        and found.enforced
        and not _partitioned(found, relation)
    ):
        yield from _validated(step, found, relation)
    elif _by_index(found, relation) and found.using_index is not None:
        yield from _using_index(step, found, found.using_index, relation)
    else:
        yield step


def _attributed(index: Index) -> bool:
    """Whether statements about the index follow."""
    return index.clustered or index.comment is not None or any(key.statistics is not None for key in index.keys)


def dropped(step: Step, relation: Relation) -> Step:
    """DROP INDEX CONCURRENTLY, which a partitioned table has not."""
    found = next((one for one in relation.indexes if one.name == step.subject.name), None)
    plain = relation.partition_key is None and found is not None and found.parent is None
    return _concurrently(step) if step.subject.part is Part.INDEX and plain else step


def _concurrently(step: Step) -> Step:
    written = step.sql.replace("INDEX ", "INDEX CONCURRENTLY ", 1)
    return replace(step, statement=step.statement._replace(sql=written), lock=_SHARED, transactional=False)


def _partitioned(found: Constraint, relation: Relation) -> bool:
    """Servers before 18 have no foreign key of a partitioned table that is not valid."""
    return found.kind == "foreign key" and relation.partition_key is not None


def _by_index(found: Constraint, relation: Relation) -> bool:
    return found.kind in ("primary key", "unique") and not found.period and relation.partition_key is None


def _validated(step: Step, found: Constraint, relation: Relation) -> Iterator[Step]:
    table = qualified(relation[:2])
    unproven = parts.add_constraint(found._replace(validated=False), table)
    yield replace(step, statement=step.statement._replace(sql=unproven.sql))
    text = f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(found.name)}"
    yield Step(Statement(text, needs=step.sql), step.subject, _SHARED, transactional=False, late=True)


def _using_index(step: Step, found: Constraint, index: Index, relation: Relation) -> Iterator[Step]:
    index = index._replace(unique=True)
    built = index_made(index, relation)
    yield _concurrently(replace(step, statement=built))
    text = f"ALTER TABLE {qualified(relation[:2])} ADD CONSTRAINT {quoted(found.name)} {found.kind.upper()}"
    text += f" USING INDEX {quoted(index.name)}"
    text += (" DEFERRABLE" if found.deferrable else "") + (" INITIALLY DEFERRED" if found.deferred else "")
    yield replace(step, statement=step.statement._replace(sql=text), lock=EXCLUSIVE)


def not_null(step: Step, column: Column, table: Name, version: int) -> Iterator[Step]:
    """SET NOT NULL without a scan under its lock: a constraint that is validated later, or a CHECK that proves it."""
    name = qualified(table)
    tail: tuple[str, ...] = ()
    if version >= NOT_NULL_ROWS:
        kept: NotNull | None = column.not_null_constraint
        written = kept.name if kept else default_name(table[1], column.name, "not_null")
        add = f"ADD CONSTRAINT {quoted(written)} NOT NULL {quoted(column.name)}"
    else:
        written = default_name(table[1], column.name, "proven")
        add = f"ADD CONSTRAINT {quoted(written)} CHECK ({quoted(column.name)} IS NOT NULL)"
        tail = (step.sql, f"ALTER TABLE {name} DROP CONSTRAINT {quoted(written)}")
    yield replace(step, statement=Statement(f"ALTER TABLE {name} {add} NOT VALID"))
    validate = Statement(f"ALTER TABLE {name} VALIDATE CONSTRAINT {quoted(written)}")
    yield replace(step, statement=validate, lock=_SHARED, transactional=False, late=True)
    for text in tail:
        yield replace(step, statement=Statement(text), late=True)

"""Steps of a plan as Alembic's operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.operations import ops

from ...structure.model import Kind
from ...structure.parts import Column, Constraint, Index, Part

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

    from ...diff.migration import Step
    from ...diff.model import Subject

# Types that SQLAlchemy compiles to just these names.
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "smallint": sa.SmallInteger(),
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "uuid": sa.Uuid(),
    "double precision": sa.Double(),
    "timestamp with time zone": sa.DateTime(timezone=True),
    "timestamp without time zone": sa.DateTime(),
    "bytea": sa.LargeBinary(),
}


def of(step: Step) -> ops.MigrateOperation:
    """The operation that does what the step's statement does."""
    found = _added(step) if step.part is not None else _dropped(step)
    return Execute(step.sql) if found is None else found


class Execute(ops.MigrateOperation):
    """A statement as it is."""

    def __init__(self, statement: str) -> None:
        self.statement = statement


@renderers.dispatch_for(Execute)
def _render(context: AutogenContext, operation: Execute) -> str:
    """op.execute, which reads its text as sqlalchemy.text() does.

    That has no way to write `:a:b`: then the driver gets the statement, with the doubled % that psycopg wants.
    """
    prefix = context.opts["alembic_module_prefix"]
    written = escaped(operation.statement)
    if str(sa.text(written).compile()) != operation.statement:
        return f"{prefix}get_bind().exec_driver_sql({_literal(operation.statement.replace('%', '%%'))})"
    return f"{prefix}execute({_literal(written)})"


def _literal(text: str) -> str:
    """The text as Python writes it, on several lines where it has them."""
    plain = all(char.isprintable() or char == "\n" for char in text)
    if "\n" not in text or "\\" in text or '"""' in text or text.endswith('"') or not plain:
        return repr(text)
    return f'\n        """{text}"""\n    '


def escaped(statement: str) -> str:
    """The statement with a backslash before every colon that text() would read as a parameter or unescape."""
    pieces: list[str] = []
    for place, char in enumerate(statement):
        before, after = statement[place - 1 : place], statement[place + 1 : place + 2]
        starts = after.isalnum() or after in ("_", "$")
        parameter = starts and not (before == ":" or before.isalnum() or before == "_")
        pieces.append("\\:" if char == ":" and (parameter or (before == "\\" and after != ":")) else char)
    return "".join(pieces)


def _table(subject: Subject) -> tuple[str, str]:
    return subject.identity[1], subject.identity[0]


def _added(step: Step) -> ops.MigrateOperation | None:
    table, schema = _table(step.subject) if len(step.subject.identity) > 1 else ("", "")
    match step.part:
        case Column() if step.subject.kind is Kind.TABLE and _is_plain(step.part):
            default = None if step.part.default is None else sa.text(escaped(step.part.default))
            column: sa.Column[Any] = sa.Column(
                step.part.name, _TYPES[step.part.type], nullable=not step.part.not_null, server_default=default
            )
            return ops.AddColumnOp(table, column, schema=schema)
        case Index() if _is_simple(step.part) and "ON ONLY" not in step.sql:
            columns = [key.key for key in step.part.keys]
            created = ops.CreateIndexOp(step.part.name, table, columns, schema=schema, unique=step.part.unique)
            created.kw |= {} if step.transactional else {"postgresql_concurrently": True}
            return created
        case Constraint(kind="foreign key") if _is_usual(step.part) and step.part.references:
            return _foreign_key(step.part, table, schema)
        case _:
            return None


def _is_plain(column: Column) -> bool:
    known = Column(column.name, column.type, column.not_null, column.default, comment=column.comment)
    extra = column._replace(acl=None, storage=None, compression="", statistics=None, options=())
    default = (column.default or "").replace("::", "")
    return column.type in _TYPES and extra == known and not any(char in default for char in ":\\%")


def _is_simple(index: Index) -> bool:
    plain = Index(index.name, "btree", index.keys, unique=index.unique)
    keys = all(key == type(key)(key.key) for key in index.keys)
    return keys and index._replace(comment=None, clustered=False, parent=None) == plain


def _is_usual(constraint: Constraint) -> bool:
    return (
        constraint.match == "simple"
        and constraint.validated
        and constraint.enforced
        and not constraint.set_columns
        and not constraint.period
    )


def _foreign_key(constraint: Constraint, table: str, schema: str) -> ops.MigrateOperation | None:
    if constraint.references is None:
        return None
    referenced_schema, referenced = constraint.references
    return ops.CreateForeignKeyOp(
        constraint.name,
        table,
        referenced,
        list(constraint.columns),
        list(constraint.referenced_columns),
        source_schema=schema,
        referent_schema=referenced_schema,
        onupdate=_action(constraint.on_update),
        ondelete=_action(constraint.on_delete),
        deferrable=True if constraint.deferrable else None,
        initially="DEFERRED" if constraint.deferred else None,
    )


def _action(word: str) -> str | None:
    return None if word == "no action" else word.upper()


def _dropped(step: Step) -> ops.MigrateOperation | None:
    subject = step.subject
    if len(subject.identity) < 2:  # noqa: PLR2004 - a schema and a name
        return None
    table, schema = _table(subject)
    drops_it = step.sql.startswith("DROP ") if subject.part is not Part.COLUMN else " DROP COLUMN " in step.sql
    match subject.part:
        case None if subject.kind is Kind.TABLE and drops_it:
            return ops.DropTableOp(table, schema=schema)
        case Part.COLUMN if subject.kind is Kind.TABLE and drops_it and subject.name:
            return ops.DropColumnOp(table, subject.name, schema=schema)
        case Part.INDEX if drops_it and subject.name:
            dropped = ops.DropIndexOp(subject.name, table, schema=schema)
            dropped.kw |= {} if step.transactional else {"postgresql_concurrently": True}
            return dropped
        case _:
            return None

"""Operations as Alembic directives: `op.<directive>(table, ...)`, their rendering, and how a revision runs them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations
from sqlalchemy.exc import PendingRollbackError

from ..quoting import literal
from .execute import execute
from .model import OnlineError, Operation, Table
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alembic.autogenerate.api import AutogenContext
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection

Registered = TypeVar("Registered", bound="type[Operation]")

_REGISTERED: dict[str, type[Operation]] = {}


def operations() -> Mapping[str, type[Operation]]:
    """All registered operations by their directive."""
    return _REGISTERED


class OnlineOp(MigrateOperation):
    """An online operation in Alembic's tree of operations, as autogenerate renders and a revision invokes it."""

    made_from: ClassVar[Callable[..., Operation]]

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    @classmethod
    def invoked(cls, operations: Operations, table: str, *args: Any, schema: str | None = None, **kwargs: Any) -> Any:
        """What `op.<directive>` calls. Lists become tuples, so that an operation stays a value.

        Raises OnlineError for a text where a list is wanted, which Python would take for one of its letters.
        """
        made = cls.made_from(
            Table(table, schema), *(_frozen(a) for a in args), **{k: _frozen(v) for k, v in kwargs.items()}
        )
        _refuse_text_for_list(made)
        return operations.invoke(cls(made))

    def reverse(self) -> MigrateOperation:
        """The directive of the downgrade. Raises OnlineError where there is none."""
        back = self.operation.reverse()
        if back is None:
            raise OnlineError(f"op.{self.operation.directive} has no reverse")
        return wrapped(back)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """As `alembic check` shows it."""
        return (self.operation.directive, str(self.operation.table), self.operation.arguments())


_WRAPPERS: dict[type[Operation], type[OnlineOp]] = {}


def register(operation: Registered) -> Registered:
    """Make an operation known to Alembic as `op.<directive>`; a class decorator."""
    name = operation.directive
    wrapper: Any = type(operation.__name__ + "Op", (OnlineOp,), {"made_from": operation, name: OnlineOp.invoked})
    Operations.register_operation(name, name)(wrapper)
    Operations.implementation_for(wrapper)(_run)
    renderers.dispatch_for(wrapper)(_render)
    _REGISTERED[name] = operation
    _WRAPPERS[operation] = wrapper
    return operation


def wrapped(operation: Operation) -> OnlineOp:
    """The operation as a directive, for Alembic's lists of operations and their rendering."""
    return _WRAPPERS[type(operation)](operation)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list | tuple) else value


def _refuse_text_for_list(operation: Operation) -> None:
    for each in fields(operation):  # type: ignore[arg-type]
        value = getattr(operation, each.name)
        if isinstance(value, str) and str(each.type).startswith("tuple["):
            raise OnlineError(
                f'{each.name} of op.{operation.directive} is the text "{value}", wanted a list; nothing was changed',
                f"Write {each.name}=[{value!r}].",
            )


def _run(operations: Operations, directive: OnlineOp) -> None:
    context, operation = operations.migration_context, directive.operation
    if context.as_sql:
        _print(operations, operation)
        return
    _refuse_company(context, operation)
    failed: OnlineError | None = None
    try:
        with context.autocommit_block():
            try:
                execute(operation, Session(cast("Connection", context.connection)))
            except OnlineError as error:
                failed = error
                raise
    except PendingRollbackError:  # how the block ends when the connection was lost, whatever was raised in it
        if failed is None:
            raise
        raise failed from failed.__cause__


def _print(operations: Operations, operation: Operation) -> None:
    context = operations.migration_context
    with context.autocommit_block():
        for statement in operation.script():  # as it is: op.execute would take ":name" for a parameter and double "%"
            context.impl.static_output(statement + context.impl.command_terminator)


# Alembic makes its own table in the transaction of the first revision of all, which may be committed; then a lock tells
# whether anything else was made or written.
_COMPANY = """
SELECT pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL AND (v.oid IS NULL OR EXISTS (
    SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
    AND c.relnamespace <> 'pg_catalog'::regnamespace AND c.oid <> v.oid AND c.oid <> v.reltoastrelid
    AND c.oid NOT IN (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid IN (v.oid, v.reltoastrelid))))
FROM (SELECT) one LEFT JOIN pg_catalog.pg_class v
    ON v.oid = pg_catalog.to_regclass({table}) AND v.xmin = pg_catalog.pg_current_xact_id_if_assigned()::xid
"""


def _version_table(context: MigrationContext) -> str:
    return literal(str(Table(context.version_table, context.version_table_schema)))


def _refuse_company(context: MigrationContext, operation: Operation) -> None:
    """What the revision did before would be committed without a stamp, and done again by the next run."""
    connection = context.connection
    if connection is None or not context._transaction_per_migration:  # noqa: SLF001 - Alembic has no public name for it
        return
    if connection.exec_driver_sql(_COMPANY.format(table=_version_table(context))).scalar():
        raise OnlineError(
            f"op.{operation.directive} is not the only statement of its revision",
            "Move it to a revision of its own: what stands before it would be committed without being recorded.",
        )


def _render(context: AutogenContext, directive: OnlineOp) -> str:
    context.imports.add("import pgarbiter.online")
    arguments = directive.operation.arguments()
    table = arguments.pop("table")
    shown = [repr(table), *(f"{name}={value!r}" for name, value in arguments.items())]
    prefix = context.opts.get("alembic_module_prefix", "op.")
    return f"{prefix}{directive.operation.directive}({', '.join(shown)})"

"""Rows of the live database that stand in the way of an operation, counted read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, pool
from sqlalchemy.exc import DBAPIError

from ..errors import PgArbiterError
from ..online import preflight
from ..online.add_unique import AddUnique
from ..online.key import Key
from ..online.not_null import SetNotNull
from ..online.replace_unique import ReplaceUnique
from ..online.session import Session
from ..schema.live import connect
from .trial import refusal

if TYPE_CHECKING:
    from ..online.model import Operation


def counted(url: str, operation: Operation) -> tuple[str, ...]:
    """What is in the way, one line for each kind; what could not be counted is said as well."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: connect(url), poolclass=pool.NullPool
    ).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            found = _found(Session(connection), operation)
    except (PgArbiterError, DBAPIError) as error:
        return (f"could not count the rows in the way: {refusal(error)}",)
    finally:
        engine.dispose()
    return (str(found),) if found else ("no row is in the way",) if found is not None else ()


def _found(session: Session, operation: Operation) -> preflight.Found | None:
    match operation:
        case AddUnique() | ReplaceUnique():
            key = Key(operation.columns, operation.where, operation.nulls_not_distinct)
            return preflight.duplicates(session, operation.table, key)
        case SetNotNull():
            return preflight.nulls(session, operation.table, operation.column)
        case _:
            return None

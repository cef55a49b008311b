"""Asks the planner of another server about a twin of the table, where the table's own server is out of reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg

from ..catalog.model import RelationKind
from ..errors import SqlSyntaxError
from ..model import InferenceClause, QualifiedName
from ..sql.expression_reader import parse_expression
from ..sql.probe import probe
from .answers import Answer, NoAnswer
from .model import DecidedBy
from .planner import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ..catalog.model import Column, Index, IndexKey, Relation
    from ..model import Write

    Connection = psycopg.Connection[Any]

_ALIKE = 140000  # from here to the newest, servers infer alike but for virtual columns
_VIRTUAL = 180000
_NAMESPACE = "pgarbiter_twin"
_OWN_TYPE = re.compile(r'"char"|[a-z0-9_ ]+(\([0-9, ]+\)[a-z ]*)?(\[\])?')  # without a schema: pg_catalog's
_COLLATIONS = {0: "", 100: "", 950: ' COLLATE pg_catalog."C"', 951: ' COLLATE pg_catalog."POSIX"'}


class NoTwinError(Exception):
    """The table cannot be built from pg_catalog's own parts; the message says why."""


class Twin:
    """A throwaway server on which a table is rebuilt, asked and dropped, all in one transaction that is rolled back.

    `version` is that of the server whose catalog the relations come from. There is no answer where anything but
    pg_catalog's own types, collations, functions and operators is involved, or where the two majors infer differently.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]], version: int) -> None:
        self._connect = connect
        self._version = version

    @property
    def decided_by(self) -> DecidedBy:
        """A twin of the table."""
        return DecidedBy.TWIN

    def ask(self, write: Write, relation: Relation, search_path: Sequence[str]) -> Answer:  # noqa: ARG002 (the twin has nothing but pg_catalog)
        """What inference comes to on the twin; never raises for what a server says."""
        if not isinstance(write.target, InferenceClause):
            return NoAnswer("only an inference clause can be put to a planner")
        if write.variables:
            return NoAnswer("the types of PL/pgSQL variables are not known to a twin")
        with self._connect() as connection:
            if self._differs(relation, connection.info.server_version):
                return NoAnswer("the server at hand infers differently from the one of the catalog")
            try:
                text = probe(QualifiedName(_NAMESPACE, relation.name), write.alias, write.target, {})
                with connection.transaction(force_rollback=True):
                    for statement in _statements(relation):
                        connection.execute(statement.encode(connection.info.encoding), prepare=False)
                    return put(connection, text, relation, ())
            except (NoTwinError, psycopg.Error) as error:
                return NoAnswer(f"a twin of the table cannot be built: {error}".splitlines()[0])

    def _differs(self, relation: Relation, version: int) -> bool:
        virtual = any(column.generated == "v" for column in relation.columns)
        return min(version, self._version) < (_VIRTUAL if virtual else _ALIKE)


def _statements(relation: Relation) -> Iterator[str]:
    """The table and those of its indexes that inference looks at, under a schema of its own."""
    if relation.kind not in (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE):
        raise NoTwinError("it is no table")
    if relation.rules:
        raise NoTwinError("it has rules")
    table = f"{_quoted(_NAMESPACE)}.{_quoted(relation.name)}"
    yield f"CREATE SCHEMA {_quoted(_NAMESPACE)}"
    yield "SET LOCAL search_path = ''"
    yield f"CREATE TABLE {table} ({', '.join(column_sql(column) for column in relation.columns)})"
    for index in relation.indexes:
        if index.unique and index.valid and index.live and not index.exclusion:
            yield index_sql(index, table)


def column_sql(column: Column) -> str:
    """A column of CREATE TABLE. Raises NoTwinError for a type or collation that is not of pg_catalog."""
    if not _OWN_TYPE.fullmatch(column.type):
        raise NoTwinError(f'column "{column.name}" has type {column.type}')
    if column.collation not in _COLLATIONS:
        raise NoTwinError(f'column "{column.name}" has a collation of its own')
    made = f"{_quoted(column.name)} {column.type}{_COLLATIONS[column.collation]}"
    if not column.generated or column.default is None:
        return made
    return (
        f"{made} GENERATED ALWAYS AS ({_checked(column.default)}) {'STORED' if column.generated == 's' else 'VIRTUAL'}"
    )


def index_sql(index: Index, table: str) -> str:
    """The statement that makes a unique index again. Raises NoTwinError."""
    keys = ", ".join(_key(key) for key in index.keys)
    where = "" if index.predicate is None else f" WHERE ({_checked(index.predicate)})"
    return f"CREATE UNIQUE INDEX {_quoted(index.name)} ON {table} ({keys}){where}"


def _key(key: IndexKey) -> str:
    """A collation has a name only where it is not the column's own."""
    made = _quoted(key.column) if key.column is not None else f"({_checked(key.expression or '')})"
    collation = f" COLLATE pg_catalog.{_quoted(key.collation_name)}" if key.collation_name is not None else ""
    return f"{made}{collation} pg_catalog.{_quoted(key.opclass)}"


def _checked(text: str) -> str:
    """An expression as the source server printed it, once it is sure to be no more than that."""
    try:
        parse_expression(text)
    except SqlSyntaxError as error:
        raise NoTwinError(f"an expression cannot be read: {error.message}") from None
    return f"{text}\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

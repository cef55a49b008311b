"""The errors that pgarbiter raises on purpose."""

from __future__ import annotations


class PgArbiterError(Exception):
    """The run cannot go on. `message` is written as Postgres writes them, `hint` is a full sentence."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SourceError(PgArbiterError):
    """A source path, file or setting cannot be read."""


class ServerError(PgArbiterError):
    """No server can be had, or a server refuses the work."""


class SchemaError(PgArbiterError):
    """A schema source cannot be loaded."""


class SqlSyntaxError(PgArbiterError):
    """A text is not a PostgreSQL statement. `offset` is the character at which the parser stopped, from 0."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset

"""A running server: databases of our own on it, and the roles that came with them."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from ..errors import ServerError
from . import leftovers
from .conninfo import connect, reason
from .model import OLDEST_MAJOR, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from psycopg import Connection
    from psycopg.sql import Composed

MINOR_VERSIONS = 10_000  # server_version_num is major * 10000 + minor


_OUR_ROLE = SQL("SELECT rolname, rolsuper, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")


class Server:
    """A server that databases can be made on; they are dropped at its exit, as are the roles that were tracked.

    `version` is server_version_num, `superuser` whether our role is one, `may_create_roles` whether roles may be left
    to a schema source. No password ever shows in its repr.
    """

    def __init__(
        self,
        kind: Kind,
        conninfo: str,
        *,
        template: str | None = None,
        may_create_roles: bool = True,
        log: Callable[[], str] | None = None,
    ) -> None:
        self.kind = kind
        self.may_create_roles = may_create_roles
        self.roles_created: tuple[str, ...] = ()
        self._conninfo = conninfo
        self._template = template
        self._log = log
        self._databases: list[str] = []
        self._admin: Connection[Any] | None = None
        self.version = 0
        self.superuser = False

    def __repr__(self) -> str:
        return f"Server(kind={self.kind.value!r}, version={self.version})"

    def __enter__(self) -> Self:
        try:
            self._introduce()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.kind is Kind.URL:  # all others vanish whole
                self._drop_all()
        except ServerError:
            if error is None:
                raise
        finally:
            self._close()

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return self.version // MINOR_VERSIONS

    def conninfo(self, dbname: str) -> str:
        """The connection string of a database on this server; it may hold a password."""
        return make_conninfo(self._conninfo, dbname=dbname)

    def create_database(self, template: str | None = None) -> str:
        """The connection string of a new database `pgarbiter_<random>`, a copy of database `template` if given.

        Raises ServerError.
        """
        name = f"pgarbiter_{secrets.token_hex(8)}"
        statement = SQL("CREATE DATABASE {}").format(Identifier(name))
        if chosen := template or self._template:
            statement += SQL(" TEMPLATE {}").format(Identifier(chosen))
        self._databases.append(name)
        if self.kind is Kind.URL:
            self._mark(leftovers.mark_session, name)
        self._execute(statement)
        if self.kind is Kind.URL:
            self._mark(leftovers.mark_database, name)
        return self.conninfo(name)

    def drop_database(self, conninfo: str) -> None:
        """Drop a database that create_database made, and end the sessions in it. Raises ServerError."""
        name = str(conninfo_to_dict(conninfo)["dbname"])
        if name not in self._databases:
            raise ServerError(f'database "{name}" was not made here')
        self._drop_database(name)

    def read_log(self) -> str:
        """What the server has logged, connections too; empty when its log is not ours to read."""
        return self._log() if self._log else ""

    @contextmanager
    def roles_tracked(self) -> Iterator[None]:
        """Roles that are new on the server after the block count as made by us: `roles_created`, dropped at exit."""
        before = self._roles()
        try:
            yield
        finally:
            new = self._roles() - before
            self.roles_created = tuple(sorted({*self.roles_created, *new}))

    def _introduce(self) -> None:
        self.version = self._connection().info.server_version
        refuse_old(self.version)
        ((user, self.superuser, may_create),) = self._execute(_OUR_ROLE)
        if not may_create:
            raise ServerError(
                f'role "{user}" may not create databases',
                f"Allow it with ALTER ROLE {user} CREATEDB, or take a throwaway server: --server embedded.",
            )
        if self.kind is Kind.URL:
            with suppress(Error):  # another run sweeps too, or someone looks into what was left: the next run may
                leftovers.sweep(self._connection())

    def _roles(self) -> frozenset[str]:
        return frozenset(name for (name,) in self._execute(SQL("SELECT rolname FROM pg_roles")))

    def _drop_all(self) -> None:
        for name in tuple(self._databases):
            self._drop_database(name)
        for role in self.roles_created:
            self._execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))
        self.roles_created = ()

    def _drop_database(self, name: str) -> None:
        self._execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        self._databases.remove(name)

    def _mark(self, how: Callable[[Connection[Any], str], None], name: str) -> None:
        try:
            how(self._connection(), name)
        except Error as error:
            raise ServerError(reason(error, self._conninfo)) from None

    def _connection(self) -> Connection[Any]:
        if self._admin is None or self._admin.closed:
            self._admin = connect(self._conninfo)
            if self.kind is Kind.URL:
                for name in self._databases:
                    leftovers.mark_session(self._admin, name)
        return self._admin

    def _execute(self, statement: SQL | Composed, *, again: bool = True) -> list[tuple[Any, ...]]:
        """Run one statement of our own; a session that someone ended is opened again once."""
        connection = self._connection()
        try:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
        except Error as error:
            if not (again and connection.closed):
                raise ServerError(reason(error, self._conninfo)) from None
        return self._execute(statement, again=False)

    def _close(self) -> None:
        if self._admin is not None:
            self._admin.close()


def refuse_old(version: int) -> None:
    """Raise ServerError for a server_version_num below that of PostgreSQL 14."""
    if version < OLDEST_MAJOR * MINOR_VERSIONS:
        told = f"{version // MINOR_VERSIONS}.{version % MINOR_VERSIONS}"
        raise ServerError(f"server is too old: it is PostgreSQL {told}, wanted {OLDEST_MAJOR} or newer")

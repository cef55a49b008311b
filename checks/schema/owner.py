"""Who runs a stranger's migrations, and in which database: an owner without superuser rights, made for it.

The owner may create roles where that gives no more than it says. From version 16 on a CREATEROLE role manages only the
roles that it made. Before, it could grant itself pg_execute_server_program and its like, and so run programs; there
these three are marked superuser, in a cluster that is thrown away, so that the server itself refuses to grant them.
On a server that is not ours the owner never has CREATEROLE.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ..errors import ServerError
from ..server.model import Kind
from .wire import Refusal, first_line, send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..server import Server

_SELF_GRANT = 160000  # createrole_self_grant, and CREATEROLE without power over roles of others
_PROGRAM_ROLES = ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files")


@dataclass(slots=True)
class Place:
    """A database to load into. `owner` connects as the owner, `admin` as superuser (None if there is none)."""

    owner: str
    admin: str | None
    owner_name: str
    version: int
    throwaway: bool
    may_create_roles: bool

    def as_admin(self, text: str) -> Refusal | None:
        """Run statements as superuser in one transaction."""
        if self.admin is None:
            return Refusal("42501", "permission denied: the server's role is no superuser")
        with psycopg.connect(self.admin, autocommit=True) as connection:
            return send(connection, text)

    def create_role(self, name: str) -> bool:
        """Make a role that a script names, for the owner to grant to and set; whether it is there now."""
        if not self.may_create_roles or self.admin is None:
            return False
        made = sql.SQL("CREATE ROLE {} NOLOGIN; GRANT {} TO {}").format(
            sql.Identifier(name), sql.Identifier(name), sql.Identifier(self.owner_name)
        )
        return self.as_admin(made.as_string(None)) is None

    def lend_role(self, name: str) -> bool:
        """Make the owner a member of a role, unless that role is a superuser or one of the server's own."""
        if not self.may_create_roles or self.admin is None or name.startswith("pg_"):
            return False
        with psycopg.connect(self.admin, autocommit=True) as connection:
            question = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s AND NOT rolsuper AND NOT rolreplication"
            if connection.execute(question, (name,)).fetchone() is None:
                return False
        lent = sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(self.owner_name))
        return self.as_admin(lent.as_string(None)) is None


def prepare(server: Server, *, superuser: bool) -> Place:
    """A fresh database on `server` with its owner.

    Raises ServerError when the only role there is would run the migrations as superuser and nobody asked for that.
    """
    admin = server.create_database()
    throwaway = server.kind is not Kind.URL
    may_create = server.superuser and server.may_create_roles
    if not may_create or superuser:
        if not superuser:
            _check_rights(admin, create_roles=server.may_create_roles)
        role = str(conninfo_to_dict(admin).get("user") or "")
        return Place(admin, admin if server.superuser else None, role, server.version, throwaway, may_create)
    name, password = _create_owner(admin, server.version, throwaway=throwaway)
    owner = make_conninfo(admin, user=name, password=password)
    return Place(owner, admin, name, server.version, throwaway, may_create)


def copied_to(place: Place, copy: str) -> str:
    """The owner's connection string to `copy`, a copy of its database, which becomes the owner's too."""
    name = sql.Identifier(str(conninfo_to_dict(copy)["dbname"]))
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, sql.Identifier(place.owner_name)))
    return make_conninfo(place.owner, dbname=conninfo_to_dict(copy)["dbname"])


def _check_rights(conninfo: str, *, create_roles: bool) -> None:
    """Refuse a role of a server that is not ours when it could do more than own a database."""
    question = "SELECT rolsuper, rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        superuser, creates = connection.execute(question).fetchone() or (True, True)
    if superuser or (creates and not create_roles):
        what = "is a superuser" if superuser else "has CREATEROLE"
        raise ServerError(
            f"the role of the server's URL {what}, and migrations are a stranger's code",
            "Allow a role for them with --create-roles, or name a role that has CREATEDB and no more.",
        )


def _create_owner(admin: str, version: int, *, throwaway: bool) -> tuple[str, str]:
    """Make the owner, give it the database and schema public; its name and password."""
    password = secrets.token_urlsafe(24)
    try:
        with psycopg.connect(admin, autocommit=True) as connection:
            name = _owner_name(connection, throwaway=throwaway)
            if not connection.execute("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
            for statement in _statements(connection.info.dbname, name, password, version, throwaway=throwaway):
                connection.execute(statement)
    except psycopg.Error as error:
        raise ServerError(f"could not make an owner for the migrations: {first_line(str(error))}") from None
    return name, password


def _owner_name(connection: psycopg.Connection[Any], *, throwaway: bool) -> str:
    """`postgres` where that name is free, since migrations grant to it and give it tables."""
    if not throwaway:
        return f"pgarbiter_{secrets.token_hex(6)}"
    row = connection.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'postgres'").fetchone()
    return "pgarbiter_owner" if row and row[0] else "postgres"


def _statements(
    database: str, name: str, password: str, version: int, *, throwaway: bool
) -> Sequence[sql.Composed | sql.SQL]:
    owner, this = sql.Identifier(name), sql.Identifier(database)
    attributes = sql.SQL("CREATEROLE BYPASSRLS" if throwaway else "NOCREATEROLE")
    statements: list[sql.Composed | sql.SQL] = [
        sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOREPLICATION INHERIT {} PASSWORD {}").format(
            owner, attributes, sql.Literal(password)
        ),
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(this, owner),
        sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner),
        # A function may call what the script defines later, or what a stand-in lacks.
        sql.SQL("ALTER DATABASE {} SET check_function_bodies = off").format(this),
        # Rows that only a machine of another time zone would take are no reason to refuse a schema.
        sql.SQL("ALTER DATABASE {} SET timezone = 'UTC'").format(this),
    ]
    if version >= _SELF_GRANT:
        statements.append(sql.SQL("ALTER ROLE {} SET createrole_self_grant = 'set, inherit'").format(owner))
    elif throwaway:
        names = sql.SQL(", ").join(map(sql.Literal, _PROGRAM_ROLES))
        statements.append(
            sql.SQL("UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname IN ({})").format(names)
        )
    return statements

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from pgarbiter.catalog.acl import PUBLIC, Grant, Privilege, grants
from pgarbiter.catalog.read import read_catalog

Connection = psycopg.Connection[Any]

HOSTILE = ["plain_1", 'we"ird', "a b", "back\\slash", "{a,b}", "x=rw/y", "new\nline", "\u00e4\U0001f418", "Upper", '""']


@pytest.mark.parametrize("name", HOSTILE)
def test_a_grant_to_any_name_is_read(connection: Connection, name: str) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TABLE t (id int, a int)")
        connection.execute(SQL("CREATE ROLE {}").format(Identifier(name)))
        connection.execute(SQL("GRANT INSERT, SELECT ON t TO {} WITH GRANT OPTION").format(Identifier(name)))
        connection.execute(SQL("GRANT UPDATE (a) ON t TO {}").format(Identifier(name)))
        connection.execute("GRANT SELECT ON t TO PUBLIC")
        catalog = read_catalog(connection, own_transaction=False)
        table = catalog.relation("public", "t")
        assert table is not None
        assert table.acl is not None
        owner = catalog.roles[table.owner].name
        own, theirs, everybody = grants(table.acl)
        assert own.grantee == owner
        assert own.privileges == {Privilege.SELECT, Privilege.INSERT, Privilege.UPDATE}
        assert theirs == Grant(name, owner, frozenset({Privilege.SELECT, Privilege.INSERT}))
        assert everybody == Grant(PUBLIC, owner, frozenset({Privilege.SELECT}))
        column = table.column("a")
        assert column is not None
        assert column.acl is not None
        assert grants(column.acl) == (Grant(name, owner, frozenset({Privilege.UPDATE})),)


def test_what_was_revoked_from_all_is_an_empty_list(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TABLE t (id int); REVOKE ALL ON t FROM CURRENT_USER")
        table = read_catalog(connection, own_transaction=False).relation("public", "t")
        assert table is not None
        assert table.acl == "{}"
        assert grants(table.acl) == ()


def test_memberships_count_where_they_inherit(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            "CREATE ROLE a; CREATE ROLE b; CREATE ROLE heir IN ROLE a; CREATE ROLE other NOINHERIT IN ROLE a"
        )
        if connection.info.server_version >= 160000:
            connection.execute("GRANT b TO heir WITH INHERIT FALSE")
        roles = read_catalog(connection, own_transaction=False).roles.values()
        found = {role.name: role for role in roles}
        assert found["heir"].member_of == (found["a"].oid,)
        assert found["other"].member_of == ()
        assert not found["heir"].superuser


def test_the_owner_of_the_database_is_a_member_of_its_role(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE ROLE keeper")
        connection.execute(SQL("ALTER DATABASE {} OWNER TO keeper").format(Identifier(connection.info.dbname)))
        roles = read_catalog(connection, own_transaction=False).roles
        keeper = next(role for role in roles.values() if role.name == "keeper")
        assert [roles[oid].name for oid in keeper.member_of] == ["pg_database_owner"]


def test_a_catalog_is_read_by_a_role_that_may_not_see_memberships(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TABLE t (id int); CREATE ROLE blind")
        connection.execute("REVOKE SELECT ON pg_catalog.pg_auth_members FROM PUBLIC; SET LOCAL ROLE blind")
        catalog = read_catalog(connection, own_transaction=False)
        assert catalog.roles == {}
        assert catalog.relation("public", "t") is not None

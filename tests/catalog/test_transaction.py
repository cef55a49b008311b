from __future__ import annotations

import gc
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from pgarbiter.catalog.read import Catalog, read_catalog
from pgarbiter.catalog.rows import FetchedRows
from pgarbiter.errors import ServerError

if TYPE_CHECKING:
    from pgarbiter.server import Server

Connection = psycopg.Connection[Any]

TABLE = "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX i ON t (a) WHERE b > 0"


def test_the_reading_leaves_the_connection_as_it_was(any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.read_only = False
        read_catalog(connection)
        assert connection.info.transaction_status is TransactionStatus.IDLE
        assert connection.isolation_level is psycopg.IsolationLevel.SERIALIZABLE
        assert connection.read_only is False
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_a_transaction_of_its_own_is_not_to_be_had_inside_another(connection: Connection) -> None:
    with (
        connection.transaction(),
        pytest.raises(ServerError, match="connection is in a transaction"),
    ):
        read_catalog(connection)


def test_the_callers_transaction_is_seen_and_left_untouched(connection: Connection) -> None:
    connection.execute("CREATE SCHEMA s")
    connection.row_factory = dict_row
    with connection.transaction():
        connection.execute(TABLE.encode())
        connection.execute("SET LOCAL search_path = s, public; SET LOCAL lock_timeout = '7s'; SAVEPOINT mine")
        catalog = read_catalog(connection, own_transaction=False)
        assert catalog.relation("public", "t") is not None
        assert catalog.search_path == ("s", "public")
        assert connection.info.transaction_status is TransactionStatus.INTRANS
        row = connection.execute(
            "SELECT current_setting('search_path') AS path, current_setting('lock_timeout') AS wait,"
            " current_setting('transaction_read_only') AS read_only, current_setting('jit') = reset_val AS jit"
            " FROM pg_settings WHERE name = 'jit'"
        ).fetchone()
        assert row == {"path": "s, public", "wait": "7s", "read_only": "off", "jit": True}
        connection.execute("INSERT INTO t VALUES (1, 1); ROLLBACK TO mine; INSERT INTO t VALUES (2, 2)")
    assert connection.execute("SELECT a FROM public.t").fetchall() == [{"a": 2}]


def test_an_aborted_transaction_is_an_error_not_a_crash(any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        with pytest.raises(ServerError, match="could not read the catalog: current transaction is aborted"):
            read_catalog(connection, own_transaction=False)
        connection.rollback()


def test_a_role_without_any_right_reads_the_same(any_database: str) -> None:
    role = f"nobody_{secrets.token_hex(4)}"
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute(
            f"CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int CHECK (a > 1), b int DEFAULT 5, g int GENERATED"
            f" ALWAYS AS (a + 1) STORED); CREATE UNIQUE INDEX i ON hidden.t ((a + 1), (b + 1)) WHERE a > 0;"
            f" CREATE VIEW hidden.v AS SELECT a FROM hidden.t; CREATE POLICY p ON hidden.t USING (a = 1);"
            f" REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE ROLE {role}".encode()
        )
        try:
            whole = read_catalog(connection)
            connection.execute(f"SET ROLE {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM hidden.t")
            seen = read_catalog(connection)
            assert list(seen.relations()) == list(whole.relations())
            assert len(list(seen.relations())) == 2
            assert seen.search_path == ()
        finally:
            connection.execute(f"RESET ROLE; DROP ROLE {role}".encode())


def test_a_lock_that_is_not_granted_names_the_table_and_the_process(connection: Connection, any_database: str) -> None:
    connection.execute(TABLE.encode())
    connection.execute("CREATE TABLE innocent (a int)")
    with psycopg.connect(any_database) as migration:
        migration.execute("LOCK TABLE innocent; LOCK TABLE t")
        with pytest.raises(ServerError) as caught:
            read_catalog(connection, lock_timeout_ms=50)
        assert str(caught.value) == (
            'could not read the catalog: waited 50 ms for table "public.t", '
            f"locked by process {migration.info.backend_pid}"
        )
        assert connection.info.transaction_status is TransactionStatus.IDLE
    assert read_catalog(connection).relation("public", "t") is not None


def test_a_reader_behind_a_waiting_migration_names_the_migration(connection: Connection, any_database: str) -> None:
    connection.execute(TABLE.encode())
    with (
        ThreadPoolExecutor() as threads,
        psycopg.connect(any_database, autocommit=True) as migration,
        psycopg.connect(any_database) as report,
    ):
        report.execute("SELECT * FROM t")
        blocked = threads.submit(migration.execute, "ALTER TABLE t ADD c int")
        pid = migration.info.backend_pid
        while connection.execute("SELECT FROM pg_locks WHERE pid = %s AND NOT granted", [pid]).fetchone() is None:
            assert not blocked.done()
        with pytest.raises(ServerError, match=rf"process {pid}$"):
            read_catalog(connection, lock_timeout_ms=50)
        report.rollback()
        blocked.result()


def test_a_lock_in_the_callers_transaction_does_not_abort_it(connection: Connection, any_database: str) -> None:
    connection.execute(TABLE.encode())
    with psycopg.connect(any_database) as migration, connection.transaction():
        migration.execute("LOCK TABLE t")
        connection.execute("CREATE TABLE mine (a int)")
        with pytest.raises(ServerError, match=r'table "public\.t", locked by process'):
            read_catalog(connection, own_transaction=False, lock_timeout_ms=50)
        connection.execute("INSERT INTO mine VALUES (1)")
    assert connection.execute("SELECT a FROM mine").fetchall() == [(1,)]


def test_plain_tables_are_read_while_a_migration_holds_them(connection: Connection, any_database: str) -> None:
    connection.execute("CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x', UNIQUE (b, a))")
    with psycopg.connect(any_database) as migration:
        migration.execute("LOCK TABLE t")
        relation = read_catalog(connection, lock_timeout_ms=50).relation("public", "t")
        assert relation is not None
        assert len(relation.indexes) == 2


def test_a_query_that_is_cancelled_is_an_error_of_ours(connection: Connection, any_database: str) -> None:
    connection.execute(TABLE.encode())
    connection.execute("SET statement_timeout = '50ms'")
    with psycopg.connect(any_database) as migration:
        migration.execute("LOCK TABLE t")
        with pytest.raises(ServerError, match="could not read the catalog: canceling statement due to statement"):
            read_catalog(connection, lock_timeout_ms=60_000)


def test_the_garbage_collector_runs_again_afterwards(connection: Connection) -> None:
    assert gc.isenabled()
    read_catalog(connection)
    assert gc.isenabled()


def test_a_closed_connection_is_an_error_of_ours(any_database: str) -> None:
    connection = psycopg.connect(any_database)
    connection.close()
    with pytest.raises(ServerError, match="the connection is closed"):
        read_catalog(connection)


def test_a_connection_that_dies_is_an_error_of_ours(connection: Connection, any_database: str) -> None:
    with psycopg.connect(any_database) as doomed:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [doomed.info.backend_pid])
        with pytest.raises(ServerError, match="could not read the catalog: terminating connection"):
            read_catalog(doomed)
        doomed.close()


def test_a_change_between_two_statements_of_read_committed_is_told(connection: Connection, any_database: str) -> None:
    connection.execute("CREATE TABLE t (a int)")
    catalog = read_catalog(connection)
    connection.execute("ALTER TABLE t ADD b int; CREATE INDEX i ON t (b)")
    store, later = catalog.store, read_catalog(connection).store
    assert isinstance(store, FetchedRows)
    assert isinstance(later, FetchedRows)
    torn = Catalog(FetchedRows(store.session, {**store.fetched, "indexes": later.fetched["indexes"]}))
    with pytest.raises(ServerError, match='relation "t" changed while the catalog was read'):
        torn.relation("public", "t")


def test_a_database_without_an_encoding_is_read(server18: Server) -> None:
    name = f"ascii_{secrets.token_hex(4)}"
    with psycopg.connect(server18.conninfo("postgres"), autocommit=True) as main:
        main.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0".encode())
        try:
            with psycopg.connect(server18.conninfo(name), autocommit=True) as connection:
                connection.execute("CREATE TABLE t (a text DEFAULT 'x' CHECK (a > 'b'))")
                relation = read_catalog(connection).relation("public", "t")
                assert relation is not None
                assert relation.columns[0].default == "'x'::text"
        finally:
            main.execute(f"DROP DATABASE {name}".encode())

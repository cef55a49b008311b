"""A server that is named by its URL."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.errors import ServerError
from pgarbiter.server import Server, start
from pgarbiter.server.server import refuse_old

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "s3cret-%/@:#-word"


@pytest.fixture
def role(server18: Server) -> Iterator[str]:
    """A role that may create databases, and has a password."""
    yield from _role(server18, "CREATEDB CREATEROLE")


@pytest.fixture
def powerless(server18: Server) -> Iterator[str]:
    yield from _role(server18, "NOCREATEDB")


def _role(server: Server, options: str) -> Iterator[str]:
    name = f"r_{secrets.token_hex(4)}"
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN {options} PASSWORD '{PASSWORD}'")  # type: ignore[arg-type]  # our own text
        yield name
        connection.execute(f"DROP ROLE {name}")  # type: ignore[arg-type]  # our own text


def url_of(server: Server, role: str, password: str | None = None, dbname: str = "postgres") -> str:
    host = conninfo_to_dict(server.conninfo("postgres"))["host"]
    secret = "" if password is None else f":{quote(password, safe='')}"
    return f"postgresql://{role}{secret}@/{dbname}?host={quote(str(host))}"


def rows(server: Server, query: Any) -> list[Any]:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        return [row[0] for row in connection.execute(query)]


def test_its_databases_are_dropped_at_the_end(server18: Server, role: str) -> None:
    before = rows(server18, "SELECT datname FROM pg_database")
    with start(url_of(server18, role)) as server:
        assert (server.kind, server.superuser, server.may_create_roles) == ("url", False, False)
        conninfo = server.create_database()
        with psycopg.connect(conninfo) as connection:
            connection.execute("CREATE TABLE t (a int)")
        assert len(rows(server18, "SELECT datname FROM pg_database")) == len(before) + 1
    assert rows(server18, "SELECT datname FROM pg_database") == before


def test_its_databases_are_dropped_after_an_error(server18: Server, role: str) -> None:
    before = rows(server18, "SELECT datname FROM pg_database")
    with pytest.raises(RuntimeError), start(url_of(server18, role)) as server:
        raise RuntimeError(server.create_database())
    assert rows(server18, "SELECT datname FROM pg_database") == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_its_databases_are_dropped_after_a_signal(
    server18: Server, role: str, hold: Callable[..., Any], number: signal.Signals
) -> None:
    before = rows(server18, "SELECT datname FROM pg_database")
    run = hold(url_of(server18, role))
    assert rows(server18, "SELECT datname FROM pg_database") != before
    run.send(number)
    assert rows(server18, "SELECT datname FROM pg_database") == before


def test_what_a_killed_run_left_is_dropped_later_but_not_what_lives(
    server18: Server, role: str, hold: Callable[..., Any]
) -> None:
    killed, living, recent = (hold(url_of(server18, role)) for _ in range(3))
    killed.send(signal.SIGKILL)
    recent.send(signal.SIGKILL)
    name, lives, stays = (str(conninfo_to_dict(run.conninfo)["dbname"]) for run in (killed, living, recent))
    with psycopg.connect(server18.conninfo("postgres"), autocommit=True) as connection:
        for old in (name, lives):
            connection.execute(f"COMMENT ON DATABASE {old} IS 'throwaway of pgarbiter, 1700000000'")  # type: ignore[arg-type]  # our own text
    with start(url_of(server18, role)):
        there = rows(server18, "SELECT datname FROM pg_database")
    living.send(signal.SIGTERM)
    with psycopg.connect(server18.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {stays} WITH (FORCE)")  # type: ignore[arg-type]  # our own text
    assert (name in there, lives in there, stays in there) == (False, True, True)


def test_roles_that_were_tracked_are_dropped_and_no_others(server18: Server, role: str) -> None:
    before = rows(server18, "SELECT rolname FROM pg_roles ORDER BY 1")
    made = f"made_{secrets.token_hex(4)}"
    with start(url_of(server18, role), create_roles=True) as server:
        assert server.may_create_roles
        with server.roles_tracked(), psycopg.connect(server.create_database()) as connection:
            connection.execute(f"CREATE ROLE {made}")  # type: ignore[arg-type]  # our own text
            connection.execute("CREATE TABLE t (a int)")
            connection.execute(f"GRANT SELECT ON t TO {made}")  # type: ignore[arg-type]  # our own text
        assert server.roles_created == (made,)
    assert rows(server18, "SELECT rolname FROM pg_roles ORDER BY 1") == before


def test_a_role_without_createdb_is_told_what_it_lacks(server18: Server, powerless: str) -> None:
    with pytest.raises(ServerError) as raised, start(url_of(server18, powerless)):
        pass
    assert raised.value.message == f'role "{powerless}" may not create databases'
    assert f"ALTER ROLE {powerless} CREATEDB" in str(raised.value.hint)


def test_a_wrong_password_is_not_shown(role: str, guarded: Server) -> None:
    wrong = "wr0ng-" + PASSWORD
    with pytest.raises(ServerError) as raised, start(url_of(guarded, "keeper", wrong)):
        pass
    assert "password authentication failed" in raised.value.message
    assert wrong not in repr(raised.value) + str(raised.value.hint)
    assert raised.value.__suppress_context__


def test_the_right_password_is_not_shown_either(guarded: Server) -> None:
    with start(url_of(guarded, "keeper", PASSWORD)) as server:
        assert server.create_database()
        assert PASSWORD not in repr(server)
        with pytest.raises(ServerError) as raised:
            server.create_database(template="no such database")
    assert PASSWORD not in str(raised.value)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server that asks the role "keeper" for its password."""
    with start("embedded") as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE keeper LOGIN CREATEDB PASSWORD '{PASSWORD}'")  # type: ignore[arg-type]  # our own text
            ((rules,),) = connection.execute("SHOW hba_file").fetchall()
            Path(rules).write_text("local all keeper scram-sha-256\nlocal all all trust\n")
            connection.execute("SELECT pg_reload_conf()")
            while connection.execute("SELECT count(*) FROM pg_hba_file_rules").fetchone() != (2,):
                pass
        yield server


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://someone:{PASSWORD}@localhost/db",
        f"postgresql://someone@localhost:{PASSWORD}/db",
        f"postgresql://localhost/db?nonsense={PASSWORD}",
        f"postgresql://localhost/db?sslmode={PASSWORD}",
        f"mysql://someone:{PASSWORD}@localhost/db",
        f"host=localhost password={PASSWORD}",
    ],
)
def test_a_malformed_url_is_refused_without_any_part_of_it(url: str) -> None:
    with pytest.raises(ServerError) as raised, start(url):
        pass
    told = raised.value.message + str(raised.value.hint)
    assert not any(part in told for part in ("s3cret", "-word", "someone"))


def test_a_server_that_does_not_answer_is_one_clear_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerError, match=r"could not connect: .*No such file or directory"),
        start(f"postgresql://u:pw@/db?host={tmp_path}"),
    ):
        pass


def test_a_url_with_a_driver_of_sqlalchemy_is_understood(server18: Server, role: str) -> None:
    with start(url_of(server18, role).replace("postgresql:", "postgresql+asyncpg:")) as server:
        assert server.version == server18.version


def test_a_server_before_14_is_refused() -> None:
    with pytest.raises(ServerError, match=r"server is too old: it is PostgreSQL 13\.21, wanted 14 or newer"):
        refuse_old(130021)
    refuse_old(140000)

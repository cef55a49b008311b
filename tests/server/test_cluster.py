"""Servers of our own on installed programs."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.errors import ServerError
from pgarbiter.server import binaries, cluster, start, template, workplace
from pgarbiter.server.account import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.server import Binaries, Server

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a server as someone else")


@pytest.fixture
def embedded() -> Binaries:
    found = binaries.embedded()
    if not found:
        pytest.skip("the embedded server is not installed")
    return found[0]


def data_of(server: Server) -> Path:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    return Path(row[0])


def test_every_server_answers_with_the_version_it_is_known_by(any_server: Server) -> None:
    with psycopg.connect(any_server.conninfo("postgres")) as connection:
        assert connection.info.server_version == any_server.version
    assert any_server.superuser


@pytest.mark.pg(">= 16")
def test_a_mark_leaves_out_older_servers(any_server: Server) -> None:
    assert any_server.major >= 16


def test_every_database_is_new_and_empty(any_server: Server, any_database: str) -> None:
    other = any_server.create_database()
    assert other != any_database
    with psycopg.connect(other) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone() == (0,)
    any_server.drop_database(other)


def test_a_database_can_be_a_copy_of_another(server18: Server, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept (a int)")
    copy = server18.create_database(template=psycopg.conninfo.conninfo_to_dict(database)["dbname"])
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    server18.drop_database(copy)


def test_a_database_is_dropped_under_the_sessions_in_it(server18: Server) -> None:
    made = server18.create_database()
    with psycopg.connect(made) as connection:
        server18.drop_database(made)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_database_that_was_not_made_here_is_not_dropped(server18: Server) -> None:
    with pytest.raises(ServerError, match='database "postgres" was not made here'):
        server18.drop_database(server18.conninfo("postgres"))


def test_the_server_outlives_a_session_that_someone_ended(embedded: Binaries) -> None:
    with cluster.run(embedded) as server:
        with psycopg.connect(server.conninfo("template1"), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")
        assert server.create_database()


def test_only_a_private_unix_socket_listens(embedded: Binaries) -> None:
    with cluster.run(embedded) as server, psycopg.connect(server.conninfo("postgres")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        place = Path(connection.info.host)
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_nothing_is_left_after_exit(embedded: Binaries) -> None:
    with cluster.run(embedded) as server:
        place = data_of(server).parent
        pid = int((place / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert not place.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_nothing_is_left_after_an_error(embedded: Binaries) -> None:
    with pytest.raises(RuntimeError) as raised, cluster.run(embedded) as server:
        raise RuntimeError(data_of(server).parent)
    assert not Path(str(raised.value)).exists()


def test_the_log_tells_of_connections(server18: Server, database: str) -> None:
    with psycopg.connect(database, application_name="seen in the log"):
        pass
    assert "connection authorized" in server18.read_log()


@ROOT_ONLY
def test_root_starts_it_as_someone_else(server18: Server) -> None:
    assert data_of(server18).stat().st_uid == current().uid != 0


def test_an_ordinary_user_starts_it_too(hold: Callable[..., Any]) -> None:
    options = {"user": "nobody", "group": current().gid, "extra_groups": ()} if os.geteuid() == 0 else {}
    run = hold("embedded", _interpreter(options), cwd="/", **options)
    with psycopg.connect(run.conninfo) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("pgarbiter",)
    assert (run.data.stat().st_uid == os.geteuid()) == (not options)
    run.send(signal.SIGTERM)
    assert not run.directory.exists()


def _interpreter(options: dict[str, Any]) -> str:
    """One that an ordinary account may run: that of the environment may lie in root's home."""
    code = f"import site; site.addsitedir({str(Path(psycopg.__file__).parents[1])!r}); import pgarbiter.server"
    for found in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            subprocess.run([found, "-c", code], check=True, capture_output=True, cwd="/", **options)
        except (OSError, subprocess.CalledProcessError):
            continue
        return found
    pytest.skip("no interpreter here can be run by an ordinary account")


def test_it_starts_from_a_private_path_with_a_space_and_leaves_its_mode_alone(
    embedded: Binaries, tmp_path: Path, own_cache: Path
) -> None:
    package = embedded.directory.parents[1]
    private = tmp_path / "a home"
    private.mkdir(mode=0o700)
    copied = private / "site packages" / package.name / embedded.directory.parent.name
    shutil.copytree(embedded.directory.parent, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, private / "site packages" / libraries.name)
    before = {path: path.stat() for path in (private, *private.rglob("*"))}
    with (
        cluster.run(replace(embedded, directory=copied / "bin")) as server,
        psycopg.connect(server.create_database()) as connection,
    ):
        connection.execute("CREATE EXTENSION vector")
    assert {path: (path.stat().st_mode, path.stat().st_uid) for path in before} == {
        path: (s.st_mode, s.st_uid) for path, s in before.items()
    }


def test_it_starts_in_a_temporary_directory_with_a_space(
    hold: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path("/tmp") / f"a b'c\"d {os.getpid()}"
    place.mkdir(mode=0o755)
    try:
        monkeypatch.setenv("TMPDIR", str(place))
        run = hold()
        assert run.directory.parent == place
        run.send(signal.SIGINT)
        assert list(place.iterdir()) == []
    finally:
        shutil.rmtree(place)


def test_it_is_reached_whatever_the_environment_says_of_another(
    hold: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "PGHOST": "elsewhere.invalid",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": "1",
        "PGUSER": "someone",
        "PGPASSWORD": "secret",
        "PGDATABASE": "theirs",
        "PGOPTIONS": "-c search_path=nowhere",
        "PGSSLMODE": "verify-full",
        "PGCHANNELBINDING": "require",
        "PGTARGETSESSIONATTRS": "standby",
        "PGCLIENTENCODING": "LATIN1",
        "PGDATA": "/nowhere",
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    run = hold()
    with psycopg.connect(run.conninfo) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)
    assert run.send(signal.SIGTERM) == 128 + signal.SIGTERM


def test_a_temporary_directory_with_too_long_a_path_is_passed_over(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    assert workplace._unfit(long, current(), executable=False) == "has too long a path for a unix socket"


@ROOT_ONLY
def test_a_temporary_directory_that_the_account_cannot_enter_is_passed_over() -> None:
    with TemporaryDirectory() as closed:  # that of pytest may have too long a path besides
        assert "cannot be entered" in str(workplace._unfit(Path(closed), current(), executable=False))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "pgarbiter" / "clusters"


def test_a_new_cluster_is_kept_and_used_again(embedded: Binaries, own_cache: Path) -> None:
    with cluster.run(embedded):
        pass
    (kept,) = own_cache.iterdir()
    first = system_of(embedded)
    assert first == system_of(embedded)
    assert list(own_cache.iterdir()) == [kept]


def test_a_kept_cluster_that_lacks_a_file_is_made_anew(embedded: Binaries, own_cache: Path) -> None:
    first = system_of(embedded)
    (kept,) = own_cache.iterdir()
    (kept / "data" / "global" / "pg_filenode.map").unlink()
    assert system_of(embedded) != first
    assert system_of(embedded) == system_of(embedded)


def test_a_kept_cluster_with_wrong_content_is_made_anew(embedded: Binaries, own_cache: Path) -> None:
    first = system_of(embedded)
    (kept,) = own_cache.iterdir()
    control = kept / "data" / "global" / "pg_control"
    control.write_bytes(bytes(control.stat().st_size))
    assert system_of(embedded) != first


def system_of(found: Binaries) -> int:
    """The system identifier, which initdb draws anew."""
    with cluster.run(found) as server, psycopg.connect(server.conninfo("postgres")) as connection:
        row = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    assert row
    return int(row[0])


def test_only_the_clusters_that_were_used_last_stay_in_the_cache(embedded: Binaries, own_cache: Path) -> None:
    own_cache.mkdir(parents=True)
    for age in range(1, 20):
        place = own_cache / f"of another version {age}"
        place.mkdir()
        os.utime(place, (1_700_000_000 - age, 1_700_000_000 - age))
    system_of(embedded)
    left = {path.name for path in own_cache.iterdir()}
    place = template.place(embedded)
    assert place
    assert place.name in left
    assert left >= {f"of another version {age}" for age in range(1, template._KEPT)}
    assert len(left) == template._KEPT


def test_it_starts_without_any_cache_directory(embedded: Binaries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template.cache, "directory", lambda: None)
    with cluster.run(embedded) as server:
        assert server.create_database()


def test_programs_that_do_not_start_are_told_with_their_own_words(embedded: Binaries, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "postgres.bki").touch()
    for name in ("initdb", "postgres"):
        program = tmp_path / "bin" / name
        program.write_text(
            '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "initdb: error: no room for it" >&2\nexit 1\n'
        )
        program.chmod(0o755)
    with (
        pytest.raises(ServerError, match="initdb failed: initdb: error: no room for it"),
        cluster.run(replace(embedded, directory=tmp_path / "bin")),
    ):
        pass


def test_an_embedded_server_starts_by_name() -> None:
    with start("embedded") as server:
        assert repr(server) == f"Server(kind='embedded', version={server.version})"


@ROOT_ONLY
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_root_without_the_right_to_enter_every_directory_is_told_so(embedded: Binaries) -> None:
    """As in a container that drops CAP_DAC_OVERRIDE."""
    code = (
        "from pgarbiter.errors import ServerError\n"
        "from pgarbiter.server import binaries, cluster\n"
        f"found = next(each for each in binaries.embedded() if each.version == {embedded.version!r})\n"
        "try:\n    cluster.run(found).__enter__()\n"
        "except ServerError as error:\n    print('told:', error.message)\n"
    )
    drop = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"]
    ended = subprocess.run([*drop, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "told: could not connect" in ended.stdout, ended.stderr

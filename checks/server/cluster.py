"""A temporary cluster of our own on installed programs, the embedded and the local ones alike."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from ..errors import ServerError
from . import template
from .account import current, environment
from .programs import readable_by, relocated
from .server import Server
from .workplace import Workplace, hand_over, workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .account import Account
    from .model import Binaries

_PATIENCE = 60.0  # seconds until a server must answer
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "max_locks_per_transaction": "1024",  # one transaction may make thousands of tables
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "checkpoint_timeout": "1h",
    "dynamic_shared_memory_type": "mmap",  # in the data directory: it goes with it, whatever becomes of us
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_connections": "on",
    "restart_after_crash": "off",
}

# What the caller's PG* variables must not change on the way to a server of ours.
_OWN = {
    "hostaddr": "",
    "options": "",
    "sslmode": "disable",
    "channel_binding": "disable",
    "target_session_attrs": "any",
    "client_encoding": "UTF8",
}

# The server's parent. Standard input is a pipe whose other end only we hold: when we end, however we end, it is
# closed, the server is told to stop at once (again and again: at first it does not listen), and its directory goes.
_SUPERVISOR = """
directory=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ read -r _ <&3; n=0; signal=QUIT; while kill -$signal "$server"; do
  sleep 0.2; n=$((n + 1)); [ $n -lt 50 ] || signal=KILL
done; } 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
rm -rf -- "$directory" 2>/dev/null
exit "$code"
"""


@contextmanager
def run(binaries: Binaries) -> Iterator[Server]:
    """A server on a new cluster: unix socket only, mode 0700, its superuser is `pgarbiter`; gone afterwards.

    As root it runs as an unprivileged account, from a copy of the programs when that account cannot read them.
    Raises ServerError with the last thing that initdb or the server said.
    """
    account = current()
    copy = not readable_by(binaries, account)
    kept = template.place(binaries)
    try:
        with _running(binaries, account, kept, copy=copy) as server:
            yield server
    except _BrokenTemplateError:
        template.forget(kept)
        with _running(binaries, account, None, copy=copy) as server:
            yield server


class _BrokenTemplateError(Exception):
    """The server did not start on a cluster that came from the cache."""


@contextmanager
def _running(binaries: Binaries, account: Account, kept: Path | None, *, copy: bool) -> Iterator[Server]:
    with workplace(account, executable=copy) as here:
        programs = relocated(binaries, here.programs, account) if copy else binaries
        from_cache = template.copied(kept, here.data, account)
        with ExitStack() as stack:
            log = stack.enter_context(_log_of(here))  # while the place is ours: root may lack CAP_DAC_OVERRIDE
            hand_over(here, account)
            if not from_cache:
                template.made(programs, here.data, account)
                template.keep(kept, here.data)
            child = stack.enter_context(_supervised(programs, here, account, log))
            try:
                _await(child, here, log)
                server = Server(binaries.kind, _conninfo(here), log=lambda: _read(log))
                stack.enter_context(server)
            except ServerError:
                if from_cache:
                    raise _BrokenTemplateError from None
                raise
            yield server


@contextmanager
def _log_of(here: Workplace) -> Iterator[IO[bytes]]:
    """The server's log, without a name: no account but ours can put another file in its place."""
    path = here.path / "log"
    with path.open("x+b", buffering=0) as file:
        path.unlink()
        yield file


@contextmanager
def _supervised(
    programs: Binaries, here: Workplace, account: Account, log: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    settings = {**_SETTINGS, **_settings_of(programs.major), "unix_socket_directories": _listed(here.sockets)}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    child = subprocess.Popen(
        ["/bin/sh", "-c", _SUPERVISOR, "pgarbiter", here.path, programs.program, "-D", here.data, *options],
        stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", env=environment(), umask=0o077,
        start_new_session=True,  # Ctrl-C at the terminal is ours alone
        **account.child(),
    )  # fmt: skip
    try:
        yield child
    finally:
        _stop(child)


def _settings_of(major: int) -> dict[str, str]:
    return {"io_method": "sync"} if major >= 18 else {}  # noqa: PLR2004 - a major version: 18 starts worker processes


def _listed(directory: Path) -> str:
    """A directory as an element of unix_socket_directories, which is a list of identifiers, quoted when need be."""
    return '"' + str(directory).replace('"', '""') + '"'


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # it leads its session, which the server is in
        child.wait()


def _await(child: subprocess.Popen[bytes], here: Workplace, log: IO[bytes]) -> None:
    """Wait until postmaster.pid says "ready" (its line 8, miscadmin.h). Raises ServerError."""
    deadline = time.monotonic() + _PATIENCE
    while child.poll() is None:
        if _status(here.data / "postmaster.pid") == "ready":
            return
        if time.monotonic() > deadline:
            raise ServerError(f"the server did not start within {_PATIENCE:.0f} s")
        time.sleep(0.004)
    raise ServerError(f"the server did not start: {template.last_line(_read(log))}")


def _status(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").splitlines()[7].strip()
    except (OSError, IndexError):
        return ""


def _read(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode("utf-8", "replace")


def _conninfo(here: Workplace) -> str:
    place = {"host": str(here.sockets), "port": "5432", "user": template.SUPERUSER, "dbname": "postgres"}
    return make_conninfo("", **place, **_OWN)

"""Runs of pgarbiter's server in processes of their own, so that they can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator

HOLD = """
import sys, time, site
site.addsitedir(sys.argv[2])  # for an interpreter from outside the environment
from pgarbiter.server import start
with start(sys.argv[1]) as server:
    made = server.create_database()
    print(made, flush=True)
    time.sleep(60)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A process that holds a server, in a session of its own."""

    child: subprocess.Popen[str]
    conninfo: str

    @property
    def directory(self) -> Path:
        return Path(str(conninfo_to_dict(self.conninfo)["host"])).parent

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def server(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def send(self, number: signal.Signals) -> int:
        """Send a signal as a terminal does, to the whole group, and wait for the end."""
        os.killpg(self.child.pid, number)
        return self.child.wait(timeout=30)


@pytest.fixture
def hold() -> Iterator[Callable[..., Run]]:
    """Starts a process that holds a server of the given kind."""
    held: list[subprocess.Popen[str]] = []

    def begin(kind: str = "embedded", interpreter: str = sys.executable, **options: Any) -> Run:
        command = [interpreter, "-c", HOLD, kind, str(Path(psycopg.__file__).parents[1])]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, **options)
        held.append(child)
        assert child.stdout
        return Run(child, child.stdout.readline().strip())

    yield begin
    for child in held:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()

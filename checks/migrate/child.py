"""The child process that runs Alembic: started, listened to, answered, ended."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..schema import isolation, revisions
from ..schema.wire import first_line
from .model import Event, MigrateError, Revision, Scripts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAM = Path(__file__).with_name("migration_child.py")
_BASE = Path(revisions.__file__).with_name("alembic_child.py")
ASKING = frozenset(
    ("revision", "stamping", "stamped", "committed", "bring", "brought")
)  # events that wait for an answer
_CHATTER = ("INFO ", "DEBUG ")  # as Alembic's own templates log
_INI = "Name the project's alembic.ini with --ini: it says under [alembic] where the scripts are, as script_location."
_ENV = "Give env.py what it needs, or its own interpreter (--python), then run the same command again."
_GRACE_S = 5.0
_BYTES = 65536


class Child:
    """A running child. Events are dicts with the key "event"; see migration_child.py."""

    def __init__(self, process: subprocess.Popen[bytes], events: int, answers: int, output: IO[bytes]) -> None:
        self._process, self._events, self._answers, self._output = process, events, answers, output
        self._unread = b""
        self._asked: str | None = None  # the event that waits for its answer
        self._killed = False
        self.pids: list[int] = []  # of its backends, newest last

    def events(self, tick: float = 0.25) -> Iterator[Event | None]:
        """Each event as it comes, None every `tick` seconds in between; ends with "done" or "failed"."""
        while True:
            line, found, rest = self._unread.partition(b"\n")
            if found:
                self._unread = rest
                event = _event(line)
                if event["event"] == "connected":
                    self.pids.append(event["pid"])
                self._asked = event["event"] if event.get("asks") else None
                yield event
                if event["event"] in ("done", "failed"):
                    return
                if self._asked:  # else both would wait for ever
                    self.answer(f'stop nobody has an answer to "{self._asked}"')
            elif not select.select([self._events], [], [], tick)[0]:
                if self._gone():
                    yield {"event": "failed", "kind": "lost", "message": self._last_words()}
                    return
                yield None
            elif data := os.read(self._events, _BYTES):
                self._unread += data
            else:
                yield {"event": "failed", "kind": "lost", "message": self._last_words()}
                return

    def answer(self, text: str = "go") -> None:
        """Let it go on, or say "stop <why>"."""
        self._asked = None
        with suppress(BrokenPipeError):  # it is gone, which its events tell
            os.write(self._answers, f"{text}\n".encode())

    def kill(self) -> None:
        """End it at once; its backend finds out and rolls back."""
        if self._killed:
            return  # the number of the group may be another's by now
        self._killed = True
        with suppress(ProcessLookupError, PermissionError):  # the group outlives its leader
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _gone(self) -> bool:
        """Whether it has ended without a word, though something that it started may hold its end of the pipe."""
        return self._process.poll() is not None and not select.select([self._events], [], [], 0)[0]

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        self._output.seek(0)
        said = self._output.read().decode("utf-8", "replace").splitlines()
        lines = [line for line in said if line.strip() and not line.startswith(_CHATTER)]
        code = self._process.poll()
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return f"the process that runs Alembic {how}" + (f": {isolation.scrubbed(lines[-1][:500])}" if lines else "")


@contextmanager
def started(task: dict[str, Any], python: str | None, *, live: bool) -> Iterator[Child]:
    """A child at work on `task`; killed with all that it started when the block ends.

    Raises MigrateError when the interpreter cannot be run.
    """
    ini = Path(task["ini"])
    whole = {"direction": "up", "urls": isolation.urls(), "base": str(_BASE), "live": live, "stubbed": [], **task}
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="pgarbiter-"))
        asked = Path(directory, "task.json")
        asked.write_text(json.dumps(whole), "utf-8")
        output = stack.enter_context(tempfile.TemporaryFile())
        (events, events_in), (answers_out, answers) = _pipe(stack), _pipe(stack)
        command = [
            isolation.interpreter(ini.resolve().parent, python),
            str(_PROGRAM),
            str(asked),
            str(events_in),
            str(answers_out),
        ]
        try:
            process = subprocess.Popen(
                command,
                cwd=ini.parent,
                env=_environment(whole["target"], live=live),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(events_in, answers_out),
            )
        except OSError as error:
            raise MigrateError(f'could not run "{command[0]}": {error.strerror}; nothing was changed') from None
        os.close(events_in)
        os.close(answers_out)
        child = Child(process, events, answers, output)
        try:
            yield child
        finally:
            child.kill()


def inspected(task: dict[str, Any], python: str | None, *, live: bool) -> Scripts:
    """What Alembic says of the database and its scripts; nothing is run. Raises MigrateError."""
    heads: tuple[str, ...] = ()
    found: Scripts | None = None
    with started({**task, "mode": "inspect"}, python, live=live) as child:
        for event in child.events():
            if event is None:
                continue
            match event["event"]:
                case "heads":
                    heads = tuple(event["heads"])
                case "script":
                    found = scripts(heads, event)
                case "failed":
                    raise MigrateError(*told(event), event.get("sqlstate"))
                case _:
                    pass
    if found is None:
        raise idle()
    return found


def idle() -> MigrateError:
    """The error for an env.py that ends well and has done nothing."""
    return MigrateError(
        "env.py has not asked Alembic to run anything; nothing was changed",
        "It has to call context.run_migrations() when it is imported, whatever the name of the process.",
    )


def scripts(heads: tuple[str, ...], event: Event) -> Scripts:
    """The "script" event of a child."""
    return Scripts(
        heads,
        tuple(event["current"]),
        tuple(event["unknown"]),
        pending(event),
        event["version_table"],
        event["version_schema"],
        event["outer"],
    )


def pending(event: Event) -> tuple[Revision, ...]:
    """The revisions that an event says are to be run."""
    return tuple(Revision(**{**each, "down": tuple(each["down"])}) for each in event["pending"])


def told(event: Event) -> tuple[str, str | None]:
    """Message and hint of a "failed" event, on one line and without passwords."""
    message = isolation.scrubbed(first_line(str(event.get("message") or event.get("type") or "it said nothing")))
    message = re.sub(r"^\((?:\w+\.)*(\w+)\) ", "", message)  # SQLAlchemy puts the driver's class before it
    hint = event.get("hint")
    match event.get("kind"):
        case "import":
            absent = event.get("module") and message.startswith("No module named")
            message = f'module "{event["module"]}" is missing' if absent else message
            return message, "Install it, or name the project's own interpreter with --python."
        case "refused":
            return message, "Only one run of revisions, on a connection made by SQLAlchemy, can be watched."
        case _ if event.get("stage") == "ini":
            message = message.partition(".  ")[0].rstrip(".")  # Alembic goes on with what its own commands could do
            return f"alembic.ini cannot be read: {message}", _INI
        case _ if event.get("type") == "CommandError":  # of Alembic, about the revision that was asked for
            return message, "`pgarbiter migrate status` shows the heads and what is pending."
        case _:
            where = event.get("where")
            place = f"{where[0]}:{where[1]}: " if where else ""
            state = event.get("sqlstate")
            own = event.get("stage") == "env" and not (event.get("revision") or event.get("bringing") or state)
            hint = hint or (_ENV if own and event.get("type") != "OperationalError" else None)
            return f"{place}{message}" + (f" ({state})" if state and state not in message else ""), hint


def _event(line: bytes) -> Event:
    """One line of the child; whatever is none ends the run, since an answer to it could mean anything."""
    with suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict) and isinstance(found.get("event"), str):
            return found
    said = isolation.scrubbed(line[:100].decode("utf-8", "replace"))
    return {
        "event": "failed",
        "kind": "lost",
        "message": f'the process that runs Alembic said "{said}", which is no event',
    }


def _pipe(stack: ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        stack.callback(_close, end)
    return ends


def _close(descriptor: int) -> None:
    with suppress(OSError):  # the child's ends are closed as soon as it has them
        os.close(descriptor)


def _environment(target: Mapping[str, str], *, live: bool) -> dict[str, str]:
    """Of the throwaway database nothing of ours but what cannot lead into another one; of the live one, all."""
    if not live:
        return isolation.environment(target)
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

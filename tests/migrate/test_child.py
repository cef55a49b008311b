"""What the parent does with a child that says too little, or what nobody understands."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from textwrap import dedent
from typing import TYPE_CHECKING

from pgarbiter.migrate.child import Child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.migrate.model import Event

HEAD = """
    import json, os, subprocess, sys
    out, back = int(sys.argv[1]), int(sys.argv[2])
    say = lambda line: os.write(out, line.encode() + b"\\n")
"""


@contextmanager
def child(program: str) -> Iterator[Child]:
    """A process that talks as `program` does."""
    (events, events_in), (answers_out, answers) = os.pipe(), os.pipe()
    command = [sys.executable, "-c", dedent(HEAD) + dedent(program), str(events_in), str(answers_out)]
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(command, pass_fds=(events_in, answers_out), start_new_session=True) as process,
    ):
        os.close(events_in)
        os.close(answers_out)
        made = Child(process, events, answers, output)
        try:
            yield made
        finally:
            made.kill()
            os.close(events)
            os.close(answers)


def heard(program: str) -> list[Event]:
    with child(program) as talking:
        return [event for event in talking.events(tick=0.02) if event is not None]


def test_a_question_that_the_parent_does_not_know_is_answered_with_stop() -> None:
    program = """
        say(json.dumps({"event": "of another version", "asks": True}))
        say(json.dumps({"event": "failed", "message": os.read(back, 100).decode().strip()}))
    """
    assert heard(program)[-1]["message"] == 'stop nobody has an answer to "of another version"'


def test_what_is_no_event_ends_the_run() -> None:
    for line in ("Traceback", "[1]", '{"no": "event"}'):
        (ended,) = heard(f"say({line!r}); os.read(back, 1)")
        assert (ended["event"], ended["kind"]) == ("failed", "lost")
        assert line in ended["message"]


def test_an_end_without_a_word_is_seen_though_something_it_has_started_lives_on() -> None:
    program = """
        subprocess.Popen(["sleep", "600"], pass_fds=(out,))
        say(json.dumps({"event": "started"}))
        sys.exit(3)
    """
    with child(program) as talking:
        events = [event for event in talking.events(tick=0.02) if event is not None]
    assert events[-1]["message"] == "the process that runs Alembic ended with exit code 3"

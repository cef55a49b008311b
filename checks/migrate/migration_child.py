"""Runs revisions in the project's interpreter, and tells its parent what they do, one line of JSON for each event.

Self-contained, for any interpreter from Python 3.8 on that has Alembic; what it shares with the child program of schema
sources it loads from that file. Arguments: a file with the task, and two file descriptors: one for events, one on which
the parent says "go" where it was asked, or "stop" and why.

The mode of a task is "inspect" (nothing is run), "plan" (against a throwaway database: locks are told after each
statement, and the parent looks at the catalog at each commit) or "run".
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import json
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stopped(Exception):  # noqa: N818 - an answer, not a fault
    """The parent said stop; the message is why."""


class ScriptsError(Exception):
    """The scripts do not fit together."""

    hint = "Mend the scripts: each has a revision of its own, and a down_revision that is there; nothing was run."


class Channel:
    """Events go out, answers come in."""

    def __init__(self, out: int, back: int) -> None:
        self._out = os.fdopen(out, "w", encoding="utf-8")
        self._back = os.fdopen(back, encoding="utf-8")

    def tell(self, event: str, **values: Any) -> None:
        """One event."""
        self._out.write(json.dumps({"event": event, **values}, default=str) + "\n")
        self._out.flush()

    def ask(self, event: str, **values: Any) -> str:
        """One event, and a wait for the parent's "go" and what stands behind it. Raises Stopped for anything else."""
        self.tell(event, asks=True, **values)
        word, _, rest = self._back.readline().strip().partition(" ")
        if word != "go":
            raise Stopped(rest or "the process that started this one is gone")
        return rest


def main() -> None:
    """Read the task, run it, tell how it ended; never raises."""
    _die_with_parent()
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - any Python
        task = json.load(file)
    channel = Channel(int(sys.argv[2]), int(sys.argv[3]))
    base = _loaded(task["base"])
    sys.path[0] = os.getcwd()  # noqa: PTH109 - any Python; not this file's directory, whose names are not the project's
    watch = None
    try:
        watch = _loaded(os.path.join(os.path.dirname(__file__), "migration_watch.py")).Watch(task, channel, base)  # noqa: PTH118, PTH120 - any Python
        _run(task, channel, base, watch)
        ending: dict[str, Any] = {"event": "done"}
    except Stopped as error:
        ending = {"event": "failed", "kind": "stopped", "message": str(error)}
    except BrokenPipeError:
        return  # nobody listens any more
    except BaseException as error:  # noqa: BLE001 - env.py may raise anything, SystemExit too
        ending = {"event": "failed", **base.failure(error)}
    if watch is not None:
        ending.update(statement=watch.failed_statement, parts=watch.parts)
        ending.update(revision=watch.revision, bringing=watch.bringing, stage=watch.stage)
    channel.tell(**ending)


def _die_with_parent() -> None:
    """On Linux the kernel ends us with our parent; elsewhere the next event finds the pipe closed."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (AttributeError, OSError, TypeError):
        return


def _loaded(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("alembic_child", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(task: dict[str, Any], channel: Channel, base: Any, watch: Any) -> None:
    from alembic.config import Config  # noqa: PLC0415 - an ImportError here is an answer
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    base.name_urls(task)
    base.rewrite_connections(task, {"statements": 0})
    watch.stage = "ini"
    config = Config(task["ini"], cmd_opts=argparse.Namespace(x=[], name="alembic", raiseerr=True, quiet=True))
    base.name_driver(config)
    script = ScriptDirectory.from_config(config)
    watch.stage = "scripts"
    channel.tell("heads", heads=_heads(script))
    watch.stage = "env"

    def steps(current: Any, context: Any) -> Iterator[Any]:
        current = current if isinstance(current, tuple) else (current,) if current else ()
        known = {each.revision for each in script.walk_revisions()}
        unknown = [each for each in current if each not in known]
        planned = [] if unknown else _steps(script, task, current)
        channel.tell(
            "script",
            current=list(current),
            unknown=unknown,
            version_table=context.version_table,
            version_schema=context.version_table_schema,
            pending=[_shown(step.revision) for step in planned],
            outer=bool(context._in_external_transaction),  # noqa: SLF001 - Alembic has no public name for it
        )
        if task["mode"] == "inspect":
            return
        if task["mode"] == "plan":
            yield from _brought(script, context, channel, watch)
            planned = _steps(script, task, context.get_current_heads())
            channel.ask("brought", pending=[_shown(step.revision) for step in planned])
        for step in planned:
            watch.begin(step.revision.revision, context)
            yield step
            watch.end()

    # In a throwaway database the schema of the version table is not there until the parent has made it.
    options = {} if task["mode"] == "run" else {"dont_mutate": True}
    if task["revision"] is not None:
        options["destination_rev"] = task["revision"]
    with EnvironmentContext(config, script, fn=steps, as_sql=False, starting_rev=None, tag=None, **options) as context:
        watch.wrap(context)
        watch.listen()
        script.run_env()


def _heads(script: Any) -> list[str]:
    """The heads. Alembic only warns where one revision stands in two scripts, and dies of one that is absent."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            heads = list(script.get_heads())
        except KeyError as error:
            raise ScriptsError(_warned(caught) or 'revision "{}" is not there'.format(*error.args)) from None
    if said := _warned(caught):
        raise ScriptsError(said)
    return heads


def _warned(caught: list[warnings.WarningMessage]) -> str:
    """What Alembic has said of revisions, in a message's form."""
    said = [str(each.message) for each in caught if str(each.message).startswith("Revision ")]
    return "; ".join(" ".join((text[0].lower() + text[1:]).replace(" ,", ",").split()) for text in said)


def _steps(script: Any, task: dict[str, Any], current: Any) -> list[Any]:
    if task["revision"] is None:
        return []
    find = script._downgrade_revs if task["direction"] == "down" else script._upgrade_revs  # noqa: SLF001 - as alembic.command
    return list(find(task["revision"], current))


def _brought(script: Any, context: Any, channel: Channel, watch: Any) -> Iterator[Any]:
    """The steps that bring an empty database to the revisions of the live one, which the parent knows."""
    wanted = json.loads(channel.ask("bring"))
    context._ensure_version_table()  # noqa: SLF001 - Alembic has no public name for it
    for revision in wanted:
        for step in script._upgrade_revs(revision, context.get_current_heads()):  # noqa: SLF001 - as alembic.command has it
            watch.bringing = step.revision.revision
            yield step
    watch.bringing = None


def _shown(revision: Any) -> dict[str, Any]:
    path = os.path.relpath(revision.path)
    down = revision._versioned_down_revisions  # noqa: SLF001 - always a tuple, which the public name is not
    return {"revision": revision.revision, "down": list(down), "doc": revision.doc or "", "path": path}


if __name__ == "__main__":
    main()

"""The command line: one file per command, the only place that prints or exits."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..errors import PgArbiterError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Commands are imported when they run, so that `pgarbiter --version` and completion stay quick.
COMMANDS = {
    "baseline": "keep findings that are known already out of the reports",
    "check": "decide for every write site whether its ON CONFLICT target has an arbiter index",
    "completion": "print the script that completes commands in bash, zsh or fish",
    "contract": "record which arbiters an application needs, and hold a database against that",
    "diff": "show what is different between two schemas",
    "doctor": "show what is installed, which servers can be had, and which schema sources are here",
    "erd": "draw the tables of a schema and their foreign keys",
    "explain": "explain one statement or one write site",
    "gate": "judge old and new code against the schema before and after each pending revision",
    "impact": "tell which write sites die if an index or a table changes",
    "init": "write the settings file that fits what is found here",
    "lsp": "serve an editor: diagnostics, hovers and patches",
    "migrate": "apply an alembic.ini's revisions to a live database, and plan that first",
    "repair": "cure what check finds: revisions for the schema, patches for the code",
    "rule": "print what a rule finds, what it costs and what to do",
    "scan": "list the write sites of an application",
    "settings": "print the settings that hold here, or their JSON Schema",
    "snapshot": "write a schema to a file that diff compares later",
}


# Of standard output: a full disk, a quota, a limit, a device that fails.
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class _Commands(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __name__).command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        named = [CompletionItem(name, help=COMMANDS[name]) for name in sorted(COMMANDS) if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "PGARBITER"})
@click.version_option(__version__, prog_name="pgarbiter", message="%(prog)s %(version)s")
def cli() -> None:
    """Find every upsert of an application and decide, by PostgreSQL's own rules, whether it has an arbiter index.

    \b
    pgarbiter check                       this directory, schema source detected
    pgarbiter check src --database-url …  against a live database, read only
    pgarbiter explain src/save.ts:42      why one statement does or does not work

    Exit codes: 0 clean, 1 findings, 2 could not run.
    """  # noqa: D301 - click reads the backspace as "do not wrap"


def main() -> None:
    """Run the command line; every error on purpose becomes one message and exit code 2."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: no name ends a run where a locale lacks a letter
    try:
        code = cli(standalone_mode=False)
    except click.exceptions.Abort:
        code = fail("interrupted", None, 130)
    except click.ClickException as error:
        error.show()
        code = 2
    except PgArbiterError as error:
        code = fail(error.message, error.hint, 2)
    except SystemExit as ended:
        # The reader (`| head`) has gone, which click turns into exit code 1: to us that would mean findings.
        code = 2 if ended.code else 0  # 0 when a shell has asked for completions
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            code = _unexpected(error)
        else:
            code = fail(f"could not write: {error.strerror}", None, 2)
    except Exception as error:  # noqa: BLE001 - the last line of defence; PGARBITER_DEBUG raises it again
        code = _unexpected(error)
    sys.exit(code or 0)


def _unexpected(error: Exception) -> int:
    if os.environ.get("PGARBITER_DEBUG"):
        raise error
    hint = "This is a bug in pgarbiter; PGARBITER_DEBUG=1 shows where it happened."
    return fail(f"internal error: {type(error).__name__}: {error}", hint, 2)


def fail(message: str, hint: str | None, code: int) -> int:
    """Say on stderr what went wrong; `code`, for the caller to exit with."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {visible(message)}", err=True)
    if hint:
        click.echo(f"hint: {visible(hint)}", err=True)
    return code


def visible(text: str) -> str:
    """The text with control characters spelled out, so that no name can drive the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)

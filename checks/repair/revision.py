"""Revisions in a project's versions directory, made by Alembic's own script machinery; env.py is not run."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import util
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ..errors import SourceError
from ..online.directives import wrapped
from .model import WrittenRevision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alembic.script import Script

    from ..online.model import Operation
    from ..rules.model import Finding

_ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """A revision to be: its one operation, what it says above it, and the findings that it is for.

    `before`: SQL that goes first where the operation becomes a script of statements.
    """

    operation: Operation
    message: str
    findings: tuple[Finding, ...]
    before: tuple[str, ...] = ()


def write(
    ini: Path, wanted: Sequence[Wanted], *, head: str | None = None, dry_run: bool = False
) -> tuple[WrittenRevision, ...]:
    """One revision after the other, each on top of the one before, the first on the project's head.

    With `dry_run` they are made in a copy of the versions directory, which is gone afterwards. Paths are relative to
    the directory of `ini`. Raises SourceError when the project has several heads and none is named, when its revisions
    cannot be loaded, and when one cannot be written.
    """
    ini = ini.resolve()
    # A script_location without %(here)s is meant from where alembic is run: beside its ini.
    with _path_kept(), contextlib.chdir(ini.parent), _told(ini), tempfile.TemporaryDirectory() as temporary:
        config = Config(str(ini), cmd_opts=argparse.Namespace(quiet=True))
        script = ScriptDirectory.from_config(config)
        places = [Path(place).absolute() for place in script.version_locations] or [
            Path(script.dir, "versions").absolute()
        ]
        copies = [Path(temporary, str(number)) for number, _ in enumerate(places)]
        if dry_run:
            script = _copied(script, places, copies)
        made = list(_chained(config, script, wanted, head))
        return tuple(replace(each, path=_shown(each.path, places, copies, ini.parent)) for each in made)


def _chained(
    config: Config, script: ScriptDirectory, wanted: Sequence[Wanted], head: str | None
) -> Iterator[WrittenRevision]:
    on, template = _head(script, head), script.file_template
    for each in wanted:
        # Alembic's own slug is made of the message, and is cut anywhere.
        script.file_template = template.replace("%(slug)s", _slug(each.operation, script.truncate_slug_length))
        made = _generated(config, script, each, on)
        text = Path(made.path).read_text(script.output_encoding)
        yield WrittenRevision(made.revision, made.path, text, each.operation, each.findings)
        on = made.revision


def _head(script: ScriptDirectory, head: str | None) -> str | None:
    """The revision that the first one follows; None for the first of all."""
    heads = sorted(script.get_heads())
    if head is not None:
        found = script.get_revision(head)
        if found.revision not in heads:
            raise SourceError(f'revision "{head}" is not a head', f"The heads are {', '.join(heads)}.")
        return found.revision
    if len(heads) > 1:
        raise SourceError(
            f"the project has several heads: {', '.join(heads)}", f"Name the one to go on from: --head {heads[0]}."
        )
    return heads[0] if heads else None


def _generated(config: Config, script: ScriptDirectory, wanted: Wanted, on: str | None) -> Script:
    reverse = wanted.operation.reverse()
    revision = _id(wanted.operation, on)
    directive = ops.MigrationScript(
        revision,
        ops.UpgradeOps([wrapped(wanted.operation)], upgrade_token="upgrades"),  # noqa: S106 - no password
        ops.DowngradeOps([wrapped(reverse)] if reverse else [], downgrade_token="downgrades"),  # noqa: S106 - no password
        message=wanted.message,
    )
    arguments: dict[str, Any] = {"config": config}
    context = AutogenContext(MigrationContext.configure(dialect_name="postgresql"), autogenerate=False)
    render._render_python_into_templatevars(context, directive, arguments)  # noqa: SLF001 - as `alembic revision` does
    made = script.generate_revision(revision, _quotable(wanted.message), head=on or "base", **arguments)
    if made is None:
        raise SourceError(
            f'alembic does not find revision "{revision}" again', "Mend file_template: it must end in .py."
        )
    return made


def _id(operation: Operation, on: str | None) -> str:
    """The same for the same operation on the same head, so that a run again does not look like another repair."""
    said = f"{operation.directive} {sorted(operation.arguments().items())!r} {on}"
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH]


def _slug(operation: Operation, longest: int) -> str:
    """For a file's name: what the operation does, to which table, and as many of its columns as there is room for."""
    said = operation.arguments()
    of = [str(name) for name in said.get("columns") or filter(None, (said.get("column") or said.get("name"),))]
    slug = ""
    for part in (operation.directive.removesuffix("_online"), operation.table.name, *of):
        words = "_".join(re.findall(r"\w+", part)).strip("_").lower()
        longer = f"{slug}_{words}".strip("_")
        if len(longer) > longest:
            break
        slug = longer
    return slug


def _quotable(message: str) -> str:
    """The message as it may stand in a docstring, whatever names are in it."""
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in message)
    return shown.replace("\\", "\\\\").replace('"', "'")


def _copied(script: ScriptDirectory, places: Sequence[Path], copies: Sequence[Path]) -> ScriptDirectory:
    """The same project with its versions copied, and without the hooks that run on what is written."""
    for place, copy in zip(places, copies, strict=True):
        if place.is_dir():
            shutil.copytree(place, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            copy.mkdir()
    return ScriptDirectory(
        script.dir,
        file_template=script.file_template,
        truncate_slug_length=script.truncate_slug_length,
        version_locations=list(copies),
        sourceless=script.sourceless,
        output_encoding=script.output_encoding,
        timezone=script.timezone,
        recursive_version_locations=script.recursive_version_locations,
        messaging_opts=script.messaging_opts,
    )


def _shown(path: str, places: Sequence[Path], copies: Sequence[Path], root: Path) -> str:
    """Where the revision stands, or would stand, seen from the directory of the ini."""
    found = Path(path)
    for place, copy in zip(places, copies, strict=True):
        if found.is_relative_to(copy.resolve()) or found.is_relative_to(copy):
            found = place / (found.resolve().relative_to(copy.resolve()))
    return Path(os.path.relpath(found, root)).as_posix()


@contextmanager
def _told(ini: Path) -> Iterator[None]:
    """Whatever the project's revisions raise when they are loaded becomes a SourceError."""
    try:
        yield
    except SourceError:
        raise
    except util.CommandError as error:
        raise SourceError(f'"{ini}": {error}', "Run `alembic heads` there, and mend what it says.") from error
    except OSError as error:
        raise SourceError(f'could not write revisions for "{ini}": {error.strerror or error}') from error
    except Exception as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise SourceError(
            f'"{ini}": its revisions cannot be loaded: {said}', "Run pgarbiter in the project's own environment."
        ) from error


@contextmanager
def _path_kept() -> Iterator[None]:
    """sys.path as it was: Alembic puts prepend_sys_path there."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before

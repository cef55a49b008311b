"""The diff as a revision of Alembic: its own operations where they say the same, `op.execute` for the rest."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING

from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext

from ...diff.migration import backwards, plan, withheld
from ...online.directives import wrapped
from ...structure.ddl import SESSION
from ...structure.model import ROUTINES
from . import directive, operations
from .sql import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from alembic.operations import ops

    from ...diff.migration import Plan, Step, Unwritten
    from ...diff.model import Diff, Subject
    from ...online.model import Operation

_ID_LENGTH = 12
_ALLOW = "not run, since it destroys data; --allow-destructive writes it"
_BLOCK = "with op.get_context().autocommit_block():"
_OPTIONS = {
    "sqlalchemy_module_prefix": "sa.",
    "alembic_module_prefix": "op.",
    "user_module_prefix": None,
    "render_as_batch": False,
}


def write(
    diff: Diff,
    stream: TextIO,
    *,
    online: bool = False,
    allow_destructive: bool = False,
    revises: str | None = None,
) -> None:
    """Write a revision file that follows `revises`.

    Without `allow_destructive` whatever destroys data is left out of upgrade(), told in a comment, and left out of
    downgrade() too; for the rest downgrade() takes back what upgrade() makes.
    """
    said = f"From {diff.old.name} to {diff.new.name}."
    context = AutogenContext(MigrationContext.configure(dialect_name="postgresql"), opts=_OPTIONS, autogenerate=False)
    forth = plan(diff, online=online)
    if online and not forth.unwritten and (operation := directive.only(diff)) is not None:
        bodies = (_directive(operation, context), _directive(operation.reverse(), context))
        stream.write(_file(said, revises, *bodies, imports=sorted(context.imports)))
        return
    back = plan(backwards(diff), online=online)
    kept_back = {} if allow_destructive else withheld(forth)
    untouched = {forth.steps[index].subject for index in kept_back}
    untouched |= {each.subject for each in forth.unwritten} - {step.subject for step in forth.steps}
    upgrade = _body(forth, kept_back, context)
    never_made = {index: "upgrade() leaves it" for index, step in enumerate(back.steps) if step.subject in untouched}
    downgrade = _body(back, never_made, context)
    stream.write(_file(said, revises, upgrade, downgrade, imports=sorted(context.imports)))


def _file(said: str, revises: str | None, upgrade: str, downgrade: str, *, imports: list[str]) -> str:
    revision = hashlib.sha256(f"{revises}\n{upgrade}".encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH]
    shown = "".join(char if char.isprintable() else " " for char in said).replace("\\", "\\\\").replace('"', "'")
    used = [line for line, word in (("import sqlalchemy as sa", "sa."),) if word in upgrade + downgrade]
    listed = "\n".join([*used, "from alembic import op", *imports])
    return (
        f'"""{shown}"""\n\n{listed}\n\nrevision = {revision!r}\ndown_revision = {revises!r}\n'
        "branch_labels = None\ndepends_on = None\n"
        f"\n\ndef upgrade() -> None:\n{upgrade}\n\ndef downgrade() -> None:\n{downgrade}"
    )


def _directive(operation: Operation | None, context: AutogenContext) -> str:
    return f"    {_rendered(wrapped(operation), context)}\n" if operation else "    pass\n"


def _body(found: Plan, kept_back: dict[int, str], context: AutogenContext) -> str:
    lines = [*_left_out(found.unwritten), *_steps(found, kept_back, context)]
    if not any(line and not line.startswith("#") for line in lines):
        lines.append("pass")
    # Only the first line of each is indented: the others are inside literals.
    return "".join(f"    {line}\n" for line in lines)


def _left_out(unwritten: Iterable[Unwritten]) -> Iterator[str]:
    for each in unwritten:
        yield from _comment(f"not written: {called(each.subject)}: {each.reason}")


def _steps(found: Plan, kept_back: dict[int, str], context: AutogenContext) -> Iterator[str]:
    told: Subject | None = None
    for transactional, group in groupby(enumerate(found.steps), key=lambda item: item[1].transactional):
        steps = list(group)
        if transactional and any(step.subject.kind in ROUTINES for _, step in steps):
            yield _rendered(operations.Execute(SESSION[0].replace("SET ", "SET LOCAL ")), context)
        for index, step in steps:
            if step.subject != told:
                yield from _comment(called(step.subject))
            told = step.subject
            yield from _step(step, kept_back.get(index), context)


def _step(step: Step, reason: str | None, context: AutogenContext) -> Iterator[str]:
    if reason is not None:
        yield from _comment(f"{reason}: {_ALLOW}" if step.destroys else reason)
        yield from _comment(f"{step.sql};")
        return
    written = _rendered(operations.of(step), context)
    if step.transactional:
        yield written
    else:
        yield _BLOCK
        yield f"    {written}"


def _rendered(operation: ops.MigrateOperation, context: AutogenContext) -> str:
    return "\n".join(render.render_op(context, operation))


def _comment(text: str) -> Iterator[str]:
    """The text as comments; a form feed or a lone surrogate in a name stays out of the file."""
    for line in text.splitlines():
        yield "# " + "".join(char if char.isprintable() else " " for char in line)

"""What has become of Alembic's scripts that the base has run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..schema.revisions import contents
from .files import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def changed(first: Path, last: Path) -> Iterator[str]:
    """A sentence on those that were edited, and on those that are gone; `first` and `last` are alembic.ini files."""
    old, new = dict(_scripts(first)), dict(_scripts(last))
    edited = [name for name, text in old.items() if name in new and new[name] != text]
    yield from told("revision", "was edited", "were edited", edited)
    yield from told("revision", "is gone", "are gone", [name for name in old if name not in new])


def _scripts(ini: Path) -> Iterator[tuple[str, str]]:
    """Their paths from alembic.ini, and what they do, however it is spaced and commented."""
    for name, data in contents(ini):
        if name.endswith(".py") and b"down_revision" in data:
            try:
                yield name, ast.dump(ast.parse(data))
            except (SyntaxError, ValueError):
                yield name, data.decode("utf-8", "replace")

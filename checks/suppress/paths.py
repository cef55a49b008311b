"""Rules that the settings leave out in some files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..rules import codes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..rules.model import Finding
    from ..settings import Settings


def left_out(settings: Settings, root: Path) -> Callable[[Finding], bool]:
    """Whether `per_path_ignores` leave a finding out; their globs are relative to the settings file.

    Raises SourceError for an entry that names no rule.
    """
    if not settings.per_path_ignores:
        return lambda _: False
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

    wanted = [
        (GitIgnoreSpec.from_lines([glob]), codes(entries, "per-path-ignores"))
        for glob, entries in settings.per_path_ignores.items()
    ]
    below = os.path.relpath(root, settings.base) if settings.base is not None else "."

    def is_left_out(finding: Finding) -> bool:
        if finding.span is None or finding.span.path is None:
            return False
        path = os.path.normpath(os.path.join(below, finding.span.path))  # noqa: PTH118 - posix text in, posix text out
        return any(finding.code in rules and spec.match_file(path) for spec, rules in wanted)

    return is_left_out

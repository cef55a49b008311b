"""The cache of a scan: what was read of files that have not changed since, kept from run to run."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .codec import decoded_facts, encoded_facts
from .remembered import Remembered
from .store import Entry, Kept, digest, opened
from .whole import Seals, earlier_result, keep_result, question_of

__all__ = [
    "Entry", "Kept", "Remembered", "Seals", "code", "decoded_facts", "digest", "earlier_result", "encoded_facts",
    "keep_result", "opened", "question_of",
]  # fmt: skip

_PACKAGE = Path(__file__).resolve().parents[2]
_ROOMS = ("scan", "sql")
_PARSERS = ("ast_grep_py", "postgast")


@cache
def code() -> str:
    """What tells one state of the code that reads files from another: an upgrade never meets old answers."""
    found = hashlib.sha256(platform.python_version().encode())
    for name in _PARSERS:
        origin = (spec := find_spec(name)) and spec.origin
        status = Path(origin or __file__).stat()  # the number of its version takes longer to find
        found.update(f"{origin} {status.st_size} {status.st_mtime_ns} ".encode())
    for path in sorted((*(p for room in _ROOMS for p in (_PACKAGE / room).rglob("*.py")), _PACKAGE / "model.py")):
        status = path.stat()
        found.update(f"{path.relative_to(_PACKAGE)} {status.st_size} {status.st_mtime_ns} ".encode())
    return found.hexdigest()

"""The file of a baseline: one entry on each line, in an order that no edit of the sources changes."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from ..errors import SourceError
from .baseline import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "pgarbiter-baseline.json"
VERSION = 1
_UPDATE = "`pgarbiter baseline update` writes it."
_CONFLICT = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_FIELDS = tuple(field.name for field in fields(Entry))
_TEXTS = frozenset({"fingerprint", "rule", "code", "message"})


def read(path: Path) -> tuple[Entry, ...]:
    """The entries of a file. Raises SourceError for one that is missing, or no baseline that this version reads."""
    data = b""
    try:
        data = path.read_bytes()
        document: Any = json.loads(data)
    except FileNotFoundError:
        raise SourceError(f'baseline "{path}" does not exist', _UPDATE) from None
    except OSError as error:
        raise SourceError(f'could not read baseline "{path}": {(error.strerror or str(error)).lower()}') from error
    except (ValueError, RecursionError):
        if _CONFLICT.search(data):
            raise SourceError(
                f'baseline "{path}" holds an unresolved merge conflict',
                "Take one side of it (git checkout --theirs, or --ours); then `pgarbiter baseline update` writes what "
                "the merged code has.",
            ) from None
        raise SourceError(f'baseline "{path}" is no JSON', f"Restore it, or remove it: {_UPDATE}") from None
    version = document.get("schema_version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise SourceError(
            f'baseline "{path}" has version {version}, and this pgarbiter reads {VERSION}',
            "Use the pgarbiter that has written it, or a newer one.",
        )
    listed = document.get("findings") if version == VERSION and not isinstance(version, bool) else None
    if not isinstance(listed, list):
        raise SourceError(f'"{path}" is no baseline', f"Name another file, or remove this one: {_UPDATE}")
    return tuple(_entry(item, number, path) for number, item in enumerate(listed, 1))


def _entry(item: Any, number: int, path: Path) -> Entry:
    wrong = "entry"
    if isinstance(item, dict):
        values: dict[str, Any] = {name: item.get(name) for name in _FIELDS}
        wrong = next((name for name, value in values.items() if not _is_sound(name, value)), "")
        if not wrong:
            return Entry(**{**values, "names": tuple(values["names"])})
    raise SourceError(
        f'baseline "{path}": the {wrong} of finding {number} is missing or malformed',
        f"Restore the file, or remove it: {_UPDATE}",
    )


def _is_sound(name: str, value: object) -> bool:
    if name == "names":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str) or (value is None and name not in _TEXTS)


def dumped(entries: Iterable[Entry]) -> str:
    """The text of a file with these entries, in ASCII; the same entries give the same bytes."""
    ordered = sorted(entries, key=lambda e: (e.path or "", e.object or "", e.code, e.fingerprint, e.names, e.message))
    lines = [f"    {json.dumps(asdict(entry))}" for entry in ordered]
    listed = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "schema_version": {VERSION},\n  "findings": {listed}\n}}\n'

"""Which files sqlc takes for the schema of a PostgreSQL database, as its configuration says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .order import sql_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = frozenset({"sqlc.yaml", "sqlc.yml", "sqlc.json"})
_MOST_BYTES = 200_000
_ENGINE = re.compile(r"""^[ \t-]*engine:[ \t]*["']?(\w+)""", re.MULTILINE)
_SCHEMA = re.compile(
    r"""^[ \t-]*schema:[ \t]*
        (?: \[(?P<flow>[^\]]*)\] | (?P<one>[^\s\[#][^\n#]*) | (?P<list>(?:\n[ \t]*-[ \t]*[^\n:]+)+) )""",
    re.MULTILINE | re.VERBOSE,
)


def schemas(configuration: Path) -> Iterator[Path]:
    """The file or directory of each schema that is a single one; none where every engine is another one."""
    try:
        with configuration.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return
    top = configuration.parent.resolve()
    for names in _of_json(text) if configuration.suffix == ".json" else _of_yaml(text):
        place = (top / names[0]).resolve() if len(names) == 1 and "\0" not in names[0] else top
        if place.is_relative_to(top) and place != top and _holds_sql(place):
            yield configuration.parent / place.relative_to(top)


def _of_yaml(text: str) -> Iterator[list[str]]:
    engines = _ENGINE.findall(text)
    if not engines or "postgresql" in engines:
        for match in _SCHEMA.finditer(text):
            written = re.split(r"[,\n]", match["flow"] or match["list"] or match["one"])
            names = (name.strip(" \t\r-\"'") for name in written)
            yield [name for name in names if name]


def _of_json(text: str) -> Iterator[list[str]]:
    try:
        held: Any = json.loads(text)
    except ValueError:
        return
    parts = [held.get(name) for name in ("sql", "packages")] if isinstance(held, dict) else []
    for entry in (entry for part in parts if isinstance(part, list) for entry in part):
        if isinstance(entry, dict) and entry.get("engine", "postgresql") == "postgresql":
            schema = entry.get("schema")
            named = schema if isinstance(schema, list) else [schema]
            yield [name for name in named if isinstance(name, str)]


def _holds_sql(place: Path) -> bool:
    return (place.is_file() and place.suffix == ".sql") or (place.is_dir() and bool(sql_files(place)))

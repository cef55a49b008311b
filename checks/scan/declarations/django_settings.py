"""Which databases the settings of a Django project name."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from .once import once

if TYPE_CHECKING:
    from ..model import Resolve, SourceFile

_ENGINE = re.compile(r"""["']([\w.]+\.backends?(?:\.[\w.]+)?)["']""")
_OTHERS = {"sqlite3": "SQLite", "spatialite": "SQLite", "mysql": "MySQL", "oracle": "Oracle"}
# What is PostgreSQL, or leaves the engine to the environment.
_OPEN = re.compile(
    r"""postg|psycopg|cockroach|dj_database_url|DATABASE_URL|\.db\(|\.db_url\(|\.dj_db_url\(|["']ENGINE["']\]?\s*[:=]\s*[^"'\s]"""
)


def other_database(resolve: Resolve) -> str | None:
    """Why no model of the project is kept in PostgreSQL: the settings only name other databases."""
    return _told(resolve.holding(b"DATABASES"))


@once
def _told(files: tuple[SourceFile, ...]) -> str | None:
    found: dict[str, str] = {}
    for file in files:
        if file.language != "python":
            continue
        if _OPEN.search(_databases(file.text)):
            return None
        for engine in _ENGINE.findall(file.text):
            name = engine.rpartition(".")[2]
            if name not in _OTHERS:
                return None
            found.setdefault(_OTHERS[name], posixpath.basename(file.path))
    if not found:
        return None
    return f"the setting DATABASES names {' and '.join(sorted(found))} only ({', '.join(sorted(set(found.values())))})"


def _databases(text: str) -> str:
    """The part of a settings module that says DATABASES, a few lines on."""
    return "\n".join(text[at.start() : at.start() + 1500] for at in re.finditer(r"\bDATABASES\b", text))

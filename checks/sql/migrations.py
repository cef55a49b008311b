"""Files of migrations by their names: in which order a runner applies them, and which ones undo."""

from __future__ import annotations

import re

# "0007_x", "20240102030405-x", diesel's "2024-01-02-030405_x", Flyway's "V1.2__x" and "V1_2__x".
_VERSION = re.compile(r"[Vv]?([0-9]+(?:[-.][0-9]+|_[0-9]+(?=_{2}))*)")
_WIDTH = 20  # of a number, in digits
_UNDO = (".down.sql", ".undo.sql", "/down.sql", ".rollback.sql", "_down.sql", "-down.sql")


def undoes(name: str) -> bool:
    """Whether a file, by its path inside the directory of migrations, takes another one back."""
    lowered = f"/{name.casefold()}"
    flyway_undo = re.match(r"U[0-9][0-9._]*__", name.rpartition("/")[2])
    return lowered.endswith(_UNDO) or "/down/" in lowered or flyway_undo is not None


def version_key(name: str) -> tuple[int, tuple[int, ...], str]:
    """Sort key: numbered files by number, Flyway's repeatable ones (`R__x`) and others after them by name.

    Numbers inside of a name count as numbers: "install.v9.sql" comes before "install.v10.sql".
    """
    if found := _VERSION.match(name):
        parts = re.split(r"[._]", found[1].replace("-", ""))
        return 0, tuple(int(part) for part in parts), name
    return 1, (), re.sub("[0-9]+", lambda number: number[0].zfill(_WIDTH), name)

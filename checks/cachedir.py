"""The user's cache directory."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path


def directory(chosen: Path | None = None) -> Path | None:
    """The directory `pgarbiter` in the user's cache directory, or that which was chosen; None when there can be none.

    It is made with mode 0700, if need be: below XDG_CACHE_HOME or ~/.cache, on macOS ~/Library/Caches. A home that
    belongs to someone else (sudo keeps HOME) is passed over: what root leaves there would lock its owner out.
    """
    for found in [chosen.absolute()] if chosen is not None else [place / "pgarbiter" for place in _places()]:
        try:
            if _nearest(found).stat().st_uid != os.geteuid():
                continue
            found.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(found, os.R_OK | os.W_OK | os.X_OK):
            return found
    return None


def _places() -> list[Path]:
    below = Path("Library/Caches") if sys.platform == "darwin" else Path(".cache")
    named = [Path(value) for key in ("XDG_CACHE_HOME",) if (value := os.environ.get(key))]
    homes = [Path(value) / below for value in (os.environ.get("HOME"), _own_home()) if value]
    return [place for place in (*named, *homes) if place.is_absolute()]


def _own_home() -> str | None:
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return None


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest directory above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())

"""Which release of a library the project runs, as its lock file or its manifest says."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve, SourceFile

Version = tuple[int, int]  # major and minor
_GEM = re.compile(r"(?m)^    (?:activerecord|rails) \((\d+)\.(\d+)")
_NUMBERS = re.compile(r"(\d+)(?:\.(\d+))?")
_LAST = 999  # a minor release later than any
_LARAVEL = ("laravel/framework", "illuminate/database")


def active_record(resolve: Resolve) -> Version | None:
    """The release of Active Record in the nearest Gemfile.lock; None when there is none."""
    return _of_gems(resolve.files("Gemfile.lock"))


@lru_cache(maxsize=32)
def _of_gems(files: tuple[SourceFile, ...]) -> Version | None:
    found = next((match for file in files if (match := _GEM.search(file.text))), None)
    return (int(found[1]), int(found[2])) if found is not None else None


def laravel(resolve: Resolve) -> tuple[Version, Version] | None:
    """The first and the last release of Laravel that composer.lock, or composer.json, lets the project run."""
    locked = _of_lock(resolve.files("composer.lock"))
    return (locked, locked) if locked is not None else _of_constraint(resolve.files("composer.json"))


@lru_cache(maxsize=32)
def _of_lock(files: tuple[SourceFile, ...]) -> Version | None:
    for file in files:
        for package in _list(_read(file).get("packages")):
            if isinstance(package, dict) and package.get("name") in _LARAVEL:
                found = _NUMBERS.match(str(package.get("version", "")).removeprefix("v"))
                if found is not None:
                    return int(found[1]), int(found[2] or 0)
    return None


@lru_cache(maxsize=32)
def _of_constraint(files: tuple[SourceFile, ...]) -> tuple[Version, Version] | None:
    for file in files:
        required = _read(file).get("require")
        given = (
            next((required[name] for name in _LARAVEL if name in required), None)
            if isinstance(required, dict)
            else None
        )
        if isinstance(given, str):
            bounds = [*_bounds(given)]
            return (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else None
    return None


def _bounds(constraint: str) -> Iterator[tuple[Version, Version]]:
    """The first and the last release that each alternative of `^10.20 || 11.*` allows, read generously."""
    for part in re.split(r"\|\|?", constraint):
        found = _NUMBERS.search(part)
        if found is None:
            continue
        major, minor, sign = int(found[1]), int(found[2] or 0), part.strip()[:1]
        if sign == "~" and found[2] is not None and part.count(".") > 1:
            yield (major, minor), (major, minor)
        elif sign in {"^", "~"} or sign.isdigit() or sign == "v":
            yield (major, minor), (major, _LAST)
        else:
            yield (0, 0), (_LAST, _LAST)


def _read(file: SourceFile) -> dict[str, Any]:
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []

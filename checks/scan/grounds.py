"""Where a run stands: what it was asked for, the project whose other files are consulted, and the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A directory with one of these is a project: what its files mean is told by its other files.
_MANIFESTS = (
    "pgarbiter.toml", "package.json", "deno.json", "pyproject.toml", "setup.py", "manage.py", "requirements.txt",
    "go.mod", "Cargo.toml", "Gemfile", "composer.json", "pom.xml", "build.gradle", "build.gradle.kts", "build.sbt",
    "mix.exs", "pubspec.yaml", "Package.swift", "alembic.ini", "supabase", "prisma", ".git",
)  # fmt: skip
_SOLUTIONS = ("*.sln", "*.csproj")


def project_of(directory: Path) -> Path:
    """The nearest project that holds a directory; the directory itself outside of a repository."""
    top = repository_of(directory)
    if top is None:
        return directory
    return next((place for place in _upwards(directory, top) if _is_project(place)), directory)


def repository_of(directory: Path) -> Path | None:
    """The work tree of git that holds a directory, None outside of one."""
    return next((place for place in (directory, *directory.parents) if (place / ".git").exists()), None)


def address_of(directory: Path) -> str:
    """Where a directory stands in its repository, "a/b/" or ""; what a site's id depends on, from wherever it is asked.

    "" outside of a repository.
    """
    top = repository_of(directory)
    inside = "" if top is None else directory.relative_to(top).as_posix()
    return f"{inside}/" if inside not in {"", "."} else ""


def _upwards(directory: Path, top: Path) -> Iterator[Path]:
    for place in (directory, *directory.parents):
        yield place
        if place == top:
            return


def _is_project(place: Path) -> bool:
    return any((place / name).exists() for name in _MANIFESTS) or any(True for n in _SOLUTIONS for _ in place.glob(n))

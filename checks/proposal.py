"""The settings that a project can start with: which schema sources were found, and which files belong to each."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SourceError
from .schema.detect import HOW_TO_NAME_ONE, candidates
from .settings import Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .schema.detect import Candidate

_OWN, _SHARED = "pgarbiter.toml", "pyproject.toml"
_MANIFESTS = (
    "package.json", "pyproject.toml", "setup.py", "go.mod", "Cargo.toml", "Gemfile", "composer.json", "pom.xml",
    "build.gradle", "build.gradle.kts", "mix.exs", "pubspec.yaml", "Package.swift",
)  # fmt: skip
_SEVERAL = 2
_DIALECTS = {"sqlite": "sqlite", "mysql": "mysql", "sql server": "sqlserver"}
# Names of directories that say what is in them, and not of which database.
_PLAIN = frozenset({
    "migrations", "migration", "migrate", "db", "database", "sql", "prisma", "drizzle", "supabase", "schema", "src",
    "main", "resources", "app", "packages", "services", "apps", "server", "backend",
})  # fmt: skip
# Of these, those that lead from a part of a project to its schema, and those that hold the parts of a project.
_OF_SCHEMAS = frozenset({
    "migrations", "migration", "migrate", "db", "database", "sql", "prisma", "drizzle", "supabase", "schema", "schemas",
    "src", "main", "resources", "tables", "alembic", "postgres", "postgresql", "pg", "pgsql", "mysql", "mariadb",
    "sqlite", "sqlite3", "mssql", "sqlserver", "clickhouse", "cockroach", "cockroachdb",
})  # fmt: skip
_CONTAINERS = frozenset({"packages", "services", "apps", "libs", "modules", "crates", "projects"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A settings file: where it goes, its whole text, and the part that is new."""

    path: Path
    text: str
    added: str


def propose(root: Path) -> Proposal:
    """The settings for the project at `root`: a new file, or a table at the end of its pyproject.toml.

    Raises SourceError when there are settings already, or no schema source is found.
    """
    found = _found(root)
    own, shared = root / _OWN, root / _SHARED
    if own.exists():
        raise SourceError(f'"{own}" is there already', "It is not changed; --dry-run shows what would be proposed.")
    if not shared.is_file():
        text = _text(found, root, "")
        return Proposal(own, text, text)
    return _appended(shared, _text(found, root, "tool.pgarbiter"))


def shown(root: Path) -> str:
    """What would be proposed, whether or not there are settings. Raises SourceError when no source is found."""
    shared = root / _SHARED
    found = _found(root)
    return _text(found, root, "tool.pgarbiter" if shared.is_file() and not (root / _OWN).exists() else "")


def parts(root: Path) -> tuple[str | None, tuple[Database, ...]]:
    """A database for each part of a project that has a schema of its own, where there are several of them.

    First the source for what lies in none of these, which is that of the project itself, if it has one. A database
    without a schema is one whose schema nobody may load unasked, or of another engine: what writes there is not judged.
    """
    own: dict[str, Candidate] = {}
    for one in sorted(candidates(root), key=_is_usable, reverse=True):
        own.setdefault(_part_of(one, root), one)
    if len(own) < _SEVERAL or not any(map(_is_usable, own.values())):
        return None, ()
    names: set[str] = set()
    inner = sorted((item for item in own.items() if item[0]), key=lambda item: (-item[0].count("/"), item[0]))
    found = tuple(
        Database(
            name=_unique(_name(part), names),
            paths=(f"/{_escaped(part)}/",),
            schema=one.source if _is_usable(one) else None,
        )
        for part, one in inner
    )
    whole = own.get("")
    return whole.source if whole is not None and _is_usable(whole) else None, found


def _is_usable(candidate: Candidate) -> bool:
    return not candidate.engine and not candidate.runs_code


def _escaped(path: str) -> str:
    """The path as a pattern of .gitignore that matches nothing else."""
    return "".join(f"\\{letter}" if letter in "*?[]!#\\ " else letter for letter in path)


def _found(root: Path) -> tuple[Candidate, ...]:
    """The sources, those left out that lie inside of another one for the same other database."""
    found = candidates(root)
    if not found:
        raise SourceError(
            f'no schema source was found below "{root}"',
            HOW_TO_NAME_ONE,
        )
    others = [one for one in found if one.engine]
    return tuple(one for one in found if not any(_is_inside(one, other) for other in others))


def _is_inside(one: Candidate, other: Candidate) -> bool:
    alike = one.engine == other.engine and one.source != other.source
    nested = f"{one.directory}/".startswith(f"{other.directory}/")
    return alike and nested and (one.directory, one.source) > (other.directory, other.source)


def write(proposal: Proposal) -> None:
    """Write the file, whole or not at all. Raises SourceError when that cannot be done."""
    path = proposal.path
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(proposal.text.encode())
        if path.exists():
            partial.chmod(path.stat().st_mode & 0o7777)
        partial.replace(path)
    except OSError as error:
        raise SourceError(f'could not write "{path}": {error.strerror}') from error
    finally:
        partial.unlink(missing_ok=True)


def _appended(path: Path, added: str) -> Proposal:
    try:
        before = path.read_bytes().decode()
        document = tomllib.loads(before)
    except (OSError, ValueError) as error:
        raise SourceError(f'could not read "{path}": {error}') from error
    if "pgarbiter" in document.get("tool", {}):
        raise SourceError(f'"{path}" has a table [tool.pgarbiter] already', "It is not changed.")
    if "\r\n" in before:
        added = added.replace("\n", "\r\n")
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before.strip() else end if before.endswith(("\n", end)) else end * 2
    text = before + gap + added
    try:
        after = tomllib.loads(text)
        after["tool"].pop("pgarbiter")
    except (ValueError, KeyError) as error:  # `tool = {..}` on one line takes no further tables
        raise SourceError(f'"{path}" cannot take a table at its end: {error}') from error
    if (after if document.get("tool") else {k: v for k, v in after.items() if k != "tool"}) != document:
        raise SourceError(f'"{path}" would not keep what it says')
    return Proposal(path, text, added)


def _text(found: Sequence[Candidate], root: Path, table: str) -> str:
    """The settings as TOML; `table` is the table that they stand in, empty in a file of their own."""
    own: dict[str, list[Candidate]] = {}
    for one in found:
        own.setdefault(_part_of(one, root), []).append(one)
    if len(own) < _SEVERAL:  # whatever part it is of, it is there for the whole project
        own = {"": [*found]}
    return "\n".join((*_head(own.get("", []), table), *_databases(own, table))) + "\n"


def _head(own: Sequence[Candidate], table: str) -> Iterator[str]:
    """What holds for all files that belong to no database of their own."""
    if table:
        yield f"[{table}]"
    usable = [one for one in own if _is_usable(one)]
    if usable:
        yield f"# The schema that write sites are checked against: {_why(usable[0])}."
        yield f"schema = {_quoted(usable[0].source)}"
    for other in usable[1:]:
        yield f"# {other.source} was found as well. If it is another database, name the files that write to it:"
        yield from ("# " + line for line in _entry(_name(other.directory), other, ("...",), table))
    for code in [one for one in own if one.runs_code]:
        yield f"# {code.source} was found. It is loaded by the project's own env.py, so that you are to ask for it:"
        yield f"# schema = {_quoted(code.source)}"


def _databases(parted: Mapping[str, Sequence[Candidate]], table: str) -> Iterator[str]:
    """A database for each part of the project that has a schema of its own, and for each that is no PostgreSQL.

    Parts inside of others come first, since the first database whose paths hold a file is that of the file.
    """
    names: set[str] = set()
    for part, own in sorted(parted.items(), key=lambda item: (-item[0].count("/"), item[0])):
        usable = [one for one in own if _is_usable(one)]
        if part and usable:
            yield ""
            yield f"# {part} is a part of the project with a schema of its own: {_why(usable[0])}."
            yield from _entry(_unique(_name(part), names), usable[0], (f"{part}/",), table)
            yield from (f"# {one.source} was found there as well." for one in usable[1:])
        for one in [one for one in own if one.runs_code and part]:
            yield ""
            yield f"# {one.source} is loaded by the project's own env.py, so that you are to ask for it:"
            yield from ("# " + line for line in _entry(_unique(_name(part), names), one, (f"{part}/",), table))
        for one in [one for one in own if one.engine]:
            where = part if part and not usable else one.directory
            yield ""
            place = one.source.partition(":")[2]
            yield f"# {place} is for {one.engine}, by its own words: what writes there is not judged."
            yield from _entry(_unique(_name(one.directory), names), one, (f"{where}/",), table)


def _entry(name: str, candidate: Candidate, paths: Iterable[str], table: str) -> Iterator[str]:
    yield f"[[{table + '.' if table else ''}database]]"
    yield f"name = {_quoted(name)}"
    yield f"paths = [{', '.join(map(_quoted, paths))}]"
    if candidate.engine:
        yield f"dialect = {_quoted(_DIALECTS.get(candidate.engine, 'other'))}"
    else:
        yield f"schema = {_quoted(candidate.source)}"


def _part_of(candidate: Candidate, root: Path) -> str:
    """The part of a project that a source belongs to, relative to the root; empty for the root itself.

    That is the nearest directory above it that has a manifest, or else the one that holds the directories which are
    there for the sake of the schema: `services/orders` of `services/orders/db/migrations`. A file that says how a
    schema is, and not how it became so, is rather a dump of what migrations make, wherever it lies.
    """
    place = Path(candidate.directory)
    for folder in (place, *place.parents):
        if str(folder) == ".":
            break
        if any((root / folder / name).is_file() for name in _MANIFESTS):
            return folder.as_posix()
    names = [] if candidate.source.endswith(".sql") else list(place.parts)
    while names and names[-1].casefold() in _OF_SCHEMAS and not (names[:-1] and names[-2] in _CONTAINERS):
        names.pop()
    return "/".join(names)


def _why(candidate: Candidate) -> str:
    kind, _, where = candidate.source.partition(":")
    if kind == "supabase":
        return f"{where}, loaded with what Supabase provides"
    return f"{where}, loaded into a throwaway server"


def _name(directory: str) -> str:
    telling = [part for part in Path(directory).parts if part.casefold() not in _PLAIN and part != "."]
    return (telling or Path(directory).parts or ("main",))[-1]


def _unique(name: str, names: set[str]) -> str:
    found, number = name, 1
    while found in names:
        number += 1
        found = f"{name}-{number}"
    names.add(found)
    return found


def _quoted(text: str) -> str:
    """A TOML string: JSON's are."""
    return json.dumps(text, ensure_ascii=False)

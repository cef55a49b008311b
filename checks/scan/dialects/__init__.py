"""Whether a write is meant for PostgreSQL, by the evidence around it; the strongest there is decides.

In this order: what the statement is handed to; what the function imports; what its file shows; what the path says; what
the nearest manifest depends on. Where evidence of both kinds stands side by side the name of the class or function and
the placeholders decide; where nothing does, the write is taken for PostgreSQL's.
"""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..values import Class
from .drivers import POSTGRES
from .manifests import Manifests
from .marks import Mark, marks_of
from .paths import told_by
from .receivers import receiver_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Function
    from ..project import Project

__all__ = ["POSTGRES", "Dialects", "evidence"]

_LIKE = (("sqlite", "SQLite"), ("mysql", "MySQL"), ("mariadb", "MySQL"), ("postgres", POSTGRES), ("pgsql", POSTGRES))
# None of these has ON CONFLICT: code that upserts beside them, whatever its path says, upserts into another database.
_WITHOUT_CONFLICT = frozenset({"ClickHouse", "SQL Server", "Oracle", "Db2", "Trino", "BigQuery"})
_NAMED = re.compile(r"\$\d|%s|%\(\w+\)s")  # as drivers of PostgreSQL have them
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)")
_MARKED = re.compile(r"[(,=\s]\?(?=\s*[,)\s;\"'`]|$)")


def evidence(text: str, language: str = "typescript") -> str | None:
    """Why a host file's SQL is not PostgreSQL's, by its text alone; None without evidence, or when it shows both."""
    marks = marks_of(text, language)
    if language == "typescript" and not marks.found:  # a caller that does not know its language
        marks = marks_of(text, "python")
    other = next((mark for mark in marks.found if mark.dialect != POSTGRES), None)
    return None if other is None or marks.mentioned else f"the file {other.told}"


class Dialects:
    """The evidence in the files of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._told: dict[str, tuple[str, str | None]] = {}

    def other(self, path: str, offset: int, statement: str, *, conflict: bool = False) -> str | None:
        """Why the write at that place, with this source text, is not for PostgreSQL; None when it is, or may be.

        `conflict`: it has a conflict clause.
        """
        file = self._project.file(path)
        if file is None:
            return None
        handed = receiver_before(file.text, offset)
        if handed is not None and not (conflict and handed.dialect in _WITHOUT_CONFLICT):
            return f'it is handed to "{handed.call}", which is {handed.dialect} by its name'
        marks = marks_of(file.text, file.language)
        if file.language == "shell" and (run := _run_by(marks.found, file.text, offset)) is not None:
            return None if run.dialect == POSTGRES else f"the command {run.told}"
        if marks.found:
            decided, reason = self._by_marks(marks.found, path, offset, statement, mentioned=marks.mentioned)
            if decided:
                return reason
        if path not in self._told:
            self._told[path] = self._by_place(path, file.language, mentioned=bool(marks.found) and marks.mentioned)
        dialect, told = self._told[path]
        return None if conflict and dialect in _WITHOUT_CONFLICT else told

    def _by_marks(
        self, marks: Sequence[Mark], path: str, offset: int, statement: str, *, mentioned: bool
    ) -> tuple[bool, str | None]:
        """Whether the marks of the file decide, and why the write is not PostgreSQL's, if it is not."""
        around = self._around(path, offset)
        inside = [(mark, self._function(path, mark.offset) if mark.imported else None) for mark in marks]
        own = [mark for mark, holder in inside if holder is not None and holder.offset <= offset < holder.end]
        top = [mark for mark, holder in inside if holder is None]
        for found in (own, top, list(marks)):
            kinds = {mark.dialect for mark in found}
            others = kinds - {POSTGRES}
            if not others:
                if kinds:
                    return True, None
                continue
            first = next(mark for mark in found if mark.dialect in others)
            if POSTGRES in kinds:
                return True, _between(around, statement, others, path)
            if found is own or not mentioned:
                return True, f"the {'function' if found is own else 'file'} {first.told}"
            break
        return False, None

    def _function(self, path: str, offset: int) -> Function | None:
        module = self._project.module(path)
        return module.function_at(offset) if module is not None else None

    def _around(self, path: str, offset: int) -> tuple[str, ...]:
        """The names of the function and of the class that hold the place."""
        module = self._project.module(path)
        function = self._function(path, offset)
        if module is None or function is None:
            return ()
        owners = (module.lookup(name, offset) for name in ("self", "this"))
        return (function.name, *(owner.name for owner in owners if isinstance(owner, Class)))

    def _by_place(self, path: str, language: str, *, mentioned: bool) -> tuple[str, str | None]:
        """The database that the path or the manifest says, and the reason when it is not PostgreSQL."""
        told = told_by(path, self._paths)
        if told is not None:
            return told.dialect, None if told.dialect == POSTGRES else f'the path says {told.dialect} ("{told.piece}")'
        found = None if mentioned else self._manifests.only_dialect(path, language)
        if found is None or found[0] == POSTGRES:
            return POSTGRES, None
        return found[0], f"{found[1]} names no driver but for {found[0]}"

    @cached_property
    def _paths(self) -> frozenset[str]:
        """Of all files and directories."""
        found = set(self._project.tree.paths)
        for path in self._project.tree.paths:
            folder = posixpath.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    @cached_property
    def _manifests(self) -> Manifests:
        return Manifests(self._project.tree.paths, self._project.data)


def _run_by(marks: Sequence[Mark], text: str, offset: int) -> Mark | None:
    """The command of a script that is given what stands at a place: as an argument, or as the lines behind `<<`."""
    last = max((mark for mark in marks if mark.offset < offset), key=lambda mark: mark.offset, default=None)
    if last is None:
        return None
    line, behind = text[last.offset :].partition("\n")[0], text[last.offset : offset].partition("\n")[2]
    if (opened := _HEREDOC.search(line)) is not None:
        return None if re.search(rf"(?m)^\s*{opened[1]}\s*$", behind) else last
    before = line[: offset - last.offset]
    quoted = before.count('"') % 2 or before.count("'") % 2
    return last if quoted and ";" not in behind else None


def _between(around: Sequence[str], statement: str, others: set[str], path: str) -> str | None:
    """Of a file that imports drivers of both: what the names around the write, or its placeholders, say."""
    for name in around:
        told = {dialect for word, dialect in _LIKE if word in name.casefold()}
        if len(told) == 1:
            (dialect,) = told
            return None if dialect == POSTGRES or dialect not in others else f'"{name}" is for {dialect}, by its name'
    if path.endswith((".py", ".go", ".ts", ".js")) and _MARKED.search(statement) and not _NAMED.search(statement):
        (first, *more) = sorted(others)
        return None if more else f"the placeholder ? is for {first}, of the drivers that the file imports"
    return None

"""Tables and unique indexes as a Rails project dumps them: db/schema.rb and db/structure.sql.

Both are written by machines, one column and one index to a line (activerecord 8.1 SchemaDumper, pg_dump).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve, SourceFile

_TABLE = re.compile(r"""^\s*create_table\s*\(?\s*["':]([\w.]+)["']?(.*)$""")
_COLUMN = re.compile(r"""^\s*t\.(\w+)\s*\(?\s*["':]([^"',\s]+)["']?(.*)$""")
_INDEX = re.compile(r"""^\s*t\.index\s*\(?\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*"|:\w+)(.*)$""")
_ADDED = re.compile(r"""^\s*add_index\s*\(?\s*["':]([\w.]+)["']?\s*,\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*"|:\w+)(.*)$""")
_NAMED = re.compile(r"""\b(name|where):\s*"((?:[^"\\]|\\.)*)\"""")
_NAMES = re.compile(r"""["':]([^"',\[\]\s]+)["']?""")
_KEY = re.compile(r"""\bprimary_key:\s*(\[[^\]]*\]|["':]\w+["']?)""")
_NO_COLUMNS = frozenset({"index", "check_constraint", "unique_constraint", "exclusion_constraint", "foreign_key"})
_STAMPS = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index; `elements` as SQL, an expression index has one text of all of them, `columns` None for it."""

    name: str
    elements: str
    columns: tuple[str, ...] | None
    predicate: str | None


@dataclass(slots=True)
class DumpedTable:
    """One table; `primary_key` None: none that is known."""

    name: str
    columns: list[str] = field(default_factory=list)
    primary_key: tuple[str, ...] | None = ("id",)
    indexes: list[UniqueIndex] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dump:
    """All tables of a project, by their names without "public."."""

    tables: dict[str, DumpedTable]

    def table(self, name: str) -> DumpedTable | None:
        """The table of that name."""
        return self.tables.get(name.removeprefix("public."))

    @property
    def known(self) -> bool:
        """Whether the project has a dump at all."""
        return bool(self.tables)


def dump_of(resolve: Resolve) -> Dump:
    """What the dumps nearest to the file say."""
    return _read((*resolve.files("*schema.rb"), *resolve.files("*structure.sql")))


def _read(files: tuple[SourceFile, ...]) -> Dump:
    key = tuple((file.path, id(file)) for file in files)
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST_DUMPS:
            _KNOWN.clear()
        tables: dict[str, DumpedTable] = {}
        for file in files:
            for table in _ruby(file.text) if file.path.endswith(".rb") else _sql(file.text):
                tables.setdefault(table.name, table)
        _KNOWN[key] = files, Dump(tables)
    return _KNOWN[key][1]


_MOST_DUMPS = 64
_KNOWN: dict[tuple[tuple[str, int], ...], tuple[tuple[SourceFile, ...], Dump]] = {}


def _ruby(text: str) -> Iterator[DumpedTable]:
    tables: dict[str, DumpedTable] = {}
    current: DumpedTable | None = None
    for line in text.splitlines():
        if made := _TABLE.match(line):
            current = tables.setdefault(made[1].removeprefix("public."), DumpedTable(made[1].removeprefix("public.")))
            current.primary_key = _key(made[2])
            current.columns += (
                current.primary_key if current.primary_key is not None and len(current.primary_key) == 1 else ()
            )
        elif added := _ADDED.match(line):
            owner = tables.get(added[1].removeprefix("public."))
            if owner is not None:
                owner.indexes += _index(added[2], added[3])
        elif current is not None and line.strip() == "end":
            current = None
        elif current is not None and (index := _INDEX.match(line)):
            current.indexes += _index(index[1], index[2])
        elif current is not None and (column := _COLUMN.match(line)) and column[1] not in _NO_COLUMNS:
            current.columns += _columns(column[1], column[2], column[3])
        elif current is not None and line.strip().startswith("t.timestamps"):
            current.columns += _STAMPS
    yield from tables.values()


def _key(options: str) -> tuple[str, ...] | None:
    if re.search(r"\bid:\s*false", options):
        return None
    found = _KEY.search(options)
    return tuple(_NAMES.findall(found[1])) if found else ("id",)


def _columns(kind: str, name: str, options: str) -> tuple[str, ...]:
    if kind in {"references", "belongs_to"}:
        return (f"{name}_id", f"{name}_type") if "polymorphic" in options else (f"{name}_id",)
    return (name,)


def _index(given: str, options: str) -> Iterator[UniqueIndex]:
    if not re.search(r"\bunique:\s*true", options):
        return
    named = {key: value.replace('\\"', '"').replace("\\\\", "\\") for key, value in _NAMED.findall(options)}
    expression = given.startswith('"') and not re.fullmatch(r'"\w+"', given)
    columns = None if expression else tuple(_NAMES.findall(given))
    elements = given.strip('"').replace('\\"', '"') if columns is None else ", ".join(map(_quoted, columns))
    yield UniqueIndex(named.get("name", ""), elements, columns, named.get("where"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sql(text: str) -> Iterator[DumpedTable]:
    """The lines of pg_dump."""
    tables: dict[str, DumpedTable] = {}
    current: DumpedTable | None = None
    altered = ""
    for line in text.splitlines():
        words = line.split()
        if line.startswith("CREATE TABLE ") and line.endswith("("):
            name = _plain(words[2])
            current = tables[name] = DumpedTable(name, primary_key=None)
        elif current is not None and line.startswith(")"):
            current = None
        elif current is not None and words and words[0] != "CONSTRAINT":
            current.columns.append(_plain(words[0]))
        elif line.startswith("CREATE UNIQUE INDEX "):
            _indexed(line, tables)
        elif line.startswith("ALTER TABLE ONLY "):
            altered = _plain(words[3])
        elif words[:2] == ["ADD", "CONSTRAINT"] and altered in tables:
            _constrained(line, words, tables[altered])
    yield from tables.values()


def _plain(name: str) -> str:
    return name.removeprefix("public.").strip('"').removesuffix(";")


def _indexed(line: str, tables: dict[str, DumpedTable]) -> None:
    """`CREATE UNIQUE INDEX name ON [ONLY] table USING btree (a, b) WHERE (p);`."""
    name, _, rest = line.removeprefix("CREATE UNIQUE INDEX ").partition(" ON ")
    owner, _, what = rest.removeprefix("ONLY ").partition(" USING btree ")
    table = tables.get(_plain(owner))
    if table is None or not what:
        return
    elements, _, predicate = what.rstrip(";").partition(" WHERE ")
    if not elements.endswith(")") or " INCLUDE " in elements:
        return
    inner = elements[1:-1]
    names = [one.strip().strip('"') for one in inner.split(",")]
    bare = all(re.fullmatch(r"\w+", one) for one in names)
    table.indexes.append(UniqueIndex(_plain(name), inner, tuple(names) if bare else None, predicate or None))


def _constrained(line: str, words: list[str], table: DumpedTable) -> None:
    kind, inner = words[3:4], line.partition("(")[2].partition(")")[0]
    names = tuple(one.strip().strip('"') for one in inner.split(","))
    if kind == ["PRIMARY"]:
        table.primary_key = names
    elif kind == ["UNIQUE"] and "NULLS" not in line:
        table.indexes.append(UniqueIndex(_plain(words[2]), ", ".join(map(_quoted, names)), names, None))


__all__ = ["Dump", "DumpedTable", "UniqueIndex", "dump_of"]

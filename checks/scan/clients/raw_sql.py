"""SQL in the strings of a host language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Mechanism, Unresolved, Write
from ...sql import BROKEN, read_writes
from ...sql.holes import marker
from ..flatten import variants
from ..hosts.hql import HQL
from ..literals import place_of
from ..model import Client, Draft, NoSite, SiteFact
from ..racy import Earlier, across
from ..values import Call, Constant, Join, Member, Name, Text
from .jdbi import Templates
from .scripted import unscripted
from .sql_text import drafts_of
from .sqlc_generated import original, source_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..flatten import Flat
    from ..model import Module, Resolve
    from ..values import Value

# A literal piece that makes a string worth flattening; read natively by the host's parser.
_PATTERN = r"(?i)\binsert\s+(or\s+\w+\s+|ignore\s+)?into\b|\bon\s+conflict\b|\bmerge\s+into\b|\breplace\s+into\b"
# Tags of postgres.js, slonik, Prisma, drizzle and kysely, of doobie and Slick, whose holes are bound parameters unless
# they are fragments.
_BINDING = frozenset({"fr", "fr0", "sqlu", "tsql", "sql", "SQL", "$queryRaw", "$executeRaw", "queryRaw", "executeRaw"})
_PUSHES = frozenset({"push", "push_str", "push_unseparated"})  # of builders in Rust: what stands before is elsewhere
_ENTITIES = "it is a query on entities (JPA), whose names are not those of tables and columns"
FRAGMENT = "a fragment: the statement that it belongs to is put together at run time"
ANOTHER_SCHEMA = "at run time it can be another schema"
_CLAUSES = (
    "on conflict",
    "values",
    "select",
    "default values",
    "(",
    ")",
    ",",
    "\ue000",
    "where",
)  # what it can start with
_LEAD = f"INSERT INTO {marker(9_000_000)} ({marker(9_000_001)}) VALUES ({marker(9_000_002)}) "  # noqa: S608 - parsed, never sent


def find(module: Module) -> Iterator[SiteFact]:
    """Every string expression that may hold a write."""
    earlier = Earlier(module)
    source = source_of(module.file.text)
    templates = Templates(module)
    for text in module.strings(_PATTERN):
        value = templates.filled(text)
        begin = place_of(value) or 0
        values: dict[str, Value] = {
            "sql": value,
            "part": Constant(module.is_part(begin)),
        }
        why = module.not_run(begin)
        if why is not None:
            values["not_run"] = Text(why)
        if source is not None:
            values["source"] = Text(source)
        before = earlier.before(begin)
        if before.items:
            values["earlier"] = before
        yield SiteFact(client="raw-sql", values=values, offset=begin, statement=begin, end=begin)


def finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The writes of every text that the string can be."""
    why = fact.values.get("not_run")
    if isinstance(why, Text):
        return NoSite(why.text)
    found: dict[Draft, None] = {}
    refused = "no statement that writes"
    source = fact.values.get("source")
    for flat in _flats(fact.values["sql"], resolve):
        path = original(source.text, flat.text, resolve) if isinstance(source, Text) else None
        drafts = _drafts(flat, fact) if path is None else NoSite(f"generated from {path}, where the same query stands")
        if isinstance(drafts, NoSite):
            refused = drafts.reason
        else:
            found.update(dict.fromkeys(drafts))
    part = fact.values["part"] == Constant(value=True)
    drafts = tuple(replace(draft, part=part) for draft in without_lesser(found))
    return across(drafts, fact.values.get("earlier"), resolve) or NoSite(refused)


def _flats(value: Value, resolve: Resolve) -> Iterator[Flat]:
    """Every text that the string can be; of a call that turns out to make no string, the strings that it is given."""
    flats = tuple(one for flat in variants(resolve(value)) for one in unscripted(flat))
    if isinstance(value, Call) and not any(_names_write(flat.text) for flat in flats):
        inner = (*([value.callee.object] if isinstance(value.callee, Member) else []), *value.args)
        for part in inner:
            if place_of(part) is not None:
                yield from _flats(part, resolve)
    else:
        yield from flats


def _names_write(text: str) -> bool:
    words = text.casefold()
    return "into" in words or "conflict" in words


def without_lesser(drafts: Collection[Draft]) -> Iterator[Draft]:
    """Of one INSERT with a clause that is sometimes left out, the full one: it writes the same columns.

    Of several texts of one statement, those that parse: no server takes the others (an empty list of columns); and of
    those that differ in a schema that is known in one of them, that one.
    """
    full = {draft.begin for draft in drafts if draft.mechanism is Mechanism.ON_CONFLICT}
    parsed = {draft.statement for draft in drafts if not is_unfinished(draft)}
    named = {_table_at(draft) for draft in drafts if not draft.write.schema_open}
    opened = {_table_at(draft) for draft in drafts if draft.write.schema_open}
    seen: set[Draft] = set()
    for draft in drafts:
        # Texts that differ in their values are one site, and so are those of an upsert of one row or of more.
        rows = draft.write.rows if draft.mechanism is Mechanism.PLAIN_INSERT else None
        alike = replace(draft, sql=None, end=0, write=replace(draft.write, rows=rows))
        if alike in seen or (is_unfinished(draft) and draft.statement in parsed):
            continue
        seen.add(alike)
        if draft.write.schema_open and _table_at(draft) in named:
            continue
        if draft.write.table is not None and not draft.write.schema_open and _table_at(draft) in opened:
            draft = replace(draft, caution=ANOTHER_SCHEMA)  # noqa: PLW2901 - the same draft, with what is to be told
        if draft.mechanism is not Mechanism.PLAIN_INSERT or draft.begin not in full:
            yield draft


def _table_at(draft: Draft) -> tuple[tuple[str | None, int] | None, int, str | None]:
    table = draft.write.table
    return draft.begin, draft.statement, table.name if table is not None else None


def is_unfinished(draft: Draft) -> bool:
    """Whether the text does not parse, or ends before its rows do."""
    open_ended = isinstance(draft.write.target, Unresolved) and (draft.sql or "").casefold().endswith("values")
    return open_ended or (draft.reason or "").startswith(BROKEN)


def _drafts(flat: Flat, fact: SiteFact) -> tuple[Draft, ...] | NoSite:
    words = " ".join(flat.text.casefold().split())
    if not _names_write(words):
        return NoSite("no statement that writes")
    if "on conflict" in words and not any(word in words for word in ("insert", "merge", "replace")):
        return _fragment(flat) if words.startswith(_CLAUSES) else NoSite("names ON CONFLICT, in prose")
    drafts = drafts_of(read_writes(flat.text, bound=_is_bound(flat)), flat, foreign=_foreign(fact))
    if flat.tag == HQL and isinstance(drafts, tuple):
        return tuple(replace(draft, write=replace(draft.write, table=None), reason=_ENTITIES) for draft in drafts)
    return drafts


def _is_bound(flat: Flat) -> bool:
    """Whether the holes are parameters: those of a tag that binds, none of which is made by a call (`sql.raw(x)`)."""
    name = (flat.tag or "").rpartition(".")[2]
    return name in _BINDING and not any(isinstance(hole, (Call, Join)) for hole in flat.holes)


def _fragment(flat: Flat) -> tuple[Draft, ...] | NoSite:
    """A conflict clause alone, read behind a statement that is all holes."""
    reading = read_writes(_LEAD + flat.text)
    if not reading.writes:
        return NoSite("names ON CONFLICT, but is no conflict clause")
    drafts = drafts_of(reading, flat, shift=len(_LEAD))
    if isinstance(drafts, NoSite):
        return drafts
    clauses = tuple(draft for draft in drafts if not is_unfinished(draft))  # the lead and what stands before may differ
    return tuple(map(_as_fragment, clauses or drafts[:1]))


def _as_fragment(draft: Draft) -> Draft:
    write = draft.write
    known = Write(
        table=None,
        target=Unresolved(FRAGMENT),
        action=write.action,
        set_columns=write.set_columns,
        set_complete=write.set_complete,
        reason=FRAGMENT,
    )
    return Draft(
        mechanism=Mechanism.ON_CONFLICT,
        write=known,
        offset=draft.offset,
        statement=draft.offset,
        end=draft.end,
        path=draft.path,
        reason=FRAGMENT,
        not_postgres=draft.not_postgres,
    )


def _foreign(fact: SiteFact) -> frozenset[int]:
    """Which parts of a concatenation are named constants, that stand elsewhere."""
    value = fact.values["sql"]
    if isinstance(value, Call) and isinstance(value.callee, Member) and value.callee.name in _PUSHES:
        return frozenset({0})
    parts = value.parts if isinstance(value, Join) else ()
    return frozenset(index for index, part in enumerate(parts) if isinstance(part, (Name, Member)))


RAW_SQL = Client(
    name="raw-sql",
    languages=frozenset(
        {
            "rust",
            "shell",
            "yaml",
            "javascript",
            "typescript",
            "python",
            "go",
            "java",
            "kotlin",
            "scala",
            "csharp",
            "dart",
            "swift",
            "elixir",
            "php",
            "ruby",
        }
    ),
    triggers=(b"on conflict", b"insert into", b"merge into"),
    find=find,
    finish=finish,
)

"""What a statement that failed leaves uncertain: the relations whose catalog entry it would have changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import sql
from ..model import QualifiedName
from .code import leaves_all_as_it_is, matters, may_reach_anything, with_bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .wire import Refusal

    Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

# What these change, inference and the rules do not read: rights, comments, rows, roles, types that a table would name.
_NEVER = frozenset({
    "grant", "revoke", "comment", "insert", "update", "delete", "merge", "truncate", "copy", "set", "reset", "show",
    "analyze", "vacuum", "reindex", "cluster", "notify", "listen", "unlisten", "explain", "lock", "discard", "load",
    "checkpoint", "security", "reassign", "refresh", "begin", "start", "commit", "end", "rollback", "abort",
    "savepoint", "release", "prepare", "deallocate",
})  # fmt: skip
_DEFINES = frozenset({"create", "alter", "drop"})
# Words between CREATE, ALTER or DROP and the kind of object.
_BETWEEN = frozenset(
    {"or", "replace", "global", "local", "temp", "temporary", "unlogged", "recursive", "constraint", "if"}
)
_RELATIONS = frozenset({"table", "view", "materialized", "foreign", "index", "unique", "trigger", "rule"})
# The answers to a DROP of what is not there: all is as it should be.
_ALREADY_GONE = frozenset({"42P01", "42704", "3F000"})
_PARTS = {(kind,) for kind in ("policy", "trigger", "function", "procedure", "publication", "role", "event", "view")}
_DUPLICATE = "42710"
_SYNTAX = "42601"
# Parts of ALTER TABLE that neither inference nor a rule looks at.
_UNREAD = re.compile(
    r"\s+(?:owner\s+to|validate\s+constraint|replica\s+identity|cluster\s+on|set\s+without\s+cluster|(?:re)?set\s*\("
    r"|(?:enable|disable)\s+(?:replica\s+|always\s+)?trigger|(?:enable|disable|force|no\s+force)\s+row\s+level\s+security"
    r"|set\s+(?:tablespace|logged|unlogged|access\s+method)"
    r"|alter\s+(?:column\s+)?(?:\w+|\"[^\"]+\")\s+(?:set\s+(?:statistics|storage|compression|\()|reset\s*\())"
)
_ALTER_TABLE = re.compile(r"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:[\w$.]|\"[^\"]+\")+(?:\s*\*)?")
_OTHER_OWNER = re.compile(
    r"alter\s+(?:sequence|foreign\s+table|(?:materialized\s+)?view)\s+(?:if\s+exists\s+)?(?:[\w$.]|\"[^\"]+\")+\s+owner\s+to\s"
)

_COLUMNS = """
    coalesce(t.oid, c.oid)::bigint, pg_catalog.format('%%s.%%s', n.nspname, coalesce(t.relname, c.relname))
"""
_OWN_TABLE = """
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
"""
_NAMED = f"""
SELECT DISTINCT {_COLUMNS}
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace {_OWN_TABLE}
WHERE c.relname = ANY (%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%%'
ORDER BY 2
"""  # noqa: S608 - built of constants
_ALL = """
SELECT c.oid::bigint, pg_catalog.format('%%s.%%s', n.nspname, c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%%'
ORDER BY 2
"""
_RESOLVED = f"""
SELECT {_COLUMNS}
FROM unnest(CASE WHEN %s::text IS NULL THEN pg_catalog.current_schemas(false) ELSE ARRAY[%s]::name[] END)
    WITH ORDINALITY AS path (schema, position)
JOIN pg_catalog.pg_namespace n ON n.nspname = path.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = %s {_OWN_TABLE}
ORDER BY path.position
LIMIT 1
"""  # noqa: S608 - built of constants
_DESCENDANTS = """
WITH RECURSIVE family (oid) AS (
    SELECT unnest(%s::oid[]) UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON i.inhparent = f.oid
)
SELECT pg_catalog.format('%%s.%%s', n.nspname, c.relname)
FROM family f
JOIN pg_catalog.pg_class c ON c.oid = f.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A relation as a statement means it: "schema.name", and its OID if it exists."""

    name: str
    oid: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a statement would have changed: relations, and every name that it makes or touches."""

    relations: tuple[Place, ...] = ()
    names: frozenset[str] = frozenset()
    creates: tuple[QualifiedName, ...] = ()


def effect_of(text: str, refusal: Refusal, query: Query) -> Effect:
    """The effect that `text` would have had; `query` asks the loading session.

    Names are resolved through the session's search_path; what does not exist would have been made in its first schema.
    A statement whose effect cannot be told from its text makes every relation that it names uncertain.
    """
    match leading(text):
        case (first, *_) if first in _NEVER:
            return Effect()
        case (first, kind, *_) if first in _DEFINES:
            touched = sql.touched(text)
            named = {*touched.relations, *touched.creates}
            creates = (*touched.creates, *_index_name(text, touched.relations))
            names = frozenset(name.name for name in (*named, *creates))
            harmless = kind not in _RELATIONS or _is_harmless(first, kind, text, refusal)
            places = () if harmless else tuple(sorted({place(name, query) for name in named}, key=str))
            if not harmless and refusal.sqlstate == _SYNTAX:
                places = _unreadable((*places, *named_relations(text, query)), text, query)
            return Effect(places, names, creates)
        case (first, *_) if first.startswith("\\"):
            return Effect(all_relations(query))
        case _:
            return Effect(_of_code(with_bodies(text, query), refusal, query))


def _of_code(code: str, refusal: Refusal, query: Query) -> tuple[Place, ...]:
    if may_reach_anything(code):
        return all_relations(query)
    if refusal.sqlstate == _SYNTAX:
        return _unreadable(named_relations(code, query), code, query)
    return () if leaves_all_as_it_is(code, query) else named_relations(code, query)


def _unreadable(places: tuple[Place, ...], text: str, query: Query) -> tuple[Place, ...]:
    """The places; every relation if a text that does not parse defines something and does not name what it is about."""
    found = tuple(dict.fromkeys(places))
    return all_relations(query) if matters(text) and all(place.oid is None for place in found) else found


def all_relations(query: Query) -> tuple[Place, ...]:
    """Every relation that is there by now."""
    return tuple(Place(name, oid) for oid, name in query(_ALL, ()))


def named_relations(text: str, query: Query) -> tuple[Place, ...]:
    """Every relation whose name, or whose index's name, is a word of `text`."""
    return tuple(Place(name, oid) for oid, name in query(_NAMED, (sorted(words(text)),)))


def place(name: QualifiedName, query: Query) -> Place:
    """The relation that a name means in the session; for the name of an index, its table."""
    for oid, found in query(_RESOLVED, (name.schema, name.schema, name.name)):
        return Place(found, oid)
    schemas = query("SELECT pg_catalog.current_schema()", ())
    first = schemas[0][0] if schemas else None
    return Place(f"{name.schema or first or 'public'}.{name.name}", None)


def current_names(oids: Iterable[int], query: Query) -> tuple[str, ...]:
    """What relations are called by now, and all that inherit from them or are their partitions."""
    return tuple(name for (name,) in query(_DESCENDANTS, (list(oids),)))


def leading(text: str) -> tuple[str, ...]:
    """The first words of a statement, casefolded, without those between CREATE and the kind of object."""
    found = [word.strip(";(\"'") for word in text[:400].casefold().split(maxsplit=9)[:9]]
    if found[:1] and found[0] in _DEFINES:
        found = [found[0], *(word for word in found[1:] if word not in _BETWEEN)]
    return tuple(found)


def words(text: str) -> set[str]:
    """The identifiers of a text, as written and casefolded, wherever they stand."""
    spaced = "".join(character if character.isalnum() or character in "_$" else " " for character in text)
    found = set(spaced.split())
    return found | {word.casefold() for word in found}


def destroys(text: str) -> bool:
    """Whether a statement may take something away or rename it: running one out of order is never safe."""
    lowered = text.casefold()
    return lowered.startswith("drop") or any(word in lowered for word in (" drop ", "rename", "set schema", "detach"))


def destroys_no_table(text: str) -> bool:
    """Whether a statement that destroys leaves every table, index and constraint as it is."""
    return leading(text)[:1] == ("drop",) and leading(text)[1:2] in _PARTS


def _index_name(text: str, relations: Iterable[QualifiedName]) -> Iterator[QualifiedName]:
    """The name that CREATE INDEX gives, in the schema of its table."""
    found = [word for word in leading(text) if word not in {"unique", "concurrently", "if", "not", "exists"}]
    if found[:2] == ["create", "index"] and len(found) > 2 and found[2] != "on":  # noqa: PLR2004 - three words
        yield from (QualifiedName(relation.schema, found[2]) for relation in relations)


def _is_harmless(first: str, kind: str, text: str, refusal: Refusal) -> bool:
    lowered = text.casefold()
    if first == "create":
        # A plain index is no arbiter; a trigger of that name is there, or sees no row before it is written.
        return kind == "index" or (
            kind == "trigger" and (refusal.sqlstate == _DUPLICATE or not _sees_new_rows(lowered))
        )
    if first == "drop":
        return refusal.sqlstate in _ALREADY_GONE
    if _OTHER_OWNER.match(lowered):
        return True
    if "," not in text and (head := _ALTER_TABLE.match(lowered)) and _UNREAD.match(lowered, head.end()):
        return True
    return _only_guards_rows(lowered.replace(",", " ").split())


def _sees_new_rows(lowered: str) -> bool:
    """Whether CREATE TRIGGER makes one that can change what an INSERT writes, or write in its place."""
    event = lowered.partition(" on ")[0].split()
    return "instead" in event or ("before" in event and "insert" in event)


def _only_guards_rows(tokens: list[str]) -> bool:
    """ALTER TABLE with nothing but ADD [CONSTRAINT name] FOREIGN KEY or CHECK, which inference does not look at."""
    added = [tokens[at + 1 : at + 4] for at, token in enumerate(tokens) if token == "add"]  # noqa: S105 - no password
    guards = [part[2:3] if part[:1] == ["constraint"] else part[:1] for part in added]
    known = all(word.startswith(("foreign", "check")) for guard in guards for word in guard or ["?"])
    return bool(guards) and known and not {"drop", "alter", "rename", "column"} & set(tokens[3:])

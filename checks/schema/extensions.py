"""CREATE EXTENSION: the real one where the server has it and it does no harm, else a stand-in, else refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .session import Session
    from .wire import Refusal

    Admin = Callable[[str], Refusal | None]

# Only a superuser can create these, and all they give is types and functions.
_HARMLESS = frozenset({
    "vector", "postgis", "postgis_topology", "postgis_raster", "earthdistance", "moddatetime", "autoinc", "refint",
    "insert_username", "pg_uuidv7", "pg_jsonschema", "hypopg", "rum", "xml2", "bloom",
})  # fmt: skip
# Their types have input functions of LANGUAGE internal, which only a superuser may name.
_NEED_SUPERUSER = frozenset({"postgis", "vector", "citext", "ltree", "hstore"})
# Stand-ins that lack nothing which a catalog shows, so that no other server is looked for because of them.
_AS_GOOD = frozenset({
    "plpgsql", "uuid-ossp", "pgcrypto", "moddatetime", "unaccent", "fuzzystrmatch", "pg_trgm", "pg_stat_statements",
    "pgjwt", "pg_net", "pg_cron", "pgmq", "http", "supabase_vault", "pg_graphql", "pg_jsonschema", "pg_uuidv7",
    "pgsodium",
})  # fmt: skip
_AVAILABLE = """
SELECT e.name, bool_or(coalesce(v.trusted OR NOT v.superuser, false))
FROM pg_catalog.pg_available_extensions e
LEFT JOIN pg_catalog.pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
GROUP BY e.name
"""
# The catalogs in which a script of a stand-in makes something.
_MADE = " UNION ALL ".join(
    f"SELECT 'pg_catalog.{name}'::regclass::oid::bigint, oid::bigint FROM pg_catalog.{name} WHERE oid >= 16384"  # noqa: S608 - constants
    for name in (
        "pg_class", "pg_proc", "pg_type", "pg_operator", "pg_opclass", "pg_opfamily", "pg_cast", "pg_namespace",
        "pg_event_trigger", "pg_collation",
    )
)  # fmt: skip
_ALIASES = {"vault": "supabase_vault", "pgvector": "vector"}

_INSIDE = re.compile(r"""\bcreate\s+extension\b[^;']*""", re.IGNORECASE)
# No such extension on the server, or none for this owner.
LACKING = frozenset({"0A000", "42501", "58P01"})


class Wanted(NamedTuple):
    """What a CREATE EXTENSION names."""

    name: str
    schema: str | None


def wanted(text: str) -> Wanted | None:
    """The extension that a statement creates; None if it is another statement."""
    if text[:6].casefold() != "create":
        return None
    tokens = text.replace(";", " ").split()
    lowered = [token.casefold() for token in tokens]
    if lowered[1:2] != ["extension"]:
        return None
    at = 5 if lowered[2:5] == ["if", "not", "exists"] else 2
    if at >= len(tokens):
        return None
    schema = lowered.index("schema") + 1 if "schema" in lowered[at + 1 :] else len(tokens)
    return Wanted(_folded(tokens[at]), _folded(tokens[schema]) if schema < len(tokens) else None)


def needs(texts: Iterable[str]) -> frozenset[str]:
    """The extensions, and "icu", that the server should really have for these scripts."""
    found: set[str] = set()
    for text in texts:
        lowered = text.casefold()
        found |= {"icu"} if "provider = icu" in lowered or "provider=icu" in lowered or "-x-icu" in lowered else set()
        found |= {extension.name for match in _INSIDE.finditer(lowered) if (extension := wanted(match[0]))}
    return frozenset(found - _AS_GOOD)


@cache
def stand_in(name: str) -> str | None:
    """The script of a stand-in, None if there is none."""
    name = _ALIASES.get(name, name)
    if not name.replace("-", "_").isidentifier():
        return None
    script = resources.files(f"{__package__}.stubs") / f"{name}.sql"
    return script.read_text("utf-8") if script.is_file() else None


class StandIn(NamedTuple):
    """A stand-in that was made. `asked`: by a script; `members` are its objects by classid and objid (pg_depend)."""

    name: str
    schema: str
    asked: bool
    members: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Extensions:
    """The extensions of one database that is being loaded; `admin` runs a statement as superuser, if there is one."""

    session: Session
    admin: Admin | None
    stubbed: dict[str, set[str]] = field(default_factory=dict)  # name -> schemas
    asked: set[str] = field(default_factory=set)  # names of stand-ins that a script asked for
    _members: dict[tuple[str, str], tuple[tuple[int, int], ...]] = field(default_factory=dict)  # by name and schema
    _available: dict[str, bool] | None = None  # name -> whether the owner may create it

    def create(self, extension: Wanted, text: str) -> Refusal | None:
        """Do what a CREATE EXTENSION asks for, as far as it can be done."""
        name = extension.name
        if name in self._offered():
            if self._offered()[name] or name not in _HARMLESS or self.admin is None:
                return self.session.attempt(text)
            return self._as_superuser(self._statement(extension))
        script = stand_in(name)
        schema = extension.schema or self._current_schema()
        if script is None or schema is None:
            return self.session.attempt(text)
        self.asked.add(name)
        if schema in self.stubbed.get(name, ()):
            return None
        before = set(self.session.query(_MADE))
        refusal = self._stub(name, script, schema)
        if refusal is None:
            self.stubbed.setdefault(name, set()).add(schema)
            self._members[name, schema] = tuple(sorted(set(self.session.query(_MADE)) - before))
        return refusal

    def without(self, text: str) -> str | None:
        """A block whose CREATE EXTENSION have been done, and do nothing in it any more; None if it is not so.

        A setting takes their place, since it may stand in a block as well as in a string that is executed.
        """
        found = [(each, match[0]) for match in _INSIDE.finditer(text) if (each := wanted(match[0]))]
        if not found or any(self.create(each, statement) for each, statement in found):
            return None
        return _INSIDE.sub("SET LOCAL pgarbiter.extension TO done", text)

    def stand_ins(self) -> tuple[StandIn, ...]:
        """Every stand-in that was made, with what belongs to it."""
        return tuple(
            StandIn(name, schema, name in self.asked, members) for (name, schema), members in self._members.items()
        )

    def notes(self) -> tuple[str, ...]:
        """One note on the stand-ins that a script asked for."""
        names = ", ".join(f'"{name}"' for name in sorted(self.asked & set(self.stubbed)))
        return (f"this server lacks extensions {names}: stand-ins hold their types and functions",) if names else ()

    def _stub(self, name: str, script: str, schema: str) -> Refusal | None:
        path = f"SET LOCAL search_path = {_quoted(schema)}, pg_catalog;\n"
        if name not in _NEED_SUPERUSER:
            back = self.session.query("SELECT pg_catalog.current_setting('search_path')")[0][0]
            refusal = self.session.attempt(path + script)
            self.session.query("SELECT pg_catalog.set_config('search_path', %s, true)", (back,))
            return refusal
        if self.admin is None:
            return self.session.attempt(path + script)
        return self._as_superuser(path + script)

    def _as_superuser(self, text: str) -> Refusal | None:
        """Another connection sees only what is committed, such as a schema that the file has just made."""
        self.session.commit()
        return self.admin(text) if self.admin else None

    def _statement(self, extension: Wanted) -> str:
        schema = extension.schema or self._current_schema() or "public"
        return f"CREATE EXTENSION IF NOT EXISTS {_quoted(extension.name)} SCHEMA {_quoted(schema)} CASCADE"

    def _current_schema(self) -> str | None:
        rows = self.session.query("SELECT pg_catalog.current_schema()")
        return rows[0][0] if rows else None

    def _offered(self) -> dict[str, bool]:
        if self._available is None:
            rows = self.session.query(_AVAILABLE)
            self._available = dict(rows)
        return self._available


def _folded(word: str) -> str:
    return word.strip('"') if word.startswith('"') else word.strip("'").casefold()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

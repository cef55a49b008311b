"""OIDs of the small catalogs turned into names, and the packed values of catalog columns into tuples."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..quoting import quoted
from .parts import Grant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .parts import Acl, Name, Options

    Rows = Mapping[str, Sequence[Any]]

ACTIONS = {" ": "no action", "a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
MATCHES = {" ": "simple", "s": "simple", "f": "full", "p": "partial"}
CONSTRAINTS = {"p": "primary key", "u": "unique", "x": "exclude", "c": "check", "f": "foreign key"}
FIRING = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
IDENTITIES = {"": "", "a": "always", "d": "by default"}
GENERATED = {"": "", "s": "stored", "v": "virtual"}
STORAGES = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
COMPRESSIONS = {"": "", "p": "pglz", "l": "lz4"}
PERSISTENCES = {"p": "permanent", "u": "unlogged", "t": "temporary"}
REPLICA_IDENTITIES = {"d": "default", "f": "full", "n": "nothing"}
PRIVILEGED: dict[str, str] = {
    "r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas", "L": "large objects",
}  # fmt: skip
_USER_TYPES = 16384  # FirstNormalObjectId


class Names:
    """The names behind the OIDs of one reading."""

    def __init__(self, rows: Rows) -> None:
        self.schemas: dict[int, str] = {row[0]: row[1] for row in rows["schemas"]}
        self.roles: dict[int, str] = dict(rows["roles"])
        self.tablespaces: dict[int, str] = dict(rows["tablespaces"])
        self.methods: dict[int, str] = dict(rows["methods"])
        self.types = {row[:2]: row[2:] for row in rows["types"]}
        self.collations = {oid: self.qualified(schema, name) for oid, schema, name in rows["collations"]}
        self.opclasses = {
            oid: (self.qualified(schema, name), default, taken, pseudo)
            for oid, schema, name, default, taken, pseudo in rows["opclasses"]
        }
        self.relations: dict[int, Name] = {row[0]: (self.schemas[row[1]], row[2]) for row in rows["relations"]}
        self.classes: dict[str, int] = dict(rows["classes"])
        self.members: set[tuple[int, int]] = set(rows["members"])
        self._comments: dict[tuple[int, int, int], str] = {row[:3]: row[3] for row in rows["comments"]}

    def qualified(self, schema: int, name: str) -> str:
        """The name as SQL writes it with an empty search_path: pg_catalog goes without saying."""
        where = self.schemas.get(schema, "")
        return quoted(name) if where == "pg_catalog" else f"{quoted(where)}.{quoted(name)}"

    def opclass(self, oid: int, type_oid: int | None) -> str | None:
        """The operator class's name where it has to be written for a key of that type (None: an expression's).

        A default class of another type may not be the default of this one.
        """
        name, default, taken, pseudo = self.opclasses[oid]
        usual = default and (type_oid is None or pseudo or taken == type_oid or type_oid < _USER_TYPES)
        return None if usual else name

    def role(self, oid: int) -> str:
        """A role's name; its number if it has been dropped."""
        return self.roles.get(oid, str(oid))

    def comment(self, catalog: str, oid: int, part: int = 0) -> str | None:
        """The comment on an object of that catalog, or on a column of a relation."""
        return self._comments.get((self.classes[catalog], oid, part))

    def commented(self, catalog: str) -> set[int]:
        """The OIDs of objects of that catalog that have a comment, or a column that has one."""
        wanted = self.classes[catalog]
        return {oid for class_oid, oid, _ in self._comments if class_oid == wanted}

    def of_extension(self, catalog: str, oid: int) -> bool:
        """Whether the object is an extension's."""
        return (self.classes[catalog], oid) in self.members


def options(given: Sequence[str] | None) -> Options:
    """reloptions, attoptions and the like: their order means nothing."""
    return tuple(sorted(given)) if given else ()


def acl(items: Sequence[str] | None) -> Acl:
    """An aclitem[] in text form."""
    return None if items is None else _acl(tuple(items))


@lru_cache(maxsize=4096)
def _acl(items: tuple[str, ...]) -> tuple[Grant, ...]:
    return tuple(sorted(_grant(item) for item in items))


def _grant(item: str) -> Grant:
    grantee, rest = _role(item)
    privileges, _, grantor = rest[1:].partition("/")
    return Grant(grantee or "PUBLIC", privileges, _role(grantor)[0])


def _role(text: str) -> tuple[str, str]:
    """A role's name at the start of an aclitem (putid of acl.c), and the rest."""
    if not text.startswith('"'):
        name, mark, rest = text.partition("=")
        return name, mark + rest
    end = 1
    while text[end] != '"' or text[end + 1 : end + 2] == '"':
        end += 2 if text[end] == '"' else 1
    return text[1:end].replace('""', '"'), text[end + 1 :]


def grouped(rows: Sequence[Any]) -> defaultdict[int, list[Any]]:
    """The rows by their first member, which is an OID."""
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups

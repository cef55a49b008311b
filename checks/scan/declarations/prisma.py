"""Models of schema.prisma, by a small parser of its own: names, keys, relations, and what the client fills in.

The grammar is that of Prisma 7 (psl/schema-ast, datamodel.pest) as far as it says what statements hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(r"^\s*(model|view|type|enum|datasource|generator)\s+(\w+)\s*\{", re.MULTILINE)
_FIELD = re.compile(r"^\s*(?P<name>[A-Za-z]\w*)\s+(?P<type>[A-Za-z]\w*)(?P<arity>\?|\[\])?")
_ATTRIBUTE = re.compile(r"@{1,2}[A-Za-z][\w.]*")
_SETTING = re.compile(r'^\s*(\w+)\s*=\s*"([^"]*)"', re.MULTILINE)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
# What the database fills in; any other default is sent by the client (Prisma 7.10, seen in its statements).
_BY_DATABASE = ("autoincrement(", "dbgenerated(", "sequence(", "auto(")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `client_default`: the client sends a value when a row has none; `updated`: on every update too.

    `scalars` are the fields that a relation is stored in, empty for the other side of it.
    """

    name: str
    column: str
    type: str
    client_default: bool = False
    updated: bool = False
    scalars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its table. `keys` maps what `where` calls a unique key to its fields, in their order."""

    name: str
    table: str
    schema: str | None
    fields: tuple[Field, ...] = ()
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def accessor(self) -> str:
        """The property of the client."""
        return self.name[:1].lower() + self.name[1:]

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((one for one in self.fields if one.name == name), None)

    def key(self, name: str) -> tuple[str, ...] | None:
        """The fields of the unique key that `where` calls so."""
        return dict(self.keys).get(name)


@dataclass(frozen=True, slots=True)
class Schema:
    """All models of one datasource. `provider` None: it is not named."""

    provider: str | None
    models: tuple[Model, ...]
    names: frozenset[str] = field(default=frozenset())

    def model(self, accessor: str) -> Model | None:
        """The model that a property of the client means."""
        return next((one for one in self.models if one.accessor == accessor), None)

    def named(self, name: str) -> Model | None:
        """The model of that name."""
        return next((one for one in self.models if one.name == name), None)

    def is_relation(self, one: Field) -> bool:
        """Whether the field is no column, but another model."""
        return one.type in self.names


@lru_cache(maxsize=64)
def read_schema(texts: tuple[str, ...]) -> Schema:
    """The schema that these files make together; what is no part of the grammar is passed over."""
    blocks = [block for text in texts for block in _blocks(_without_comments(text))]
    providers = [setting for kind, _, body in blocks if kind == "datasource" for setting in _SETTING.findall(body)]
    provider = next((value for name, value in providers if name == "provider"), None)
    models = tuple(_model(name, body) for kind, name, body in blocks if kind in {"model", "view"})
    return Schema(provider, models, frozenset(model.name for model in models))


def names_datasource(text: str) -> bool:
    """Whether a file holds the datasource, which every schema has one of."""
    return any(match[1] == "datasource" for match in _BLOCK.finditer(text))


def _without_comments(text: str) -> str:
    """The text without `//` comments, which a string may hold as well."""
    out: list[str] = []
    for line in text.splitlines():
        at = 0
        while (slashes := line.find("//", at)) >= 0:
            inside = next((m for m in _STRING.finditer(line) if m.start() < slashes < m.end()), None)
            if inside is None:
                break
            at = inside.end()
        out.append(line if slashes < 0 else line[:slashes])
    return "\n".join(out)


def _blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and body of each block."""
    for match in _BLOCK.finditer(text):
        end = text.find("\n}", match.end())
        one_line = text.find("}", match.end(), _line_end(text, match.end()))
        end = one_line if one_line >= 0 else end
        yield match[1], match[2], text[match.end() : end if end >= 0 else len(text)]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _model(name: str, body: str) -> Model:
    table, schema = name, None
    fields: list[Field] = []
    keys: list[tuple[str, tuple[str, ...]]] = []
    for line in _lines(body):
        attributes = list(_attributes(line))
        if line.startswith("@@"):
            attribute, given = attributes[0]
            match attribute:
                case "@@map":
                    table = _text(given, "name") or table
                case "@@schema":
                    schema = _text(given, "map")
                case "@@id" | "@@unique":
                    names = _listed(given, "fields")
                    keys.append((_text(given, "name", positional=False) or "_".join(names), names))
                case _:
                    pass
        elif (match := _FIELD.match(line)) is not None:
            fields.append(_field(match, attributes))
            keys += [(match["name"], (match["name"],)) for one, _ in attributes if one in {"@id", "@unique"}]
    return Model(name, table, schema, tuple(fields), tuple(keys))


def _lines(body: str) -> Iterator[str]:
    """The body's statements: a line goes on while a bracket is open."""
    kept, depth = "", 0
    for line in body.splitlines():
        kept = f"{kept} {line.strip()}".strip()
        bare = _STRING.sub('""', line)
        depth += sum(bare.count(one) for one in "([") - sum(bare.count(one) for one in ")]")
        if depth <= 0 and kept:
            yield kept
            kept, depth = "", 0
    if kept:
        yield kept


def _attributes(line: str) -> Iterator[tuple[str, str]]:
    """Each attribute with what stands in its brackets."""
    at = 0
    while (match := _ATTRIBUTE.search(line, at)) is not None:
        at = match.end()
        inside = next((m for m in _STRING.finditer(line) if m.start() < match.start() < m.end()), None)
        if inside is not None:
            at = inside.end()
            continue
        given, at = _bracketed(line, at)
        yield match[0], given


def _bracketed(line: str, at: int) -> tuple[str, int]:
    """What stands in the brackets that open at `at`, and the place past them; "" without brackets."""
    if line[at : at + 1] != "(":
        return "", at
    begin, depth = at, 0
    while at < len(line):
        if line[at] == '"' and (string := _STRING.match(line, at)):
            at = string.end()
            continue
        depth += (line[at] in "([{") - (line[at] in ")]}")
        at += 1
        if depth == 0:
            return line[begin + 1 : at - 1], at
    return line[begin + 1 :], at


def _arguments(given: str) -> Iterator[tuple[str, str]]:
    """Name and value of each argument, the name "" for one without."""
    for part in _separated(given):
        name, colon, value = part.partition(":")
        named = bool(colon) and name.strip().isidentifier()
        yield (name.strip(), value.strip()) if named else ("", part.strip())


def _separated(given: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets and no string."""
    depth, begin, at = 0, 0, 0
    while at < len(given):
        if given[at] == '"' and (string := _STRING.match(given, at)):
            at = string.end()
            continue
        depth += (given[at] in "([{") - (given[at] in ")]}")
        if given[at] == "," and depth == 0:
            yield given[begin:at]
            begin = at + 1
        at += 1
    if given[begin:].strip():
        yield given[begin:]


def _text(given: str, name: str, *, positional: bool = True) -> str | None:
    """The string of an argument, which may be the one without a name."""
    for key, value in _arguments(given):
        if key == name or (positional and key == ""):
            return value[1:-1] if _STRING.fullmatch(value) else None
    return None


def _listed(given: str, name: str) -> tuple[str, ...]:
    """The names in a list: `[a, b(sort: Desc)]`."""
    for key, value in _arguments(given):
        if key in {name, ""} and value.startswith("["):
            return tuple(re.match(r"[\w.]*", part.strip())[0] for part in _separated(value[1:-1]))  # type: ignore[index]
    return ()


def _field(match: re.Match[str], attributes: list[tuple[str, str]]) -> Field:
    found = dict(attributes)
    default = found.get("@default")
    return Field(
        name=match["name"],
        column=_text(found.get("@map", ""), "name") or match["name"],
        type=match["type"],
        client_default="@updatedAt" in found or (default is not None and not _is_by_database(default)),
        updated="@updatedAt" in found,
        scalars=_listed(found.get("@relation", ""), "fields"),
    )


def _is_by_database(default: str) -> bool:
    value = next((value for name, value in _arguments(default) if name in {"", "value"}), "")
    return value.startswith(_BY_DATABASE)

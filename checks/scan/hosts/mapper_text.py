"""Statements of MyBatis as text: dynamic elements as what they give when all of their parts are there.

Source: mybatis-3, org.apache.ibatis.scripting.xmltags (XMLScriptBuilder, TrimSqlNode, ForEachSqlNode, ChooseSqlNode).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..formats import filled
from ..literals import cut
from ..values import Choice, Join, Name, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..values import Value
    from .mapper_tree import Element

MOST_INCLUDED = 10  # fragments in each other
_OTHER_DATABASE = re.compile(r"""_databaseId\s*(?:==|eq)\s*["'](?P<name>\w+)["']""")
_OURS = ("postgres", "pg", "kingbase", "opengauss", "gauss", "edb")
_PROPERTY = re.compile(r"\$\{\s*(?P<name>[\w.]+)\s*\}")
_NOTHING = frozenset({"selectKey", "bind", "property"})


def is_postgres(database: str) -> bool:
    """Whether a databaseId is one of PostgreSQL, or of what speaks its SQL."""
    return database.casefold().startswith(_OURS)


class Writer:
    """Writes the statements of one mapper; `fragments` are its `<sql>` elements by id."""

    def __init__(self, fragments: Mapping[str, Element], namespace: str, path: str | None) -> None:
        self._fragments = fragments
        self._namespace = namespace
        self._path = path

    def statement(self, element: Element) -> Value:
        """The text of a statement."""
        return Join(tuple(self._inside(element.inner, 0)), offset=element.offset)

    def fragment(self, name: str) -> Value | None:
        """The text of a fragment."""
        found = self._fragments.get(name)
        return self.statement(found) if found is not None else None

    def _inside(self, inner: Iterable[Element | Text], depth: int) -> list[Value]:
        found: list[Value] = []
        for one in inner:
            found += [one] if isinstance(one, Text) else self._element(one, depth)
        return found

    def _element(self, element: Element, depth: int) -> list[Value]:  # noqa: PLR0911 - one arm for each element
        given = element.attributes
        match element.name:
            case "if" | "when" if _is_of_other(given.get("test", "")):
                return []
            case "include":
                return self._included(element, depth)
            case "choose":
                return self._chosen(element, depth)
            case "foreach":
                return [_blank(), Text(given.get("open", ""), (), self._path), *self._inside(element.inner, depth),
                        Text(given.get("close", ""), (), self._path), _blank()]  # fmt: skip
            case "set":
                return self._trimmed(element, depth, ("SET", "", ",", ","))
            case "where":
                return self._trimmed(element, depth, ("WHERE", "", "AND |OR |AND\n|OR\n", ""))
            case "trim":
                names = ("prefix", "suffix", "prefixOverrides", "suffixOverrides")
                return self._trimmed(element, depth, tuple(given.get(name, "") for name in names))
            case name if name in _NOTHING:
                return []
            case _:
                return self._inside(element.inner, depth)

    def _chosen(self, element: Element, depth: int) -> list[Value]:
        asked = (
            one for one in element.elements("when", "otherwise") if not _is_of_other(one.attributes.get("test", ""))
        )
        options: list[Value] = [Join(tuple(self._inside(one.inner, depth))) for one in asked]
        return [options[0] if len(options) == 1 else Choice(tuple(options))] if options else []

    def _included(self, element: Element, depth: int) -> list[Value]:
        """What `<include refid>` names, its properties put in; of another mapper the name alone."""
        name = element.attributes.get("refid", "")
        properties = {
            one.attributes.get("name", ""): one.attributes.get("value", "") for one in element.elements("property")
        }
        found = self._fragments.get(name) or self._fragments.get(name.removeprefix(f"{self._namespace}."))
        if found is None or depth > MOST_INCLUDED:
            return [Name(name, element.offset, self._path)]
        parts = self._inside(found.inner, depth + 1)
        return [_with(part, properties) for part in parts] if properties else parts

    def _trimmed(self, element: Element, depth: int, given: tuple[str, ...]) -> list[Value]:
        prefix, suffix, before, behind = given
        parts = self._inside(element.inner, depth)
        parts = _without(parts, [word for word in before.split("|") if word], first=True)
        parts = _without(parts, [word for word in behind.split("|") if word], first=False)
        return [Text(f" {prefix} ", (), self._path), *parts, Text(f" {suffix} ", (), self._path)]


def _blank() -> Text:
    return Text(" ")


def _is_of_other(test: str) -> bool:
    """Whether a condition asks for a database that is not PostgreSQL."""
    asked = _OTHER_DATABASE.search(test)
    return asked is not None and not is_postgres(asked["name"])


def _with(part: Value, properties: Mapping[str, str]) -> Value:
    match part:
        case Text():
            return filled(part, _PROPERTY, lambda match: Text(properties.get(match["name"], match[0])))
        case Join(parts, tag, offset):
            return Join(tuple(_with(one, properties) for one in parts), tag, offset)
        case Choice(options, complete):
            return Choice(tuple(_with(one, properties) for one in options), complete)
        case _:
            return part


def _without(parts: list[Value], words: list[str], *, first: bool) -> list[Value]:
    """The parts without one of these words at their start, or at their end."""
    order = range(len(parts)) if first else range(len(parts) - 1, -1, -1)
    for index in order:
        part = parts[index]
        if isinstance(part, Text) and not part.text.strip():
            continue
        return [*parts[:index], _cut(part, words, first=first), *parts[index + 1 :]] if words else parts
    return parts


def _cut(part: Value, words: list[str], *, first: bool) -> Value:
    match part:
        case Text(text):
            bare = text.lstrip() if first else text.rstrip()
            for word in sorted(words, key=len, reverse=True):
                found = (
                    bare.casefold().startswith(word.casefold()) if first else bare.casefold().endswith(word.casefold())
                )
                if found and first:
                    return cut(part, len(text) - len(bare) + len(word.rstrip()), len(text))
                if found:
                    return cut(part, 0, len(bare) - len(word))
            return part
        case Join(parts, tag, offset):
            return Join(tuple(_without(list(parts), words, first=first)), tag, offset)
        case Choice(options, complete):
            return Choice(tuple(_cut(one, words, first=first) for one in options), complete)
        case _:
            return part

"""What a dbt project says of its models outside of them: in properties files, and by folder in dbt_project.yml.

Follows docs.getdbt.com/reference/define-configs: a model's own `config()` first, then properties, then the project
file, in which the more specific folder wins. Of YAML the block style that dbt documents is read.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve, SourceFile

_KEYS = ("materialized", "unique_key", "incremental_strategy", "alias")
_LINE = re.compile(r"^(?P<indent> *(?:- +)?)(?P<key>[\w+.-]+|\"[^\"]+\"|'[^']+') *:(?: +(?P<value>.*))?$")
_ITEM = re.compile(r"^(?P<indent> *)- +(?P<value>[^:]+)$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")

_Line = tuple[int, str, str, bool]  # indent, key, value, and whether it opens an item of a list


def settings_of(path: str, resolve: Resolve) -> dict[str, Any]:
    """The settings of the model in that file, by their names in `config()`."""
    model = posixpath.basename(path).partition(".")[0]
    found: dict[str, Any] = {}
    for file in resolve.files("dbt_project.y*ml"):
        root = posixpath.dirname(file.path)
        if not root or path.startswith(f"{root}/"):
            folders = posixpath.relpath(path, root or ".").removesuffix(".sql").split("/")
            found |= _of_project(file, tuple(folders))
            break
    here = posixpath.dirname(path)
    for file in (*resolve.files("*.yml"), *resolve.files("*.yaml")):
        around = posixpath.dirname(file.path)
        if here == around or here.startswith(f"{around}/"):
            found |= _of_properties(file, model)
    return found


@lru_cache(maxsize=64)
def _lines(text: str) -> tuple[_Line, ...]:
    return tuple(_read(text))


def _read(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        plain = _COMMENT.sub("", line).rstrip()
        match = _LINE.match(plain)
        if match is not None:
            key = match["key"].strip("\"'")
            yield len(match["indent"]), key, (match["value"] or "").strip(), "-" in match["indent"]
        elif (item := _ITEM.match(plain)) is not None:
            yield len(item["indent"]), "-", item["value"].strip(), False


def _of_project(file: SourceFile, folders: tuple[str, ...]) -> dict[str, Any]:
    """The settings under `models:` on the way through the folders to the model."""
    lines = _lines(file.text)
    name = next((_scalar(value) for indent, key, value, _ in lines if not indent and key == "name"), None)
    wanted = ("models", name, *folders[1:])
    found: dict[str, Any] = {}
    inside: list[tuple[int, str]] = []
    for index, (indent, key, value, _) in enumerate(lines):
        while inside and indent <= inside[-1][0]:
            inside.pop()
        here = tuple(one for _, one in inside)
        if here and here == wanted[: len(here)] and key.removeprefix("+") in _KEYS:
            found[key.removeprefix("+")] = _value(value, lines, index)
        if not value:
            inside.append((indent, key))
    return found


def _of_properties(file: SourceFile, model: str) -> dict[str, Any]:
    """The settings under `config:` of the model in a list of `models:`."""
    lines = _lines(file.text)
    found: dict[str, Any] = {}
    section, name, config = "", "", -1
    item = -1
    for index, (indent, key, value, opens) in enumerate(lines):
        if not indent:
            section, name, config, item = key, "", -1, -1
        if section == "models" and opens and key == "name" and item in {-1, indent}:
            name, item, config = _scalar(value) or "", indent, -1
        elif key == "config" and not value and indent == item and name == model:
            config = indent
        elif config >= 0 and indent <= config:
            config = -1
        elif config >= 0 and key.removeprefix("+") in _KEYS:
            found[key.removeprefix("+")] = _value(value, lines, index)
    return found


def _value(value: str, lines: tuple[_Line, ...], index: int) -> object:
    """A text, or a list of texts: `a`, `"a"`, `[a, b]`, or items below; None for what is computed."""
    if value.startswith("["):
        parts = [_scalar(part.strip()) for part in value.strip("[]").split(",")]
        return None if None in parts else parts
    if value:
        return _scalar(value)
    items = []
    for _, key, item, _ in lines[index + 1 :]:
        if key != "-":
            break
        items.append(_scalar(item))
    return None if None in items else items


def _scalar(value: str) -> str | None:
    text = value.strip("\"'")
    return None if "{{" in text or not text else text

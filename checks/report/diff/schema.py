"""The JSON Schema of the diff and the page that documents it, both generated from the types of the document."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "diff.schema.json"
_HEAD = """# The JSON of a diff

`pgarbiter diff OLD NEW --format json` writes one document, version 1, in ASCII, with a line for each change: the same
input gives the same bytes. Its JSON Schema ships with the package, as `pgarbiter/report/diff/diff.schema.json`. Fields
may be added within a version; none is removed, and none changes its meaning. This page is generated from the types.
"""


def generate() -> dict[str, Any]:
    """The schema that the types say now (JSON Schema 2020-12)."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - needed to make the schema, not to use it

    from .document import Document  # noqa: PLC0415 - likewise

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pgarbiter diff",
        **{key: value for key, value in TypeAdapter(Document).json_schema().items() if key != "title"},
    }


def render(schema: dict[str, Any]) -> str:
    """The schema as the text of its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def shipped() -> dict[str, Any]:
    """The schema that ships with the package."""
    schema: dict[str, Any] = json.loads(files(__name__.rpartition(".")[0]).joinpath(NAME).read_text("utf-8"))
    return schema


def page(schema: dict[str, Any]) -> str:
    """The page of documentation, as Markdown."""
    definitions = schema["$defs"]
    records = {name: one for name, one in definitions.items() if "properties" in one}
    order = ["Side", "Summary", "Change", "Effect", "Property", "Tool"]
    parts = [_HEAD, *_section("Document", schema)]
    for name in sorted(records, key=order.index):
        parts += _section(name, records[name])
    parts.append("## Words\n")
    for name in sorted(definitions.keys() - records.keys()):
        words = ", ".join(f"`{word}`" for word in definitions[name]["enum"])
        parts.append(f"- **{name}**: {words}")
    return "\n".join(parts) + "\n"


def _section(name: str, record: dict[str, Any]) -> Iterator[str]:
    yield f"## {name}\n"
    yield record["description"].partition("\n")[0] + "\n"
    yield "| field | type | meaning |\n| --- | --- | --- |"
    for field, what in record["properties"].items():
        yield f"| `{field}` | {_type(what)} | {what.get('description', '')} |"
    yield ""


def _type(what: dict[str, Any]) -> str:
    """The type in a few words: `list of Change`, `string or null`."""
    if "$ref" in what:
        return str(what["$ref"].rpartition("/")[2])
    if "anyOf" in what:
        return " or ".join(_type(one) for one in what["anyOf"])
    if "const" in what:
        return f"`{json.dumps(what['const'])}`"
    if what.get("type") == "array":
        return f"list of {_type(what['items'])}"
    inner = what.get("additionalProperties")
    return f"object of {_type(inner)}" if isinstance(inner, dict) else str(what.get("type", "any"))

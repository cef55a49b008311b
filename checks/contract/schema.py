"""The JSON Schema of a contract's file: generated from the types, shipped as a file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

NAME = "contract.schema.json"


def generate() -> dict[str, Any]:
    """The schema that the types say now (JSON Schema 2020-12)."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - needed to make the schema, not to use it

    from .document import ContractDocument  # noqa: PLC0415 - it needs what pydantic brings

    found = TypeAdapter(ContractDocument).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pgarbiter contract",
        **{key: value for key, value in found.items() if key != "title"},
    }


def render(schema: dict[str, Any]) -> str:
    """The schema as the text of its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def shipped() -> dict[str, Any]:
    """The schema that ships with the package."""
    schema: dict[str, Any] = json.loads(files(__name__.rpartition(".")[0]).joinpath(NAME).read_text("utf-8"))
    return schema

"""The diff as JSON, version 1, as types: the JSON Schema and its page of documentation are generated from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ...diff.model import Action, Severity  # noqa: TC001 - pydantic reads the annotations
from ...structure.model import Kind  # noqa: TC001 - likewise
from ...structure.parts import Part  # noqa: TC001 - likewise


class Tool(TypedDict):
    """What made the document."""

    name: Annotated[Literal["pgarbiter"], Field(description="always the same")]
    version: Annotated[str, Field(description="the version of pgarbiter")]


class Side(TypedDict):
    """One of the two structures."""

    source: Annotated[str, Field(description="the source as the report names it, without secrets")]
    server_version: Annotated[
        int, Field(description="`server_version_num` of the server that holds it or that it was loaded into")
    ]


class Summary(TypedDict):
    """Counts."""

    changes: Annotated[int, Field(description="how many changes there are")]
    ignored: Annotated[int, Field(description="how many more were taken out by ignore rules")]
    actions: Annotated[dict[Action, int], Field(description="changes by action; none is left out")]
    severities: Annotated[dict[Severity, int], Field(description="changes by severity, the worst first")]


class Effect(TypedDict):
    """One thing that a change does."""

    severity: Annotated[Severity, Field(description="how much it costs")]
    text: Annotated[str, Field(description="a sentence fragment whose subject is the change; may be empty")]
    sites: Annotated[list[str], Field(description="of what breaks: the write sites of the application, as `path:line`")]


class Property(TypedDict):
    """A property with its two values."""

    name: Annotated[str, Field(description="the field of the model, dotted for a field of a field")]
    label: Annotated[str, Field(description="the property as people call it")]
    old: Annotated[Any, Field(description="the first value as JSON; an object lacks fields that have their default")]
    new: Annotated[Any, Field(description="the second value, likewise")]
    old_text: Annotated[str, Field(description="the first value as reports show it")]
    new_text: Annotated[str, Field(description="the second value, likewise")]


class Change(TypedDict):
    """One change. It is about an object or, with `part`, about a part of a relation."""

    id: Annotated[
        str, Field(description="stays the same while the same thing happens to the same object, whatever its values")
    ]
    action: Annotated[Action, Field(description="what happened on the way from `old` to `new`")]
    kind: Annotated[Kind, Field(description="the kind of the object")]
    identity: Annotated[list[str], Field(description="its name: schema and name, of a routine also the arguments")]
    part: Annotated[Part | None, Field(description="the kind of the part")]
    name: Annotated[str | None, Field(description="the name of the part")]
    title: Annotated[str, Field(description="object or part as reports call it")]
    former_name: Annotated[str | None, Field(description="the old name of what was renamed")]
    severity: Annotated[Severity, Field(description="that of the worst effect")]
    effects: Annotated[list[Effect], Field(description="what the change does, the worst first")]
    properties: Annotated[list[Property], Field(description="of what was changed: every property that differs")]
    definition: Annotated[
        str | None, Field(description="a part that was added or removed, as SQL; null where that has no short form")
    ]
    object: Annotated[
        dict[str, Any] | None,
        Field(description="what was added or removed, with all its parts; fields that have their default are left out"),
    ]
    hint: Annotated[str | None, Field(description="a sentence on what may lie behind it")]


class Document(TypedDict):
    """The document."""

    schema_version: Annotated[Literal[1], Field(description="raised when a field is removed or means something else")]
    tool: Tool
    old: Side
    new: Side
    summary: Summary
    notes: Annotated[list[str], Field(description="sentences on what could not be compared, or was left out")]
    changes: Annotated[list[Change], Field(description="by kind in the order of creation, then by name")]

"""The file of a contract, version 2, or 1 without roles: its types, of which the JSON Schema is generated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NotRequired

from typing_extensions import TypedDict

from ..errors import SourceError
from ..model import Action, QualifiedName, VariableConflict
from .model import Asked, Contract, Key, Kind, Need

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 2
_WITHOUT_ROLES = 1
_ANEW = "The file was changed by hand, it seems: `pgarbiter contract write` makes it anew."
_STRICT = {"extra": "forbid"}


class KeyDocument(TypedDict):
    """An index that stops rows for DO NOTHING without a target."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's way to configure a TypedDict
    elements: list[str]
    predicate: str | None
    constraint: str | None


class NeedDocument(TypedDict):
    """One distinct need; what is absent has no part in it."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]
    schema: str
    table: str
    kind: Literal["elements", "constraint", "primary_key", "any"]
    elements: list[str]
    predicate: str | None
    constraint: str | None
    action: Literal["update", "nothing"]
    sites: int
    keys: NotRequired[list[KeyDocument]]
    lookup: NotRequired[bool]
    alias: NotRequired[str]
    variables: NotRequired[list[str]]
    variable_conflict: NotRequired[Literal["error", "use_variable", "use_column"]]
    search_path: NotRequired[list[str]]


class WriteDocument(TypedDict):
    """What a role must be allowed to; what is absent is empty, or as usual."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]
    role: str
    schema: str
    table: str
    action: Literal["update", "nothing"] | None
    columns: list[str]
    sites: int
    complete: NotRequired[bool]
    defaulted: NotRequired[list[str]]
    set: NotRequired[list[str]]
    set_complete: NotRequired[bool]
    set_default: NotRequired[list[str]]
    carried: NotRequired[list[str]]
    excluded: NotRequired[list[str]]
    reads: NotRequired[list[str]]
    conditional: NotRequired[bool]


class Summary(TypedDict):
    """How many sites the contract speaks of, and how many it does not."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]
    needs: int
    sites: int
    broken: int
    unknown: int
    unresolved: int


class ContractDocument(TypedDict):
    """The whole file."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]
    format: Literal["pgarbiter contract"]
    version: Literal[1, 2]
    summary: Summary
    needs: list[NeedDocument]
    writes: NotRequired[list[WriteDocument]]  # from version 2 on


def dump(contract: Contract) -> str:
    """The file: one line for each need, in ASCII; the same contract gives the same bytes.

    Without roles it is of version 1, which older readers know.
    """
    parts = {"needs": [json.dumps(need_document(need, sites)) for need, sites in contract.needs]}
    if contract.writes:
        parts["writes"] = [json.dumps(write_document(asked, sites)) for asked, sites in contract.writes]
    summary = {
        "needs": len(contract.needs),
        "sites": sum(sites for _, sites in contract.needs),
        "broken": contract.broken,
        "unknown": contract.unknown,
        "unresolved": contract.unresolved,
    }
    version = VERSION if contract.writes else _WITHOUT_ROLES
    head = f'  "format": "pgarbiter contract",\n  "version": {version},\n  "summary": {json.dumps(summary)},\n'
    body = ",\n".join(f'  "{name}": {_listed(lines)}' for name, lines in parts.items())
    return f"{{\n{head}{body}\n}}\n"


def _listed(lines: list[str]) -> str:
    return "[\n" + ",\n".join(f"    {line}" for line in lines) + "\n  ]" if lines else "[]"


def ordered(need: Need) -> tuple[str, str, str]:
    """Where a need stands in its file."""
    return need.table.schema or "", need.table.name, json.dumps(need_document(need, 0))


def ordered_by_role(asked: Asked) -> tuple[str, str, str, str]:
    """The same for what a role must be allowed to."""
    return asked.role, asked.table.schema or "", asked.table.name, json.dumps(write_document(asked, 0))


def read(path: Path) -> Contract:
    """The contract in a file. Raises SourceError for one that cannot be read, is none, or is of a newer version."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SourceError(f'could not read contract "{path}": {told}') from None
    found = _document(text, path)
    needs = tuple((_read(each), each["sites"]) for each in found["needs"])
    summary = found["summary"]
    writes = tuple((_read_write(each), each["sites"]) for each in found.get("writes", ()))
    return Contract(needs, summary["broken"], summary["unknown"], summary["unresolved"], writes)


def _document(text: str, path: Path) -> ContractDocument:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only who reads a contract needs it

    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f'contract "{path}" is no JSON: {error}') from None
    if not isinstance(found, dict) or found.get("format") != "pgarbiter contract":
        raise SourceError(f'"{path}" is no contract', "`pgarbiter contract write` makes one.")
    version = found.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SourceError(
            f'contract "{path}" is of version {version}, wanted {VERSION} or older', "Use a newer pgarbiter."
        )
    try:
        document = TypeAdapter(ContractDocument).validate_python(found, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(f'contract "{path}": "{where}": {first["msg"].lower()}') from None
    _check_version(document, path)
    return document


def _check_version(document: ContractDocument, path: Path) -> None:
    """What roles write is what version 2 has beyond version 1: a list that was cut out must not pass as kept."""
    if document["version"] == _WITHOUT_ROLES and "writes" in document:
        raise SourceError(f'contract "{path}": "writes" in version {_WITHOUT_ROLES}, which has none', _ANEW)
    if document["version"] == VERSION and not document.get("writes"):
        raise SourceError(f'contract "{path}": no "writes" in version {VERSION}, which has some', _ANEW)


def need_document(need: Need, sites: int) -> dict[str, Any]:
    """A need as the file has it."""
    found: dict[str, Any] = {
        "schema": need.table.schema,
        "table": need.table.name,
        "kind": need.kind.value,
        "elements": list(need.elements),
        "predicate": need.predicate,
        "constraint": need.constraint,
        "action": need.action.value,
        "sites": sites,
    }
    if need.kind is Kind.ANY:
        found["keys"] = [
            {"elements": list(key.elements), "predicate": key.predicate, "constraint": key.constraint}
            for key in need.keys
        ]
    if need.lookup:
        found["lookup"] = True
    if need.alias is not None:
        found["alias"] = need.alias
    if need.variables:
        found["variables"] = list(need.variables)
        found["variable_conflict"] = need.variable_conflict.value
    if need.search_path is not None:
        found["search_path"] = list(need.search_path)
    return found


def _read(found: NeedDocument) -> Need:
    return Need(
        table=QualifiedName(found["schema"], found["table"]),
        kind=Kind(found["kind"]),
        action=Action(found["action"]),
        elements=tuple(found["elements"]),
        predicate=found["predicate"],
        constraint=found["constraint"],
        keys=tuple(Key(tuple(k["elements"]), k["predicate"], k["constraint"]) for k in found.get("keys", ())),
        lookup=found.get("lookup", False),
        alias=found.get("alias"),
        variables=tuple(found.get("variables", ())),
        variable_conflict=VariableConflict(found.get("variable_conflict", "error")),
        search_path=tuple(found["search_path"]) if "search_path" in found else None,
    )


def write_document(asked: Asked, sites: int) -> dict[str, Any]:
    """What a role must be allowed to, as the file has it."""
    found: dict[str, Any] = {
        "role": asked.role,
        "schema": asked.table.schema,
        "table": asked.table.name,
        "action": asked.action.value if asked.action is not None else None,
        "columns": list(asked.columns),
    }
    lists = ("defaulted", "set", "set_default", "carried", "excluded", "reads")
    found |= {name: list(getattr(asked, name)) for name in lists if getattr(asked, name)}
    found |= {name: False for name in ("complete", "set_complete") if not getattr(asked, name)}
    return found | ({"conditional": True} if asked.conditional else {}) | {"sites": sites}


def _read_write(found: WriteDocument) -> Asked:
    return Asked(
        role=found["role"],
        table=QualifiedName(found["schema"], found["table"]),
        action=Action(found["action"]) if found["action"] is not None else None,
        columns=tuple(found["columns"]),
        complete=found.get("complete", True),
        defaulted=tuple(found.get("defaulted", ())),
        set=tuple(found.get("set", ())),
        set_complete=found.get("set_complete", True),
        set_default=tuple(found.get("set_default", ())),
        carried=tuple(found.get("carried", ())),
        excluded=tuple(found.get("excluded", ())),
        reads=tuple(found.get("reads", ())),
        conditional=found.get("conditional", False),
    )

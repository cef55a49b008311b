"""The JSON Schema of the settings, for editors: generated from the types, shipped as a file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .settings import FOR_THE_COMMAND_LINE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "settings.schema.json"
# What each key says, as editors show it and as the documentation lists it.
WORDS = {
    "schema": "The schema source: supabase:DIR, sql:PATH, alembic:PATH[@REV], models:MODULE:METADATA or env:NAME.",
    "server": "The server that schema sources are loaded into: auto, embedded, local, docker, or a URL with CREATEDB.",
    "server-image": 'The image of server = "docker".',
    "python": "The interpreter that runs Alembic's env.py or imports models.",
    "platform": "What the schema stands on: supabase, plain or timescale.",
    "preamble": "A file of SQL that is run before the schema source.",
    "sources": "Names for schema sources, as a command line may use them.",
    "search-path": "The search_path of the application's sessions.",
    "include": "Look at these files only; globs as in .gitignore.",
    "exclude": "Leave these files out; globs as in .gitignore.",
    "exposed-schema": "The schema that PostgREST clients reach by default.",
    "role": "The role that runs the statements, or a list of roles with the files whose statements they run.",
    "role.name": "The name of the role.",
    "role.paths": "Its files; globs as in .gitignore. Without paths: all files that no other entry names.",
    "select": 'Only these rules, by code, name or family ("PGA3").',
    "ignore": "Not these rules, by code, name or family.",
    "severity": 'Severities by rule: "error", "warning", "note" or "off".',
    "per-path-ignores": "Rules that are left out, by glob as in .gitignore, relative to the settings file.",
    "note-scopes": 'Where a finding is a note at most: "test", "generated", "migration".',
    "baseline": "The file of findings that are known already, relative to the settings file.",
    "fail-on": "The severity from which on check ends with 1: error, warning or note.",
    "max-unresolved": "End with 1 when more write sites are unresolved.",
    "max-unknown": "End with 1 when more verdicts are unknown.",
    "cache": "Whether what was read is kept for the next run.",
    "in-database": "Whether functions, triggers, rules, jobs and executed statements in the database are checked too.",
    "read": "Reads that need an index.",
    "read.table": "The table.",
    "read.equal": "The columns that are compared with =.",
    "read.range": "The column of which a range is read.",
    "read.order": "The columns that rows are ordered by, each perhaps with DESC behind it.",
    "diff": "What pgarbiter diff is told.",
    "diff.ignore": "Changes that are left out: KIND, KIND:GLOB, property:NAME, comment, owner or grants.",
    "diff.fail-on": "The severity from which on diff ends with 1: breaks, destructive, locks, change or cosmetic.",
    "gate": "What pgarbiter gate is told.",
    "gate.base": "The commit that runs now.",
    "gate.order": "What a deploy does first: migrations-first or code-first.",
    "database": "One of several databases of the project; `schema` beside them is that of all other files.",
    "database.name": "Its name in reports, and of --database.",
    "database.paths": "The files that write to it; globs as in .gitignore.",
    "database.schema": "Where its schema comes from.",
    "database.url-env": "The environment variable that holds its URL; where it is set it stands before the schema.",
    "database.dialect": "postgres, or another engine, whose write sites are not judged.",
    "database.search-path": "The search_path of its sessions.",
    "database.exposed-schema": "The schema that PostgREST clients reach by default.",
    "database.role": "The role that runs its statements.",
}


def generate() -> dict[str, Any]:
    """The schema that the types say now (JSON Schema 2020-12), with the keys as files spell them."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - needed to make the schema, not to use it

    made = TypeAdapter(Settings).json_schema()
    tables = {name: _closed(table) for name, table in sorted(made.get("$defs", {}).items())}
    top = _closed(made)
    top["properties"] = {key: one for key, one in top["properties"].items() if key not in FOR_THE_COMMAND_LINE}
    told = _told({"$defs": tables, **{key: value for key, value in top.items() if key not in {"$defs", "title"}}})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Settings of pgarbiter", **told}


def _closed(table: dict[str, Any]) -> dict[str, Any]:
    """A table of which no other keys are known, its keys with dashes."""
    properties = {key.replace("_", "-"): _bare(one) for key, one in table["properties"].items()}
    found = {key: value for key, value in table.items() if key not in {"description", "properties", "required"}}
    wanted = [key.replace("_", "-") for key in table.get("required", ())]
    return {
        **found,
        "properties": properties,
        **({"required": wanted} if wanted else {}),
        "additionalProperties": False,
    }


def _bare(one: dict[str, Any]) -> dict[str, Any]:
    """The schema of a key; that it may be absent is said by its not being required, and no file can write null."""
    found = {key: value for key, value in one.items() if key != "title" and not (key == "default" and value is None)}
    options = [option for option in found.pop("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        return {**options[0], **found}
    return {**found, **({"anyOf": options} if options else {})}


def _told(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the words of each key."""
    for prefix, table in _tables(schema):
        for key, one in table["properties"].items():
            one["description"] = WORDS[prefix + key]
    return schema


def _tables(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table with what stands before its keys: "database." for those of [[database]]."""
    yield "", schema
    for key, one in schema["properties"].items():
        for name, table in schema["$defs"].items():
            if f'"#/$defs/{name}"' in json.dumps(one):
                yield f"{key}.", table


def keys(schema: dict[str, Any]) -> tuple[str, ...]:
    """All keys in order, those of tables behind a dot."""
    return tuple(prefix + key for prefix, table in _tables(schema) for key in table["properties"])


def values(settings: Settings) -> str:
    """What a run is told, as a JSON document with the keys of a settings file; of a server no URL is shown."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - as above

    told = _dashed(TypeAdapter(Settings).dump_python(settings, mode="json"))
    told = {key: _in_tables(key, one) for key, one in told.items() if key not in FOR_THE_COMMAND_LINE}
    if "://" in told.get("server", ""):
        told["server"] = "a URL"
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def _dashed(table: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("_", "-"): one for key, one in table.items() if one is not None}


def _in_tables(key: str, value: Any) -> Any:
    """The keys of a table are those of a file, too; those of dictionaries are names that somebody has given."""
    if key in {"diff", "gate"}:
        return _dashed(value)
    return [_dashed(one) if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value


def render(schema: dict[str, Any]) -> str:
    """The schema as the text of its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def shipped() -> str:
    """The text of the file that ships with the package."""
    return files(__package__ or "").joinpath(NAME).read_text("utf-8")


def table() -> str:
    """The keys as a table in Markdown, for the documentation."""
    schema = generate()
    lines = ["| key | default | what it says |", "| --- | --- | --- |"]
    for prefix, own in _tables(schema):
        for key, one in own["properties"].items():
            default = (
                f"`{json.dumps(one['default'])}`" if one.get("default") not in (None, [], {}) and not prefix else ""
            )
            told = one["description"].replace("|", "\\|")
            lines.append(
                f"| `{prefix}{key}` | {default if not isinstance(one.get('default'), dict) else ''} | {told} |"
            )
    return "\n".join(lines)

"""dbt on PostgreSQL: incremental models and snapshots, which write by DELETE and INSERT or by MERGE.

Strategies follow dbt-postgres 1.11: get_incremental_default_sql is delete+insert with a unique_key, else append;
merge sends MERGE. None of them sends ON CONFLICT, and unique_key need not be unique in the table.
"""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...model import Action, AnyArbiter, Mechanism, QualifiedName, Unresolved, Write
from ...sql.outputs import output_columns
from ..declarations.dbt_profiles import other_database
from ..declarations.dbt_settings import settings_of
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Text
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve

_CONFIG = re.compile(r"\{\{-?\s*(config\s*\()")
_INCREMENTAL = re.compile(r"\bis_incremental\s*\(\s*\)")
_SNAPSHOT = re.compile(r"\{%-?\s*snapshot\s+(\w+)")
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_CHOOSING = re.compile(r"\{%-?\s*(for|if|elif|else)\b(?!.*is_incremental)")
_NAME = "dbt_expression_"
_OTHER_STRATEGIES = {"insert_overwrite": "insert_overwrite is no strategy of dbt on PostgreSQL"}
_COMPUTED = "the columns are those of the model's query"


@dataclass(frozen=True, slots=True)
class _Config:
    """The arguments of `config(...)` that are literals; `computed` names the others."""

    given: dict[str, Any]
    computed: frozenset[str]
    end: int

    def text(self, name: str) -> str | None:
        found = self.given.get(name)
        return found if isinstance(found, str) else None


def _find(module: Module) -> Iterator[SiteFact]:
    text = module.file.text
    started = tuple(_CONFIG.finditer(text))
    if not started and (asked := _INCREMENTAL.search(text)) is not None:  # configured elsewhere
        values = {"source": Text(text), "path": Text(module.file.path)}
        yield SiteFact(client="dbt", values={**values}, offset=asked.start(), statement=asked.start(), end=asked.end())
    for match in started:
        end = _end(text, match.end() - 1)
        values = {"source": Text(text), "path": Text(module.file.path)}
        yield SiteFact(client="dbt", values={**values}, offset=match.start(), statement=match.start(), end=end)


def _end(text: str, opening: int) -> int:
    """Past the `)` that closes a call, quotes minded; where the expression ends if there is none."""
    depth, quote = 0, ""
    for place in range(opening, len(text)):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
            if not depth:
                return place + 1
    return len(text)


def _read(text: str, offset: int) -> _Config | None:
    """The call of `config` at that place; None when it is no call that can be read."""
    match = _CONFIG.match(text, offset)
    if match is None:
        return None
    end = _end(text, match.end() - 1)
    try:
        call = ast.parse(text[match.start(1) : end], mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not isinstance(call, ast.Call):
        return None
    given, computed = {}, set()
    for keyword in call.keywords:
        try:
            given[keyword.arg or "**"] = ast.literal_eval(keyword.value)
        except (ValueError, SyntaxError):
            computed.add(keyword.arg or "**")
    return _Config(given, frozenset(computed), end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    source, path = fact.values["source"], fact.values["path"]
    text = source.text if isinstance(source, Text) else ""
    where = path.text if isinstance(path, Text) else ""
    config = _read(text, fact.offset) or (None if _CONFIG.match(text, fact.offset) else _Config({}, frozenset(), 0))
    if config is None:
        return NoSite("a configuration of dbt that cannot be read")
    before = [match for match in _SNAPSHOT.finditer(text) if match.start() < fact.offset]
    if not before:
        config = _completed(config, settings_of(where, resolve))
    if not before and config.text("materialized") != "incremental":
        return NoSite("a configuration of dbt that is no incremental model")
    if not before and _mechanism(config, has_key=bool(_keys(config))) is Mechanism.PLAIN_INSERT:
        return NoSite("an incremental model that only appends rows")
    stem = posixpath.basename(where).partition(".")[0]
    return (_draft(fact, config, before[-1][1] if before else stem, text, resolve, snapshot=bool(before)),)


def _completed(config: _Config, settings: dict[str, Any]) -> _Config:
    """The model's own configuration, and what the project says of it elsewhere."""
    other = {key: value for key, value in settings.items() if key not in config.given and key not in config.computed}
    computed = config.computed | {key for key, value in other.items() if value is None}
    return _Config({**other, **config.given}, computed, config.end)


def _draft(fact: SiteFact, config: _Config, name: str, text: str, resolve: Resolve, *, snapshot: bool) -> Draft:
    keys = _keys(config)
    mechanism = Mechanism.MERGE if snapshot else _mechanism(config, has_key=bool(keys))
    body = text[config.end :].partition("}}")[2] if config.end else text
    outputs = output_columns(_plain(body.partition("{% endsnapshot")[0]))
    complete = outputs is not None and outputs.complete and not _CHOOSING.search(body) and not snapshot
    columns = tuple(one for one in outputs.columns if _NAME not in one) if outputs is not None else ()
    complete = complete and outputs is not None and len(columns) == len(outputs.columns)
    deletes = mechanism is Mechanism.DELETE_INSERT
    table = (
        None
        if {"alias", "**"} & config.computed
        else QualifiedName(_schema(config, snapshot=snapshot), _alias(config, name))
    )
    reasons = [None if table else "the model's alias is computed", _why(config) if not keys else None]
    reasons += [None if complete else _COMPUTED]
    target: ConflictTarget = AnyArbiter()
    if deletes:
        target = (
            columns_target(keys) if keys else Unresolved("the rows that are deleted are chosen by a period of time")
        )
    write = Write(
        table=table,
        target=target,
        action=Action.UPDATE if deletes else None,
        columns=columns or None,
        complete=complete,
        reason=None if complete else _COMPUTED,
    )
    strategy = config.text("incremental_strategy") or ""
    return Draft(
        mechanism=mechanism,
        write=write,
        offset=fact.offset,
        statement=fact.statement,
        end=fact.end,
        key_columns=keys or None,
        reason="; ".join(reason for reason in reasons if reason) or None,
        not_postgres=_OTHER_STRATEGIES.get(strategy) or other_database(resolve),
    )


def _alias(config: _Config, name: str) -> str:
    return config.text("alias") or name


def _schema(config: _Config, *, snapshot: bool) -> str | None:
    """A snapshot's target_schema is the schema itself; the schema of a model is only a part of its name."""
    return config.text("target_schema") if snapshot else None


def _keys(config: _Config) -> tuple[str, ...]:
    given = config.given.get("unique_key")
    names = [given] if isinstance(given, str) else given if isinstance(given, list | tuple) else []
    plain = tuple(name for name in names if isinstance(name, str) and name.replace("_", "a").isalnum())
    return plain if len(plain) == len(names) else ()


def _why(config: _Config) -> str | None:
    given = "unique_key" in config.given or "unique_key" in config.computed
    return "the unique_key is an expression" if given else None


def _mechanism(config: _Config, *, has_key: bool) -> Mechanism:
    match config.text("incremental_strategy"):
        case "merge":
            return Mechanism.MERGE
        case "append":
            return Mechanism.PLAIN_INSERT
        case "delete+insert" | "microbatch":
            return Mechanism.DELETE_INSERT
        case _:
            keyed = has_key or "unique_key" in config.given or "unique_key" in config.computed
            return Mechanism.DELETE_INSERT if keyed else Mechanism.PLAIN_INSERT


def _plain(text: str) -> str:
    """The query with a name in the place of each expression of the template, its tags left out."""
    count = iter(range(len(text)))
    return _EXPRESSION.sub(lambda _: f"{_NAME}{next(count)}", _TAG.sub(" ", text))


DBT = Client(
    name="dbt",
    languages=frozenset({"sql"}),
    triggers=(b"incremental", b"endsnapshot"),
    find=_find,
    finish=_finish,
)

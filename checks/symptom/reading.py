"""Reads the text of an error: JSON as PostgREST sends it, a client's rendering of that, or a line of the server."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import SourceError
from .model import Symptom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST = 20_000  # characters; an error is shorter
_NAME = r"[\"'“]([^\"'”]+)[\"'”]"
_COLUMN = re.compile(rf"Could not find the {_NAME} column of {_NAME} in the schema cache")
_TABLE = re.compile(rf"Could not find the table {_NAME} in the schema cache")
_RELATIONSHIP = re.compile(rf"Could not find a relationship between {_NAME} and {_NAME} in the schema cache")
_FUNCTION = re.compile(r"Could not find the function ([\w$.\"]+)\s*(?:\(([^)]*)\)|without parameters|with the)?")
_RELATION_GONE = re.compile(rf"relation {_NAME} does not exist")
_COLUMN_OF = re.compile(rf"column {_NAME} of relation {_NAME} does not exist")
_COLUMN_GONE = re.compile(r"column \"?([\w$.]+)\"? does not exist")
_ARBITER = re.compile(r"no unique or exclusion constraint matching the ON CONFLICT specification")
_NULL = re.compile(rf"null value in column {_NAME}(?: of relation {_NAME})? violates not-null constraint")
_DUPLICATE = re.compile(rf"duplicate key value violates unique constraint {_NAME}")
_DEFERRABLE = re.compile(r"ON CONFLICT does not support deferrable")
_DENIED = re.compile(r"permission denied for (?:table|relation|view) \"?([\w$]+)\"?")
_POLICY = re.compile(rf"new row violates row-level security policy (?:\(USING expression\) )?for table {_NAME}")
_CODES = re.compile(r"\b(PGRST(?:20[0245])|42P10|42P01|42703|42501|23502|23505|55000)\b")


def _groups(pattern: re.Pattern[str], text: str) -> tuple[str | None, ...] | None:
    found = pattern.search(text)
    return found.groups() if found else None


def _column_of(name: str) -> Symptom:
    table, _, column = name.rpartition(".")
    return Symptom("42703", table=table or None, column=column)


# Each message with what it is made of. The first that is found decides: PostgREST's own before the server's.
_READERS: tuple[tuple[re.Pattern[str], Callable[..., Symptom]], ...] = (
    (_COLUMN, lambda column, table: Symptom("PGRST204", table=table, column=column)),
    (_TABLE, lambda table: Symptom("PGRST205", table=table)),
    (_RELATIONSHIP, lambda table, other: Symptom("PGRST200", table=table, others=(other,))),
    (_FUNCTION, lambda name, given: Symptom("PGRST202", function=name, others=_listed(given))),
    (_COLUMN_OF, lambda column, table: Symptom("42703", table=table, column=column)),
    (_RELATION_GONE, lambda table: Symptom("42P01", table=table)),
    (_ARBITER, lambda: Symptom("42P10")),
    (_NULL, lambda column, table: Symptom("23502", table=table, column=column)),
    (_DUPLICATE, lambda name: Symptom("23505", constraint=name)),
    (_DEFERRABLE, lambda: Symptom("55000")),
    (_DENIED, lambda table: Symptom("42501", table=table)),
    (_POLICY, lambda table: Symptom("42501", table=table, policy=True)),
    (_COLUMN_GONE, _column_of),
)


def read_symptom(text: str) -> Symptom:
    """The error that a text tells. Raises SourceError when there is none that is known."""
    for part in _texts(text[:_LONGEST]):
        for pattern, made in _READERS:
            if (groups := _groups(pattern, part)) is not None:
                return made(*groups)
    if found := _CODES.search(text[:_LONGEST]):
        return Symptom(found[1])
    raise SourceError(
        "the text holds no error that is known",
        "Give the message as the client or the server has printed it, in English: PGRST200, PGRST202, PGRST204, "
        "PGRST205, 23502, 23505, 42501, 42703, 42P01, 42P10 and 55000 are known.",
    )


def _texts(text: str) -> Iterator[str]:
    """The messages of JSON, the deepest too; else the text, as it is and without the escapes of a log."""
    with suppress(ValueError, RecursionError):
        yield from _strings(json.loads(text))
    yield text
    yield text.replace('\\"', '"').replace("\\'", "'")


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list():
            for each in value:
                yield from _strings(each)
        case _:
            return


def _listed(parameters: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (parameters or "").split(",") if part.strip())

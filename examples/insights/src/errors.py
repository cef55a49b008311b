"""Errors as they are logged and kept: whole, but for secrets."""

from __future__ import annotations

import json
import sys
from typing import Any

import psycopg
from graph import ApiError


class NotStoredError(Exception):
    """A write that raised nothing, and yet what came back is not what was sent."""


def whole(error: Exception, *secrets: str) -> dict[str, Any]:
    """All that is known of an error, with the secrets cut out of every text."""
    told: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, ApiError):
        told |= {"code": error.code}
    if isinstance(error, psycopg.Error):
        diag = error.diag
        told |= {
            "code": error.sqlstate,
            "message": diag.message_primary or str(error),
            "detail": diag.message_detail,
            "hint": diag.message_hint,
            "table": diag.table_name,
            "column": diag.column_name,
            "constraint": diag.constraint_name,
        }
    return {name: _without(value, secrets) for name, value in told.items() if value is not None}


def log(what: str, told: dict[str, Any]) -> None:
    """A line of JSON on standard error."""
    print(json.dumps({"level": "error", "what": what, "error": told}), file=sys.stderr)


def _without(value: Any, secrets: tuple[str, ...]) -> Any:
    for secret in secrets:
        if isinstance(value, str) and secret:
            value = value.replace(secret, "[secret]")
    return value

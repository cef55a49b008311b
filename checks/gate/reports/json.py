"""The gate as one JSON document: the same bytes for the same input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...report.json import dumped
from ..model import Order

if TYPE_CHECKING:
    from typing import TextIO

    from ..model import Cell, Count, Gate, Part, Ran, Row, State, Why

VERSION = 1


def write(gate: Gate, stream: TextIO) -> None:
    """Write the document, a line for each database."""
    stream.write(dumped(build(gate)))


def build(gate: Gate) -> dict[str, Any]:
    """The document; `docs/gate.md` says what its members mean."""
    return {
        "schema_version": VERSION,
        "tool": {"name": "pgarbiter", "version": gate.version},
        "base": gate.base,
        "head": gate.head,
        "order": gate.order.value,
        "safe": gate.is_safe,
        "databases": [_part(part) for part in gate.parts],
        "notes": list(gate.notes),
        "unread": list(gate.incomplete),
    }


def _part(part: Part) -> dict[str, Any]:
    numbers = {id(row): number for number, row in enumerate(part.rows)}
    return {
        "name": part.name,
        "source": part.source,
        "server": part.server,
        "states": [_state(state) for state in part.states],
        "orders": {order.value: part.is_safe(order) for order in Order},
        "first_for_new": part.first_for_new,
        "last_for_old": part.last_for_old,
        "first_inside": part.first_inside,
        "rows": [_row(row) for row in part.rows],
        "reasons": [_why(why, numbers) for why in part.whys],
        "counts": {code.value: _count(count) for code, count in part.counts.items()},
        "doubts": list(part.doubts),
        "notes": list(part.notes),
    }


def _state(state: State) -> dict[str, Any]:
    return {"name": state.name, "path": state.path}


def _row(row: Row) -> dict[str, Any]:
    site = row.site
    return {
        "codes": [code.value for code in row.codes],
        "standing": row.standing.value,
        "site": site.id,
        "path": site.span.path,
        "object": site.object,
        "line": site.span.line,
        "client": site.client,
        "mechanism": site.mechanism.value,
        "table": str(site.write.table),
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"answer": cell.answer.value, "sqlstate": cell.sqlstate, "said": cell.said}


def _why(why: Why, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "rows": [numbers[id(row)] for row in why.rows],
        "state": why.state,
        "early": why.early,
        "sqlstate": why.sqlstate,
        "message": why.message,
        "changes": list(why.changes),
        "by": [_ran(ran) for ran in why.by],
        "remedy": why.remedy,
    }


def _ran(ran: Ran) -> dict[str, Any]:
    return {"path": ran.path, "line": ran.line, "statement": ran.text}


def _count(count: Count) -> dict[str, Any]:
    return {
        "judged": count.judged,
        "upserts_unknown": count.upserts_unknown,
        "others_unknown": count.others_unknown,
        "unresolved": count.unresolved,
    }

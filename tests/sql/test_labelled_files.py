"""Labelled `.sql` snippets: the writes expected in each, to the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pgarbiter.model import AnyArbiter, ConflictTarget, DefaultKey, InferenceClause, NamedConstraint, Unresolved
from pgarbiter.sql import ParsedWrite, read_writes

CASES = json.loads(Path(__file__).with_name("sql_file_cases.json").read_text(encoding="utf-8"))


def described(target: ConflictTarget) -> dict[str, Any]:
    plain: dict[str, Any] = {"kind": "none", "columns": [], "constraint": None, "where": None}
    match target:
        case InferenceClause():
            kind = "columns" if all(e.text == e.column for e in target.elements) else "expression"
            return plain | {"kind": kind, "columns": [e.text for e in target.elements], "where": target.predicate}
        case NamedConstraint():
            return plain | {"kind": "constraint", "constraint": target.name}
        case Unresolved():
            return plain | {"kind": "unresolved"}
        case AnyArbiter() | DefaultKey():
            return plain


def labelled(text: str, parsed: ParsedWrite) -> dict[str, Any]:
    write = parsed.write
    written = list(dict.fromkeys([*(write.columns or ()), *(write.set_columns or ())]))
    known = write.columns is not None and write.complete
    label = {
        "line": text.count("\n", 0, parsed.conflict_offset) + 1,
        "stmt_line": text.count("\n", 0, parsed.offset) + 1,
        "table": write.table.name if write.table else None,
        "schema": write.table.schema if write.table else None,
        "target": described(write.target),
        "action": write.action.value if write.action else None,
        "written_columns": written if known else None,
        "mechanism": parsed.mechanism.value,
    }
    return label if known or not written else label | {"partial_columns": written}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_labelled_file_gives_its_writes(case: dict[str, Any]) -> None:
    reading = read_writes(case["source"])
    found = [] if reading.not_postgres else [labelled(case["source"], write) for write in reading.writes]
    assert found == case["expected"]

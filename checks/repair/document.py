"""Repairs as JSON; docs/repair.md says what its keys mean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .model import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..model import Span
    from ..online.model import Operation
    from ..rules.model import Finding
    from .model import Cure, Effect, Elsewhere, Proposal, Repairs

VERSION = 1


def write(repairs: Repairs, stream: TextIO) -> None:
    """Write the document, indented, with a line end."""
    json.dump(build(repairs), stream, indent=2, ensure_ascii=True)
    stream.write("\n")


def build(repairs: Repairs) -> dict[str, Any]:
    """The document as plain values."""
    return {
        "version": VERSION,
        "proposals": [_proposal(proposal) for proposal in repairs.proposals],
        "revisions": [
            {
                "revision": each.revision,
                "path": each.path,
                "text": each.text,
                "operation": _operation(each.operation),
                "findings": [_finding(finding) for finding in each.findings],
            }
            for each in repairs.revisions
        ],
        "written": repairs.written,
        "patch": repairs.patch,
        "scripts": list(repairs.scripts),
        "remaining": [_finding(finding) for finding in repairs.remaining],
        "notes": list(repairs.notes),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "finding": _finding(proposal.finding),
        "cures": [_cure(cure) for cure in proposal.cures],
        "not_offered": [{"what": each.what, "why": each.why} for each in proposal.not_offered],
        "chosen": proposal.chosen.name if proposal.chosen else None,
        "race": list(proposal.race),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity.value,
        **_place(finding.span),
        "message": finding.message,
    }


def _cure(cure: Cure) -> dict[str, Any]:
    told = {"name": cure.name, "says": cure.says, "tradeoff": cure.tradeoff, "asks": cure.asks}
    if isinstance(cure, Change):
        return {
            "kind": "schema",
            **told,
            "operations": [_operation(operation) for operation in cure.operations],
            "effect": _effect(cure.effect) if cure.effect else None,
            "data": list(cure.data),
        }
    needs = _cure(cure.needs) if cure.needs else None
    return {"kind": "code", **told, "path": cure.path, "diff": cure.diff, "then": _elsewhere(cure.then), "needs": needs}


def _operation(operation: Operation) -> dict[str, Any]:
    return {"directive": operation.directive, "arguments": operation.arguments()}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "cured": _elsewhere(effect.cured),
        "broken": _elsewhere(effect.broken),
        "then": _elsewhere(effect.then),
        "ambiguous": _elsewhere(effect.ambiguous),
    }


def _elsewhere(places: Sequence[Elsewhere]) -> list[dict[str, Any]]:
    return [{**_place(each.span), "code": each.code, "message": each.message} for each in places]


def _place(span: Span | None) -> dict[str, Any]:
    return {"path": span.path if span else None, "line": span.line if span else None}

"""The diff as JSON: a pure function of the Diff, the same bytes for the same input."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...diff import words
from ...diff.model import Action, Severity
from ..json import dumped
from .parts import fingerprint, former_name, sides

if TYPE_CHECKING:
    from typing import TextIO

    from ...diff.model import Change, Diff, Property, Side
    from . import document


def write(diff: Diff, stream: TextIO) -> None:
    """Write the document in ASCII, one line for each change."""
    stream.write(dumped(build(diff)))


def build(diff: Diff) -> document.Document:
    """The document."""
    actions = Counter(change.action for change in diff.changes)
    severities = Counter(change.severity for change in diff.changes)
    return {
        "schema_version": 1,
        "tool": {"name": "pgarbiter", "version": __version__},
        "old": _side(diff.old),
        "new": _side(diff.new),
        "summary": {
            "changes": len(diff.changes),
            "ignored": diff.ignored,
            "actions": {action: actions[action] for action in Action},
            "severities": {severity: severities[severity] for severity in Severity},
        },
        "notes": list(diff.notes),
        "changes": [_change(change) for change in diff.changes],
    }


def _side(side: Side) -> document.Side:
    return {"source": side.name, "server_version": side.structure.server_version}


def _change(change: Change) -> document.Change:
    subject = change.subject
    whole = {Action.ADDED: change.new, Action.REMOVED: change.old}.get(change.action)
    return {
        "id": fingerprint(change),
        "action": change.action,
        "kind": subject.kind,
        "identity": list(subject.identity),
        "part": subject.part,
        "name": subject.name,
        "title": words.title(subject),
        "former_name": former_name(change),
        "severity": change.severity,
        "effects": [{"severity": e.severity, "text": e.text, "sites": list(e.sites)} for e in change.effects],
        "properties": [_property(each) for each in change.properties],
        "definition": words.definition(change) if whole is not None else None,
        "object": None if whole is None else _plain(whole),
        "hint": change.hint,
    }


def _property(each: Property) -> document.Property:
    old, new = sides(each)
    return {
        "name": each.name,
        "label": words.property_name(each.name),
        "old": _plain(each.old),
        "new": _plain(each.new),
        "old_text": old,
        "new_text": new,
    }


def _plain(value: Any) -> Any:
    """A value of the model as JSON has it: records as objects, without what is at its default."""
    if not isinstance(value, tuple):
        return value
    names: tuple[str, ...] | None = getattr(value, "_fields", None)
    if names is None:
        return [_plain(member) for member in value]
    usual: dict[str, Any] = getattr(value, "_field_defaults", {})
    fields = zip(names, value, strict=True)
    return {name: _plain(field) for name, field in fields if name not in usual or field != usual[name]}

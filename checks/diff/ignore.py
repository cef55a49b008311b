"""Rules that take changes out of a diff: by kind, by kind and name, or by property."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..structure.model import PARTS, TYPES, Kind
from ..structure.parts import Part
from .compare import ORDER
from .model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Change, Property

_KINDS: dict[str, Kind | Part] = {str(each): each for each in (*Kind, *Part)}
_PROPERTIES = frozenset({
    name
    for type_ in (*(type_ for type_, _ in TYPES.values()), *(type_ for _, type_ in PARTS.values()))
    for name in type_._fields  # type: ignore[attr-defined] # named tuples all
} | {ORDER})  # fmt: skip
_SHORT = {"comment": "property:comment", "owner": "property:owner", "grants": "property:acl"}


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """A rule: of a kind with a glob over names, or of a property. `text` is what the user wrote."""

    text: str
    kind: Kind | Part | None = None
    glob: str = "*"
    field: str | None = None

    def takes(self, change: Change) -> bool:
        """Whether the whole change is left out; that of a table, with all that is about its parts."""
        subject = change.subject
        if self.kind is None or self.kind not in (subject.kind, subject.part):
            return False
        whole = self.kind is subject.kind
        return any(fnmatchcase(name, self.glob) for name in (_object_names if whole else _part_names)(change))

    def takes_property(self, each: Property) -> bool:
        """Whether a property is left out: the one of that name, and what is inside of it."""
        return self.field is not None and self.field in (each.name, each.name.partition(".")[0])


def read_rule(text: str) -> IgnoreRule:
    """The rule that `KIND`, `KIND:GLOB`, `property:NAME`, `comment`, `owner` or `grants` stands for.

    Raises SourceError for a kind or property that does not exist.
    """
    what, colon, rest = _SHORT.get(text.strip(), text.strip()).partition(":")
    if what == "property":
        if rest.partition(".")[0] not in _PROPERTIES:
            raise _unknown(text, rest, sorted(_PROPERTIES), "property")
        return IgnoreRule(text, field=rest)
    name = what.replace("_", " ").replace("-", " ").lower()
    if colon and not rest:
        raise SourceError(f'ignore rule "{text}" has no name after the colon', f"Write {name}:GLOB, or {name} for all.")
    if name not in _KINDS:
        raise _unknown(text, name, [*_KINDS, "property"], "kind of object")
    return IgnoreRule(text, kind=_KINDS[name], glob=rest or "*")


def _unknown(text: str, name: str, known: list[str], what: str) -> SourceError:
    near = get_close_matches(name, known, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"These exist: {', '.join(known)}."
    return SourceError(f'ignore rule "{text}": "{name}" is no {what}', hint)


@dataclass(frozen=True, slots=True)
class Kept:
    """The changes that are left, how many were taken out as a whole, and a sentence for each rule without effect."""

    changes: tuple[Change, ...]
    ignored: int
    notes: tuple[str, ...]


def without_ignored(changes: Iterable[Change], rules: Iterable[IgnoreRule]) -> Kept:
    """The changes without what the rules take out."""
    rules, used, ignored = tuple(rules), set[str](), 0
    kept: list[Change] = []
    for change in changes:
        hit = [rule for rule in rules if rule.takes(change)]
        left = None if hit else _without_properties(change, rules, used)
        used |= {rule.text for rule in hit}
        if left is None:
            ignored += 1
        else:
            kept.append(left)
    idle = [rule.text for rule in rules if rule.text not in used]
    return Kept(tuple(kept), ignored, tuple(f'The ignore rule "{text}" matched nothing.' for text in idle))


def _without_properties(change: Change, rules: tuple[IgnoreRule, ...], used: set[str]) -> Change | None:
    """The change without ignored properties, None if no other is left."""
    if change.action is not Action.CHANGED:
        return change
    gone = {each: [rule.text for rule in rules if rule.takes_property(each)] for each in change.properties}
    used |= {text for texts in gone.values() for text in texts}
    left = tuple(each for each in change.properties if not gone[each])
    return replace(change, properties=left) if left else None


def _object_names(change: Change) -> Iterator[str]:
    yield ".".join(change.subject.identity)
    if change.action is Action.RENAMED and change.subject.part is None:
        yield ".".join(change.old)


def _part_names(change: Change) -> Iterator[str]:
    """`schema.table.part` and, for an index, which is in the table's schema, `schema.index`."""
    subject = change.subject
    names = [subject.name or ""]
    if change.action is Action.RENAMED:
        names.append(change.old if isinstance(change.old, str) else change.old.name)
    for name in names:
        yield ".".join((*subject.identity, name))
        if subject.part is Part.INDEX:
            yield f"{subject.identity[0]}.{name}"

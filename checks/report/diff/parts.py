"""What all formats of a diff say alike: which changes belong together, values side by side, bodies line by line."""

from __future__ import annotations

import hashlib
from collections import Counter
from difflib import unified_diff
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ...diff import words
from ...diff.model import Action, Severity
from ...quoting import quoted
from ...wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...diff.model import Change, Diff, Property, Subject

_CONTEXT = 2  # lines around a difference


class Group(NamedTuple):
    """The changes of one object and of its parts."""

    subject: Subject
    changes: tuple[Change, ...]

    @property
    def severity(self) -> Severity:
        """The worst."""
        return min((change.severity for change in self.changes), key=lambda each: each.rank)


def groups(changes: Iterable[Change]) -> Iterator[Group]:
    """The changes by object, in their order."""
    for subject, members in groupby(changes, key=lambda change: change.subject._replace(part=None, name=None)):
        yield Group(subject, tuple(members))


def fingerprint(change: Change) -> str:
    """16 hexadecimal digits that stand for what has changed, whatever its values are and whatever else has changed."""
    subject = change.subject
    names = (subject.kind, *subject.identity, subject.part or "", subject.name or "", change.action)
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def former_name(change: Change) -> str | None:
    """The old name of what was renamed: `schema.table` of a table, the name alone of a part."""
    if change.action is not Action.RENAMED:
        return None
    if change.subject.part is None:
        return words.name_of(change.subject._replace(identity=change.old))
    old = change.old if isinstance(change.old, str) else change.old.name
    return quoted(old)


def headline(change: Change) -> str:
    """What was added or removed as SQL, where that is short; otherwise kind and name, and what the name was before."""
    definition = words.definition(change) if change.action in (Action.ADDED, Action.REMOVED) else None
    if definition and change.subject.part is not None:
        definition = " ".join(line.strip() for line in definition.splitlines())
        return definition if definition.startswith("CREATE ") else f"{change.subject.part} {definition}"
    former = former_name(change)
    return words.title(change.subject) + (f" (was {former})" if former is not None else "")


def sentence(change: Change) -> str:
    """The change in a few words: `column "age" of table public.users was removed`."""
    where = ""
    if change.subject.part is not None:
        where = f" of {words.title(change.subject._replace(part=None, name=None))}"
    former = former_name(change)
    renamed = f" from {former}" if former is not None else ""
    names = ", ".join(words.property_name(each.name) for each in change.properties)
    about = f" ({names})" if names else ""
    return f"{words.title(change.subject)}{where} was {change.action}{renamed}{about}"


def body(each: Property) -> tuple[str, ...] | None:
    """The lines in which two texts of several lines differ, as `diff -u` marks them; None for other values.

    A text that is not there has no lines.
    """
    if not all(value is None or isinstance(value, str) for value in (each.old, each.new)):
        return None
    old, new = (each.old or "").splitlines(), (each.new or "").splitlines()
    return tuple(unified_diff(old, new, lineterm="", n=_CONTEXT))[2:] if max(len(old), len(new)) > 1 else None


def sides(each: Property) -> tuple[str, str]:
    """The two values as text."""
    return words.value(each.old), words.value(each.new)


def summary(diff: Diff) -> str:
    """How many changes there are, by what happened and by how much it costs, in one line."""
    ignored = f"; {plural(diff.ignored, 'change')} ignored" if diff.ignored else ""
    if not diff.changes:
        return "no difference" + ignored
    actions = Counter(change.action for change in diff.changes)
    told = ", ".join(f"{actions[action]} {action}" for action in Action if actions[action])
    return f"{plural(len(diff.changes), 'change')}: {told}{_severities(diff)}{ignored}"


_VERBS = {Severity.BREAKS: "break", Severity.LOCKS: "lock"}


def _severities(diff: Diff) -> str:
    counts = Counter(change.severity for change in diff.changes)
    told = [
        f"{counts[each]} {_VERBS.get(each, str(each)) if counts[each] > 1 else each}"
        for each in (Severity.BREAKS, Severity.DESTRUCTIVE, Severity.LOCKS)
        if counts[each]
    ]
    return f" ({', '.join(told)})" if told else ""

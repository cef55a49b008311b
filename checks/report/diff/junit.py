"""The diff as JUnit XML: a test case for each object of the two structures, which fails where it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from ...diff import words
from ...diff.model import Severity, Subject
from ...structure.model import Kind
from ...wording import plural
from ..page import visible
from .marked import lines
from .parts import groups

if TYPE_CHECKING:
    from typing import TextIO

    from ...diff.model import Diff
    from .parts import Group

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def write(diff: Diff, stream: TextIO, *, fail_on: Severity = Severity.COSMETIC) -> None:
    """Write the document; an object fails from the severity `fail_on` on, a milder change is its output."""
    written: bytes = build(diff, fail_on).tostring()  # type: ignore[no-untyped-call] # junitparser has no types here
    stream.write(f"{_DECLARATION}\n{written.decode('utf-8')}\n")


def build(diff: Diff, fail_on: Severity) -> JUnitXml:
    """A suite for each kind of object, in the order of creation."""
    changed = {group.subject: group for group in groups(diff.changes)}
    document = JUnitXml("pgarbiter diff")
    for kind in Kind:
        subjects = _subjects(diff, kind) | {subject for subject in changed if subject.kind is kind}
        if subjects:
            suite = TestSuite(str(kind))
            suite.add_property("old", visible(diff.old.name))
            suite.add_property("new", visible(diff.new.name))
            suite.add_testcases([_case(each, changed.get(each), fail_on) for each in sorted(subjects)])
            document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]
    return document


def _subjects(diff: Diff, kind: Kind) -> set[Subject]:
    sides = (diff.old.structure, diff.new.structure)
    return {Subject(kind, identity) for side in sides for identity in side.objects.get(kind, {})}


def _case(subject: Subject, group: Group | None, fail_on: Severity) -> TestCase:
    case = TestCase(visible(words.name_of(subject)), classname=str(subject.kind))
    if group is None:
        return case
    text = "\n".join(str(line) for change in group.changes for line in lines(change))
    if group.severity.rank > fail_on.rank:
        case.system_out = text
        return case
    failure = Failure(f"{plural(len(group.changes), 'change')}, {group.severity}", str(group.severity))
    failure.text = text
    case.result = [failure]
    return case

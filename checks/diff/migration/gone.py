"""What has to be dropped on the way, and what depends on it and is therefore dropped and made again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...sql.mentions import mentions, words
from ...structure.definition import constraint_sql, index_sql
from ...structure.model import RELATIONS, ROUTINES, Kind, Publication, Relation, Routine, Statistics
from ...structure.parts import Constraint, Part
from ..model import Action, Subject
from .alterable import in_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.model import Structure
    from ...structure.parts import Name
    from ..model import Change

_VIEWS = (Kind.VIEW, Kind.MATERIALIZED_VIEW)
_TYPES = (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE)
_UNIQUE = ("primary key", "unique")


@dataclass(slots=True)
class Gone:
    """`dropped`: what is dropped, and whether it is made again. `defaults`: columns whose default goes meanwhile.

    `plain`: columns that are generated no longer, before anything is dropped.
    """

    dropped: dict[Subject, bool] = field(default_factory=dict)
    defaults: set[tuple[Kind, Name, str]] = field(default_factory=set)
    plain: set[Subject] = field(default_factory=set)
    names: set[Name] = field(default_factory=set)
    columns: defaultdict[Name, set[str]] = field(default_factory=lambda: defaultdict(set))

    def remade(self, subject: Subject) -> bool:
        """Whether it is dropped and made again."""
        return self.dropped.get(subject, False)


def gone(old: Structure, changes: Iterable[Change], swapped: Iterable[Name]) -> Gone:
    """What the changes drop, and all that depends on it. `swapped`: types that are made again, with their columns."""
    found = Gone()
    found.names.update(swapped)
    for change in changes:
        if change.action is Action.REMOVED:
            _drop(found, change.subject, again=False)
        elif change.action is Action.CHANGED:
            if change.subject.part is Part.COLUMN and change.old.generated and not change.new.generated:
                found.plain.add(change.subject)
            if not in_place(change, old.server_version):
                _drop(found, change.subject, again=True)
            elif change.subject.part is Part.COLUMN and any(
                each.name in ("type", "collation") for each in change.properties
            ):
                found.columns[_name(change.subject)].add(change.subject.name or "")
    for identity, column in columns_of(old, found.names):
        found.columns[identity].add(column)
    while _grown(found, old):
        pass
    return found


def columns_of(structure: Structure, types: Iterable[Name]) -> Iterator[tuple[Name, str]]:
    """Columns of tables whose type is one of these, or an array of it."""
    wanted = frozenset(types)
    if not wanted:
        return
    for kind in (Kind.TABLE, Kind.FOREIGN_TABLE):
        for found in structure.objects.get(kind, {}).values():
            if isinstance(found, Relation):
                for column in found.columns:
                    if mentions(column.type) & wanted:
                        yield found[:2], column.name


def _name(subject: Subject) -> Name:
    return subject.identity[0], subject.identity[1]


def _drop(found: Gone, subject: Subject, *, again: bool) -> None:
    found.dropped[subject] = again
    if subject.part is None and subject.kind in (*RELATIONS, *ROUTINES, *_TYPES, Kind.SEQUENCE):
        found.names.add(_name(subject))
    elif subject.part is Part.COLUMN:
        found.columns[_name(subject)].add(subject.name or "")


def _grown(found: Gone, old: Structure) -> bool:
    before = len(found.dropped) + len(found.defaults)
    for subject, text, table in _dependents(old, found):
        whole = subject._replace(part=None, name=None)
        if (
            subject in found.plain
            or subject in found.dropped
            or whole in found.dropped
            or not _depends(text, table, found, subject)
        ):
            continue
        if text.startswith(_DEFAULT):
            found.defaults.add((subject.kind, _name(subject), subject.name or ""))
        else:
            _drop(found, subject, again=True)
    for subject in [each for each, again in found.dropped.items() if again and each.part is Part.COLUMN]:
        for other in _on_column(old, subject):
            found.dropped.setdefault(other, True)
    for subject, constraint in _foreign_keys(old):
        if subject not in found.dropped and _lost_key(constraint, found, old):
            found.dropped[subject] = True
    return len(found.dropped) + len(found.defaults) > before


_DEFAULT = "DEFAULT "


def _depends(text: str, table: Name | None, found: Gone, subject: Subject) -> bool:
    """Whether the text names what is dropped: an object, or a column of the own table or of one that it names."""
    if not any(name in text for _, name in found.names) and not any(
        column in text for columns in found.columns.values() for column in columns
    ):
        return False
    named = mentions(text)
    own = {_name(subject)} if table is None else set()
    if (named - own) & found.names:
        return True
    if subject.part in (Part.CONSTRAINT, Part.INDEX) or subject.kind is Kind.STATISTICS or text.startswith(_DEFAULT):
        return False  # a column of theirs takes them with it, or the server carries them over to its new type
    tables = {name for name in found.columns if name in named or name == table}
    used = words(text) if tables else frozenset()
    return any(used & found.columns[name] for name in tables)


def _dependents(old: Structure, found: Gone) -> Iterator[tuple[Subject, str, Name | None]]:
    """Everything that can depend on something and be made again: (what, its text, the table whose columns it means)."""
    for kind in Kind:
        for identity, member in old.objects.get(kind, {}).items():
            subject = Subject(kind, identity)
            match member:
                case Relation():
                    if kind in _VIEWS:
                        yield subject, member.definition or "", None
                    if subject not in found.dropped:
                        yield from _of_relation(subject, member)
                case Routine():
                    yield subject, f"{member.arguments}\n{member.definition}", None
                case Publication():
                    for table in member.tables:
                        text = " ".join((*table.columns, table.predicate or ""))
                        yield subject, text, (table.schema, table.name)
                case Statistics():
                    yield subject, member.definition, None
                case _:
                    break


def _of_relation(subject: Subject, relation: Relation) -> Iterator[tuple[Subject, str, Name | None]]:
    for part, name, text in (*_columns(relation), *_keys(relation), *_guards(relation)):
        yield subject._replace(part=part, name=name), text, relation[:2]


def _on_column(old: Structure, column: Subject) -> Iterator[Subject]:
    """Constraints, indexes and statistics that go along with a column."""
    relation, name = old.objects[column.kind][column.identity], column.name or ""
    if not isinstance(relation, Relation):
        return
    for constraint in relation.constraints:
        if name in constraint.columns or name in words(constraint_sql(constraint)):
            yield column._replace(part=Part.CONSTRAINT, name=constraint.name)
    for index in relation.indexes:
        if name in words(index_sql(index, relation[:2])):
            yield column._replace(part=Part.INDEX, name=index.name)
    for identity, found in old.objects.get(Kind.STATISTICS, {}).items():
        if isinstance(found, Statistics) and found.table == relation[:2] and name in words(found.definition):
            yield Subject(Kind.STATISTICS, identity)


def _columns(relation: Relation) -> Iterator[tuple[Part, str, str]]:
    for column in relation.columns:
        if column.generated:
            yield Part.COLUMN, column.name, column.default or ""
        elif column.default is not None:
            yield Part.COLUMN, column.name, _DEFAULT + column.default


def _keys(relation: Relation) -> Iterator[tuple[Part, str, str]]:
    for constraint in relation.constraints:
        if constraint.kind in ("check", "exclude"):
            yield Part.CONSTRAINT, constraint.name, constraint_sql(constraint)
    for index in relation.indexes:
        if index.predicate or any(key.is_expression for key in index.keys):
            yield Part.INDEX, index.name, index_sql(index, ("", ""))


def _guards(relation: Relation) -> Iterator[tuple[Part, str, str]]:
    for trigger in relation.triggers:
        if not trigger.inherited:
            yield Part.TRIGGER, trigger.name, trigger.definition
    for rule in relation.rules:
        yield Part.RULE, rule.name, rule.definition
    for policy in relation.policies:
        yield Part.POLICY, policy.name, f"{policy.using or ''} {policy.check or ''}"


def _foreign_keys(old: Structure) -> Iterator[tuple[Subject, Constraint]]:
    for identity, relation in old.objects.get(Kind.TABLE, {}).items():
        if isinstance(relation, Relation):
            for constraint in relation.constraints:
                if constraint.kind == "foreign key":
                    yield Subject(Kind.TABLE, identity, Part.CONSTRAINT, constraint.name), constraint


def _lost_key(constraint: Constraint, found: Gone, old: Structure) -> bool:
    """Whether the unique constraint or index that the foreign key references is dropped."""
    about = constraint.references
    relation = old.objects.get(Kind.TABLE, {}).get(about) if about else None
    if not isinstance(relation, Relation):
        return False
    wanted = set(constraint.referenced_columns)
    table = Subject(Kind.TABLE, relation[:2])
    for each in relation.constraints:
        if each.kind in _UNIQUE and set(each.columns) == wanted:
            return table._replace(part=Part.CONSTRAINT, name=each.name) in found.dropped
    return any(
        table._replace(part=Part.INDEX, name=index.name) in found.dropped
        for index in relation.indexes
        if index.unique and {key.key for key in index.keys} == wanted
    )

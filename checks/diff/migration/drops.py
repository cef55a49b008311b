"""What is dropped, as statements: what depends on something before what it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...quoting import quoted
from ...sql.mentions import mentions
from ...structure import ddl
from ...structure.ddl import others
from ...structure.ddl.statement import Statement, order
from ...structure.definition import column_sql, constraint_sql, index_sql, qualified
from ...structure.model import RELATIONS, ROUTINES, Kind, Relation, Sequence
from ...structure.parts import Part
from ..model import Subject
from .model import EXCLUSIVE, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.model import DefaultPrivileges, Structure
    from ...structure.parts import Name
    from .gone import Gone

_KINDS = {kind: place for place, kind in enumerate(Kind)}
_PARTS = {None: 0} | {part: place for place, part in enumerate(Part, 1)}
_LOST = {
    Kind.TABLE: "drops the table with its rows",
    Kind.SEQUENCE: "drops the sequence with its position",
    Kind.EXTENSION: "drops everything that belongs to the extension",
}


class Drops:
    """Makes the statements that drop things of the old structure; `new` says what stays inherited."""

    def __init__(self, old: Structure, new: Structure, gone: Gone) -> None:
        self.old, self.new, self.gone = old, new, gone

    def steps(self) -> list[Step]:
        """Every drop, in an order that works."""
        subjects = [subject for subject in sorted(self.gone.dropped, key=_place) if not self._implied(subject)]
        items = [(self._makes(subject), self._needs(subject)) for subject in subjects]
        last = [subjects[index] for index in reversed(order(items))]
        defaults = [self._default(kind, table, column) for kind, table, column in sorted(self.gone.defaults)]
        return [*self._crossing(), *defaults, *(step for subject in last for step in self._dropped(subject))]

    def _found(self, subject: Subject) -> Any:
        found: Any = self.old.objects[subject.kind][subject.identity]
        if subject.part is None:
            return found
        members = getattr(found, _FIELDS[subject.part])
        return next(one for one in members if one.name == subject.name)

    def _implied(self, subject: Subject) -> bool:
        """Whether it goes along with something else: with its relation, its parent's part or its owner."""
        if subject.kind is Kind.OTHER:
            return True
        found = self._found(subject)
        if subject.part is None:
            return isinstance(found, Sequence) and self._owner_goes(found)
        whole = subject._replace(part=None, name=None)
        return whole in self.gone.dropped or self._inherited(subject, found)

    def _owner_goes(self, sequence: Sequence) -> bool:
        if sequence.owned_by is None:
            return False
        *table, column = sequence.owned_by
        about = Subject(Kind.TABLE, tuple(table))
        return about in self.gone.dropped or about._replace(part=Part.COLUMN, name=column) in self.gone.dropped

    def _inherited(self, subject: Subject, found: Any) -> bool:
        if subject.part is Part.TRIGGER:
            return bool(found.inherited)  # DETACH PARTITION takes it along, too
        before = self.old.objects[subject.kind][subject.identity]
        after = self.new.objects.get(subject.kind, {}).get(subject.identity)
        if (
            not isinstance(before, Relation)
            or not isinstance(after, Relation)
            or ((before.parents, before.bound) != (after.parents, after.bound))
        ):
            return False
        match subject.part:
            case Part.COLUMN:
                return bool(found.inherited and not found.local)
            case Part.CONSTRAINT | Part.INDEX:
                return found.parent is not None or not getattr(found, "local", True)
            case _:
                return False

    def _makes(self, subject: Subject) -> tuple[Name, ...]:
        name = _name(subject)
        if subject.part in (None, Part.COLUMN):
            return (name,) if len(subject.identity) > 1 else ()
        found = self._found(subject)
        unique = getattr(found, "unique", False) or getattr(found, "kind", "") in ("primary key", "unique")
        return (name,) if unique else ()

    def _needs(self, subject: Subject) -> frozenset[Name]:
        found = self._found(subject)
        if subject.part is not None:
            return mentions(_text(found, subject)) | {_name(subject)} | self._partitions([found])
        if isinstance(found, Relation):
            own = [
                _text(each, subject._replace(part=part))
                for part, each in _members(found)
                if not _foreign(each) and not self._circles(part, each, subject)
            ]
            named = mentions(" \n".join((*own, found.definition or "")))
            return named | set(found.parents) | self._partitions(found.constraints)
        made = others.create(subject.kind, found) if subject.kind is not Kind.DEFAULT_PRIVILEGES else ()
        return frozenset().union(*(each.mentioned() for each in made))

    def _partitions(self, parts: Iterable[Any]) -> frozenset[Name]:
        """Partitions that are dropped, of tables that stay and that these foreign keys reference."""
        referenced = {each.references for each in parts if _foreign(each)}
        return frozenset(
            _name(subject)
            for subject in self.gone.dropped
            if referenced and subject.kind is Kind.TABLE and subject.part is None and self._below(subject) & referenced
        )

    def _below(self, table: Subject) -> set[Name]:
        """All that the table is a partition of, as far up as it stays."""
        above: set[Name] = set()
        waiting = list(self._found(table).parents)
        while waiting:
            name = waiting.pop()
            subject = Subject(Kind.TABLE, name)
            if subject not in self.gone.dropped and name not in above:
                above.add(name)
                waiting += self._found(subject).parents
        return above

    def _crossing(self) -> Iterator[Step]:
        """Foreign keys between tables that are both dropped: they may go in a circle."""
        tables = [subject for subject in self.gone.dropped if subject.kind is Kind.TABLE and subject.part is None]
        for subject in sorted(tables):
            for constraint in self._found(subject).constraints:
                about = constraint.references
                crosses = about and about != subject.identity and Subject(Kind.TABLE, about) in self.gone.dropped
                if crosses and constraint.parent is None:
                    yield _part(subject._replace(part=Part.CONSTRAINT, name=constraint.name))

        for subject in sorted(tables):
            for part, each in _members(self._found(subject)):
                if self._circles(part, each, subject):
                    yield _part(subject._replace(part=part, name=each.name))

    def _circles(self, part: Part, found: Any, table: Subject) -> bool:
        """Whether a part of the table calls a function that takes or returns its rows, so that it has to go first."""
        if part not in (Part.CONSTRAINT, Part.INDEX, Part.POLICY, Part.TRIGGER, Part.RULE) or _foreign(found):
            return False
        called = mentions(_text(found, table._replace(part=part)))
        return any(
            _name(routine) in called and _name(table) in mentions(self._found(routine).definition)
            for routine in self.gone.dropped
            if routine.kind in ROUTINES
        )

    def _default(self, kind: Kind, table: Name, column: str) -> Step:
        word = "VIEW" if kind is Kind.VIEW else "TABLE ONLY"
        text = f"ALTER {word} {qualified(table)} ALTER COLUMN {quoted(column)} DROP DEFAULT"
        return Step(Statement(text), Subject(kind, table, Part.COLUMN, column), EXCLUSIVE)

    def _dropped(self, subject: Subject) -> Iterator[Step]:
        if subject.part is not None:
            destroys = None
            if subject.part is Part.COLUMN and not self._found(subject).generated:
                destroys = "drops the column with its values"
            yield _part(subject, destroys)
        elif subject.kind is Kind.DEFAULT_PRIVILEGES:
            found: DefaultPrivileges = self._found(subject)
            made = ddl.default_privileges(found, None, self.old.server_version)
            yield from (Step(statement, subject) for statement in made)
        else:
            found = self._found(subject)
            text = f"DROP {others.word(subject.kind)} {others.called(subject.kind, found)}"
            destroys = _LOST.get(subject.kind) if not self.gone.dropped[subject] else None
            lock = EXCLUSIVE if subject.kind in RELATIONS else ""
            yield Step(Statement(text), subject, lock, destroys)


_FIELDS = {
    Part.COLUMN: "columns", Part.CONSTRAINT: "constraints", Part.INDEX: "indexes", Part.TRIGGER: "triggers",
    Part.RULE: "rules", Part.POLICY: "policies",
}  # fmt: skip


def _place(subject: Subject) -> tuple[int, int, tuple[str, ...], str]:
    """In the order of creation: what several tables have in parts comes behind all objects but the last kinds."""
    part = _PARTS[subject.part]
    late = subject.kind in (Kind.PUBLICATION, Kind.EVENT_TRIGGER, Kind.DEFAULT_PRIVILEGES)
    return (2 if late else 1 if part else 0), part or _KINDS[subject.kind], subject.identity, subject.name or ""


def _name(subject: Subject) -> Name:
    schema, name, *_ = ("", *subject.identity) if len(subject.identity) == 1 else subject.identity
    return schema, name


def _foreign(found: Any) -> bool:
    return getattr(found, "references", None) is not None


def _members(relation: Relation) -> Iterator[tuple[Part, Any]]:
    for part, attribute in _FIELDS.items():
        for each in getattr(relation, attribute):
            yield part, each


def _text(found: Any, subject: Subject) -> str:
    """What the part says of other objects."""
    match subject.part:
        case Part.COLUMN:
            return column_sql(found)
        case Part.CONSTRAINT:
            return constraint_sql(found)
        case Part.INDEX:
            return index_sql(found, _name(subject))
        case Part.POLICY:
            return f"{found.using or ''} {found.check or ''}"
        case _:
            return str(found.definition)


def _part(subject: Subject, destroys: str | None = None) -> Step:
    table = qualified(_name(subject))
    name = quoted(subject.name or "")
    match subject.part:
        case Part.COLUMN | Part.CONSTRAINT:
            word = "FOREIGN TABLE" if subject.kind is Kind.FOREIGN_TABLE else "TABLE"
            text = f"ALTER {word} {table} DROP {subject.part.upper()} {name}"
        case Part.INDEX:
            text = f"DROP INDEX {quoted(subject.identity[0])}.{name}"
        case _:
            text = f"DROP {str(subject.part).upper()} {name} ON {table}"
    return Step(Statement(text), subject, EXCLUSIVE, destroys)

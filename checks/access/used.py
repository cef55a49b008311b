"""What a statement needs besides the table it writes: functions, schemas, sequences by name, tables that are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..catalog.acl import Privilege
from ..catalog.model import ConstraintKind, RelationKind
from ..sql.uses import uses_of
from .model import Moment, Need, Row
from .outcome import exemption
from .policies import check
from .privileges import class_named, needed_schema, needed_sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..catalog.catalog import Catalog
    from ..catalog.model import Column, Function, Relation
    from ..model import FunctionCall, Uses, Write
    from .actor import Actor
    from .policies import Check

_READ = {
    RelationKind.TABLE: "table",
    RelationKind.PARTITIONED_TABLE: "table",
    RelationKind.VIEW: "view",
    RelationKind.MATERIALIZED_VIEW: "materialized view",
    RelationKind.FOREIGN_TABLE: "foreign table",
}


@dataclass(slots=True)
class Used:
    """What `who`, who runs the statement, needs, by what is used; and what cannot be told, each a sentence fragment."""

    catalog: Catalog
    who: Actor
    path: Sequence[str] | None = None
    needs: list[Need] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def statement(self, uses: Uses) -> None:
        """What the text of the statement names: schemas are asked for when it is parsed, whatever becomes of it."""
        for name in uses.schemas:
            schema = self.catalog.schemas.get(name)
            if schema is not None:
                self.needs.append(needed_schema(schema, self.who, "the statement names something in it"))
        self._calls(uses, "called by the statement")
        for call in uses.calls:
            self._sequence(call)
        self._reads(uses, "read by the statement", self.who)

    def expression(self, text: str, why: str, when: Moment = Moment.ALWAYS, *, certain: bool = True) -> None:
        """What an expression of the catalog calls."""
        self._calls(uses_of(text), why, when, certain=certain)

    def policies(self, checks: Iterable[Check], table: Relation, reader: Actor) -> None:
        """What policies call and read, and those of the tables that they read; `reader`: whose rights count there."""
        self._policies(checks, reader, {table.oid}, certain=True)

    def _policies(self, checks: Iterable[Check], reader: Actor, seen: set[int], *, certain: bool) -> None:
        for one in checks:
            joined = " OR ".join(f"({condition.text}\n)" for condition in one.permissive)
            texts = [(joined, [c.policy for c in one.permissive])] if one.permissive else []
            texts += [(c.text, [c.policy]) for c in one.restrictive] if one.permissive else []
            for text, names in texts:
                what = " or ".join(f'"{name}"' for name in names)
                uses = uses_of(text)
                self._calls(uses, f"called by policy {what}", certain=certain)
                for relation, sure in self._reads(uses, f"read by policy {what}", reader, certain=certain):
                    if relation.oid not in seen and exemption(relation, reader, "") is None:
                        seen.add(relation.oid)
                        inner = check(relation, reader, "SELECT", Row.EXISTING)
                        self._policies((inner,), reader, seen, certain=sure)

    def _calls(self, uses: Uses, why: str, when: Moment = Moment.ALWAYS, *, certain: bool = True) -> None:
        for call in uses.calls:
            if found := self._functions(call):
                self._function(call, found, why, when, certain=certain and call.certain)

    def _function(
        self, call: FunctionCall, found: Sequence[Function], why: str, when: Moment, *, certain: bool
    ) -> None:
        denied = [one for one in found if not self.who.may_call(one.acl, one.owner)]
        first = found[0]
        if not denied:
            if len(found) == 1 and first.acl is not None:
                self.needs.append(self._execute(first, why, when, only=True))
        elif len(denied) == len(found) and certain and not (call.with_null and any(one.strict for one in found)):
            self.needs.append(self._execute(first, why, when, only=len(found) == 1))
        else:
            what = "is the one that is called" if certain else "is called at all"
            self.doubts.append(f'whether "{denied[0].schema}.{denied[0].name}", which it may not execute, {what}')

    def _execute(self, function: Function, why: str, when: Moment, *, only: bool) -> Need:
        name = (function.schema, function.name)
        given = self.who.given(Privilege.EXECUTE, function.acl, function.owner, "function")
        arguments = function.arguments if only else None
        return Need(
            Privilege.EXECUTE, "function", name, None, why, self.who.name, given, when=when, arguments=arguments
        )

    def _functions(self, call: FunctionCall) -> list[Function]:
        """Those of the catalog, all overloads, that the call may mean (FuncnameGetCandidates of namespace.c)."""
        named = self.catalog.functions.get(call.name.name, ())
        searched = ("pg_catalog", *(self.catalog.search_path if self.path is None else self.path))
        schemas = (call.name.schema,) if call.name.schema is not None else searched
        return [one for one in named if one.schema in schemas and _takes(one, call.arguments)]

    def _sequence(self, call: FunctionCall) -> None:
        """Of nextval, currval and setval by name (nextval_internal, currval_oid, do_setval of sequence.c)."""
        name = class_named(call.literal) if call.literal is not None else None
        sequence = self.catalog.resolve(name, self.path) if name is not None else None
        if sequence is None or sequence.kind is not RelationKind.SEQUENCE:
            return
        need = needed_sequence(sequence, self.who, f"the statement calls {call.name.name}", call.name.name)
        if need.given_by is None and not call.certain:
            self.doubts.append(f'whether {call.name.name} of "{sequence.qualified_name}" is called at all')
        else:
            self.needs.append(replace(need, when=Moment.CONFLICT if call.on_conflict else Moment.ALWAYS))

    def _reads(self, uses: Uses, why: str, reader: Actor, *, certain: bool = True) -> Iterator[tuple[Relation, bool]]:
        found = []
        for read in uses.reads:
            relation = self.catalog.resolve(read.name, self.path)
            if relation is None or relation.system or relation.kind not in _READ:
                continue
            found.append((relation, certain and read.certain))
            self._read(relation, why, reader, certain=certain and read.certain)
        return iter(found)

    def _read(self, relation: Relation, why: str, reader: Actor, *, certain: bool) -> None:
        """SELECT on a relation; which of its columns are read is not looked at."""
        kind, name = _READ[relation.kind], (relation.schema, relation.name)
        whole = reader.given(Privilege.SELECT, relation.acl, relation.owner, kind) or reader.predefined(
            Privilege.SELECT
        )
        by_column = any(reader.given(Privilege.SELECT, c.acl, 0, "column") for c in relation.columns if c.acl)
        if whole is None and (by_column or not certain):
            told = "which columns of it are read" if by_column else "whether it is read at all"
            self.doubts.append(f'{told}, "{relation.qualified_name}", on which it lacks SELECT')
        else:
            self.needs.append(Need(Privilege.SELECT, kind, name, None, why, reader.name, whole, on_any_column=True))


def stored(used: Used, table: Relation, write: Write, given: frozenset[str] | None) -> None:
    """What the table itself calls for each row that goes in: defaults, generated columns, checks and indexes.

    `given` are the columns that get a value from the statement; None: that is not known.
    """
    for column in table.columns:
        why = _computed(column, write, given)
        if why is not None and column.default is not None:
            used.expression(column.default, f'called by the {why} "{column.name}"')
    for constraint in table.constraints:
        if constraint.kind is ConstraintKind.CHECK and constraint.expression is not None:
            why = f'called by constraint "{constraint.name}"'
            used.expression(constraint.expression, why, certain=constraint.validated)
    when = Moment.ALWAYS if write.action is None else Moment.INSERT
    for index in table.indexes:
        why = f'called by index "{index.name}"'
        if index.predicate is not None:
            used.expression(index.predicate, why, when)
        for key in index.keys:
            if key.expression is not None:
                used.expression(key.expression, why, when, certain=index.predicate is None)


def _computed(column: Column, write: Write, given: frozenset[str] | None) -> str | None:
    """What its expression is, if the statement computes it."""
    if column.generated:
        return "generated column" if column.generated == "s" else None
    defaulted = column.name in write.set_defaults or (given is not None and column.name not in given)
    return "default of" if defaulted and not column.identity else None


def once(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each privilege once: of two that are needed at different times, the one that is always needed."""
    found: dict[tuple[object, ...], Need] = {}
    for need in needs:
        key = (need.privilege, need.kind, need.object, need.column, need.role, need.on_any_column)
        if key not in found or (found[key].when is not Moment.ALWAYS and need.when is Moment.ALWAYS):
            found[key] = need
    return tuple(found.values())


def _takes(function: Function, arguments: int | None) -> bool:
    return arguments is None or (
        function.required <= arguments and (function.most is None or arguments <= function.most)
    )

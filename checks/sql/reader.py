"""The reader of SQL texts: statement by statement, into function bodies and dynamic SQL, with exact offsets."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..model import Mechanism
from .complaints import BROKEN
from .dialect import evidence
from .dynamic import assembled
from .fragments import attempts, complaint_about, explained, parts
from .holes import MARKER
from .insert import Scope, has_unknown_tail, read_insert, read_merge
from .into import without_into
from .lexis import Kind, Token, lex
from .literals import literal
from .parser import parse
from .plpgsql import read_body
from .reading import ParsedWrite, Problem
from .regions import places
from .routines import read_routine, session_path
from .settings import UNKNOWN, Paths
from .slots import as_parameters, fit, is_open, may_hold_slots
from .splitting import chunks
from .statements import inserts
from .traced import Traced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fragments import Part
    from .parser import Parsed
    from .routines import Routine
    from .statements import Found

_LITERALS = frozenset({Kind.STRING, Kind.DOLLAR})
_TRIGGERS = ("insert", "conflict", "merge")
_MARKS = (*_TRIGGERS, "search_path", "pragma", "autoincrement", "replace into", "`")


def may_write(text: str) -> bool:
    """Whether a text can hold a write at all."""
    lowered = text.lower()
    return any(word in lowered for word in _TRIGGERS)


@dataclass(slots=True)
class Reader:
    """Collects what a text holds.

    `strict`: a statement that does not parse raises SqlSyntaxError, with an offset in the original text.
    `placeholders`: `%s`, `?`, `:x` and the like are placeholders. `bound`: holes in value position are parameters.
    """

    strict: bool = False
    placeholders: bool = True
    bound: bool = False
    writes: list[ParsedWrite] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    evidence: str | None = None

    def script(self, source: Traced, scope: Scope) -> None:
        """Read the statements of a text; SET search_path applies to those after it."""
        for chunk in chunks(source.text, named=self.placeholders):
            lowered = chunk.text.lower()
            if any(mark in lowered for mark in _MARKS):
                part = source.part(chunk.start, chunk.start + chunk.head)
                scope = self.statement(Traced(chunk.text[: chunk.head], part.runs), scope)

    def statement(self, source: Traced, scope: Scope) -> Scope:
        """Read one statement; the scope of those after it."""
        tokens = tuple(lex(source.text, placeholders=self.placeholders and not self.strict))
        if not tokens:
            return scope
        if self.evidence is None:
            self.evidence = evidence(source.text, tokens)
        fitted = self._fitted(source, tokens)
        try:
            parsed = parse(fitted.text)
        except SqlSyntaxError as error:
            if self.strict:
                raise SqlSyntaxError(error.message, source.at(error.offset)) from None
            self._broken(source, tokens, scope, MARKER.sub("...", error.message))
            return scope
        sql = as_parameters(source.text, tokens)
        if fitted is not source:
            tokens = tuple(lex(fitted.text, placeholders=False))
        return self._parsed(fitted, parsed, tokens, sql, scope)

    def _fitted(self, source: Traced, tokens: Sequence[Token]) -> Traced:
        """The statement with something that parses in place of its placeholders and holes."""
        if self.strict or not (may_hold_slots(source.text, tokens) or (self.placeholders and is_open(tokens))):
            return source
        return source.edited(fit(source.text, tokens, places(tokens), bound=self.bound))

    def _parsed(self, source: Traced, parsed: Parsed, tokens: Sequence[Token], sql: str, scope: Scope) -> Scope:
        for raw in parsed.statements:
            found = inserts(raw.stmt)
            self.writes.extend(_write(item, source, parsed, tokens, scope, sql) for item in found)
            routine = read_routine(raw.stmt)
            if routine is not None:
                self._routine(source, routine, parsed.character(routine.body_offset), scope)
            path = session_path(raw.stmt, scope.search_path)
            if path != scope.search_path:
                scope = replace(scope, search_path=path)
        return scope

    def _routine(self, source: Traced, routine: Routine, offset: int, scope: Scope) -> None:
        """Read the body of a function or DO block, a literal that stands after `offset`."""
        tokens = tuple(lex(source.text, placeholders=False))
        bodies = (i for i, token in enumerate(tokens) if token.start >= offset and token.kind in _LITERALS)
        first = next(bodies, None)
        if first is None:
            return
        body, _ = literal(source, tokens, first)
        self._body(body, routine, scope)

    def _body(self, body: Traced, routine: Routine, scope: Scope) -> None:
        if not may_write(body.text):
            return
        path = scope.search_path if routine.is_block else routine.search_path
        if routine.language == "sql":
            self._inner().script(body, Scope(search_path=path))
        elif routine.language == "plpgsql":
            self.plpgsql(body, routine.variables, path)
        elif "insert" in body.text.lower():
            where = body.at(body.text.lower().index("insert"))
            self.problems.append(Problem(where, f"a function body in language {routine.language} is not read"))

    def _inner(self) -> Reader:
        """A reader for text inside this text: the server sees no placeholders of a driver there."""
        return Reader(self.strict, placeholders=False, bound=False, writes=self.writes, problems=self.problems)

    def plpgsql(self, source: Traced, variables: Sequence[str], path: tuple[str, ...] | None) -> None:
        """Read a PL/pgSQL body; `variables` are the names that its function brings."""
        body = read_body(source.text, variables)
        paths = Paths(source.text, body.tokens, path)
        for segment in body.segments:
            tokens = body.tokens[segment.first : segment.past]
            if not tokens:
                continue
            start, before = tokens[0].start, len(self.writes)
            found, known = paths.at(start)
            if segment.dynamic:
                moved = tuple(token._replace(start=token.start - start, end=token.end - start) for token in tokens)
                text = assembled(source.part(start, tokens[-1].end), moved)
                if text is not None and may_write(text.text):
                    inner = Reader(placeholders=False, writes=self.writes, problems=self.problems)
                    inner.script(text, Scope(search_path=found))
            elif may_write(source.text[start : tokens[-1].end]):
                scope = Scope(segment.variables, body.variable_conflict, found)
                self._inner().statement(without_into(source, tokens), scope)
            if not known:
                self.writes[before:] = [_of_any_schema(write) for write in self.writes[before:]]

    def _broken(self, source: Traced, tokens: Sequence[Token], scope: Scope, complaint: str) -> None:
        """Read what can be read of a statement that does not parse."""
        sql = as_parameters(source.text, tokens)
        for part in parts(tokens, places(tokens)):
            if not self._part(source, tokens, part, scope, complaint, sql):
                where = source.at(tokens[part.first].start)
                self.problems.append(Problem(where, BROKEN + complaint))
        for index, token in enumerate(tokens):
            if token.kind is Kind.DOLLAR and may_write(token.value):
                body, _ = literal(source, tokens, index)
                self._inner().plpgsql(body, (), None)

    def _part(
        self, source: Traced, tokens: Sequence[Token], part: Part, scope: Scope, complaint: str, sql: str
    ) -> bool:
        """Read an INSERT of a statement that does not parse; False when it cannot be read.

        One without a conflict clause is only read where something is put in at run time, by which it would parse, and
        where its table is known.
        """
        around = tokens[part.first : part.past] if part.has_clause else tokens
        holes = any(token.kind is Kind.SLOT for token in around)
        for attempt in attempts(source, tokens, part) if part.has_clause or holes else ():
            trial = tuple(lex(attempt.source.text, placeholders=self.placeholders))
            fitted = self._fitted(attempt.source, trial)
            try:
                parsed = parse(fitted.text)
            except SqlSyntaxError:
                continue
            found = [item for raw in parsed.statements for item in inserts(raw.stmt)]
            if not found:
                continue
            write = _write(found[-1], fitted, parsed, tuple(lex(fitted.text, placeholders=False)), scope, sql)
            if not part.has_clause and write.write.table is None:
                return False
            broken = complaint_about(tokens, part, complaint)
            known = explained(write.write, part, attempt.given_up, broken, has_holes=holes)
            offset = write.offset if part.has_insert else write.conflict_offset
            end = source.end_at(tokens[part.past - 1].end)
            self.writes.append(replace(write, write=known, offset=offset, end=end))
            return True
        return False


def _write(
    found: Found, source: Traced, parsed: Parsed, tokens: Sequence[Token], scope: Scope, sql: str
) -> ParsedWrite:
    """One write of a parsed statement, its offsets those of the original text."""
    statement = found.statement
    relation = parsed.character(statement.relation.location)
    first = _verb(tokens, found.kind, relation)
    offset = conflict = source.at(tokens[first].start)
    if found.kind == "merge":
        write, mechanism = read_merge(statement, scope), Mechanism.MERGE
    else:
        write, mechanism = read_insert(statement, scope), Mechanism.PLAIN_INSERT
        if statement.HasField("on_conflict_clause") and not has_unknown_tail(statement):
            mechanism = Mechanism.ON_CONFLICT
            conflict = source.at(parsed.character(statement.on_conflict_clause.location))
    return ParsedWrite(mechanism, write, offset, conflict, source.end_at(_end(tokens, first)), sql)


def _of_any_schema(write: ParsedWrite) -> ParsedWrite:
    """The write without its table, unless that has a schema."""
    if write.write.table is None or write.write.table.schema is not None:
        return write
    return replace(write, write=replace(write.write, table=None, reason=UNKNOWN))


def _verb(tokens: Sequence[Token], verb: str, before: int) -> int:
    """The index of the last such word that stands before a place."""
    index = bisect_left(tokens, before, key=_start) - 1
    while index and tokens[index].value != verb:
        index -= 1
    return index


def _start(token: Token) -> int:
    return token.start


def _end(tokens: Sequence[Token], first: int) -> int:
    """The end of the statement whose verb is token `first`: before the parenthesis or semicolon that closes it."""
    depth = 0
    end = tokens[first].end
    for token in tokens[first:]:
        if token.kind is Kind.SYMBOL:
            depth += (token.value == "(") - (token.value == ")")
            if depth < 0 or (depth == 0 and token.value == ";"):
                break
        end = token.end
    return end

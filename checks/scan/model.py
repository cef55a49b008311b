"""What scanning passes along: modules, facts of one file, and the result of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..model import Mechanism, Met, QualifiedName, Scope, Span, Unchecked, Way, Write, WriteSite
    from .values import Call, Guard, Param, Value


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that holds a trigger word. `path` is posix, relative to the scanned root; `text` is decoded."""

    path: str
    language: str  # as in the report: "typescript", "python", "sql", ...
    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method of a file: its name, parameters as a caller counts them, and its extent in characters."""

    name: str
    params: tuple[Param, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a program does with what a call gives.

    `chained`: the names of the calls that are chained to it (`.select().single()`), in order. `read`: the members that
    are read of what the last of them gives, none when it is dropped; None: not known (it is returned, passed on, ..).
    `awaited`: the program waits for it, or something does that it is given to. `silenced`: the innermost handler of
    what it raises does nothing.
    """

    chained: tuple[str, ...] = ()
    read: frozenset[str] | None = None
    awaited: bool = False
    silenced: bool = False


class Module(Protocol):
    """One parsed source file, as clients and the linker see it. A host implements it lazily."""

    @property
    def file(self) -> SourceFile:
        """The file."""
        ...

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name (`f` in `f(...)`, `m` in `x.m(...)`) is in `names`, in source order."""
        ...

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """Every outermost string expression that is code: no docstring, no comment, no JSX text; in source order.

        A literal piece of it matches `pattern`, a regular expression such as "(?i)on +conflict". Resolve
        makes a Text or Join of what is yielded (`a + b`, `"..".format(x)`, ...).
        """
        ...

    def not_run(self, offset: int) -> str | None:
        """Why the string at that place, which `strings` has yielded, is not executed: it is compared, printed, ...

        None when it may be executed.
        """
        ...

    def is_part(self, offset: int) -> bool:
        """Whether the string at that place, which `strings` has yielded, is only ever a part of longer ones."""
        ...

    def is_prepared(self, offset: int) -> bool:
        """Whether the string at that place, which `strings` has yielded, is given to a call whose result an object has.

        `self.find = conn.prepare("..")`: it may run at any time, and is not run there.
        """
        ...

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there: the nearest assignment before it in scope, a Param, an Import or a Class."""
        ...

    def exported(self, name: str) -> Value | None:
        """What another file gets when it imports that name ("default" for a default export)."""
        ...

    def function_at(self, offset: int) -> Function | None:
        """The innermost function that holds this offset."""
        ...

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """What is the case wherever that place of a function is reached, the outermost test first."""
        ...

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """Where a string that matches the pattern, or one of the names, decides what runs, and the extent of that.

        `if (error.code === "42P10") { .. }`, `except errors.InvalidColumnReference:`; of a test that must not hold
        (`!==`) it is the other branch.
        """
        ...

    def met(self, lookup: int, insert: tuple[int, int], until: int, others: Sequence[int] = ()) -> Met:
        """What is done about a row that another session makes between a lookup and an INSERT, by their places.

        `until`: where the next write of the file stands, whose errors are not those of this one; `others`: where
        statements on the same table stand.
        """
        ...

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """Whether a statement by a key may be followed by an INSERT of that row: no loop is around the INSERT alone.

        And both are on one way through their function; `asked`: a branch between the two tests what the first gives;
        `same`: what both give by name is the same, word by word.
        """
        ...

    def result_of(self, name: str, offset: int) -> Result | None:
        """What is done with the result of the call whose called name stands there; None where hosts do not read it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFact:
    """A possible write site of one file, its parts still values: the linker resolves them, the client finishes it.

    `values` are the parts by a name that only the client knows ("table", "rows", "options", "sql", ...). Offsets:
    `offset` where the conflict clause or the upsert method stands (a client may move it when it finishes),
    `statement` where the statement or call chain starts, `end` past it.
    """

    client: str
    values: dict[str, Value]
    offset: int
    statement: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One finished site of a fact, before it has a path, an id and a scope. Offsets as in SiteFact.

    `path` is set when the clause stands in another file than the fact (an imported SQL constant).
    """

    mechanism: Mechanism
    write: Write
    offset: int
    statement: int
    end: int
    sql: str | None = None
    path: str | None = None
    begin: tuple[str | None, int] | None = None  # SQL: path and offset of INSERT, which may stand in another constant
    part: bool = False  # of a constant that is only ever a part of longer strings
    key_columns: tuple[str, ...] | None = None
    reason: str | None = None  # why it is not fully resolved
    caution: str | None = None  # what a reader must know of it even when it is resolved
    not_postgres: str | None = None  # evidence
    followed: int = 0  # of an unresolved wrapper: its calls, when each of them is resolved
    ways: tuple[Way, ...] = ()  # what is decided at run time before this is what is sent
    unchecked: Unchecked | None = None  # why nobody learns of an error
    alone: bool = False  # racy mechanisms: one statement does both
    met: Met | None = None  # racy mechanisms: what is done about a row of another session


@dataclass(frozen=True, slots=True)
class Step:
    """What a function does by a key before it may INSERT; the two together are a site of this mechanism.

    A lookup (SELECT_THEN_INSERT), an UPDATE or a DELETE of the rows of which `columns` have given values.
    """

    mechanism: Mechanism
    table: QualifiedName
    columns: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Code that runs only when a statement has failed for want of an arbiter: where the error is named, and its extent.

    `writes`: something in it writes, or runs a statement, by the name of what it calls.
    """

    offset: int
    begin: int
    end: int
    writes: bool


@dataclass(frozen=True, slots=True)
class NoSite:
    """A trigger hit that is no write site, and why; shown with --explain-skipped.

    `follow`: the calls of its function may be sites all the same.
    """

    reason: str
    follow: bool = False


class Resolve(Protocol):
    """Given to a client when it finishes a fact."""

    def __call__(self, value: Value) -> Value:
        """The same value with names, members and imports replaced by what they mean, as far as that is known.

        Deep: records, sequences, joins, choices, and callee and arguments of calls; not the bodies of classes. Calls
        with a known meaning are done: string concatenation and formatting, `join`, `trim`, `dict(a=1)`, functions of
        the project that return an expression. What stays a Name, Param, Import, Member, Call or Opaque is not known.
        """
        ...

    def files(self, pattern: str) -> tuple[SourceFile, ...]:
        """The project's files whose base name matches the pattern ("*.prisma", "schema.rb"), nearest first."""
        ...

    def holding(self, needle: bytes) -> tuple[SourceFile, ...]:
        """The project's host files that hold these bytes."""
        ...

    def modules_holding(self, needle: bytes) -> tuple[Module, ...]:
        """The modules of the host files that hold these bytes, of the language of the fact's file."""
        ...

    def declared(self, name: str) -> Value | None:
        """What other files of this language declare at their top by that name, in languages that need no import.

        None when nobody does, or when several do and none of them is nearer than the others.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client library or ORM: where it can stand, and two pure functions.

    `triggers` are byte strings, matched without regard to case in the raw file, one of which a file must hold. `find`
    reads one module; `finish` turns one of its facts into drafts once the linker has resolved names across files.
    `pairs` and `paired` are for what takes two statements: a file that holds no trigger is read when it holds both
    words of a pair, or when its bytes are such that it may hold both statements.
    """

    name: str
    languages: frozenset[str]
    triggers: tuple[bytes, ...]
    find: Callable[[Module], Iterator[SiteFact]]
    finish: Callable[[SiteFact, Resolve], tuple[Draft, ...] | NoSite | Step | Answer]
    own_dialect: bool = False  # it tells by itself what is for PostgreSQL: nothing else in the file counts
    pairs: tuple[tuple[bytes, bytes], ...] = ()
    paired: Callable[[bytes], bool] | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A trigger hit that is no site."""

    path: str
    line: int
    reason: str


@dataclass(slots=True)
class Hits:
    """How many times trigger words stand in a tree: in sites, and elsewhere, which `skipped` explains."""

    in_sites: int = 0
    explained: int = 0


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be read or parsed, or a part of it; in `notes` one that was read, with a reservation.

    `unforeseen`: no rule leaves it out, so that nobody knows what it would have held.
    """

    path: str
    reason: str
    unforeseen: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment that speaks to this program: `pgarbiter: ...`, or a part of one, where it does so several times.

    `line` is that of the word, `text` all from the word on, in one line. `alone`: nothing else stands on its lines, and
    `last` is then the last line of the comments that follow right below. `before`: the first and the last line of the
    statement on the next line, up to the body of a function or a block in it. `path` is None inside a database.
    `string`: of a comment of SQL in a string of another language, the first and the last line of the string. `inside` a
    database: what holds the lines, as in Span.
    """

    path: str | None
    line: int
    text: str
    last: int
    alone: bool
    before: tuple[int, int] | None = None
    string: tuple[int, int] | None = None
    inside: str | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """A place that answers the error of a missing arbiter (42P10) by writing another way."""

    span: Span
    scope: Scope


@dataclass(frozen=True, slots=True)
class ScanResult:
    """All write sites, sorted by (path, line, column), and what was looked at."""

    sites: tuple[WriteSite, ...]
    skipped: tuple[Skipped, ...] = ()
    seen: int = 0
    read: int = 0
    parsed: int = 0
    failed: tuple[FailedFile, ...] = field(default=())
    notes: tuple[FailedFile, ...] = field(default=())  # about files that were read all the same
    trouble: str | None = None  # why what earlier runs have kept was not used; the result is the same without it
    hits: Hits | None = None  # counted when every hit was to be explained
    remarks: tuple[Remark, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    sealed: tuple[str, ...] = ()  # files of no language that were read

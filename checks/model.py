"""The shared vocabulary: write sites, conflict targets and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mechanism(StrEnum):
    """How a site writes."""

    ON_CONFLICT = "on_conflict"
    PLAIN_INSERT = "plain_insert"
    SELECT_THEN_INSERT = "select_then_insert"
    INSERT_THEN_SELECT = "insert_then_select"
    UPDATE_THEN_INSERT = "update_then_insert"
    DELETE_INSERT = "delete_insert"
    MERGE = "merge"


class Action(StrEnum):
    """The conflict action."""

    UPDATE = "update"
    NOTHING = "nothing"


class Status(StrEnum):
    """How much of a site is known."""

    RESOLVED = "resolved"
    PARTIAL = "partial"
    UNRESOLVED = "unresolved"
    NOT_POSTGRES = "not_postgres"


class Scope(StrEnum):
    """What kind of file a site stands in."""

    APP = "app"
    TEST = "test"
    MIGRATION = "migration"
    GENERATED = "generated"


class Origin(StrEnum):
    """Where a site lives; SOURCE is anything read from a file."""

    SOURCE = "source"
    FUNCTION = "function"
    TRIGGER = "trigger"
    RULE = "rule"
    CRON = "cron"
    STATEMENTS = "statements"


class Overriding(StrEnum):
    """OVERRIDING SYSTEM VALUE or OVERRIDING USER VALUE of an INSERT."""

    SYSTEM = "system"
    USER = "user"


class VariableConflict(StrEnum):
    """The `#variable_conflict` setting of a PL/pgSQL body."""

    ERROR = "error"
    USE_VARIABLE = "use_variable"
    USE_COLUMN = "use_column"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file. Lines and columns count from 1; `path` is posix and relative, None inside a database.

    There `inside` names what holds the lines: "function public.f(text)".
    """

    path: str | None
    line: int
    column: int
    end_line: int
    inside: str | None = None

    @property
    def place(self) -> str:
        """For people: path:line, which terminals and editors open, or the object of the database."""
        if self.path is not None:
            return f"{self.path}:{self.line}"
        return f"in the database: {self.inside}, line {self.line}" if self.inside else f"database:{self.line}"


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """A name as the catalog spells it (already folded), with its schema if one was written."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class InferenceElement:
    """One element of an inference clause: a bare column or an expression, perhaps with COLLATE and an opclass.

    `text` is the whole element as SQL. Exactly one of `column` (as the catalog spells it) and `expression` (SQL without
    the outer parentheses, COLLATE and opclass of the element) is set.
    """

    text: str
    column: str | None = None
    expression: str | None = None
    collation: QualifiedName | None = None
    opclass: QualifiedName | None = None
    ordering: str | None = None  # "ASC/DESC" or "NULLS FIRST/LAST" when written, which the server refuses (42P10)


@dataclass(frozen=True, slots=True)
class InferenceClause:
    """`ON CONFLICT (elements) WHERE predicate`; `parameters` says which of the two hold a parameter such as `$1`.

    Where a client binds the values of the predicate, and they are known, `predicate` shows them, `sent_predicate` has
    the parameters that the server gets. `looked_up`: the client looks for a unique index of these columns in the
    database, and sends that one's predicate.
    """

    elements: tuple[InferenceElement, ...]
    predicate: str | None = None
    predicate_parameters: bool = False
    element_parameters: bool = False
    sent_predicate: str | None = None
    looked_up: bool = False

    @property
    def asked_predicate(self) -> str | None:
        """The predicate as the server gets it."""
        return self.sent_predicate or self.predicate

    @property
    def columns(self) -> tuple[str, ...]:
        """The elements that are bare columns, in order."""
        return tuple(e.column for e in self.elements if e.column is not None)


# Clients that write through PostgREST: a conflict target is column names and nothing else.
POSTGREST_CLIENTS = frozenset({
    "supabase-js", "supabase-py", "supabase-dart", "supabase-kt", "supabase-swift", "supabase-csharp",
    "postgrest-go", "postgrest-rs", "postgrest-http",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedConstraint:
    """`ON CONFLICT ON CONSTRAINT name`."""

    name: str


@dataclass(frozen=True, slots=True)
class AnyArbiter:
    """`ON CONFLICT DO NOTHING` without a target, or no ON CONFLICT clause at all."""


@dataclass(frozen=True, slots=True)
class DefaultKey:
    """The client names no target and takes the primary key (PostgREST and others)."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The target is computed at run time, or cannot be read."""

    reason: str


ConflictTarget = InferenceClause | NamedConstraint | AnyArbiter | DefaultKey | Unresolved


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """A column named in SET values or in the WHERE of DO UPDATE, outside sub-selects: `qualifier.name`."""

    qualifier: str | None
    name: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call in a statement or expression; `arguments` None: they are named, or an array of VARIADIC ones.

    `certain` False: the planner may drop the call, or nothing may ever need its value. `on_conflict`: its value is
    needed when DO UPDATE updates a row. `literal` is the first argument, if that is a text.
    """

    name: QualifiedName
    arguments: int | None
    certain: bool = True
    on_conflict: bool = False
    with_null: bool = False  # an argument is the literal NULL
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table or view that a FROM names. `certain` False: the planner may drop what it stands in."""

    name: QualifiedName
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Uses:
    """What a statement or expression names besides columns and the table that is written.

    `schemas` are those that are written before names of any kind.
    """

    calls: tuple[FunctionCall, ...] = ()
    reads: tuple[TableRead, ...] = ()
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """The query of an INSERT ... SELECT that may give several rows, by what tells them apart. Names are columns.

    `unique`: sets of columns that no two rows have alike, by DISTINCT or GROUP BY. `origins`: insert columns that
    are columns of a table, with both. `constant`: those with one value in all rows. `fixed`: columns of tables that the
    WHERE compares with one value. `listed`: insert columns that are items of arrays or documents, which the program
    gives.
    """

    unique: tuple[tuple[str, ...], ...] = ()
    origins: tuple[tuple[str, QualifiedName, str], ...] = ()
    constant: tuple[str, ...] = ()
    fixed: tuple[tuple[QualifiedName, str], ...] = ()
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What one INSERT (or the call of a client that sends one) writes, and how it resolves conflicts.

    Names are as the catalog spells them. `columns` are the insert columns in order; None: nothing is known of them;
    `complete` False: at least these. `all_columns`: no column list was written, the first `value_count` columns of the
    table (all, if None) are meant and `columns` is None.
    """

    table: QualifiedName | None
    target: ConflictTarget
    schema_open: bool = False  # the table's schema, which `table` lacks then, is only known at run time
    action: Action | None = None
    alias: str | None = None
    columns: tuple[str, ...] | None = None
    complete: bool = True
    all_columns: bool = False
    value_count: int | None = None
    defaulted: tuple[str, ...] = ()  # columns whose value is the keyword DEFAULT in every row
    nulls: tuple[str, ...] = ()  # columns whose value is the literal NULL in some row
    optional: tuple[str, ...] = ()  # columns that the client writes too if the row has a value for them
    lacking: tuple[str, ...] = ()  # columns for which some of several rows have no value, while others may have one
    lacking_default: bool = False  # such a row gives the column its default, else NULL
    if_there: tuple[str, ...] = ()  # of `columns` and `set_columns`, those that the client leaves out if the table does
    rows: int | None = None  # rows of VALUES, if known; None: one or many
    repeated: str | None = None  # of DO UPDATE: what two rows have in all columns of the target, as SQL
    source: RowSource | None = None  # of DO UPDATE: the query that gives the rows
    set_columns: tuple[str, ...] | None = None
    set_complete: bool = True
    set_defaults: tuple[str, ...] = ()  # SET column = DEFAULT
    set_excluded: tuple[str, ...] = ()  # SET column = EXCLUDED.column
    overriding: Overriding | None = None
    references: tuple[ColumnReference, ...] = ()
    conditional: bool = False  # DO UPDATE has a WHERE, by which it may leave a row as it is
    returning: tuple[ColumnReference, ...] | None = None  # what RETURNING reads; None: there is none that is known of
    returning_known: bool = False  # of a client that may add one of its own: whether it does, and which, is known
    uses: Uses = Uses()
    variables: tuple[str, ...] = ()  # PL/pgSQL names in scope: arguments, variables, RETURNS TABLE columns
    variable_conflict: VariableConflict = VariableConflict.ERROR
    search_path: tuple[str, ...] | None = None  # set by the function or file that holds the statement
    temporary: bool = False  # the program makes a temporary table of that name, which hides the one in the catalog
    reason: str | None = None  # why table or columns are not fully known


class Unchecked(StrEnum):
    """Why nobody learns that the server has refused what a client sends, though the client would tell."""

    DROPPED = "dropped"  # the result, which holds the error
    DATA_ALONE = "data_alone"  # is all that is read of a result, which is null after an error
    SILENCED = "silenced"  # the error is raised, caught, and nothing is done about it
    NOT_SENT = "not_sent"  # the request is made ready, and nothing sends it


@dataclass(frozen=True, slots=True)
class Way:
    """One of several ways that a program goes at a `fork`, which tells it from all other forks of a scan."""

    fork: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a program does where another session may make the row between a lookup and the INSERT.

    `caught`: the line (of a draft the character) where what runs after a failed INSERT names its 23505; `again`: and
    reads or writes the row once more, or tries again. `refused`: a row that the lookup finds is answered with an error.
    `serialised`: the lock or the isolation level that both run under. `aborted`: the row is read once more in the
    transaction that the error has ended, which fails (25P02).
    """

    caught: int | None = None
    again: bool = False
    refused: bool = False
    serialised: str | None = None
    aborted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSite:
    """One place in the application, or in the database, that writes rows."""

    id: str
    span: Span
    statement_line: int
    language: str
    client: str
    mechanism: Mechanism
    write: Write
    status: Status
    reason: str | None = None
    scope: Scope = Scope.APP
    origin: Origin = Origin.SOURCE
    object: str | None = None
    attached: tuple[str, ...] = ()  # triggers that call the function it stands in: "audit on public.orders"
    defined: Span | None = None  # of a site in the database: where a file of migrations holds the same statement
    sql: str | None = None
    key_columns: tuple[str, ...] | None = None  # racy mechanisms: the columns that the SELECT looks up by
    database: str | None = None  # of the settings that it belongs to
    followed: int = 0  # a wrapper's own site: how many calls of it, all there are, are sites with a table and a target
    ways: tuple[Way, ...] = ()  # what is decided at run time before this is what is sent
    runs_as: str | None = None  # the role that runs it: one of the settings, or the owner of what it stands in
    unchecked: Unchecked | None = None
    alone: bool = False  # racy mechanisms: one statement does both, `INSERT ... SELECT ... WHERE NOT EXISTS (...)`
    met: Met | None = None  # racy mechanisms: None where nothing of it was seen

    @property
    def is_open(self) -> bool:
        """Whether nobody knows what it writes: unresolved, and no wrapper of which each call is known."""
        return self.status is Status.UNRESOLVED and not self.followed

"""The JSON report, version 1, as types: the JSON Schema that ships with the package is generated from them."""

from __future__ import annotations

from typing import (
    Literal,
    NotRequired,  # pydantic's own dependency; it needs this one before Python 3.12
)

from typing_extensions import TypedDict


class Tool(TypedDict):
    """What made the report."""

    name: Literal["pgarbiter"]
    version: str


class Target(TypedDict):
    """The conflict target."""

    kind: Literal["columns", "expression", "constraint", "none", "default_key", "unresolved"]
    columns: list[str]
    elements: list[str]
    constraint: str | None
    predicate: str | None
    predicate_parameters: bool


class Candidate(TypedDict):
    """An index near the target; `mismatches` are sentence fragments whose subject is the index."""

    index: str
    columns: list[str]
    mismatches: list[str]


class NeededPrivilege(TypedDict):
    """One privilege, and what gives it to the role; null: nothing does."""

    privilege: Literal["SELECT", "INSERT", "UPDATE", "USAGE", "EXECUTE"]
    kind: str
    object: str
    column: str | None
    role: str
    why: str
    given_by: str | None


class RowOutcome(TypedDict):
    """What row security makes of a row; `policy` is the one that decides, `told` says it for people."""

    scenario: Literal["no_conflict_own", "conflict_own", "conflict_foreign", "no_conflict_foreign"]
    result: Literal["inserted", "updated", "skipped", "duplicate", "refused", "unknown"]
    sqlstate: str | None
    message: str | None
    policy: str | None
    told: str


class RowSecurity(TypedDict):
    """Row security of the table; `exempt`: why the role is not subject to it."""

    table: str
    role: str
    exempt: str | None
    foreign_conflicts: bool
    outcomes: list[RowOutcome]


class Access(TypedDict):
    """What the role may do with the statement; `reason`: why not all of it can be told."""

    role: str
    reason: str | None
    privileges: list[NeededPrivilege]
    row_security: RowSecurity | None


class Verdict(TypedDict):
    """What the server would decide; `access` is there when a role is named that runs the statement."""

    outcome: Literal["match", "no_match", "unknown", "not_judged"]
    sqlstate: str | None
    client_code: str | None
    arbiters: list[str]
    candidates: list[Candidate]
    decided_by: Literal["catalog", "server", "twin"] | None
    reason: str | None
    access: NotRequired[Access]


class Defined(TypedDict):
    """Where a file holds the same statement, or at least defines the object that it stands in."""

    path: str
    line: int


class Site(TypedDict):
    """One write site; lines and columns count from 1."""

    id: str
    path: str | None
    object: str | None
    line: int
    column: int
    statement_line: int
    end_line: int
    language: str
    client: str
    mechanism: Literal[
        "on_conflict",
        "plain_insert",
        "select_then_insert",
        "insert_then_select",
        "update_then_insert",
        "delete_insert",
        "merge",
    ]
    schema: str | None
    table: str | None
    target: Target
    action: Literal["update", "nothing"] | None
    written_columns: list[str] | None
    written_complete: bool
    set_columns: list[str] | None
    status: Literal["resolved", "partial", "unresolved", "not_postgres"]
    reason: str | None
    scope: Literal["app", "test", "migration", "generated"]
    origin: Literal["source", "function", "trigger", "rule", "cron", "statements"]
    sql: str | None
    attached: NotRequired[list[str]]  # triggers that call the function: "audit on public.orders"
    defined: NotRequired[Defined]  # of a site in the database
    followed: NotRequired[int]  # a wrapper's own site that is not counted as unresolved: each of its calls is a site
    database: NotRequired[str]  # the name that the settings give it
    verdict: NotRequired[Verdict]


class Skipped(TypedDict):
    """A trigger hit that is no write site."""

    path: str
    line: int
    reason: str


class FailedFile(TypedDict):
    """A file that could not be read or parsed."""

    path: str
    reason: str


class Files(TypedDict):
    """How many files were seen, read and parsed."""

    seen: int
    read: int
    parsed: int
    failed: list[FailedFile]
    notes: list[FailedFile]


class Counts(TypedDict):
    """Write sites by status."""

    resolved: int
    partial: int
    unresolved: int
    not_postgres: int


class Hits(TypedDict):
    """How often trigger words stand in the tree: `explained` of these stand among what was skipped."""

    in_sites: int
    explained: int


class Summary(TypedDict):
    """Counts of the run; `clients` by the name of the client."""

    files: Files
    sites: Counts
    clients: dict[str, Counts]
    hits: NotRequired[Hits]


class Server(TypedDict):
    """The server that held the catalog."""

    version: str
    source: str
    database: str


class LoadFailure(TypedDict):
    """A statement of the schema source that did not run."""

    path: str
    line: int
    sqlstate: str | None
    message: str
    makes_unknown: list[str]


class Schema(TypedDict):
    """The schema source, and how much of it was loaded."""

    source: str
    statements: int
    loaded: int
    failed: list[LoadFailure]
    notes: list[str]


class Database(TypedDict):
    """One of several databases of the settings; of name null the one for all sites that no other covers."""

    name: str | None
    dialect: str
    server: Server | None
    schema: Schema | None


class Finding(TypedDict):
    """One thing that is wrong."""

    rule: str
    code: str
    severity: Literal["error", "warning", "note"]
    site: str | None
    path: str | None
    line: int | None
    message: str
    effect: str
    remedy: str
    related: list[str]
    object: NotRequired[str]  # what it is about in the database, of a finding without a site
    repair: str | None


class Suppressed(Finding):
    """A finding that is not reported, and what left it out."""

    by: Literal["baseline", "comment", "settings"]
    reason: NotRequired[str]  # of a comment


class Document(TypedDict):
    """The whole report; what only `check` knows is absent after `scan`."""

    schema_version: Literal[1]
    tool: Tool
    sites: list[Site]
    skipped: NotRequired[list[Skipped]]
    summary: Summary
    server: NotRequired[Server | None]
    schema: NotRequired[Schema | None]
    schemas: NotRequired[list[Database]]
    findings: NotRequired[list[Finding]]
    suppressed: NotRequired[list[Suppressed]]


class ExplainedWrite(TypedDict):
    """One INSERT of an explained statement; `offset` counts its characters from 0."""

    offset: int
    schema: str | None
    table: str | None
    target: Target
    action: Literal["update", "nothing"] | None
    verdict: Verdict


class Explanation(TypedDict):
    """The answer of `explain --sql`: that of the worst INSERT, and each by itself."""

    schema_version: Literal[1]
    tool: Tool
    outcome: Literal["match", "no_match", "unknown", "not_judged"]
    sqlstate: str | None
    arbiters: list[str]
    candidates: list[Candidate]
    decided_by: Literal["catalog", "server", "twin"] | None
    reason: str | None
    sites: list[ExplainedWrite]

"""Drafts to write sites: places, status, scope and identity."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import InferenceClause, NamedConstraint, Scope, Span, Status, Unresolved, WriteSite
from ..sql import DO_SELECT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import ConflictTarget, Met
    from .model import Draft, SourceFile

_MIGRATIONS = re.compile(
    r"(^|/)([Mm]igrations?|alembic/versions|db/migrate|flyway|liquibase)/|(^|/)V\d+(\.\d+)*__\w+\.sql$"
    r"|(^|/)([\w.]+-)?(1\d{9}|1\d{12}|(19|20)\d{12}|(19|20)\d{15})(\.\d+)?[-_][A-Za-z][\w.-]*$"  # a time, then a name
)
_TESTS = re.compile(
    r"(^|/)(tests?|__tests__|__mocks__|specs?|e2e|cypress|playwright|fixtures)/|(^|/)test_[^/]+$|[._-](test|spec)\.\w+$|_test\.\w+$|(^|/)conftest\.py$"
    r"|(^|/)([\w.-]+\.)?(Unit|Integration|Functional|Acceptance|EndToEnd)?Tests?/|[a-z0-9](Tests|\.Testing)(\.\w+)*/|[a-z0-9](Tests?|IT|Spec|Suite)\.(java|kt|scala|cs|swift|groovy)$|(^|/)(androidTest|integrationTest|testFixtures)/"
)
_GENERATED = re.compile(
    r"(^|/)(__generated__|generated)/|\.(generated|gen)\.\w+$|_pb2\.py$|\.(Designer|designer|g|g\.i)\.cs$|\.(g|freezed)\.dart$"
)
_HEADER = re.compile(r"@generated\b|<auto-?generated|\bgenerated (by|from|file)\b.*|do not edit", re.IGNORECASE)
_HEADER_SIZE = 600
_RUST_TESTS = re.compile(
    r"^(?P<indent>[ \t]*)#\[cfg\((?:test|all\(test\b[^\n]*)\)\]\s*(?:#\[[^\n]*\]\s*)*mod \w+ \{", re.MULTILINE
)
_GO_HEADER = re.compile(r"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)  # Go's own rule, below a licence too
_GO_HEADER_SIZE = 4000


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the lines of a text start."""

    starts: tuple[int, ...]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def lines_of(text: str) -> Lines:
    """The line index of a text; a line ends with LF, CR or CRLF."""
    return Lines((0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))))


def scope_of(file: SourceFile, offset: int = 0) -> Scope:
    """What kind of file it is, by its path and the comment at its top; in Rust tests may be a module of the file."""
    if _GENERATED.search(file.path) or _says_generated(file.text):
        return Scope.GENERATED
    if _TESTS.search(file.path) or (file.language == "rust" and _is_in_tests(file.text, offset)):
        return Scope.TEST
    return Scope.MIGRATION if is_migration(file.path) else Scope.APP


def _is_in_tests(text: str, offset: int) -> bool:
    """Whether a place is in a module of Rust that is only there for tests; its end is the brace at a line's start."""
    return any(
        match.end() <= offset < (end if (end := text.find(f"\n{match['indent']}}}", match.end())) >= 0 else len(text))
        for match in _RUST_TESTS.finditer(text)
    )


def is_migration(path: str) -> bool:
    """Whether a file, by its path, is one of migrations."""
    return _MIGRATIONS.search(path) is not None


def _says_generated(text: str) -> bool:
    head = text[:_HEADER_SIZE].split("\n\n", 1)[0]
    comments = [line for line in head.splitlines()[:10] if line.lstrip().startswith(("#", "//", "/*", "*", "--"))]
    return any(_HEADER.search(line) for line in comments) or _GO_HEADER.search(text[:_GO_HEADER_SIZE]) is not None


def status_of(draft: Draft) -> Status:
    """resolved: table, target and columns known; unresolved: table or target not known; partial: what else is not."""
    write = draft.write
    if draft.not_postgres is not None:
        return Status.NOT_POSTGRES
    if write.table is None or isinstance(write.target, Unresolved) or write.reason == DO_SELECT:
        return Status.UNRESOLVED
    known = not write.schema_open and (write.all_columns or (write.columns is not None and write.complete))
    return Status.RESOLVED if known and write.set_complete else Status.PARTIAL


def has_its_table(draft: Draft) -> bool:
    """Whether it is known which table it writes to, and how it resolves conflicts; to the schema of the table."""
    return status_of(draft) is not Status.UNRESOLVED and not draft.write.schema_open


def reason_of(draft: Draft) -> str | None:
    """Why a site is not fully resolved, and what else must be known of it."""
    if draft.not_postgres is not None:
        return draft.not_postgres
    told = (_why(draft), draft.caution)
    return "; ".join(one for one in told if one) or None


def _why(draft: Draft) -> str | None:
    if status_of(draft) is Status.RESOLVED:
        return draft.reason if draft.key_columns is not None else None
    target = draft.write.target
    told = target.reason if isinstance(target, Unresolved) else None
    why = draft.reason or draft.write.reason or told
    if draft.followed:
        calls = "its one call is a site" if draft.followed == 1 else f"its {draft.followed} calls are sites"
        return f"{why}; {calls} of {'its' if draft.followed == 1 else 'their'} own"
    return why or "the columns are only known at run time"


def site_of(draft: Draft, file: SourceFile, lines: Lines, client: str) -> WriteSite:
    """A draft with its place in that file; the id is set by `identified`."""
    line, column = lines.at(draft.offset)
    return WriteSite(
        id="",
        span=Span(file.path, line, column, max(line, lines.at(max(draft.end - 1, draft.offset))[0])),
        statement_line=min(lines.at(draft.statement)[0], line),
        language=file.language,
        client=client,
        mechanism=draft.mechanism,
        write=draft.write,
        status=status_of(draft),
        reason=reason_of(draft),
        scope=scope_of(file, draft.offset),
        sql=draft.sql,
        key_columns=draft.key_columns,
        followed=draft.followed,
        ways=draft.ways,
        unchecked=draft.unchecked,
        alone=draft.alone,
        met=_met(draft, lines),
    )


def _met(draft: Draft, lines: Lines) -> Met | None:
    if draft.met is None or draft.met.caught is None:
        return draft.met
    return replace(draft.met, caught=lines.at(draft.met.caught)[0])


def identified(sites: Iterable[WriteSite], address: str = "") -> tuple[WriteSite, ...]:
    """The sites in order, each with an id that survives edits elsewhere in its file.

    `address`: where paths begin, in the repository, so that the id is the same from wherever it is asked for.
    """
    seen: Counter[str] = Counter()
    out: list[WriteSite] = []
    for site in sorted(sites, key=_order):
        what = _fingerprint(site, address)
        seen[what] += 1
        digest = hashlib.sha256(f"{what}\0{seen[what]}".encode("utf-8", "surrogatepass")).hexdigest()
        out.append(replace(site, id=digest[:16]))
    return tuple(out)


def _order(site: WriteSite) -> tuple[str, int, int, int, str]:
    return site.span.path or "", site.span.line, site.span.column, site.statement_line, site.client


def _fingerprint(site: WriteSite, address: str) -> str:
    parts = [None if site.span.path is None else address + site.span.path, *_statement(site)]
    if site.span.path is None:
        parts += [site.object, site.database]
    return json.dumps(parts)


def statement_of(site: WriteSite) -> str:
    """What a site writes and how, wherever it stands: the same statement in another file gives the same digest."""
    return hashlib.sha256(json.dumps(_statement(site)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _statement(site: WriteSite) -> list[object]:
    write = site.write
    sql = " ".join(site.sql.split()) if site.sql else None
    return [site.client, site.mechanism, str(write.table), _told(write.target), write.columns, sql]


def _told(target: ConflictTarget) -> list[str | None]:
    """What a target says, in words that stay the same when the types gain fields."""
    match target:
        case InferenceClause():
            return ["columns", *(element.text for element in target.elements), target.predicate]
        case NamedConstraint():
            return ["constraint", target.name]
        case _:
            return [type(target).__name__]

"""A report as `check` makes it, for the tests of the formats: hostile names, every kind of target, every mismatch."""

from __future__ import annotations

import pytest

from pgarbiter.arbiter import model as arbiter
from pgarbiter.catalog.model import Index, IndexKey
from pgarbiter.model import (
    Action,
    AnyArbiter,
    ConflictTarget,
    DefaultKey,
    InferenceClause,
    InferenceElement,
    Mechanism,
    NamedConstraint,
    QualifiedName,
    Span,
    Status,
    Unresolved,
    Write,
    WriteSite,
)
from pgarbiter.report.model import Report
from pgarbiter.rules.model import Finding, Severity
from pgarbiter.scan.model import FailedFile, ScanResult, Skipped
from pgarbiter.schema.model import LoadFailure, SchemaInfo, ServerInfo

HOSTILE = 'ev\x1b[31mil"\u202e\n\x07'
COLUMNS = InferenceClause((InferenceElement("user_id", "user_id"), InferenceElement("external_id", "external_id")))
EXPRESSION = InferenceClause((InferenceElement("lower(email)", expression="lower(email)"),), "deleted_at IS NULL")
TARGETS: tuple[ConflictTarget, ...] = (
    COLUMNS,
    EXPRESSION,
    NamedConstraint("accounts_key"),
    AnyArbiter(),
    DefaultKey(),
    Unresolved("the conflict target is computed at run time"),
)
MISMATCHES: tuple[arbiter.Mismatch, ...] = (
    arbiter.NotUnique(),
    arbiter.NotValid(),
    arbiter.Deferrable(),
    arbiter.Exclusion(),
    arbiter.ColumnsDiffer(("a",), ("b", "c")),
    arbiter.ColumnsDiffer((), ()),
    arbiter.ExpressionsDiffer(("lower(email)",), ()),
    arbiter.CollationDiffers("c", "C", "en_US"),
    arbiter.OpclassDiffers("c", "text_pattern_ops", "text_ops"),
    arbiter.PredicateNotImplied("(a IS NOT NULL)", None),
    arbiter.PredicateNotImplied("(a > 5)", "a > 4"),
    arbiter.PredicateNotImplied("(state = 'x'::text)", "state = $1", parametrised=True),
    arbiter.OnlyOnPartition("public.events_eu"),
    arbiter.OtherSchema("old.accounts"),
    arbiter.NotAConstraint(),
)
INDEX = Index(
    oid=1,
    name="accounts_external_id_key",
    keys=(IndexKey("external_id", None, 100, None, "text_ops", 1994, 25),),
    include=(),
    predicate=None,
    unique=True,
    primary=False,
    exclusion=False,
    immediate=True,
    valid=True,
    ready=True,
    live=True,
    nulls_not_distinct=False,
    method="btree",
    constraint="accounts_external_id_key",
)
NO_MATCH = arbiter.Verdict(
    outcome=arbiter.Outcome.NO_MATCH,
    sqlstate="42P10",
    message="there is no unique or exclusion constraint matching the ON CONFLICT specification",
    candidates=(arbiter.Candidate(INDEX, MISMATCHES),),
    decided_by=arbiter.DecidedBy.CATALOG,
)
MATCH = arbiter.Verdict(outcome=arbiter.Outcome.MATCH, arbiters=(INDEX.name,), decided_by=arbiter.DecidedBy.SERVER)


def _site(number: int, target: ConflictTarget = COLUMNS, **changes: object) -> WriteSite:
    """A site in line `number` of src/save.ts."""
    known: dict[str, object] = {
        "id": f"site-{number}",
        "span": Span("src/save.ts", number, 3, number + 2),
        "statement_line": number,
        "language": "typescript",
        "client": "supabase-js",
        "mechanism": Mechanism.ON_CONFLICT,
        "write": Write(
            table=QualifiedName(None, "accounts"),
            target=target,
            action=Action.UPDATE,
            columns=("user_id", "external_id"),
            set_columns=("external_id",),
        ),
        "status": Status.RESOLVED,
    }
    return WriteSite(**{**known, **changes})  # type: ignore[arg-type] # the keys are fields


def _finding(of: WriteSite, severity: Severity = Severity.ERROR, message: str = "no unique index matches") -> Finding:
    """A finding at a site."""
    return Finding(
        rule="no-arbiter-index",
        code="PGA101",
        severity=severity,
        site=of.id,
        span=of.span,
        message=message,
        effect="Every execution fails with 42P10.",
        remedy="Use the unique index that exists: onConflict: 'external_id'.",
        related=("the table is there", "the table is there"),
    )


def _bound(of: WriteSite, verdict: arbiter.Verdict) -> arbiter.BoundSite:
    """A site with its verdict."""
    return arbiter.BoundSite(of, None, None, verdict, live=True)


@pytest.fixture
def full() -> Report:
    """Everything a report can hold."""
    sites = [_site(number, target) for number, target in enumerate(TARGETS, start=1)]
    sites += [_site(10 + i, mechanism=mechanism, key_columns=("user_id",)) for i, mechanism in enumerate(Mechanism)]
    sites.append(_site(30, status=Status.UNRESOLVED, reason="the table is computed at run time"))
    sites.append(_site(31, status=Status.NOT_POSTGRES, reason="mysql2 is imported"))
    sites.append(_site(32, write=Write(table=QualifiedName("public", HOSTILE), target=DefaultKey())))
    sites.append(_site(33, span=Span(None, 2, 1, 2), object="public.f()"))
    verdicts = (NO_MATCH, MATCH, arbiter.Verdict(outcome=arbiter.Outcome.UNKNOWN, reason="not in the schema source"))
    return Report(
        version="1.2.3",
        scan=ScanResult(
            sites=tuple(sites),
            skipped=(Skipped("src/map.ts", 4, "no table is named"),),
            seen=4,
            read=3,
            parsed=2,
            failed=(FailedFile("src/bad.ts", "not valid UTF-8"),),
        ),
        bound=tuple(_bound(s, verdicts[i % 3]) for i, s in enumerate(sites)),
        server=ServerInfo("18.4", "embedded", "pgarbiter_1"),
        schema=SchemaInfo(
            source="sql:db/schema.sql",
            statements=10,
            loaded=9,
            failed=(LoadFailure("db/schema.sql", 7, "42601", f"syntax error at {HOSTILE}", ("public.t",)),),
            notes=("alembic.ini was found; --schema alembic:alembic.ini takes it",),
        ),
        findings=(
            _finding(sites[0]),
            _finding(sites[1], Severity.WARNING, f"about {HOSTILE}"),
            _finding(sites[2], Severity.NOTE),
        ),
        suppressed=((_finding(sites[3]), "settings"),),
    )

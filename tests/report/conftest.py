"""A report as `check` makes it, for the tests of the formats: hostile names, every kind of target, every mismatch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgarbiter.access.model import Access, Need, Outcome, Result, RowSecurity, Scenario
from pgarbiter.arbiter import model as arbiter
from pgarbiter.catalog.acl import Privilege
from pgarbiter.catalog.model import Column, Constraint, ConstraintKind, Index, IndexKey, Relation, RelationKind
from pgarbiter.model import (
    Action,
    AnyArbiter,
    ConflictTarget,
    DefaultKey,
    InferenceClause,
    InferenceElement,
    Mechanism,
    NamedConstraint,
    Origin,
    QualifiedName,
    Span,
    Status,
    Unresolved,
    Write,
    WriteSite,
)
from pgarbiter.report.model import Report
from pgarbiter.report.page import visible
from pgarbiter.rules.model import Finding, Severity
from pgarbiter.scan.model import FailedFile, ScanResult, Skipped
from pgarbiter.schema.model import LoadFailure, SchemaInfo, ServerInfo

from .chromium import browser, opened

__all__ = ["browser", "opened", "visible"]

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


MARKUP = "</details></script><script>alert(1)</script>|*_`` ](http://x) ##[error] ::error::, %0A é\n\x1b"
HOSTILE_PATH = f"src/a b,c:d%/{MARKUP.replace('/', '_')}.ts"


def _index(name: str, *columns: str, oid: int, primary: bool = False) -> Index:
    keys = tuple(IndexKey(column, None, 0, None, "text_ops", 1994, 25) for column in columns)
    return replace(INDEX, oid=oid, name=name, keys=keys, constraint=name, primary=primary)


ACCOUNTS = Relation(
    oid=9,
    schema="public",
    name="accounts",
    kind=RelationKind.TABLE,
    columns=tuple(Column(n, name, "text", 25, 100, True, False, "", "") for n, name in enumerate(("id", "user_id"), 1)),
    indexes=(
        _index("accounts_pkey", "id", oid=7, primary=True),
        INDEX,
        _index(f"k{MARKUP}", "user_id", MARKUP, oid=8),
    ),
    constraints=(Constraint(7, "accounts_pkey", ConstraintKind.PRIMARY_KEY, ("id",), 7, False, False, True),),
)


@pytest.fixture
def hostile(full: Report) -> Report:
    """The same with names that try to leave their place, findings without a file, and each kind of suppression."""
    number = len(full.sites)
    at = _site(100, span=Span(HOSTILE_PATH, 7, 5, 9), statement_line=4, client=f"cl{MARKUP}")
    stored = _site(101, span=Span(None, 2, 1, 2, "function public.f()"), object="public.f()", origin=Origin.FUNCTION)
    defined = replace(stored, id="site-102", defined=Span("db/f.sql", 12, 1, 14), attached=(MARKUP,))
    sites = (*full.sites, at, stored, defined)
    unique = arbiter.Candidate(INDEX, (arbiter.ColumnsDiffer((), ("user_id",)),))
    verdict = replace(NO_MATCH, candidates=(unique,), reason=MARKUP)
    bound = tuple(replace(_bound(site, verdict), relation=ACCOUNTS, base=ACCOUNTS) for site in sites[number:])
    catalog = replace(
        _finding(stored, Severity.WARNING, f'unique index "{MARKUP}"'),
        rule="redundant-index",
        code="PGA501",
        site=None,
        span=None,
        object=f"index public.{MARKUP}",
        related=("written at src/save.ts:2, src/save.ts:3 and 4 more places",),
    )
    source = replace(catalog, span=Span("src/fallback.ts", 3, 1, 3), object=None, message="in a file")
    nowhere = replace(catalog, related=())
    needs = tuple(
        Need(Privilege.INSERT, "table", ("public", MARKUP), column, "it is written", "web", given)
        for column, given in (("a", f"grant by {MARKUP}"), ("b", None))
    )
    outcomes = (Outcome(Scenario.INSERTED_OWN, Result.INSERTED), Outcome(Scenario.CONFLICT_OWN, Result.REFUSED, "no"))
    security = RowSecurity(("public", MARKUP), "web", outcomes=outcomes)
    return replace(
        full,
        scan=replace(full.scan, sites=sites, failed=(*full.scan.failed, FailedFile(MARKUP, MARKUP, unforeseen=True))),
        bound=(*(full.bound or ()), *bound),
        schema=replace(full.schema, source="supabase:migrations") if full.schema else None,
        findings=(
            *full.findings,
            _finding(at, message=MARKUP),
            _finding(stored),
            _finding(defined),
            catalog,
            nowhere,
            source,
        ),
        suppressed=tuple((_finding(full.sites[4], message=by), by) for by in ("comment", "baseline", "settings")),
        reasons=("I say so", None, None),
        access={
            "site-100": Access("web", needs, security),
            "site-101": Access(MARKUP, row_security=RowSecurity(("a", "b"), "x", "it owns it"), reason=MARKUP),
        },
    )

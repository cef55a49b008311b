"""Sites joined to relations: default keys, PostgREST, absent and incomplete tables, and what is not judged."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.model import Outcome
from pgarbiter.catalog.read import read_catalog
from pgarbiter.model import (
    Action,
    AnyArbiter,
    DefaultKey,
    InferenceClause,
    InferenceElement,
    Mechanism,
    QualifiedName,
    Span,
    Status,
    Unresolved,
    Write,
    WriteSite,
)
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo

SCHEMA = """
create table account (id int primary key, email text, slug text unique);
create unique index account_email on account (email) where slug is not null;
create table nokey (a int);
create view account_view as select email, id as account_id from account;
create view half as select email from account;
create schema app;
create table app.account (id int, email text unique);
create table app.lone (a int unique, b int);
"""


@pytest.fixture
def loaded(database: str) -> Loaded:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        catalog = read_catalog(connection)
    return Loaded(catalog, ServerInfo("18", "embedded", "d"), SchemaInfo("sql:schema.sql"), live=True)


def in_a_schema_known_at_run_time(table: str, *target: str) -> WriteSite:
    clause = InferenceClause(tuple(InferenceElement(text=name, column=name) for name in target))
    found = site(table, *target, client="raw-sql", target=clause)
    reason = "the schema of the table is only known at run time"
    return replace(found, write=replace(found.write, schema_open=True), status=Status.PARTIAL, reason=reason)


def test_the_only_table_of_a_name_says_yes_whatever_its_schema(loaded: Loaded) -> None:
    bound = bind(in_a_schema_known_at_run_time("lone", "a"), loaded)
    assert bound.verdict.outcome is Outcome.MATCH
    assert bound.relation is not None
    assert bound.relation.qualified_name == "app.lone"


def test_nothing_is_said_against_a_table_whose_schema_is_not_known(loaded: Loaded) -> None:
    bound = bind(in_a_schema_known_at_run_time("lone", "b"), loaded)
    assert (bound.verdict.outcome, bound.relation, bound.verdict.errors) == (Outcome.UNKNOWN, None, ())
    assert bound.verdict.reason is not None
    assert '"app.lone", the only table of that name' in bound.verdict.reason


@pytest.mark.parametrize(("table", "number"), [("account", "2"), ("nowhere", "no")])
def test_a_name_that_several_schemas_have_or_none_is_unknown(loaded: Loaded, table: str, number: str) -> None:
    bound = bind(in_a_schema_known_at_run_time(table, "email"), loaded)
    assert (bound.verdict.outcome, bound.relation) == (Outcome.UNKNOWN, None)
    assert f"{number} schemas have a table" in (bound.verdict.reason or "")


def site(table: str, *columns: str, client: str = "supabase-js", target: object = None, **more: object) -> WriteSite:
    write = Write(
        table=QualifiedName(None, table),
        target=DefaultKey() if target is None else target,  # type: ignore[arg-type]  # any ConflictTarget
        action=Action.UPDATE,
        columns=columns or None,
    )
    made = WriteSite(
        id="1",
        span=Span("a.ts", 1, 1, 1),
        statement_line=1,
        language="typescript",
        client=client,
        mechanism=Mechanism.ON_CONFLICT,
        write=write,
        status=Status.RESOLVED,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields of WriteSite


def on(*columns: str) -> InferenceClause:
    return InferenceClause(tuple(InferenceElement(c, column=c) for c in columns))


def test_a_default_key_is_the_primary_key(loaded: Loaded) -> None:
    bound = bind(site("account", "id", "email"), loaded)
    assert (bound.verdict.outcome, bound.verdict.arbiters) == (Outcome.MATCH, ("account_pkey",))


def test_a_view_takes_the_key_of_its_table(loaded: Loaded) -> None:
    bound = bind(site("account_view", "account_id"), loaded)
    assert (bound.verdict.outcome, bound.verdict.arbiters) == (Outcome.MATCH, ("account_pkey",))
    assert bound.base is not None
    assert bound.base.name == "account"


@pytest.mark.parametrize("table", ["nokey", "half"])
def test_without_a_key_the_upsert_is_a_plain_insert(loaded: Loaded, table: str) -> None:
    bound = bind(site(table), loaded)
    assert bound.verdict.outcome is Outcome.NOT_JUDGED
    assert bound.verdict.reason is not None
    assert "plain INSERT" in bound.verdict.reason


def test_postgrest_looks_only_in_the_exposed_schema(loaded: Loaded) -> None:
    wanted = site("account", "email", target=on("email"))
    app = replace(loaded, catalog=loaded.catalog.with_search_path(("app", "public")))
    assert bind(wanted, app).verdict.outcome is Outcome.NO_MATCH
    assert bind(wanted, app, exposed_schema="app").verdict.outcome is Outcome.MATCH
    assert bind(replace(wanted, client="node-postgres"), app).verdict.outcome is Outcome.MATCH


@pytest.mark.parametrize("client", ["supabase-dart", "supabase-kt", "postgrest-http", "postgrest-go"])
def test_every_client_of_postgrest_looks_there(loaded: Loaded, client: str) -> None:
    app = replace(loaded, catalog=loaded.catalog.with_search_path(("app", "public")))
    wanted = site("account", "email", client=client, target=on("email"))
    assert bind(wanted, app).verdict.outcome is Outcome.NO_MATCH


def test_a_client_that_looks_for_its_index_sends_the_predicate_too(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE slot (a int, b int, gone boolean)")
        connection.execute("CREATE UNIQUE INDEX slot_live ON slot (b, a) WHERE NOT gone")
        loaded = Loaded(read_catalog(connection), ServerInfo("18", "embedded", "d"), SchemaInfo("sql:s.sql"), live=True)
    wanted = replace(on("a", "b"), looked_up=True)
    found = bind(site("slot", "a", "b", client="rails", target=wanted), loaded).verdict
    assert (found.outcome, found.arbiters) == (Outcome.MATCH, ("slot_live",))
    assert bind(site("slot", "a", "b", client="rails", target=on("a", "b")), loaded).verdict.outcome is Outcome.NO_MATCH
    assert bind(site("slot", "a", client="rails", target=replace(on("a"), looked_up=True)), loaded).verdict.outcome is (
        Outcome.NO_MATCH
    )


def test_a_column_that_the_client_looks_for_is_left_out_where_there_is_none(loaded: Loaded) -> None:
    made = site("account", "id", "created_at", client="rails", target=on("id"))
    assert bind(made, loaded).verdict.sqlstate == "42703"
    write = replace(made.write, set_columns=("created_at",), if_there=("created_at",))
    assert bind(replace(made, write=write), loaded).verdict.sqlstate is None


def test_an_unknown_written_column_has_the_clients_code_and_the_servers(loaded: Loaded) -> None:
    verdict = bind(site("account", "id", "nope"), loaded).verdict
    assert (verdict.client_code, verdict.sqlstate, verdict.outcome) == ("PGRST204", "42703", Outcome.MATCH)


def test_an_absent_table_of_a_live_database_is_no_match(loaded: Loaded) -> None:
    verdict = bind(site("gone", "id"), loaded).verdict
    assert (verdict.outcome, verdict.sqlstate, verdict.client_code) == (Outcome.NO_MATCH, "42P01", "PGRST205")


def test_an_absent_table_of_a_schema_source_is_unknown(loaded: Loaded) -> None:
    verdict = bind(site("gone", "id"), replace(loaded, live=False)).verdict
    assert (verdict.outcome, verdict.sqlstate, verdict.reason) == (Outcome.UNKNOWN, None, "not in the schema source")


def test_an_incomplete_table_is_unknown_with_its_reason(loaded: Loaded) -> None:
    source = replace(
        loaded, live=False, incomplete=(("public.account", "a.sql:3 failed"), ("public.gone", "b.sql:1 failed"))
    )
    for table, reason in (
        ("account", "a.sql:3 failed"),
        ("account_view", "a.sql:3 failed"),
        ("gone", "b.sql:1 failed"),
    ):
        verdict = bind(site(table, "id", target=on("id")), source).verdict
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, reason)
        assert verdict.errors == ()


@pytest.mark.parametrize(
    "unjudged",
    [
        site("account", "nope", mechanism=Mechanism.PLAIN_INSERT, target=AnyArbiter()),
        site("account", "nope", mechanism=Mechanism.SELECT_THEN_INSERT),
        site("account", "nope", target=Unresolved("computed"), status=Status.UNRESOLVED, reason="computed"),
    ],
)
def test_what_is_not_judged_still_has_the_errors_of_its_insert(loaded: Loaded, unjudged: WriteSite) -> None:
    verdict = bind(unjudged, loaded).verdict
    assert (verdict.outcome, verdict.sqlstate) == (Outcome.NOT_JUDGED, "42703")
    assert not any(error.clause for error in verdict.errors)


def test_another_database_is_not_judged_at_all(loaded: Loaded) -> None:
    verdict = bind(site("account", "nope", status=Status.NOT_POSTGRES, reason="backticks"), loaded).verdict
    assert (verdict.outcome, verdict.sqlstate, verdict.errors) == (Outcome.NOT_JUDGED, None, ())


def test_a_table_that_is_only_known_at_run_time_is_not_judged(loaded: Loaded) -> None:
    unnamed = site("account", "id")
    verdict = bind(replace(unnamed, write=replace(unnamed.write, table=None)), loaded).verdict
    assert verdict.outcome is Outcome.NOT_JUDGED
    assert verdict.reason


def test_the_nearest_index_comes_first_with_all_that_speaks_against_it(loaded: Loaded) -> None:
    verdict = bind(site("account", "email", target=on("email")), loaded).verdict
    assert verdict.candidates[0].index.name == "account_email"
    assert [type(m).__name__ for m in verdict.candidates[0].mismatches] == ["PredicateNotImplied"]

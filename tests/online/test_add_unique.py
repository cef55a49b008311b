"""op.add_unique_online where no rows stand in the way, or they are refused."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, execute
from pgarbiter.online.execute import observer
from pgarbiter.online.model import OnlineError, Table

from .leftovers import (
    commit_when_waited_for,
    enforcing,
    failed_on_duplicates,
    half_dropped,
    timed_out,
    transaction,
    until,
)
from .writers import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from pgarbiter.online.model import Step
    from pgarbiter.online.session import Session

T = Table("t")
UPSERT = "INSERT INTO t (a, b) VALUES (1, 1) ON CONFLICT {} DO NOTHING"


@contextmanager
def told() -> Iterator[list[str]]:
    """The steps that run."""
    steps: list[str] = []
    token = observer.set(lambda event, _, step: steps.append(step.name) if event == "after" else None)
    try:
        yield steps
    finally:
        observer.reset(token)


@pytest.fixture
def table(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute(
        "CREATE TABLE t (a int, b int, c text); INSERT INTO t SELECT i, i, 'x' || i FROM generate_series(1, 9) i"
    )
    return another


def test_a_unique_index_is_built_under_the_name_that_the_server_would_give(
    session: Session, table: psycopg.Connection[Any]
) -> None:
    with told() as steps:
        execute(AddUnique(T, ("a", "b")), session)
        execute(AddUnique(T, ("a", "b")), session)
    assert steps == ["build"]
    table.execute(UPSERT.format("(b, a)"))
    assert table.execute("SELECT to_regclass('t_a_b_idx') IS NOT NULL").fetchone() == (True,)


def test_a_unique_constraint_is_attached_to_its_index(session: Session, table: psycopg.Connection[Any]) -> None:
    with told() as steps:
        execute(AddUnique(T, ("a",), constraint=True, include=("b",)), session)
        execute(AddUnique(T, ("a",), constraint=True, include=("b",)), session)
    assert steps == ["build", "attach"]
    table.execute(UPSERT.format("ON CONSTRAINT t_a_key"))


@pytest.mark.parametrize(
    ("operation", "target"),
    [
        (AddUnique(T, ("(lower(c))",), "u"), "(lower(c))"),
        (AddUnique(T, ('(c) COLLATE "C" text_pattern_ops',), "u"), '(c COLLATE "C" text_pattern_ops)'),
        (AddUnique(T, ("a",), "u", where="b > 0 AND c <> '%s :x'"), "(a) WHERE b > 1 AND c <> '%s :x'"),
        (AddUnique(T, ("a",), "u", include=("b", "c")), "(a)"),
        (AddUnique(T, ("a",), 'U "x"'), "(a)"),
    ],
)
def test_each_form_is_an_arbiter_and_a_second_run_does_nothing(
    session: Session, table: psycopg.Connection[Any], operation: AddUnique, target: str
) -> None:
    with told() as steps:
        execute(operation, session)
        execute(operation, session)
    assert steps == ["build"]
    table.execute(UPSERT.format(target))


@pytest.mark.pg(">= 15")
def test_nulls_not_distinct_lets_one_null_in(session: Session, table: psycopg.Connection[Any]) -> None:
    execute(AddUnique(T, ("a", "b"), constraint=True, nulls_not_distinct=True), session)
    insert = "INSERT INTO t VALUES (1, NULL) ON CONFLICT (a, b) DO NOTHING"
    assert [table.execute(insert).rowcount for _ in range(2)] == [1, 0]


def test_nulls_are_no_duplicates_unless_they_are_told_to_be(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("INSERT INTO t VALUES (NULL, 1), (NULL, 1)")
    execute(AddUnique(T, ("a",)), session)
    if session.version >= 150000:
        with pytest.raises(OnlineError, match=r"2 rows .* with 1 duplicate key"):
            execute(AddUnique(T, ("a",), "u", nulls_not_distinct=True), session)


def test_duplicates_are_refused_early_with_counts_and_samples(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("INSERT INTO t VALUES (1, 1), (1, 2), (2, 2)")
    with pytest.raises(OnlineError, match=r"5 rows .* 2 duplicate keys \(a\), such as \(a\)=\(1\): 3 rows") as raised:
        execute(AddUnique(T, ("a",)), session)
    assert 'duplicates="quarantine"' in (raised.value.hint or "")
    assert table.execute("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["inert", "timed out", "enforcing", "half dropped"])
def test_a_run_takes_over_from_what_was_left(
    session: Session, table: psycopg.Connection[Any], any_database: str, kind: str
) -> None:
    statement = "CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON t (a)"
    match kind:
        case "inert":
            table.execute("INSERT INTO t VALUES (1, 0)")
            failed_on_duplicates(any_database, statement)
            table.execute("DELETE FROM t WHERE b = 0")
        case "timed out":
            with transaction(any_database, "INSERT INTO t VALUES (0, 0)"):
                timed_out(any_database, statement)
        case "enforcing":
            enforcing(any_database, statement)
        case _:
            table.execute(statement)
            half_dropped(any_database, "t", "t_a_key")
    execute(AddUnique(T, ("a",), constraint=True), session)
    table.execute(UPSERT.format("(a)"))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE UNIQUE INDEX u ON t (b)",
        "CREATE UNIQUE INDEX u ON t (a) WHERE b > 0",
        "CREATE INDEX u ON t (a)",
        "CREATE UNIQUE INDEX u ON t (a) INCLUDE (b)",
        "CREATE UNIQUE INDEX u ON t (a DESC)",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a) DEFERRABLE",
        "CREATE TABLE other (a int); CREATE UNIQUE INDEX u ON other (a)",
    ],
)
def test_an_index_of_that_name_with_another_definition_is_shown_beside_the_wanted_one(
    session: Session, table: psycopg.Connection[Any], statement: str
) -> None:
    table.execute(statement)
    with pytest.raises(OnlineError, match=r"found .* wanted CREATE UNIQUE INDEX u ON public.t \(a\)"):
        execute(AddUnique(T, ("a",), "u"), session)


def test_a_constraint_of_that_name_is_not_taken_for_an_index(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)")
    with pytest.raises(OnlineError, match="is a constraint already"):
        execute(AddUnique(T, ("a",), "u"), session)


def test_another_spelling_of_the_same_index_is_the_same(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("CREATE UNIQUE INDEX u ON t (lower(c::text)) WHERE ((b) > (0))")
    with told() as steps:
        execute(AddUnique(T, ("(LOWER(c))",), "u", where="t.b > 0"), session)
    assert steps == []


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (AddUnique(Table("absent"), ("a",)), '"absent" does not exist'),
        (AddUnique(Table("v"), ("a",)), "no table but a view"),
        (AddUnique(T, ("absent",)), 'column "absent" does not exist.*nothing was changed'),
        (AddUnique(T, ("(random())",), "u"), "must be marked IMMUTABLE"),
        (AddUnique(T, ("(lower(c))",)), "needs a name"),
        (AddUnique(T, ("a",), constraint=True, where="b > 0"), "cannot have a predicate"),
        (AddUnique(T, ("(a)",), "u", constraint=True), "cannot have an expression"),
        (AddUnique(T, ("a",), "t"), '"public.t" is there, but is no index'),
        (AddUnique(T, ("a",), "positive", constraint=True), r"is another one: CHECK \(\(b > 0\)\)"),
        (AddUnique(T, ("a",), duplicates="merge"), 'wanted "refuse" or "quarantine"'),
        (AddUnique(T, ("a",), duplicates="quarantine"), "which row of each group is kept"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(
    session: Session, table: psycopg.Connection[Any], operation: AddUnique, message: str
) -> None:
    table.execute("CREATE VIEW v AS SELECT * FROM t; ALTER TABLE t ADD CONSTRAINT positive CHECK (b > 0)")
    with pytest.raises(OnlineError, match=message):
        execute(operation, session)
    assert table.execute("SELECT to_regnamespace('pgarbiter_data')").fetchone() == (None,)


def test_a_role_that_does_not_own_the_table_is_told_who_does(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("CREATE ROLE plain")
    try:
        session.run("SET ROLE plain")
        with pytest.raises(OnlineError, match='role "plain" is not the owner of table'):
            execute(AddUnique(T, ("a",)), session)
        session.run("RESET ROLE")
    finally:
        table.execute("DROP ROLE plain")


def test_names_that_need_quoting_in_a_schema_off_the_search_path(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute('CREATE SCHEMA "S p"; CREATE TABLE "S p"."T%b" ("A "":x" int)')
    operation = AddUnique(Table("T%b", "S p"), ('A ":x',), constraint=True)
    execute(operation, session)
    another.execute('INSERT INTO "S p"."T%b" VALUES (1) ON CONFLICT ("A "":x") DO NOTHING')
    execute(operation.reverse(), session)
    assert another.execute('SELECT count(*) FROM pg_index WHERE indrelid = \'"S p"."T%b"\'::regclass').fetchone() == (
        0,
    )


def test_a_table_that_others_inherit_from_is_looked_at_alone(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("CREATE TABLE child () INHERITS (t); INSERT INTO child VALUES (1)")
    execute(AddUnique(T, ("a",)), session)
    table.execute(UPSERT.format("(a)"))


def test_duplicates_that_come_during_the_build_are_told(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    """The check sees none: they are written after it, while the build waits for their transaction."""
    with transaction(any_database, "INSERT INTO t VALUES (1, 0)") as holder:
        committer = Thread(target=commit_when_waited_for, args=(any_database, holder))
        committer.start()
        with pytest.raises(OnlineError, match=r"2 rows .* with 1 duplicate key"):
            execute(AddUnique(T, ("a",)), session)
        committer.join()
    assert table.execute("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass").fetchone() == (0,)


def test_the_script_of_offline_mode_is_what_is_run() -> None:
    assert AddUnique(Table("t", "s"), ("a",), constraint=True).script() == (
        "CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON s.t (a)",
        "ALTER TABLE s.t ADD CONSTRAINT t_a_key UNIQUE USING INDEX t_a_key",
    )
    with pytest.raises(OnlineError, match="cannot be printed"):
        AddUnique(T, ("a",), duplicates="quarantine", keep="a").script()


def test_there_and_back_is_the_same_operation() -> None:
    operation = AddUnique(
        T, ("a",), "u", False, "b > 0", True, ("c",), "quarantine", "b DESC", {"c": "sum"}, "quarantine", "r"
    )
    assert operation.reverse().reverse() == operation


@pytest.mark.parametrize("constraint", [False, True])
def test_upserts_never_miss_an_index_that_was_there_once(
    session: Session,
    table: psycopg.Connection[Any],
    any_database: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Until the index is valid they fail for the lack of it; afterwards none does."""
    with writing(any_database, lambda _: (UPSERT.format("(a)"), ())) as before:
        execute(AddUnique(T, ("a",), constraint=constraint), session)
    assert set(before) <= {"42P10", "00000"}
    assert before["42P10"] > 0
    with writing(any_database, lambda _: (UPSERT.format("(a)"), ())) as after:
        execute(AddUnique(T, ("a",), constraint=constraint), session)
    assert set(after) == {"00000"}


def test_a_reader_that_goes_on_makes_the_attachment_wait_but_not_the_writers(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    operation = AddUnique(T, ("a",), constraint=True)
    reader = transaction(any_database, "SELECT 1")

    def read(event: str, _: object, step: Step) -> None:
        if (event, step.name) == ("before", "attach"):
            holder = reader.__enter__()
            holder.execute("SELECT * FROM t")
            release.append(holder)

    release: list[psycopg.Connection[Any]] = []
    token = observer.set(read)
    try:
        with writing(
            any_database, lambda chance: ("UPDATE t SET b = b + 1 WHERE a = %s", (chance.randrange(9),))
        ) as told:
            ended = Thread(target=_release, args=(any_database, release))
            ended.start()
            execute(operation, session)
            ended.join()
    finally:
        observer.reset(token)
        reader.__exit__(None, None, None)
    assert set(told) == {"00000"}


def _release(conninfo: str, holders: list[psycopg.Connection[Any]]) -> None:
    until(lambda: bool(holders))
    commit_when_waited_for(conninfo, holders[0])

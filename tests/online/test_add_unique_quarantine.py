"""op.add_unique_online on tables with duplicates, while writers add more."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, ReplaceUnique, execute
from pgarbiter.online.execute import observer
from pgarbiter.online.index_state import Absent, Valid, state
from pgarbiter.online.model import OnlineError, Table

from .leftovers import commit_when_waited_for, transaction
from .writers import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from pgarbiter.online.session import Session

    from .writers import Chance

T = Table("t")
KEYS = 400
STEPS = ["helper", "guard", "quarantine", "build", "remove guard", "drop helper"]
PLAIN = "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, n int)"
NO_KEY = "CREATE TABLE t (a int, n int)"
PARTITIONED = (
    "CREATE TABLE t (a int, n int) PARTITION BY RANGE (a);"
    "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (200);"
    "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (200) TO (100000)"
)


def _filled(connection: psycopg.Connection[Any], made: str) -> None:
    """Every tenth key stands twice, key 7 five times."""
    connection.execute(made)  # type: ignore[arg-type]
    connection.execute(
        "INSERT INTO t (a, n) SELECT i, 0 FROM generate_series(0, 399) i"
        " UNION ALL SELECT i * 10, 1 FROM generate_series(0, 39) i UNION ALL SELECT 7, i FROM generate_series(1, 4) i"
    )


def _add(*, keep: str = "n DESC", constraint: bool = False) -> AddUnique:
    return AddUnique(T, ("a",), "u", duplicates="quarantine", keep=keep, constraint=constraint)


def _kept(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM pgarbiter_data.quarantine WHERE kind = 'removed'").fetchone()
    assert row
    return int(row[0])


def _rows(connection: psycopg.Connection[Any], condition: str = "true") -> int:
    row = connection.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone()  # type: ignore[arg-type]
    assert row
    return int(row[0])


@pytest.fixture
def steps() -> Iterator[list[str]]:
    told: list[str] = []
    token = observer.set(lambda event, _, step: told.append(step.name) if event == "after" else None)
    yield told
    observer.reset(token)


@pytest.mark.parametrize("made", [PLAIN, NO_KEY, PARTITIONED], ids=["plain", "no key", "partitioned"])
@pytest.mark.parametrize("constraint", [False, True])
def test_the_kept_row_of_each_group_stays_the_others_are_in_quarantine(
    session: Session,
    another: psycopg.Connection[Any],
    steps: list[str],
    made: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    _filled(another, made)
    execute(_add(constraint=constraint), session)
    execute(_add(constraint=constraint), session)
    assert [each for each in steps if each not in ("attach", "parent")] == STEPS
    assert (_rows(another), _kept(another)) == (KEYS, 44)
    assert _rows(another, "a = 7 AND n = 4 OR a % 10 = 0 AND n = 1") == 41
    assert state(session, "public.u") == Valid()
    assert state(session, "public.u_pgarbiter") == Absent()
    assert another.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").fetchone() == (0,)


def _mixed(chance: Chance) -> tuple[str, tuple[object, ...]]:
    """One statement in fifty inserts a duplicate or a new key."""
    if chance.random() < 0.02:
        return "INSERT INTO t (a, n) VALUES (%s, -1)", (chance.randrange(2 * KEYS),)
    return "UPDATE t SET n = n + 1 WHERE a = %s", (chance.randrange(KEYS),)


@pytest.mark.parametrize("made", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_it_converges_and_loses_nothing_while_writers_add_duplicates(
    session: Session, another: psycopg.Connection[Any], any_database: str, made: str
) -> None:
    _filled(another, made)
    another.execute("CREATE TABLE told (a int)")
    another.execute(
        "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO told SELECT a FROM added; RETURN NULL; END'"
    )
    another.execute(
        "CREATE TRIGGER z_tell AFTER INSERT ON t REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION tell()"
    )
    before = _rows(another)
    with writing(any_database, _mixed) as told:
        execute(_add(), session)
    assert set(told) <= {"00000", "23505"}
    row = another.execute("SELECT count(*) FROM told").fetchone()
    assert row
    assert before + row[0] == _rows(another) + _kept(another)
    assert another.execute("SELECT count(*) - count(DISTINCT a) FROM t").fetchone() == (0,)
    another.execute("INSERT INTO t (a, n) VALUES (1, 1) ON CONFLICT (a) DO NOTHING")


def test_a_duplicate_that_slips_through_the_guard_is_taken_out_and_the_build_tried_again(
    session: Session, another: psycopg.Connection[Any], any_database: str, steps: list[str]
) -> None:
    _filled(another, PLAIN)

    def slip(event: str, _: object, step: Any) -> None:
        if (event, step.name) == ("after", "quarantine"):
            another.execute("SET session_replication_role = replica; INSERT INTO t (a, n) VALUES (1, 9)")

    token = observer.set(slip)
    try:
        execute(_add(), session)
    finally:
        observer.reset(token)
    assert (_rows(another), _kept(another)) == (KEYS, 45)
    assert state(session, "public.u") == Valid()


@pytest.mark.parametrize("at", STEPS)
@pytest.mark.parametrize("event", ["before", "after"])
def test_a_run_that_ended_at_any_step_is_resumed_there(
    session: Session, another: psycopg.Connection[Any], at: str, event: str
) -> None:
    _filled(another, PLAIN)

    def end(happened: str, _: object, step: Any) -> None:
        if (happened, step.name) == (event, at):
            raise KeyboardInterrupt

    token = observer.set(end)
    try:
        with pytest.raises(KeyboardInterrupt):
            execute(_add(), session)
    finally:
        observer.reset(token)
    execute(_add(), session)
    assert (_rows(another), _kept(another)) == (KEYS, 44)
    assert (state(session, "public.u"), state(session, "public.u_pgarbiter")) == (Valid(), Absent())
    assert another.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").fetchone() == (0,)


def test_a_stricter_index_takes_the_place_of_a_partial_one_and_what_stood_in_its_way_is_kept(
    session: Session, another: psycopg.Connection[Any], any_database: str
) -> None:
    another.execute(PLAIN + "; CREATE UNIQUE INDEX old ON t (a) WHERE n > 0")
    another.execute("INSERT INTO t (a, n) SELECT i % 50, i / 50 - 1 FROM generate_series(0, 149) i")
    operation = ReplaceUnique(
        T, "old", "old", ("a",), duplicates="quarantine", keep="n DESC", old_columns=("a",), old_where="n > 0"
    )
    upsert = "INSERT INTO t (a, n) VALUES (%s, 1) ON CONFLICT (a) WHERE n > 0 DO UPDATE SET n = 1"
    with writing(any_database, lambda chance: (upsert, (chance.own(48),))) as told:
        execute(operation, session)
    assert set(told) == {"00000"}
    assert (_rows(another), _kept(another)) == (50, 100)


def test_a_writer_of_before_the_guard_is_waited_for(
    session: Session, another: psycopg.Connection[Any], any_database: str
) -> None:
    _filled(another, PLAIN)
    with transaction(any_database, "INSERT INTO t (a, n) VALUES (1, 5)") as holder:
        committer = Thread(target=commit_when_waited_for, args=(any_database, holder))
        committer.start()
        execute(_add(), session)
        committer.join()
    assert (_rows(another), _kept(another)) == (KEYS, 45)


def test_duplicates_that_no_order_decides_are_not_taken_out(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int); INSERT INTO t VALUES (1, 1, 1), (2, 1, 2)")
    with pytest.raises(OnlineError, match=r"several first rows .* that differ; nothing was changed"):
        execute(_add(keep="a"), session)
    assert _rows(another) == 2


@pytest.mark.parametrize("made", [PLAIN, NO_KEY, PARTITIONED], ids=["plain", "no key", "partitioned"])
def test_the_way_back_brings_every_row_back_and_the_way_forth_takes_them_out_again(
    session: Session, another: psycopg.Connection[Any], made: str
) -> None:
    _filled(another, made)
    content = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM t"
    before = another.execute(content).fetchone()
    for _ in range(2):
        execute(_add(), session)
        execute(_add().reverse(), session)
        execute(_add().reverse(), session)
        assert another.execute(content).fetchone() == before
    assert state(session, "public.u") == Absent()


def test_the_way_back_from_a_full_index_to_a_partial_one_brings_the_rows_back(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute(PLAIN + "; CREATE UNIQUE INDEX old ON t (a) WHERE n > 0")
    another.execute("INSERT INTO t (a, n) SELECT i % 50, i / 50 - 1 FROM generate_series(0, 149) i")
    operation = ReplaceUnique(
        T, "old", "old", ("a",), duplicates="quarantine", keep="n DESC", old_columns=("a",), old_where="n > 0"
    )
    back = operation.reverse()
    assert back is not None
    for _ in range(2):
        execute(operation, session)
        assert _rows(another) == 50
        execute(back, session)
        assert _rows(another) == 150


def test_a_run_with_a_changed_key_takes_the_helper_and_the_guard_of_the_former_one_away(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    _filled(another, PLAIN)
    another.execute("INSERT INTO t (a, n) VALUES (1, 5), (1, 6)")

    def end(event: str, _: object, step: Any) -> None:
        if (event, step.name) == ("after", "guard"):
            raise KeyboardInterrupt

    token = observer.set(end)
    try:
        with pytest.raises(KeyboardInterrupt):
            execute(_add(), session)
    finally:
        observer.reset(token)
    execute(AddUnique(T, ("a", "n"), "u", duplicates="quarantine", keep="id"), session)
    another.execute("INSERT INTO t (a, n) VALUES (1, 7)")
    assert _kept(another) == 0
    assert state(session, "public.u_pgarbiter") == Absent()
    assert another.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").fetchone() == (0,)

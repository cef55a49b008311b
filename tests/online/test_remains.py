"""What an operation that was given up has left is told, and its statements take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddColumn, AddUnique, WidenToBigint, execute
from pgarbiter.online.execute import observer
from pgarbiter.online.model import Table
from pgarbiter.online.remains import remains

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.model import Operation, Step
    from pgarbiter.online.session import Session

FILLED = """CREATE TABLE "T t" (id int PRIMARY KEY, a int NOT NULL, "select" text);
    INSERT INTO "T t" SELECT n, n / 2 FROM generate_series(1, 20) n"""
TREE = """CREATE TABLE "T t" (id int, a int NOT NULL, "select" text) PARTITION BY RANGE (a);
    CREATE TABLE p1 PARTITION OF "T t" FOR VALUES FROM (0) TO (5); CREATE TABLE p2 PARTITION OF "T t" DEFAULT;
    INSERT INTO "T t" SELECT n, n / 2 FROM generate_series(1, 20) n"""
CATALOG = """
    SELECT c.relname, a.attname, NULL FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT relname, relkind::text, NULL FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT tgname, tgrelid::regclass::text, NULL FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname, NULL, NULL FROM pg_proc WHERE pronamespace = to_regnamespace('pgarbiter_data')
    UNION ALL SELECT conname, contype::text, NULL FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ORDER BY 1, 2"""
T = Table("T t")
UNIQUE = AddUnique(T, ("a",), duplicates="quarantine", keep="id")


class GivenUp(Exception):  # noqa: N818 - someone wanted it
    """Raised before a step."""


def give_up(operation: Operation, session: Session, step: str) -> None:
    """Run the operation up to that step."""

    def told(event: str, _: Operation, at: Step) -> None:
        if (event, at.name) == ("before", step):
            raise GivenUp

    token = observer.set(told)
    try:
        with pytest.raises(GivenUp):
            execute(operation, session)
    finally:
        observer.reset(token)


@pytest.mark.parametrize(
    ("made", "operation", "step", "wanted"),
    [
        (FILLED, UNIQUE, "guard", ["a helper index on"]),
        (FILLED, UNIQUE, "quarantine", ["a guard on", "a helper index on"]),
        (TREE, UNIQUE, "quarantine", ["a guard on", "a helper index on", "a helper index on"]),
        (FILLED, WidenToBigint(T, "a"), "shadow", ["the function", "the function"]),
        (FILLED, WidenToBigint(T, "a"), "backfill", ["a shadow column on"]),
        (FILLED, WidenToBigint(T, "id"), "swap", ["a shadow column on"]),
        (FILLED, AddColumn(T, "u", "uuid", default="gen_random_uuid()"), "fill", ["a column on"]),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else None,
)
def test_what_is_left_is_told_and_taken_away(
    session: Session,
    another: psycopg.Connection[Any],
    made: str,
    operation: Operation,
    step: str,
    wanted: list[str],
) -> None:
    another.execute(made)  # type: ignore[call-overload]
    before = another.execute(CATALOG).fetchall()
    give_up(operation, session, step)
    found = remains(session)
    assert [
        " ".join(each.what.split()[: len(start.split())]) for each, start in zip(found, wanted, strict=True)
    ] == wanted
    assert all(each.pid is None for each in found)
    for statement in (statement for each in found for statement in each.remove):
        another.execute(statement)
    assert remains(session) == ()
    assert another.execute(CATALOG).fetchall() == before


@pytest.mark.parametrize("step", ["quarantine", "build", "remove guard", "drop helper"])
def test_an_operation_that_runs_again_takes_it_away_itself(
    session: Session, another: psycopg.Connection[Any], step: str
) -> None:
    another.execute(FILLED)
    give_up(UNIQUE, session, step)
    assert remains(session)
    execute(UNIQUE, session)
    assert remains(session) == ()


def test_whoever_is_at_work_on_it_now_is_named(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(FILLED)
    give_up(UNIQUE, session, "quarantine")
    another.execute("""SELECT pg_advisory_lock(hashtextextended('pgarbiter public."T t"', 0))""")
    assert {each.pid for each in remains(session)} == {another.info.backend_pid}


def test_nothing_is_left_where_nothing_ever_ran(session: Session) -> None:
    assert remains(session) == ()

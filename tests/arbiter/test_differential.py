"""Generated tables, indexes and conflict clauses: our verdict against the execution of the statement with a row."""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from psycopg.rows import tuple_row

from pgarbiter.arbiter.model import Outcome
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.arbiter.verdict import judge_write
from pgarbiter.catalog.read import read_catalog
from pgarbiter.errors import SqlSyntaxError
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

# Cases of a run: clauses x servers. PGARBITER_CASES=100000 is the long run.
CASES = int(os.environ.get("PGARBITER_CASES", "2000"))
CLAUSES = 25
WORLDS = max(1, CASES // (2 * CLAUSES))

POOLS = tomllib.loads((Path(__file__).parent / "pools.toml").read_text("utf-8"))
EVERYDAY, OTHER, EXPRESSIONS = POOLS["everyday"], POOLS["other"], POOLS["expressions"]
COLUMNS, OUTER = POOLS["columns"], POOLS["worlds"]
PLAIN = POOLS["plain"]


@dataclass
class World:
    """One relation with its indexes, as DDL."""

    kind: str
    ddl: list[str] = field(default_factory=list)
    keys: list[tuple[list[str], list[str]]] = field(default_factory=list)  # columns and predicates of the indexes
    constraints: list[str] = field(default_factory=list)
    everyday: bool = True  # nothing that needs more than columns and everyday predicates


def conditions(draw: st.DrawFn, most: int, *, everyday: bool) -> list[str]:
    pool = EVERYDAY if everyday else EVERYDAY + OTHER * 2
    return [draw(st.sampled_from(draw(st.sampled_from(pool)))) for _ in range(draw(st.integers(1, most)))]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World(draw(st.sampled_from(POOLS["kinds"])))
    world.everyday = draw(st.booleans()) and world.kind != "expression view"  # its columns are expressions
    partitioned = world.kind == "partitioned"
    temp = "temp " if world.kind == "temp" else ""
    create = f"create {temp}table base ({COLUMNS}){' partition by range (a)' if partitioned else ''}"
    if world.kind == "leaf":
        world.ddl += [
            f"create table top ({COLUMNS}) partition by range (a)",
            "create table base partition of top default",
        ]
        world.ddl += ["create unique index top_a on top (a)"]
    elif world.kind == "child":
        world.ddl += [
            f"create table top ({COLUMNS})",
            "create unique index top_a on top (a)",
            "create table base () inherits (top)",
        ]
    else:
        world.ddl.append(create)
    world.ddl.append("alter table base add column gv int generated always as (b * 3)")  # virtual, from 18
    if partitioned:
        world.ddl.append("create table part partition of base default")
    for number in range(draw(st.integers(0, 4))):
        index(draw, world, f"i{number}")
    world.ddl += OUTER.get(world.kind, [])
    return world


def index(draw: st.DrawFn, world: World, name: str) -> None:
    columns = draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3, unique=draw(st.integers(0, 9)) > 0))
    if world.kind == "partitioned" and draw(st.integers(0, 9)):
        columns = ["a", *(c for c in columns if c != "a")]
    form = draw(st.sampled_from(POOLS["forms"]))
    if form in ("constraint", "deferrable", "primary"):
        kind = "primary key" if form == "primary" else "unique"
        late = draw(st.sampled_from([" deferrable", " deferrable initially deferred"])) if form == "deferrable" else ""
        world.ddl.append(f"alter table base add constraint {name} {kind} ({', '.join(dict.fromkeys(columns))}){late}")
    elif form == "exclude":
        world.ddl.append(f"alter table base add constraint {name} exclude using btree ({columns[0]} with =)")
    elif form == "temporal":
        world.ddl.append(f"alter table base add constraint {name} unique (r, r2 without overlaps)")
    elif form == "check":
        world.ddl.append(f"alter table base add constraint {name} check (a > 0)")
    elif form == "not null":
        world.ddl.append(f"alter table base add constraint {name} not null a")
    else:
        free_index(draw, world, name, form, columns)
    if form != "plain":
        world.keys.append((columns, []) if form not in ("partial", "index") else world.keys.pop())
    world.constraints.append(name)


def free_index(draw: st.DrawFn, world: World, name: str, form: str, columns: list[str]) -> None:
    keys, targets = [], []
    for column in columns:
        text = column
        if not world.everyday and draw(st.integers(0, 3)) == 0:
            group = draw(st.sampled_from(EXPRESSIONS))
            text = group[0].format(q="")
            targets.append(draw(st.sampled_from(group)))
        else:
            targets.append(column)
        if column in ("c", "cc", "v"):
            text += draw(st.sampled_from(["", "", "", ' collate "C"', " text_pattern_ops", ' collate "POSIX"']))
        keys.append(text + draw(st.sampled_from(["", "", " desc", " nulls first"])))
    where = conditions(draw, 3, everyday=world.everyday) if form == "partial" else []
    unique = "" if form == "plain" else "unique "
    include = draw(st.sampled_from(["", "", "", " include (dt)", " include (b, a)"]))
    predicate = " where " + " and ".join(f"({w.format(q='')})" for w in where) if where else ""
    only = "only " if form == "only" and world.kind == "partitioned" else ""
    world.ddl.append(f"create {unique}index {name} on {only}base ({', '.join(keys)}){include}{predicate}")
    if form == "promoted":
        world.ddl.append(f"alter table base add constraint p{name} unique using index {name}")
        world.constraints.append("p" + name)
    if form == "invalid":
        world.ddl.append(f"update pg_catalog.pg_index set indisvalid = false where indexrelid = '{name}'::regclass")
    if form in ("index", "partial"):
        world.keys.append((targets, where))


@dataclass
class Case:
    """One statement; `types` and `values` are those of its parameters."""

    clause: str
    alias: str | None = None
    types: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    everyday: bool = True


@st.composite
def cases(draw: st.DrawFn, world: World, table: str) -> Case:
    case = Case("", alias=draw(st.sampled_from([None, None, None, "al", "excluded2"])))
    q = draw(st.sampled_from(["", "", "", f"{case.alias or table}."]))
    action = draw(
        st.sampled_from(
            ["nothing", "nothing", "update set d = now()", f"update set d = excluded.d where {case.alias or table}.f"]
        )
    )
    form = draw(st.integers(0, 19))
    if form == 0:
        case.clause = f"on conflict do {action}"
    elif form <= 2:
        name = draw(st.sampled_from([*world.constraints, "nope", "top_a", "base_a_not_null", "I0"]))
        case.clause = f"on conflict on constraint {name} do {action}"
    else:
        elements, where = target(draw, world, case, q)
        case.clause = f"on conflict ({', '.join(elements)}){where} do {action}"
    return case


def target(draw: st.DrawFn, world: World, case: Case, q: str) -> tuple[list[str], str]:
    near = draw(st.integers(0, 9)) > 0 and bool(world.keys)
    keys, where = (
        draw(st.sampled_from(world.keys))
        if near
        else (draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3)), [])
    )
    elements = draw(st.permutations(keys))
    change = draw(st.integers(0, 24))
    if change == 0:
        elements = [*elements, draw(st.sampled_from(PLAIN))]
    elif change == 1 and len(elements) > 1:
        elements = elements[1:]
    elif change == 2:
        elements = [*elements, elements[0]]
    elif change == 3:
        elements = [*elements[1:], draw(st.sampled_from(POOLS["odd"]))]
        case.everyday = False
    elif change == 4:
        elements = [draw(st.sampled_from(draw(st.sampled_from(EXPRESSIONS)))), *elements[1:]]
        case.everyday = False
    elements = [decorated(draw, element.format(q=q if "(" in element else "")) for element in elements]
    case.everyday = case.everyday and all("(" not in e for e in elements)
    return elements, predicate(draw, world, case, where, q)


def decorated(draw: st.DrawFn, element: str) -> str:
    if "(" not in element and draw(st.integers(0, 19)) == 0:
        return f"(({element}))"
    extra = draw(st.sampled_from(POOLS["suffixes"])) if draw(st.integers(0, 5)) == 0 else ""
    return element if element.endswith(("desc", "first")) else element + extra


def predicate(draw: st.DrawFn, world: World, case: Case, where: list[str], q: str) -> str:
    roll = draw(st.integers(0, 19))
    parts = [spelled(draw, part) for part in where]
    if roll < 2:
        parts = parts[1:]
    elif roll < 6 or (not parts and roll < 9):
        parts = parts + conditions(draw, 2, everyday=world.everyday)
    elif roll < 7:
        parts = conditions(draw, 2, everyday=world.everyday)
    elif roll == 7:
        parts, case.everyday = [*parts, draw(st.sampled_from(POOLS["wrong"]))], False
    elif roll in (8, 9, 10):
        text, type_, value = draw(st.sampled_from(POOLS["parameters"]))
        parts, case.everyday = [*parts[1:], text], False
        case.types, case.values = [type_], [value]
    if not parts:
        return ""
    return " where " + " and ".join(f"({p.format(q=q)})" for p in draw(st.permutations(parts)))


def spelled(draw: st.DrawFn, text: str) -> str:
    """Another spelling of a condition of the pools."""
    group = next(group for group in (*EVERYDAY, *OTHER) if text in group)
    return draw(st.sampled_from(group))


def of_world(world: World) -> str:
    return "seen" if any("seen" in ddl for ddl in OUTER.get(world.kind, [])) else "base"


@st.composite
def worlds_with_cases(draw: st.DrawFn) -> tuple[World, list[Case]]:
    world = draw(worlds())
    return world, [draw(cases(world, of_world(world))) for _ in range(CLAUSES)]


class Truth:
    """A server that executes."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def run(self, text: str) -> None:
        self.connection.execute(text.encode(), prepare=False)

    @contextmanager
    def undone(self) -> Iterator[None]:
        with self.connection.transaction(force_rollback=True):
            yield

    def attempt(self, text: str) -> bool:
        try:
            with self.connection.transaction():
                self.run(text)
        except psycopg.Error:
            return False
        return True

    def execute(self, insert: str, case: Case) -> tuple[psycopg.Error | None, tuple[str, ...]]:
        """The error of the execution under a generic plan, or the names of the arbiters."""
        values = f"({', '.join(case.values)})" if case.values else ""
        types = f"({', '.join(case.types)})" if case.types else ""
        try:
            with self.undone():
                self.run("set local plan_cache_mode = force_generic_plan")
                self.run(f"prepare truth{types} as {insert}")
                self.run(f"execute truth{values}")
                with psycopg.Cursor(self.connection, row_factory=tuple_row) as cursor:
                    cursor.execute(f"explain (format json) execute truth{values}".encode(), prepare=False)
                    row = cursor.fetchone()
                return None, tuple(arbiters(row[0] if row else []))
        except psycopg.Error as error:
            return error, ()
        finally:
            self.run("deallocate all")


def arbiters(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from arbiters(item)
    elif isinstance(node, dict):
        yield from node.get("Conflict Arbiter Indexes", ())
        for value in node.values():
            yield from arbiters(value)


@pytest.fixture(scope="module", params=[18, 15], ids=lambda major: f"pg{major}")
def truth(request: pytest.FixtureRequest) -> Iterator[Truth]:
    server: Server = request.getfixturevalue(f"server{request.param}")
    conninfo = server.create_database()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create type status as enum ('on', 'off')")
        connection.execute("create function low(text) returns text language sql immutable as 'select lower($1)'")
        connection.execute("create function same(int) returns int language sql immutable as 'select $1'")
        connection.execute("set client_min_messages = error")
        yield Truth(connection)
    server.drop_database(conninfo)


@settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(generated=worlds_with_cases())
def test_the_verdict_is_what_the_server_does(truth: Truth, generated: tuple[World, list[Case]]) -> None:
    world, statements = generated
    with truth.undone():
        made = [ddl for ddl in world.ddl if truth.attempt(ddl)]
        catalog = read_catalog(truth.connection, own_transaction=False)
        oracle = Oracle.on(truth.connection)
        for case in statements:
            check(truth, world, case, made, catalog, oracle)


def check(truth: Truth, world: World, case: Case, made: list[str], catalog: Any, oracle: Oracle) -> None:
    alias = f" as {case.alias}" if case.alias else ""
    insert = f"insert into {of_world(world)}{alias} (a, b) values (1, 2) {case.clause}"
    try:
        write = parse_writes(insert)[0].write
    except SqlSyntaxError:
        return  # a function call in parentheses of its own, and the like
    error, names = truth.execute(insert, case)
    expected = error.sqlstate if error else None
    relation = catalog.resolve(write.table)
    told = "\n".join((*made, insert, f"the server says {expected} {names}"))
    alone = judge_write(write, relation, catalog)
    asked = judge_write(write, relation, catalog, oracle)
    assert asked.outcome is not Outcome.UNKNOWN, f"{told}\nunknown: {asked.reason}"
    if case.everyday and world.everyday:
        assert alone.outcome is not Outcome.UNKNOWN, f"{told}\nunknown: {alone.reason}"
    for verdict in (alone, asked) if alone.outcome is not Outcome.UNKNOWN else (asked,):
        said = f"{told}\nwe say {verdict.outcome} {verdict.sqlstate} {verdict.reason} {verdict.decided_by}"
        assert verdict.sqlstate == expected, said
        masked = expected in BESIDES and any(e.sqlstate == "55000" for e in verdict.errors)
        assert masked or (verdict.outcome is Outcome.MATCH) is (expected in (None, *BESIDES)), said
        assert expected is not None or verdict.arbiters == names, f"{said} {verdict.arbiters}"
        assert error is None or same_words(verdict.message, error.diag.message_primary), f"{said}\n{verdict.message}"
    event(f"{alone.outcome} {expected}")


# Errors that leave the outcome to inference.
BESIDES = ("23502",)


def same_words(ours: str | None, theirs: str | None) -> bool:
    """The server adds the encoding to a collation that it does not find, and names the partition of a NULL."""
    ignored = ' for encoding "[^"]*"| of relation "[^"]*"'
    return re.sub(ignored, "", ours or "") == re.sub(ignored, "", theirs or "")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_BASE = """
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    metadata = MetaData(schema="app", naming_convention={"pk": "pk_%(table_name)s"})
class TimestampMixin:
    __table__: ClassVar[Table]
    created_at: Mapped[datetime] = mapped_column("created", default=utcnow)
class IdMixin:
    id: Mapped[int] = mapped_column(primary_key=True)
"""
_MODELS = """
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import declared_attr, relationship
from sqlmodel import Field, Relationship, SQLModel
from .base import Base, IdMixin, TimestampMixin
class Coin(IdMixin, TimestampMixin, Base):
    __tablename__ = "coins"
    symbol: Mapped[str] = mapped_column("sym")
    children: Mapped[list["X"]] = relationship()
class HeroTeam(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    secret: str = Field(sa_column_kwargs={"name": "secret_name"})
    age: int = 3
    team: "Team" = Relationship(back_populates="x")
class Computed(Base):
    @declared_attr
    def __tablename__(cls): return cls.__name__.lower()
class Reflected(automap_base()):
    __tablename__ = "reflected"
"""
_HEAD = """
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import insert as pg_insert
from app import models
from app.models import Coin, Computed, HeroTeam, Reflected
"""


def _read(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    return sites({"app/__init__.py": "", "app/base.py": _BASE, "app/models.py": _MODELS, "app/store.py": _HEAD + body})


def _only(sites: Sites, body: str) -> WriteSite:
    (site,) = _read(sites, body)
    return site


def test_mixins_bases_and_metadata_of_other_files_count(sites: Sites) -> None:
    site = _only(sites, "pg_insert(models.Coin).values(symbol=1).on_conflict_do_nothing(index_elements=[Coin.symbol])")
    assert str(site.write.table) == "app.coins"
    assert site.write.columns == ("sym", "created")  # created_at has a default that SQLAlchemy sends
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("sym",)
    assert site.status is Status.RESOLVED


def test_the_core_table_of_a_class_is_found_through_a_variable(sites: Sites) -> None:
    body = """
def put(conn):
    stmt = pg_insert(Coin.__table__)
    stmt = stmt.values(sym=1)
    conn.execute(stmt.on_conflict_do_nothing(index_elements=[Coin.__table__.c.sym]))
"""
    site = _only(sites, body)
    assert str(site.write.table) == "app.coins"
    assert site.write.columns == ("sym", "created")


def test_attributes_listed_in_a_constant_are_columns(sites: Sites) -> None:
    body = """
KEYS = [HeroTeam.name, HeroTeam.secret]
pg_insert(HeroTeam).values(name=1).on_conflict_do_nothing(index_elements=KEYS)
"""
    target = _only(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert target.columns == ("name", "secret_name")


def test_a_naming_convention_names_the_primary_key(sites: Sites) -> None:
    site = _only(sites, "pg.insert(Coin).values(id=1).on_conflict_do_nothing(constraint=Coin.__table__.primary_key)")
    assert site.write.target == NamedConstraint("pk_coins")


def test_a_sqlmodel_table_is_its_class_in_lower_case(sites: Sites) -> None:
    site = _only(sites, "pg_insert(HeroTeam).values(name=1, secret=2).on_conflict_do_nothing(index_elements=['name'])")
    assert str(site.write.table) == "heroteam"
    assert site.write.columns == ("name", "secret_name", "age")


@pytest.mark.parametrize("model", ["Computed", "Reflected", "Missing"])
def test_a_table_that_cannot_be_read_is_unresolved(sites: Sites, model: str) -> None:
    site = _only(sites, f"pg_insert({model}).values(a=1).on_conflict_do_nothing()")
    assert site.write.table is None
    assert site.write.target == AnyArbiter()
    assert model in (site.reason or "")


def test_a_statement_built_over_assignments_is_followed(sites: Sites) -> None:
    body = """
def put(session, rows):
    stmt = pg_insert(Coin)
    stmt = stmt.values(rows)
    stmt = stmt.on_conflict_do_update(
        index_elements=[Coin.symbol],
        set_={"sym": stmt.excluded.sym, **extra},
    )
    session.execute(stmt)
"""
    site = _only(sites, body)
    assert str(site.write.table) == "app.coins"
    assert site.write.columns is None
    assert site.write.set_columns == ("sym",)
    assert not site.write.set_complete


def test_the_rows_of_execute_give_the_columns(sites: Sites) -> None:
    body = """
def put(conn):
    ins = pg_insert(Coin).on_conflict_do_nothing(index_elements=[Coin.id])
    conn.execute(ins, [{"id": 1, "symbol": "x"}])
"""
    assert _only(sites, body).write.columns == ("id", "sym", "created")


def test_a_set_made_by_a_comprehension_is_not_known(sites: Sites) -> None:
    body = """
def put(session):
    s = pg_insert(Coin).values(symbol="x")
    session.execute(s.on_conflict_do_update(index_elements=["id"], set_={c.name: c for c in s.excluded if c.x}))
"""
    site = _only(sites, body)
    assert site.write.set_columns is None
    assert not site.write.set_complete
    assert site.status is Status.PARTIAL


def test_a_predicate_compared_with_a_value_is_a_bound_parameter(sites: Sites) -> None:
    body = """
pg_insert(Coin).values(symbol=1).on_conflict_do_nothing(
    index_elements=["sym"],
    index_where=(Coin.symbol == "a") & Coin.id.is_not(None),
)
"""
    target = _only(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "sym = $1 AND id IS NOT NULL"
    assert target.predicate_parameters


def test_a_predicate_that_cannot_be_read_leaves_the_target_unresolved(sites: Sites) -> None:
    body = "pg_insert(Coin).values(symbol=1).on_conflict_do_nothing(index_elements=['sym'], index_where=active())"
    assert isinstance(_only(sites, body).write.target, Unresolved)


def test_a_wrapper_is_judged_at_each_call_and_for_each_action(sites: Sites) -> None:
    body = """
def upsert(session, model, values, keys, update=True):
    stmt = pg_insert(model).values(**values)
    if update:
        stmt = stmt.on_conflict_do_update(index_elements=keys, set_=values)
    else:
        stmt = stmt.on_conflict_do_nothing(index_elements=keys)
    session.execute(stmt)
def save(session):
    upsert(session, Coin, {"symbol": "x"}, ["sym"])
    upsert(session, Coin, {"symbol": "x"}, ["sym"], update=False)
"""
    called = [site for site in _read(sites, body) if site.status is not Status.UNRESOLVED]
    assert [site.write.action for site in called] == [Action.UPDATE, Action.NOTHING]
    assert {str(site.write.table) for site in called} == {"app.coins"}
    assert {site.write.columns for site in called} == {("sym", "created")}
    # set_ is compared with column keys only: an attribute name goes out as it stands
    assert {site.write.set_columns for site in called} == {("symbol",), None}


@pytest.mark.parametrize(
    "body",
    [
        "from sqlalchemy.dialects.sqlite import insert\ninsert(Coin).values(a=1).on_conflict_do_nothing()",
        "from sqlalchemy.dialects import mysql\nmysql.insert(Coin).values(a=1).on_duplicate_key_update(a=1)",
    ],
)
def test_other_dialects_are_counted_and_not_judged(sites: Sites, body: str) -> None:
    assert _only(sites, body).status is Status.NOT_POSTGRES


def test_an_insert_chosen_by_dialect_is_judged_as_postgres(sites: Sites) -> None:
    body = """
from sqlalchemy.dialects.sqlite import insert as lite_insert
make = pg_insert if postgres else lite_insert
make(Coin).values(symbol=1).on_conflict_do_nothing(index_elements=["sym"])
"""
    site = _only(sites, body)
    assert str(site.write.table) == "app.coins"
    assert site.status is Status.RESOLVED


def test_a_light_table_of_a_migration_is_a_table(sites: Sites) -> None:
    body = """
flow = sa.table("llm_flow", sa.column("name", sa.String), sa.column("kind"), schema="s")
op.execute(pg_insert(flow).values(name="a", kind="b").on_conflict_do_nothing(index_elements=["name"]))
"""
    (site,) = _read(sites, body)
    assert (str(site.write.table), site.write.columns, site.status) == ("s.llm_flow", ("name", "kind"), Status.RESOLVED)


def test_a_table_of_the_project_s_own_function_is_no_table(sites: Sites) -> None:
    (site,) = _read(sites, 'pg_insert(table("t")).values(a=1).on_conflict_do_nothing()')
    assert site.status is Status.UNRESOLVED


def test_a_target_in_known_options_is_read(sites: Sites) -> None:
    body = 'pg_insert(Coin).values(id=1).on_conflict_do_update(**{"index_elements": ["sym"]}, set_={"sym": "x"})'
    (site,) = _read(sites, body)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("sym",)


def test_a_target_in_unknown_options_is_not_said_to_be_missing(sites: Sites) -> None:
    update, nothing = _read(
        sites,
        """
pg_insert(Coin).values(id=1).on_conflict_do_update(**options(), set_={"sym": "x"})
pg_insert(Coin).values(id=1).on_conflict_do_nothing(**options())
""",
    )
    expected = Unresolved('the conflict target is given by the result of "options"')
    assert (update.write.target, nothing.write.target) == (expected, expected)


@pytest.mark.parametrize(
    ("how", "called"),
    [
        ("from typing import cast", "cast"),
        ("import typing", "typing.cast"),
        ("import typing as t", "t.cast"),
        ("from typing_extensions import cast as shown_as", "shown_as"),
    ],
)
def test_a_type_that_is_cast_is_no_name_of_a_column(sites: Sites, how: str, called: str) -> None:
    kinds = f'{how}\nimport sqlalchemy as sa\nKey = {called}("sa.types.TypeEngine[uuid.UUID]", sa.Uuid())\n'
    models = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from kinds import Key
class Base(DeclarativeBase): pass
class Read(Base):
    __tablename__ = "reads"
    user_id: Mapped[int] = mapped_column(Key, primary_key=True)
"""
    writes = """
from sqlalchemy.dialects.postgresql import insert
from models import Read
session.execute(insert(Read).values(user_id=1).on_conflict_do_nothing(index_elements=[Read.user_id]))
"""
    found = sites({"kinds.py": kinds, "models.py": models, "a.py": writes})
    target = found[0].write.target
    assert isinstance(target, InferenceClause)
    assert target.columns == ("user_id",)

"""What is read from SQLAlchemy source is what SQLAlchemy's own compiler writes."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.dialects import postgresql

from pgarbiter.model import InferenceClause
from pgarbiter.scan import scan
from pgarbiter.settings import Settings
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import ConflictTarget, Write

_HEAD = """
import datetime
import sqlalchemy as sa
from sqlalchemy import (
    Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint, and_, column, func,
    literal_column, not_, or_, text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert, insert as pg_insert
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, deferred, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Named(DeclarativeBase):
    metadata = MetaData(schema="ops", naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(column_0_name)s"})


class Stamped:
    created_at: Mapped[datetime.datetime] = mapped_column("made", default=datetime.datetime.now)
    updated_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())


class Quote(Stamped, Base):
    __tablename__ = "quotes"
    __table_args__ = (UniqueConstraint("symbol", "as_of", name="uq_symbol_as_of"), {"schema": "mkt"})
    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str]
    as_of: Mapped[datetime.date]
    price: Mapped[float] = mapped_column("px")
    volume: Mapped[int] = mapped_column("vol", key="v")
    gone: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = deferred(mapped_column("Note"))


class Device(Named):
    __tablename__ = "devices"
    vin: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]


OldBase = declarative_base(metadata=MetaData(schema="old"))


class Legacy(OldBase):
    __tablename__ = "Legacy Things"
    __table_args__ = (PrimaryKeyConstraint("a", "B"),)
    a = Column(Integer)
    b = Column("B", Integer)


meta = MetaData()
t = Table(
    "t", meta, Column("id", Integer, primary_key=True), Column("st", Text, key="state"), Column("b", Boolean),
    Column("n", Integer, default=5), Column("order", Integer),
)
lowered = Index("lowered", func.lower(t.c.state), t.c.id, unique=True, postgresql_where=t.c.b)
partial = Index("partial", t.c.state, unique=True, postgresql_where=text("b"))
unnamed = UniqueConstraint(t.c.id, t.c.state)
named = UniqueConstraint(t.c.id, name="named")
KEYS = ["symbol", "as_of"]
x = 1
"""

_STATEMENTS = """
insert(Quote).values(symbol=x, price=x)
    .on_conflict_do_nothing()
insert(Quote).values(symbol=x, px=x, v=x)
    .on_conflict_do_nothing(index_elements=["symbol", "as_of"])
insert(Quote).values({"symbol": x, "volume": x, "note": x})
    .on_conflict_do_nothing(index_elements=KEYS)
insert(Quote).values([{"symbol": x, "price": x}, {"symbol": x, "price": x}])
    .on_conflict_do_nothing(constraint="uq_symbol_as_of")
insert(Quote).values(symbol=x)
    .on_conflict_do_update(index_elements=[Quote.symbol, Quote.price, Quote.volume], set_={"price": x})
insert(Quote).values(symbol=x)
    .on_conflict_do_update(index_elements=["id"], set_=dict(px=x, v=x, volume=x, Note=x))
insert(Quote.__table__).values(px=x, v=x)
    .on_conflict_do_update(index_elements=[Quote.__table__.c.px], set_={"symbol": x})
pg_insert(Quote).values(symbol=x)
    .on_conflict_do_update(constraint=Quote.__table__.primary_key, set_={"symbol": x})
insert(Device).values(vin=x)
    .on_conflict_do_update(constraint=Device.__table__.primary_key, set_={"label": x})
insert(Device).values(vin=x)
    .on_conflict_do_update(index_elements=Device.__table__.primary_key, set_={"label": x})
insert(Legacy).values(a=x, b=x)
    .on_conflict_do_nothing(constraint=Legacy.__table__.primary_key)
insert(Legacy).values(a=x, b=x)
    .on_conflict_do_nothing(index_elements=[Legacy.b, Legacy.a])
postgresql.insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=["state"])
insert(t).values(state=x, order=x)
    .on_conflict_do_nothing(index_elements=[t.c.state, t.c["order"]])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=[func.lower(t.c.state)])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=[text("lower(st)"), "id"])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=["lower(st)"])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=[t.c.state.collate("C")])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements=[column("zz"), literal_column("id")])
insert(t).values(state=x)
    .on_conflict_do_nothing(index_elements="id")
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint=lowered)
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint=partial)
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint=unnamed)
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint=named)
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint=t.primary_key)
insert(t).values(state=x)
    .on_conflict_do_nothing(constraint="some name")
insert(t).from_select(["id", "state"], sa.select(t.c.id, t.c.state))
    .on_conflict_do_nothing(index_elements=[t.c.id])
insert(t).values(state=x)
    .on_conflict_do_update(index_elements=["id"], set_=insert(t).excluded)
insert(t).values(state=x)
    .on_conflict_do_update(index_elements=["id"], set_={"state": x, "nope": x})
"""

_PREDICATES = (
    't.c.state == "a"', "t.c.b == True", "t.c.b != False", "t.c.b.is_(True)", "t.c.b.is_not(False)",
    "t.c.state == None", "t.c.state != None", "t.c.state.is_(None)", "t.c.state.isnot(None)",
    "and_(t.c.b, t.c.state.isnot(None))",
    "(t.c.b.is_(True)) & (t.c.n > 5)", "or_(t.c.b.is_(False), t.c.n.is_(None))", "t.c.n >= 5", 'text("n > 5")',
    'literal_column("n > 5")', "t.c.b", 'func.lower(t.c.state) == "x"', 't.c.state == text("\'a\'")',
    "t.c.n.in_([1, 2])", "t.c.state != x",
)  # fmt: skip

_CASES = (
    *_STATEMENTS.replace("\n    .", ".").strip().split("\n"),
    *(
        f'insert(t).values(state=x).on_conflict_do_nothing(index_elements=["id"], index_where={predicate})'
        for predicate in _PREDICATES
    ),
)


def _compiled(expression: str) -> Write:
    """The write that SQLAlchemy itself makes of the statement."""
    names: dict[str, Any] = {}
    exec(compile(_HEAD, "store.py", "exec", dont_inherit=True), names)
    statement = eval(expression, names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # keys that match no column: the case under test
        dialect = postgresql.dialect(paramstyle="numeric_dollar")
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))
    (parsed,) = parse_writes(sql)
    return parsed.write


def _read(expression: str, tmp_path: Path) -> Write:
    (tmp_path / "store.py").write_text(f"{_HEAD}\nstmt = {expression}\n", "utf-8")
    (site,) = scan([tmp_path], Settings()).sites
    return site.write


def _unnumbered(target: ConflictTarget) -> ConflictTarget:
    """The target without the numbers and casts of its parameters, which differ from driver to driver."""
    if not isinstance(target, InferenceClause) or target.predicate is None:
        return target
    return replace(target, predicate=re.sub(r"\$\d+(::\w+)?", "$", target.predicate))


@pytest.mark.parametrize("expression", _CASES)
def test_a_statement_is_read_as_sqlalchemy_compiles_it(expression: str, tmp_path: Path) -> None:
    compiled, read = _compiled(expression), _read(expression, tmp_path)
    assert read.table == compiled.table
    assert _unnumbered(read.target) == _unnumbered(compiled.target)
    assert read.action == compiled.action
    assert set(read.columns or ()) == set(compiled.columns or ())
    assert read.complete
    assert set(read.set_columns or ()) == set(compiled.set_columns or ())

"""Models of SQLModel and of SQLAlchemy's PostgreSQL dialect."""

from __future__ import annotations

import os
from datetime import datetime  # noqa: TC003 - SQLModel evaluates annotations

from cases import case, run
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, create_engine

host, port, user, name = (os.environ[key] for key in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"))
engine = create_engine(f"postgresql+psycopg://{user}@/{name}?host={host}&port={port}")


class HeroTeam(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    secret: str | None = Field(default=None, sa_column_kwargs={"name": "secret_name"})
    age: int = 3
    gone: datetime | None = None


class Player(SQLModel, table=True):
    __tablename__ = "players"
    __table_args__ = {"schema": "league"}

    number: int = Field(primary_key=True, sa_column_kwargs={"name": "player_no"})
    name: str


@case
def updates_by_a_column() -> None:
    statement = insert(HeroTeam).values(name="a", age=1)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"age": statement.excluded.age})
    with Session(engine) as session:
        session.exec(statement)
        session.commit()


@case
def names_a_constraint() -> None:
    with engine.begin() as connection:
        connection.execute(insert(HeroTeam).values(name="a").on_conflict_do_nothing(constraint="team_name"))


@case
def names_the_predicate_of_an_index() -> None:
    statement = insert(HeroTeam).values({"name": "b", "secret": "s"})
    with engine.begin() as connection:
        connection.execute(
            statement.on_conflict_do_nothing(index_elements=[HeroTeam.secret], index_where=HeroTeam.gone.is_(None))
        )


@case
def maps_attributes_of_a_class_with_a_schema() -> None:
    rows = [{"number": 1, "name": "a"}]
    with Session(engine) as session:
        session.execute(insert(Player).on_conflict_do_nothing(index_elements=[Player.number]), rows)
        session.commit()


@case
def merges_a_row() -> None:
    with Session(engine) as session:
        session.merge(Player(number=7, name="m"))
        session.commit()


@case
def adds_a_row_after_a_lookup() -> None:
    with Session(engine) as session:
        if session.get(Player, 8) is None:
            session.add(Player(number=8, name="n"))
        session.commit()


run()

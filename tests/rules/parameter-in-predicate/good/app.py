from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import insert

jobs = Table(
    "jobs",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
)


def activate(connection: Connection, queue: str) -> None:
    statement = insert(jobs).values(queue=queue, state="active")
    connection.execute(statement.on_conflict_do_nothing(index_elements=["queue"], index_where=text("state = 'active'")))

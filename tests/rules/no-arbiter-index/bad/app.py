from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import insert

accounts = Table(
    "accounts",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("user_id", BigInteger),
    Column("external_id", Text),
)


def save(connection: Connection, user_id: int, external_id: str) -> None:
    statement = insert(accounts).values(user_id=user_id, external_id=external_id)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "external_id"], set_={"external_id": statement.excluded.external_id}
        )
    )

"""SQL in strings, sent by psycopg 3."""

from __future__ import annotations

import os

import psycopg
from cases import case, run
from psycopg import sql

connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@case
def updates_by_one_column() -> None:
    connection.execute("INSERT INTO kv (k, v) VALUES (%s, %s) ON CONFLICT (k) DO UPDATE SET v = EXCLUDED.v", ("a", "b"))


@case
def adds_a_clause_to_a_statement() -> None:
    nothing = " ON CONFLICT DO NOTHING"
    connection.execute("INSERT INTO logs (line) VALUES (%s)" + nothing, ("a",))


@case
def formats_identifiers() -> None:
    query = sql.SQL("INSERT INTO {} (k, v) VALUES (%s, %s) ON CONFLICT ({}) DO NOTHING")
    connection.execute(query.format(sql.Identifier("kv"), sql.Identifier("k")), ("a", "b"))


@case
def names_a_constraint() -> None:
    row = {"line": "x"}
    connection.execute("INSERT INTO logs (line) VALUES (%(line)s) ON CONFLICT ON CONSTRAINT logs_line DO NOTHING", row)


@case
def makes_a_statement_of_a_list_of_columns() -> None:
    columns = ["k", "v"]
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier("kv"),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        sql.Identifier("k"),
        sql.SQL(", ").join(
            sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column)) for column in columns if column != "k"
        ),
    )
    connection.execute(query, ("c", "d"))


run()

"""A stand-in for PostgREST, which no package registry has: runs the statements that PostgREST would, on DATABASE_URL.

It answers what the examples ask through supabase-js: POST and GET on tables of the schema `public`, `select`,
`columns`, `on_conflict`, filters by `eq`, and the preferences `resolution`, `missing` and `return`. As PostgREST does,
it knows tables and columns from a schema cache that is read at the start and after NOTIFY pgrst, 'reload schema',
casts the payload by json_to_record(set), and passes the database's errors on. All errors but PGRST116, 204 and 205
are PostgreSQL's own.

It is not PostgREST: no authentication and no roles (it is whoever DATABASE_URL says, as service_role bypasses row
security), no embedding, no functions, no views, no PATCH, PUT or DELETE, no prepared statements, no other operators or
media types. What it does not know it refuses with 501, rather than guess. Prints its URL, and ends with its standard
input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg import sql

SINGLE = "application/vnd.pgrst.object+json"
# https://docs.postgrest.org/en/stable/references/errors.html: the longest beginning of a SQLSTATE decides
STATUSES = {
    **dict.fromkeys(("08", "53"), 503),
    **dict.fromkeys(
        ("09", "25", "2D", "38", "39", "3B", "40", "53400", "54", "55", "57", "58", "F0", "HV", "P0", "42P17"), 500
    ),
    **dict.fromkeys(("0L", "0P", "28", "42501"), 403),
    **dict.fromkeys(("23503", "23505"), 409),
    **dict.fromkeys(("42883", "42P01"), 404),
    "25006": 405,
    "P0001": 400,
}
TABLES = """\
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum),
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
       array_agg(pg_get_expr(d.adbin, d.adrelid) ORDER BY a.attnum),
       coalesce((SELECT array_agg(k.attname) FROM pg_index i
                 JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY c.oid, c.relname"""


@dataclass(frozen=True, slots=True)
class Table:
    """What the schema cache knows of a table: column types and defaults by column, and the primary key."""

    name: str
    types: dict[str, str]
    defaults: dict[str, str]
    key: tuple[str, ...]

    @property
    def qualified(self) -> sql.Identifier:
        """Quoted, with its schema."""
        return sql.Identifier("public", self.name)


class RefusedError(Exception):
    """An answer other than the one that was asked for, in the form of PostgREST's errors."""

    def __init__(
        self, status: int, code: str | None, message: str, details: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "details": details, "hint": hint, "message": message}


class SchemaCache:
    """Tables by name, as they were at the start or at the last reload."""

    def __init__(self, url: str) -> None:
        self._url = url
        Thread(target=self._listen, args=(self._listening(),), daemon=True).start()

    def table(self, name: str) -> Table:
        """The table of that name; PGRST205 when there was none."""
        if name not in self._tables:
            raise RefusedError(404, "PGRST205", f"Could not find the table 'public.{name}' in the schema cache")
        return self._tables[name]

    def _listening(self) -> psycopg.Connection[Any]:
        """A connection that listens; then the cache is loaded, since what was told before may have been missed."""
        connection = psycopg.connect(self._url, autocommit=True)
        connection.execute("LISTEN pgrst")
        self._load()
        return connection

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        """Reload when told to, and after the connection was lost."""
        while True:
            with suppress(psycopg.OperationalError), connection:
                for told in connection.notifies():
                    if told.payload in {"", "reload schema"}:
                        self._load()
            time.sleep(0.1)
            with suppress(psycopg.OperationalError):
                connection = self._listening()

    def _load(self) -> None:
        with psycopg.connect(self._url) as connection:
            found = connection.execute(TABLES).fetchall()
        self._tables = {
            name: Table(
                name,
                dict(zip(columns, types, strict=True)),
                {column: default for column, default in zip(columns, defaults, strict=True) if default},
                tuple(key),
            )
            for name, columns, types, defaults, key in found
        }


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one table: what it asks by its query and by its preferences."""

    table: Table
    query: dict[str, str]
    preferences: dict[str, str]

    def filters(self) -> sql.Composable:
        """The conditions of its filters."""
        known = {"select", "columns", "on_conflict"}
        conditions = [self._filter(name, text) for name, text in self.query.items() if name not in known]
        return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions)) if conditions else sql.SQL("")

    def _filter(self, name: str, text: str) -> sql.Composable:
        operator, _, value = text.partition(".")
        if operator != "eq":
            raise RefusedError(501, None, f"this stand-in knows no operator '{operator}'")
        return sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))

    def selected(self) -> sql.Composable:
        """The columns that `select` names."""
        names = self.query.get("select", "*")
        return sql.SQL("*") if names == "*" else sql.SQL(", ").join(map(sql.Identifier, names.split(",")))

    def read(self) -> sql.Composed:
        """The SELECT."""
        return sql.SQL("SELECT {} FROM {}{}").format(self.selected(), self.table.qualified, self.filters())

    def insert(self, payload: Any) -> sql.Composed:
        """The INSERT of a row or of rows, as PostgREST makes it; the payload is its one parameter."""
        columns = self._columns(payload)
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        given = sql.SQL(", ").join(sql.Identifier("body", column) for column in columns)
        typed = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(self.table.types[column])) for column in columns
        )
        rows = sql.SQL("json_to_recordset(data)" if isinstance(payload, list) else "json_to_record(data)")
        source: sql.Composable = sql.SQL(
            "SELECT {} FROM (SELECT %s::json AS data) payload, LATERAL {} AS body({})"
        ).format(given, rows, typed)
        if self.preferences.get("missing") == "default":
            source = self._with_defaults(given, columns, typed)
        return sql.SQL("INSERT INTO {} ({}) {}{} RETURNING {}").format(
            self.table.qualified, names, source, self._conflict(columns), self.selected()
        )

    def _columns(self, payload: Any) -> list[str]:
        rows = payload if isinstance(payload, list) else [payload]
        named = (
            self.query["columns"].split(",")
            if "columns" in self.query
            else sorted({key for row in rows for key in row})
        )
        columns = [name.strip('"') for name in named]
        for column in columns:
            if column not in self.table.types:
                place = f"'{column}' column of '{self.table.name}'"
                raise RefusedError(400, "PGRST204", f"Could not find the {place} in the schema cache")
        return columns

    def _with_defaults(self, given: sql.Composable, columns: list[str], typed: sql.Composable) -> sql.Composed:
        """Keys that a row lacks take the column's default, not NULL."""
        defaults = sql.SQL(", ").join(
            sql.SQL("{}, {}").format(sql.Literal(column), sql.SQL(self.table.defaults[column].replace("%", "%%")))
            for column in columns
            if column in self.table.defaults
        )
        rows = sql.SQL("CASE jsonb_typeof(data) WHEN 'array' THEN data ELSE jsonb_build_array(data) END")
        return sql.SQL(
            "SELECT {} FROM (SELECT %s::jsonb AS data) payload, LATERAL jsonb_array_elements({}) AS each, "
            "LATERAL jsonb_to_record(jsonb_build_object({}) || each.value) AS body({})"
        ).format(given, rows, defaults, typed)

    def _conflict(self, columns: list[str]) -> sql.Composable:
        """No clause without `resolution`; without `on_conflict` the target is the primary key, if there is one."""
        resolution = self.preferences.get("resolution")
        named = self.query.get("on_conflict")
        target = [name.strip().strip('"') for name in named.split(",")] if named else list(self.table.key)
        if not resolution or not target:
            return sql.SQL("")
        action: sql.Composable = sql.SQL("DO NOTHING")
        if resolution == "merge-duplicates" and columns:
            sets = [sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column)) for column in columns]
            action = sql.SQL("DO UPDATE SET {}").format(sql.SQL(", ").join(sets))
        return sql.SQL(" ON CONFLICT ({}) {}").format(sql.SQL(", ").join(map(sql.Identifier, target)), action)


class Handler(BaseHTTPRequestHandler):
    """One client's connection, which has one session of the database to itself."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    url: ClassVar[str]
    cache: ClassVar[SchemaCache]
    session: psycopg.Connection[Any] | None = None

    def do_GET(self) -> None:
        """SELECT."""
        self._answer(lambda request, _: (200, self._rows(request.read(), ())))

    def do_POST(self) -> None:
        """INSERT, with or without ON CONFLICT."""
        self._answer(self._insert)

    def _insert(self, request: Request, body: bytes) -> tuple[int, list[Any]]:
        return 201, self._rows(request.insert(json.loads(body)), (body.decode(),))

    def _rows(self, statement: sql.Composed, values: tuple[str, ...]) -> list[Any]:
        wrapped = sql.SQL("WITH source AS ({}) SELECT coalesce(json_agg(source), '[]') FROM source").format(statement)
        with self._session().transaction():
            found = self._session().execute(wrapped, values).fetchone()
            rows: list[Any] = found[0] if found else []
            if self.headers.get("Accept") == SINGLE and len(rows) != 1:  # inside of the transaction: a write is undone
                message = "Cannot coerce the result to a single JSON object"
                raise RefusedError(406, "PGRST116", message, f"The result contains {len(rows)} rows")
        return rows

    def _answer(self, act: Any) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            request = self._request()
            status, rows = act(request, body)
            minimal = self.command == "POST" and request.preferences.get("return") != "representation"
            found = rows[0] if self.headers.get("Accept") == SINGLE else rows
            self._send(status, b"" if minimal else json.dumps(found).encode())
        except RefusedError as refused:
            self._send(refused.status, json.dumps(refused.body).encode())
        except psycopg.Error as error:
            self._send(*_told(error))

    def _request(self) -> Request:
        path = urlsplit(self.path)
        stem, _, name = path.path.rpartition("/")
        if stem != "/rest/v1":
            raise RefusedError(501, None, f"this stand-in knows no path '{path.path}'")
        preferences = [part.strip() for given in self.headers.get_all("Prefer", []) for part in given.split(",")]
        named = dict(part.split("=", 1) for part in preferences if "=" in part)
        return Request(self.cache.table(name), dict(parse_qsl(path.query)), named)

    def _session(self) -> psycopg.Connection[Any]:
        if self.session is None or self.session.closed:
            self.session = psycopg.connect(self.url, autocommit=True, prepare_threshold=None)
        return self.session

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def finish(self) -> None:
        """The client is gone, and its session with it."""
        super().finish()
        if self.session:
            self.session.close()

    def log_message(self, *_: object) -> None:
        """Say nothing: requests carry what no log should."""


def _told(error: psycopg.Error) -> tuple[int, bytes]:
    """What the database said, and the status that PostgREST gives it."""
    code = error.sqlstate or "08006"
    status = next((STATUSES[code[:n]] for n in (5, 2) if code[:n] in STATUSES), 400)
    diag = error.diag
    body = {
        "code": code,
        "details": diag.message_detail,
        "hint": diag.message_hint,
        "message": diag.message_primary or str(error),
    }
    return status, json.dumps(body).encode()


def main() -> None:
    """Serve until standard input ends."""
    Handler.url = os.environ["DATABASE_URL"]
    Handler.cache = SchemaCache(Handler.url)
    ThreadingHTTPServer.daemon_threads = True
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()  # seconds until it sees its end
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()

"""Lists of Python that are made of each item of another one, in the text of a statement."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from pgarbiter.model import Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _sites(place: Path, text: str) -> tuple[WriteSite, ...]:
    return sites_of(place, {"save.py": dedent(text)})


def test_identifiers_of_psycopg_are_mapped_over_a_known_list(tmp_path: Path) -> None:
    text = """
        from psycopg import sql
        COLUMNS = ["id", "name"]
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING").format(
            sql.Identifier("shop", "users"),
            sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
            sql.SQL(", ").join(sql.Placeholder() * len(COLUMNS)),
            sql.Identifier("id"),
        )
    """
    (site,) = _sites(tmp_path, text)
    assert (str(site.write.table), site.write.columns) == ("shop.users", ("id", "name"))
    assert site.status is Status.RESOLVED


def test_a_wrapper_with_comprehensions_is_judged_at_each_call(tmp_path: Path) -> None:
    text = """
        from psycopg2.extras import execute_values
        def put(cur, table, columns, key, rows):
            names = ", ".join(columns)
            changes = ", ".join(f"{c} = EXCLUDED.{c}" for c in columns if c not in key)
            execute_values(cur, f"INSERT INTO {table} ({names}) VALUES %s "
                                f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}", rows, page_size=500)
        put(cursor, "prices", ["isin", "day", "px"], ["isin", "day"], some)
        put(cursor, "users", ("id", "mail"), ["id"], others)
    """
    _, prices, users = _sites(tmp_path, text)
    assert (prices.write.columns, prices.write.set_columns) == (("isin", "day", "px"), ("px",))
    assert (str(users.write.table), users.write.set_columns, users.status) == ("users", ("mail",), Status.RESOLVED)


def test_what_a_condition_takes_out_is_left_out(tmp_path: Path) -> None:
    text = """
        KEYS = ("id", "mail", "n")
        changes = ", ".join([f"{k} = EXCLUDED.{k}" for k in KEYS if k != "id"])
        run(f"INSERT INTO users (id, mail, n) VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET {changes}")
    """
    (site,) = _sites(tmp_path, text)
    assert site.write.set_columns == ("mail", "n")


def test_another_condition_leaves_the_list_open(tmp_path: Path) -> None:
    text = """
        changes = ", ".join(f"{k} = EXCLUDED.{k}" for k in ("id", "n") if is_changed(k))
        run(f"INSERT INTO users (id, n) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET {changes}")
    """
    (site,) = _sites(tmp_path, text)
    assert site.status is Status.PARTIAL


def test_the_keys_of_a_row_are_its_columns(tmp_path: Path) -> None:
    text = """
        def save(conn, mail):
            row = {"mail": mail, "n": 1}
            names = ", ".join(row.keys())
            values = ", ".join(f":{name}" for name in row.keys())
            conn.execute(f"INSERT INTO users ({names}) VALUES ({values}) ON CONFLICT (mail) DO NOTHING", row)
    """
    (site,) = _sites(tmp_path, text)
    assert (site.write.columns, site.status) == (("mail", "n"), Status.RESOLVED)


def test_a_list_that_is_not_known_stays_open(tmp_path: Path) -> None:
    text = """
        def save(conn, columns):
            names = ", ".join(c for c in columns)
            conn.execute(f"INSERT INTO users ({names}) VALUES (1) ON CONFLICT (mail) DO NOTHING")
    """
    (site,) = _sites(tmp_path, text)
    assert (site.write.columns, site.status) == (None, Status.PARTIAL)


def test_the_name_of_a_loop_is_its_own(tmp_path: Path) -> None:
    text = """
        name = "users"
        columns = ", ".join(name for name in ["id", "mail"])
        run(f"INSERT INTO {name} ({columns}) VALUES (1, 2) ON CONFLICT (id) DO NOTHING")
    """
    (site,) = _sites(tmp_path, text)
    assert (str(site.write.table), site.write.columns) == ("users", ("id", "mail"))

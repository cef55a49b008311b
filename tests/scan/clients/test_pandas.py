"""Functions that pandas calls to write the rows of a frame, with an upsert of SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import NamedConstraint

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_METHOD = """
from sqlalchemy.dialects.postgresql import insert
def ignore(table, conn, keys, data_iter):
    data = [dict(zip(keys, row)) for row in data_iter]
    return conn.execute(insert(table.table).values(data).on_conflict_do_nothing(index_elements=["a"])).rowcount
"""


def test_the_table_is_that_of_the_frame_that_is_given_the_function(sites: Sites) -> None:
    (site,) = sites({"save.py": f'{_METHOD}frame.to_sql("quotes", engine, schema="fin", method=ignore)\n'})
    assert (str(site.write.table), site.write.target.columns) == ("fin.quotes", ("a",))


def test_the_function_may_stand_in_another_file(sites: Sites) -> None:
    use = 'from ways import ignore\nframe.to_sql(name="quotes", con=engine, if_exists="append", method=ignore)\n'
    (site,) = sites({"ways.py": _METHOD, "use.py": use})
    assert str(site.write.table) == "quotes"


def test_a_function_for_several_tables_has_none(sites: Sites) -> None:
    use = 'frame.to_sql("quotes", engine, method=ignore)\nframe.to_sql("trades", engine, method=ignore)\n'
    (site,) = sites({"save.py": _METHOD + use})
    assert site.write.table is None


def test_a_constraint_is_named_after_the_table(sites: Sites) -> None:
    text = """
from sqlalchemy.dialects.postgresql import insert
def put(table, conn, keys, data_iter):
    statement = insert(table.table).values([dict(zip(keys, row)) for row in data_iter])
    changes = {c.key: c for c in statement.excluded}
    conn.execute(statement.on_conflict_do_update(constraint=f"{table.table.name}_pkey", set_=changes))
frame.to_sql("quotes", engine, if_exists="append", index=False, method=put)
"""
    (site,) = sites({"save.py": text})
    assert site.write.target == NamedConstraint("quotes_pkey")

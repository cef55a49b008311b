"""Zapatos and pg-promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, NamedConstraint, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_DB = "import * as db from 'zapatos/db'\n"
_SET = "const cs = new pgp.helpers.ColumnSet(['?id', 'name:raw', { name: 'at', prop: 'when' }], { table: 'logs' })\n"


def test_zapatos_takes_columns_or_a_constraint(sites: Sites) -> None:
    (one, other) = sites(
        {
            "a.ts": _DB + "db.upsert('ops.t', { a, b }, ['a'], { updateColumns: 'b' }).run(pool)\n"
            "db.upsert('t', rows, db.constraint('t_key'), { updateColumns: db.doNothing }).run(pool)\n"
        }
    )
    assert isinstance(one.write.target, InferenceClause)
    assert (str(one.write.table), one.write.target.columns, one.write.set_columns) == ("ops.t", ("a",), ("b",))
    assert (other.write.target, other.write.action) == (NamedConstraint("t_key"), Action.NOTHING)


def test_a_column_set_of_pg_promise_names_table_and_columns(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.js": "const pgp = require('pg-promise')()\n"
            + _SET
            + "const save = (rows) => db.none(pgp.helpers.insert(rows, cs)\n"
            "  + ' ON CONFLICT (id) DO UPDATE SET ' + cs.assignColumns({ from: 'EXCLUDED', skip: 'id' }))\n"
        }
    )
    assert (str(site.write.table), site.write.columns) == ("logs", ("id", "name", "at"))
    assert site.write.set_columns == ("name", "at")
    assert site.span.line == 4


@pytest.mark.parametrize(
    ("arguments", "table", "columns"),
    [
        ("{ a: 1, b: 2 }, null, 'logs'", "logs", ("a", "b")),
        ("rows, ['a'], { table: 'logs', schema: 'ops' }", "ops.logs", ("a",)),
        ("rows, ['a'], new pgp.helpers.TableName({ table: 'logs', schema: 'ops' })", "ops.logs", ("a",)),
    ],
)
def test_columns_and_table_may_be_given_in_place(
    sites: Sites, arguments: str, table: str, columns: tuple[str, ...]
) -> None:
    (site,) = sites({"a.js": f"db.none(`${{pgp.helpers.insert({arguments})}} ON CONFLICT DO NOTHING`)"})
    assert (str(site.write.table), site.write.columns) == (table, columns)


def test_a_column_set_that_is_not_known_leaves_a_fragment(sites: Sites) -> None:
    (site,) = sites({"a.js": "db.none(pgp.helpers.insert(rows, makeSet()) + ' ON CONFLICT (id) DO NOTHING')"})
    assert isinstance(site.write.target, Unresolved)

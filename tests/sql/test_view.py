"""The columns of simple views."""

from __future__ import annotations

import pytest

from pgarbiter.model import QualifiedName
from pgarbiter.sql import ViewColumn, ViewColumns, view_columns


def test_columns_expressions_and_stars_are_told_apart() -> None:
    found = view_columns(" SELECT x.a,\n    x.b AS c, upper(d) AS u, x.*\n   FROM s.t x\n  WHERE (x.e > 1);")
    assert found == ViewColumns(
        QualifiedName("s", "t"),
        "x",
        (
            ViewColumn("a", column="a"),
            ViewColumn("c", column="b"),
            ViewColumn("u", expression="upper(d)"),
            ViewColumn(None, star=True),
        ),
        "x.e > 1",
    )


@pytest.mark.parametrize(
    "definition",
    [
        "select a from b, c",
        "select a from b join c using (a)",
        "select distinct a from b",
        "select a from b group by a",
        "select a from b limit 1",
        "select a from b offset 1",
        "with w as (select 1) select a from b",
        "select a from b union select a from c",
        "select 1",
        "select a from (select 1 as a) s",
        "select a from f()",
        "values (1)",
        "selec",
        "",
    ],
)
def test_other_shapes_are_none(definition: str) -> None:
    assert view_columns(definition) is None

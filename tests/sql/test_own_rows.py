"""Which conditions of a policy hold for one's own rows only, as the server prints policies."""

from __future__ import annotations

import pytest

from pgarbiter.sql.expression_reader import parse_expression
from pgarbiter.sql.own_rows import keeps_apart

ME = "current_setting('app.me'::text)"
MINE = f"m.user_id = {ME}"


@pytest.mark.parametrize(
    ("condition", "apart"),
    [
        (f"(owner)::text = {ME}", True),
        (f"owner = ( SELECT ({ME})::uuid AS uid)", True),
        ("owner = CURRENT_USER", True),
        ("owner = app.me()", True),
        ("owner = (auth.jwt() ->> 'sub'::text)", True),
        ("false", True),
        (f"owner = {ME} AND shared OR false", True),
        (f"org = {ME}", False),
        (f"org = {ME} OR owner = {ME}", False),
        (f"lower(owner) = {ME}", False),
        (f"(owner)::date = {ME}::date", False),
        (f"owner OPERATOR(public.=) {ME}", False),
        (f"owner >= {ME}", False),
        (f"owner = ANY (ARRAY[{ME}, 'all'::text])", False),
        (f"owner = ALL (ARRAY[{ME}])", False),
        ("owner = 'me'::text", False),
        ("owner = auth.role()", False),
        (f"(owner = {ME}) IS NOT TRUE", False),
        (f"COALESCE((owner = {ME}), true)", False),
        ("app.may(owner)", False),
        (f"owner = ( SELECT docs.owner FROM m WHERE {MINE})", False),
        (f"owner IN ( SELECT m.owner FROM m WHERE {MINE} AND m.on)", True),
        (f"owner IN ( SELECT m.owner FROM m WHERE {MINE} OR m.public)", False),
        (f"owner IN ( SELECT m.owner FROM m WHERE {MINE} UNION SELECT n.owner FROM n)", False),
        (f"owner IN ( SELECT o.owner FROM m, o WHERE {MINE})", False),
        (f"NOT (owner IN ( SELECT m.owner FROM m WHERE {MINE}))", False),
        (f"owner > ANY ( SELECT m.owner FROM m WHERE {MINE})", False),
        (f"EXISTS ( SELECT 1 FROM m WHERE m.owner = docs.owner AND {MINE})", True),
        (f"EXISTS ( SELECT 1 FROM m WHERE {MINE})", False),
        ("EXISTS ( SELECT 1 FROM m WHERE m.owner = docs.owner)", False),
        (f"EXISTS ( SELECT count(*) FROM m WHERE m.owner = docs.owner AND {MINE})", False),
        (f"0 IN ( SELECT count(*) FROM m WHERE m.owner = docs.owner AND {MINE})", False),
        ("owner IN ( SELECT app.mine())", False),
    ],
)
def test_owners_are_kept_apart_by_a_plain_equality_with_the_session(condition: str, *, apart: bool) -> None:
    assert keeps_apart(parse_expression(condition), "docs", "owner") is apart

"""The revisions that repair: what they find, what they leave, and that going down brings everything back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from .state import rows_of, schema_of

if TYPE_CHECKING:
    from .conftest import Product

BROKEN = "0004_installations"
ROWS = Path(__file__).with_name("broken.sql").read_text()
ONE = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def broken(product: Product) -> Product:
    """The broken state, with rows that only it lets in."""
    product.up(BROKEN)
    product.run(ROWS)
    return product


def test_going_down_restores_the_schema_and_every_row(broken: Product) -> None:
    schema, rows = schema_of(broken.connection), rows_of(broken.connection)
    broken.up("head")
    mended, left = schema_of(broken.connection), rows_of(broken.connection)
    assert mended != schema
    broken.down(BROKEN)
    assert rows_of(broken.connection) == rows
    assert schema_of(broken.connection) == schema
    broken.up("head")
    assert rows_of(broken.connection) == left
    assert schema_of(broken.connection) == mended


def test_going_down_keeps_what_was_written_since(broken: Product) -> None:
    identities = broken.rows("SELECT id, ig_account_id, ig_user_id FROM instagram_user_cache ORDER BY id")
    spellings = broken.rows("SELECT id, end_time FROM instagram_insights ORDER BY id")
    broken.up("head")
    for statement in UPSERTS.values():
        broken.run(statement)
    broken.run(
        "INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time)"
        f" VALUES ('{ONE}', '17841400000000001', 'reach', 8, '2025-01-12T09:00:00+01:00')"
    )
    broken.down(BROKEN)
    assert broken.rows("SELECT id, ig_account_id, ig_user_id FROM instagram_user_cache ORDER BY id") == identities
    assert broken.rows("SELECT username, name FROM instagram_user_cache WHERE username = 'new'") == [("new", "Ann")]
    *old, (_, new) = broken.rows("SELECT id, end_time FROM instagram_insights ORDER BY id")
    assert (old, new) == (spellings, "2025-01-12T08:00:00+00:00")


def test_rows_before_are_rows_after_and_rows_in_quarantine(broken: Product) -> None:
    before = {table: len(rows) for table, rows in rows_of(broken.connection).items()}
    broken.up("head")
    after = {table: len(rows) for table, rows in rows_of(broken.connection).items()}
    taken = dict(
        broken.rows(
            "SELECT split_part(source, '.', 2), count(*) FROM pgarbiter_data.quarantine"
            " WHERE kind = 'removed' AND restored_at IS NULL GROUP BY 1"
        )
    )
    assert taken == {"instagram_user_cache": 5, "instagram_insights": 4}
    assert before == {table: count + taken.get(table, 0) for table, count in after.items()}


def test_the_identity_that_was_fetched_last_is_kept_with_what_the_others_knew(broken: Product) -> None:
    broken.up("0014_cache_account_not_null")
    assert broken.rows(
        "SELECT ig_account_id, ig_user_id, username, name, profile_pic FROM instagram_user_cache ORDER BY 1, 2"
    ) == [
        ("17841400000000001", "900", "ann.b", "Ann", "https://cdn/ann"),
        ("17841400000000001", "901", "bob", None, None),
        ("17841400000000003", "900", "ann", "Ann", None),
    ]
    with pytest.raises(psycopg.errors.NotNullViolation):
        broken.run("INSERT INTO instagram_user_cache (ig_user_id) VALUES ('1')")


def test_spellings_of_one_instant_become_one_row(broken: Product) -> None:
    broken.up("head")
    assert broken.rows(
        "SELECT ig_account_id, metric, value, to_char(end_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
        " FROM instagram_insights ORDER BY 1, 2, 4"
    ) == [
        ("17841400000000001", "reach", 12, "2025-01-10 08:00"),
        ("17841400000000001", "reach", 7, "2025-01-11 08:00"),
        ("17841400000000003", "reach", 3, "2025-01-10 08:00"),
    ]


# each meets a row that is there, and says whether it updated that one
UPSERTS = {
    "account": f"""\
INSERT INTO instagram_business_accounts (user_id, instagram_business_id, username, name)
VALUES ('{ONE}', '17841400000000001', 'new', 'New')
ON CONFLICT (user_id, instagram_business_id) DO UPDATE SET username = EXCLUDED.username RETURNING xmax <> 0""",
    "identity": """\
INSERT INTO instagram_user_cache (ig_account_id, ig_user_id, username) VALUES ('17841400000000001', '900', 'new')
ON CONFLICT (ig_account_id, ig_user_id) DO UPDATE SET username = EXCLUDED.username RETURNING xmax <> 0""",
    "insight": f"""\
INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time, metadata)
VALUES ('{ONE}', '17841400000000001', 'reach', 99, '2025-01-10T09:00:00+01:00', '{{"unit": "people"}}')
ON CONFLICT (ig_account_id, metric, end_time) DO UPDATE SET metadata = EXCLUDED.metadata RETURNING xmax <> 0""",
    "location": """\
INSERT INTO hl_installations (location_id, access_token, refresh_token, expires_at) VALUES ('l1', 'new', 'new', now())
ON CONFLICT (location_id) DO UPDATE SET access_token = EXCLUDED.access_token RETURNING xmax <> 0""",
    "agency": """\
INSERT INTO hl_installations (company_id, access_token, refresh_token, expires_at) VALUES ('k1', 'new', 'new', now())
ON CONFLICT (company_id) DO UPDATE SET access_token = EXCLUDED.access_token RETURNING xmax <> 0""",
}


def test_the_applications_upserts_find_their_arbiters(broken: Product) -> None:
    for statement in UPSERTS.values():
        with pytest.raises(psycopg.Error):
            broken.run(statement)
    broken.up("head")
    assert {name: broken.rows(statement) for name, statement in UPSERTS.items()} == {
        name: [(True,)] for name in UPSERTS
    }


def test_a_second_user_cannot_take_an_account_over_by_the_owners_key(broken: Product) -> None:
    broken.up("0005_accounts_owner_key")
    with pytest.raises(psycopg.errors.UniqueViolation):
        broken.run(
            "INSERT INTO instagram_business_accounts (user_id, instagram_business_id, username, name)"
            " VALUES ('00000000-0000-4000-8000-000000000009', '17841400000000001', 'x', 'X')"
            " ON CONFLICT (user_id, instagram_business_id) DO UPDATE SET user_id = EXCLUDED.user_id"
        )


def test_on_supabase_a_user_sees_and_writes_only_what_is_theirs(supabase_product: Product) -> None:
    supabase_product.up(BROKEN)
    supabase_product.run(
        f"INSERT INTO auth.users (id) VALUES ('{ONE}'), ('00000000-0000-4000-8000-000000000002');" + ROWS
    )
    supabase_product.up("head")
    supabase_product.run(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO authenticated; GRANT USAGE ON SCHEMA auth TO authenticated;"
        f"""SET request.jwt.claims = '{{"sub": "{ONE}"}}'; SET ROLE authenticated"""
    )
    counts = {
        "instagram_business_accounts": 2,
        "instagram_credentials": 0,
        "api_usage": 2,
        "automation_workflows": 2,
        "daily_analytics": 2,
        "instagram_dm_conversations": 2,
        "instagram_insights": 2,
        "user_tokens": 1,
        "instagram_sync_logs": 1,
    }
    for table, count in counts.items():
        assert supabase_product.rows(f"SELECT count(*) FROM {table}") == [(count,)], table
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        supabase_product.run("UPDATE instagram_business_accounts SET user_id = '00000000-0000-4000-8000-000000000002'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        supabase_product.run(
            "INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time)"
            f" VALUES ('{ONE}', '17841400000000003', 'reach', 1, now())"
        )
    supabase_product.run("RESET ROLE")


def test_on_supabase_going_down_restores_the_schema(supabase_product: Product) -> None:
    supabase_product.up(BROKEN)
    schema = schema_of(supabase_product.connection)
    supabase_product.up("head")
    supabase_product.down(BROKEN)
    assert schema_of(supabase_product.connection) == schema

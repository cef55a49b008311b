"""The revisions that create the tables as they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Product

BROKEN = "0004_installations"


def test_the_tables_come_and_go_on_plain_postgresql(product: Product) -> None:
    product.up(BROKEN)
    assert product.rows("SELECT count(*) FROM pg_policies WHERE tablename = 'instagram_business_accounts'") == [(3,)]
    product.down("base")
    assert product.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ) == [("alembic_version",)]


def test_on_supabase_owners_are_its_users_and_identifiers_come_from_its_function(supabase_product: Product) -> None:
    supabase_product.up(BROKEN)
    assert supabase_product.rows(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = 'auth.users'::regclass"
        " AND conrelid::regclass::text NOT LIKE 'auth.%' ORDER BY 1"
    ) == [("instagram_business_accounts",), ("instagram_insights",), ("user_tokens",)]

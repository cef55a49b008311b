"""Business accounts and the five tables that hang on them, as they stood

The only unique index besides the primary key is on (instagram_business_id); `name` is NOT NULL without a default;
row security is on with three policies, each FOR ALL. Nothing but grants protects the five tables, and three of their
references have no index.

Revision ID: 0001_business_accounts
Revises:
"""

from __future__ import annotations

import policies
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID
from surroundings import Surroundings, surroundings

revision = "0001_business_accounts"
down_revision = None
branch_labels = None
depends_on = None

_ACCOUNTS = "instagram_business_accounts"


def upgrade() -> None:
    here = surroundings()
    _create_accounts(here)
    _create_credentials(here)
    _create_api_usage()
    _create_automation_workflows(here)
    _create_daily_analytics()
    _create_dm_conversations(here)
    policies.enable(_ACCOUNTS)
    own = f"user_id = {here.user}"
    policies.create(_ACCOUNTS, "owners manage their accounts", "ALL", here.people, using=own, check=own)
    policies.create(_ACCOUNTS, "service role manages all accounts", "ALL", here.backend, using="true", check="true")
    policies.create(_ACCOUNTS, "nobody else sees accounts", "ALL", here.anonymous, using="false")


def downgrade() -> None:
    for table in (
        "instagram_dm_conversations",
        "daily_analytics",
        "automation_workflows",
        "api_usage",
        "instagram_credentials",
        _ACCOUNTS,
    ):
        op.drop_table(table)


def _create_accounts(here: Surroundings) -> None:
    owner = [sa.ForeignKey(here.users, ondelete="CASCADE")] if here.users else []
    op.create_table(
        _ACCOUNTS,
        _id(here),
        sa.Column("user_id", UUID(), *owner, nullable=False),
        sa.Column("instagram_business_id", sa.Text(), nullable=False, unique=True),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_type", sa.Text()),
        sa.Column("profile_picture_url", sa.Text()),
        sa.Column("biography", sa.Text()),
        sa.Column("website", sa.Text()),
        sa.Column("followers_count", sa.Integer()),
        sa.Column("follows_count", sa.Integer()),
        sa.Column("media_count", sa.Integer()),
        sa.Column("is_connected", sa.Boolean(), server_default=sa.true()),
        _time("last_sync_at"),
        _time("created_at", default=True),
        _time("updated_at", default=True),
    )


def _create_credentials(here: Surroundings) -> None:
    """The page token is stored encrypted: one per account and type."""
    op.create_table(
        "instagram_credentials",
        _id(here),
        _account(nullable=False),
        sa.Column("access_token_encrypted", sa.Text(), nullable=False),
        sa.Column("token_type", sa.Text(), nullable=False, server_default="page"),
        _time("expires_at"),
        _time("updated_at", default=True),
        sa.UniqueConstraint("business_account_id", "token_type"),
    )


def _create_api_usage() -> None:
    op.create_table(
        "api_usage",
        _number(),
        _account(nullable=True),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("called_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def _create_automation_workflows(here: Surroundings) -> None:
    op.create_table(
        "automation_workflows",
        _id(here),
        _account(nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False, server_default="{}"),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.false()),
        _time("created_at", default=True),
        _time("updated_at", default=True),
    )


def _create_daily_analytics() -> None:
    op.create_table(
        "daily_analytics",
        _number(),
        _account(nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("messages_received", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("messages_sent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("new_followers", sa.Integer(), nullable=False, server_default="0"),
        sa.UniqueConstraint("business_account_id", "day"),
    )


def _create_dm_conversations(here: Surroundings) -> None:
    op.create_table(
        "instagram_dm_conversations",
        _id(here),
        _account(nullable=False),
        sa.Column("instagram_thread_id", sa.Text(), nullable=False, unique=True),
        sa.Column("participant_username", sa.Text()),
        _time("last_message_at"),
        _time("created_at", default=True),
    )


def _id(here: Surroundings) -> sa.Column[object]:
    return sa.Column("id", UUID(), server_default=sa.text(here.uuid), primary_key=True)


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True)


def _account(*, nullable: bool) -> sa.Column[object]:
    reference = sa.ForeignKey(f"{_ACCOUNTS}.id", ondelete="CASCADE")
    return sa.Column("business_account_id", UUID(), reference, nullable=nullable)


def _time(name: str, *, default: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), server_default=sa.func.now() if default else None)

"""Insights, tokens and sync logs, as they stood

`end_time` is text, so that one instant in two spellings is two rows for the unique constraint. One policy lets whoever
is signed in read and write everyone's insights, and nothing protects the tokens.

Revision ID: 0003_insights
Revises: 0002_identity_cache
"""

from __future__ import annotations

import policies
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID
from surroundings import Surroundings, surroundings

revision = "0003_insights"
down_revision = "0002_identity_cache"
branch_labels = None
depends_on = None


def upgrade() -> None:
    here = surroundings()
    op.create_table(
        "instagram_insights",
        _number(),
        _user(here),
        sa.Column("ig_account_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.Text(), nullable=False),
        _time("fetched_at", nullable=False, default=True),
        sa.UniqueConstraint("ig_account_id", "metric", "end_time"),
    )
    op.create_table(
        "user_tokens",
        _number(),
        _user(here),
        sa.Column("ig_account_id", sa.Text(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        _time("expires_at", nullable=False),
        _time("refreshed_at"),
        sa.UniqueConstraint("user_id", "ig_account_id"),
    )
    op.create_table(
        "instagram_sync_logs",
        _number(),
        sa.Column("ig_account_id", sa.Text(), nullable=False),
        _time("started_at", nullable=False, default=True),
        _time("finished_at"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("errors", JSONB(), nullable=False, server_default="[]"),
    )
    policies.enable("instagram_insights")
    policies.create("instagram_insights", "signed in", "ALL", here.people, using="true", check="true")


def downgrade() -> None:
    for table in ("instagram_sync_logs", "user_tokens", "instagram_insights"):
        op.drop_table(table)


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True)


def _user(here: Surroundings) -> sa.Column[object]:
    reference = [sa.ForeignKey(here.users, ondelete="CASCADE")] if here.users else []
    return sa.Column("user_id", UUID(), *reference, nullable=False)


def _time(name: str, *, nullable: bool = True, default: bool = False) -> sa.Column[object]:
    made = sa.func.now() if default else None
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable, server_default=made)

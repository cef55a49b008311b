"""Identity cache, conversations and messages, as they stood

Nothing keeps the cache from holding a participant twice, nor without the account that knows it: `ig_account_id` may be
NULL, and no unique index is there for an upsert.

Revision ID: 0002_identity_cache
Revises: 0001_business_accounts
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_identity_cache"
down_revision = "0001_business_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instagram_user_cache",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("ig_account_id", sa.Text()),
        sa.Column("ig_user_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("profile_pic", sa.Text()),
        sa.Column("profile_pic_url", sa.Text()),  # kept equal to profile_pic, for older readers
        _time("last_fetched_at"),
    )
    op.create_index("instagram_user_cache_ig_user_id_idx", "instagram_user_cache", ["ig_user_id"])
    op.create_table(
        "instagram_conversations",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("ig_account_id", sa.Text(), nullable=False),
        sa.Column("participant_igsid", sa.Text()),  # NULL or UNKNOWN_* when the API did not tell
        sa.Column("participant_username", sa.Text()),
        sa.Column("unread_count", sa.Integer(), nullable=False, server_default="0"),
        _time("last_message_at"),
        _time("updated_at", default=True),
    )
    op.create_index("instagram_conversations_ig_account_id_idx", "instagram_conversations", ["ig_account_id"])
    op.create_table(
        "instagram_messages",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.Text(),
            sa.ForeignKey("instagram_conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("from_id", sa.Text(), nullable=False),
        sa.Column("to_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_index("instagram_messages_conversation_id_idx", "instagram_messages", ["conversation_id"])
    op.create_index("instagram_messages_sent_at_idx", "instagram_messages", ["sent_at"])


def downgrade() -> None:
    for table in ("instagram_messages", "instagram_conversations", "instagram_user_cache"):
        op.drop_table(table)


def _time(name: str, *, default: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), server_default=sa.func.now() if default else None)

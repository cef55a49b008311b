"""Index the account of DM conversations

Without it, removing an account reads the whole table to find what hangs on it, with the account's row locked.

Revision ID: 0008_dm_conversations_account
Revises: 0007_workflows_account
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0008_dm_conversations_account"
down_revision = "0007_workflows_account"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_index_online("instagram_dm_conversations", ("business_account_id",))


def downgrade() -> None:
    op.drop_index_online(
        "instagram_dm_conversations",
        "instagram_dm_conversations_business_account_id_idx",
        columns=("business_account_id",),
    )

"""Refuse cached identities without an account

Nobody can say whose they are, and nobody reads them: the inbox looks identities up by account. While the column was
nullable the unique index alone would not have helped: NULLs are distinct, so that an upsert without an account inserts
one more row each time. What is there goes to quarantine, which the downgrade empties again; conversations and messages
stay where they are.

Revision ID: 0014_cache_account_not_null
Revises: 0013_cache_unique
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0014_cache_account_not_null"
down_revision = "0013_cache_unique"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.set_not_null_online("instagram_user_cache", "ig_account_id", nulls="quarantine", rule=revision)


def downgrade() -> None:
    op.drop_not_null_online("instagram_user_cache", "ig_account_id", restore=revision)

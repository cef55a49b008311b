"""Index the account of API usage

Without it, removing an account reads the whole table to find what hangs on it, with the account's row locked.

Revision ID: 0006_api_usage_account
Revises: 0005_accounts_owner_key
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0006_api_usage_account"
down_revision = "0005_accounts_owner_key"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_index_online("api_usage", ("business_account_id",))


def downgrade() -> None:
    op.drop_index_online("api_usage", "api_usage_business_account_id_idx", columns=("business_account_id",))

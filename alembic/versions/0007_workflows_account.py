"""Index the account of automation workflows

Without it, removing an account reads the whole table to find what hangs on it, with the account's row locked.

Revision ID: 0007_workflows_account
Revises: 0006_api_usage_account
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0007_workflows_account"
down_revision = "0006_api_usage_account"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_index_online("automation_workflows", ("business_account_id",))


def downgrade() -> None:
    op.drop_index_online(
        "automation_workflows", "automation_workflows_business_account_id_idx", columns=("business_account_id",)
    )

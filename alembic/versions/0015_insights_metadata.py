"""Give insights a place for what else the API says

The default is a constant, so that no row is rewritten. The downgrade drops what was written there since.

Revision ID: 0015_insights_metadata
Revises: 0014_cache_account_not_null
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0015_insights_metadata"
down_revision = "0014_cache_account_not_null"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column_online("instagram_insights", "metadata", "jsonb", default="'{}'::jsonb", not_null=True)


def downgrade() -> None:
    op.drop_column_online("instagram_insights", "metadata")

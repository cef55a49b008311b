"""Index insights for reads of an account's period

The unique index on (ig_account_id, metric, end_time) serves the reads of one metric over time, now that its last
column sorts as time does. A dashboard reads all metrics of an account over a period: that is this one.

Revision ID: 0017_insights_by_time
Revises: 0016_insights_end_time
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0017_insights_by_time"
down_revision = "0016_insights_end_time"
branch_labels = None
depends_on = None

_KEY = ("ig_account_id", "end_time")


def upgrade() -> None:
    op.add_index_online("instagram_insights", _KEY)


def downgrade() -> None:
    op.drop_index_online("instagram_insights", "instagram_insights_ig_account_id_end_time_idx", columns=_KEY)

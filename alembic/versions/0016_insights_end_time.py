"""Store the end of an insight's period as an instant

Two spellings of one instant meet here: the row that was fetched last is kept, the other goes to quarantine, as does a
text that is no timestamp. A text without a zone is UTC, which is what the fetcher normalises to. The old spellings stay
in `end_time_before`, from where the downgrade takes them.

Before it runs, let the application write the parameter as $1::timestamptz, which is right for both types: a statement
that a session has prepared with a text fails from the swap on.

Revision ID: 0016_insights_end_time
Revises: 0015_insights_metadata
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0016_insights_end_time"
down_revision = "0015_insights_metadata"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.text_to_timestamptz_online(
        "instagram_insights",
        "end_time",
        unparsable="quarantine",
        duplicates="quarantine",
        keep="fetched_at DESC, id DESC",
        rule=revision,
    )


def downgrade() -> None:
    op.timestamptz_to_text_online("instagram_insights", "end_time", restore=revision)

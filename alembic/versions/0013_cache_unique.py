"""Keep one identity for each participant of an account

The row that was fetched last is kept; a name or picture that it lacks comes from the others, which go to quarantine.
Keyed by account and participant, so that one account can no longer overwrite what another one knows.

Revision ID: 0013_cache_unique
Revises: 0012_installations_company
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0013_cache_unique"
down_revision = "0012_installations_company"
branch_labels = None
depends_on = None

_NAME = "instagram_user_cache_ig_account_id_ig_user_id_unique"
_KEY = ("ig_account_id", "ig_user_id")


def upgrade() -> None:
    op.add_unique_online(
        "instagram_user_cache",
        _KEY,
        name=_NAME,
        duplicates="quarantine",
        keep="last_fetched_at DESC NULLS LAST, id DESC",
        merge=dict.fromkeys(("username", "name", "profile_pic", "profile_pic_url"), "first non-null"),
        rule=revision,
    )


def downgrade() -> None:
    op.drop_unique_online("instagram_user_cache", _NAME, columns=_KEY, restore=revision)

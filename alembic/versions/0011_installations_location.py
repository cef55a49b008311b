"""Make the unique index of location installations a full one

NULLs are distinct, so that it lets in what the partial one did. The plain `ON CONFLICT (location_id)` finds it
as its arbiter, and so does the target that repeats the predicate: nothing that worked stops working.

Revision ID: 0011_installations_location
Revises: 0010_accounts_policies
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0011_installations_location"
down_revision = "0010_accounts_policies"
branch_labels = None
depends_on = None

_NAME = "hl_installations_location_key"
_PARTIAL = "location_id IS NOT NULL"


def upgrade() -> None:
    op.replace_unique_online("hl_installations", old=_NAME, new=_NAME, columns=("location_id",), old_where=_PARTIAL)


def downgrade() -> None:
    op.replace_unique_online("hl_installations", old=_NAME, new=_NAME, columns=("location_id",), where=_PARTIAL)

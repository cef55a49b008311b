"""Make the unique index of agency installations a full one

NULLs are distinct, so that it lets in what the partial one did. The plain `ON CONFLICT (company_id)` finds it
as its arbiter, and so does the target that repeats the predicate: nothing that worked stops working.

Revision ID: 0012_installations_company
Revises: 0011_installations_location
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0012_installations_company"
down_revision = "0011_installations_location"
branch_labels = None
depends_on = None

_NAME = "hl_installations_company_key"
_PARTIAL = "company_id IS NOT NULL"


def upgrade() -> None:
    op.replace_unique_online("hl_installations", old=_NAME, new=_NAME, columns=("company_id",), old_where=_PARTIAL)


def downgrade() -> None:
    op.replace_unique_online("hl_installations", old=_NAME, new=_NAME, columns=("company_id",), where=_PARTIAL)

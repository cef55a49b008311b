"""OAuth installations and used codes, as they stood

An installation is a location's or an agency's, so uniqueness was declared by two partial indexes: the plain
`ON CONFLICT (location_id)` finds no arbiter. The codes' own upsert works.

Revision ID: 0004_installations
Revises: 0003_insights
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004_installations"
down_revision = "0003_insights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hl_installations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("location_id", sa.Text()),
        sa.Column("company_id", sa.Text()),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        # PostgreSQL names a check of several columns after the table alone
        sa.CheckConstraint("location_id IS NOT NULL OR company_id IS NOT NULL", name=op.f("hl_installations_check")),
    )
    for kind in ("location", "company"):
        op.create_index(
            f"hl_installations_{kind}_key",
            "hl_installations",
            [f"{kind}_id"],
            unique=True,
            postgresql_where=sa.text(f"{kind}_id IS NOT NULL"),
        )
    op.create_table(
        "oauth_codes",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    op.drop_table("oauth_codes")
    op.drop_table("hl_installations")

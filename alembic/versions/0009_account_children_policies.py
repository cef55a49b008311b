"""Protect what hangs on an account as the account itself is

Owners of an account do with its usage, workflows, analytics and conversations what they like. Credentials are for the
backend alone: with row security on and no policy, nobody else sees one. A revision of its own, so that no transaction
locks an account together with what hangs on it: writers lock them in the other order.

Revision ID: 0009_account_children_policies
Revises: 0008_dm_conversations_account
"""

from __future__ import annotations

import policies
from surroundings import surroundings

revision = "0009_account_children_policies"
down_revision = "0008_dm_conversations_account"
branch_labels = None
depends_on = None

_OWNED = ("api_usage", "automation_workflows", "daily_analytics", "instagram_dm_conversations")


def upgrade() -> None:
    user = surroundings().user
    policies.enable("instagram_credentials")
    for table in _OWNED:
        policies.enable(table)
        policies.create_for_owners(
            table, f"business_account_id IN (SELECT id FROM instagram_business_accounts WHERE user_id = {user})"
        )


def downgrade() -> None:
    for table in reversed(_OWNED):
        policies.drop_for_owners(table)
        policies.disable(table)
    policies.disable("instagram_credentials")

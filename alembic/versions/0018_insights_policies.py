"""Let users at the insights, tokens and sync logs of accounts that they own

The one policy that let everybody do everything goes. A sync log is the backend's own record: its account's owner may
read it. A token is for whoever stored it.

Revision ID: 0018_insights_policies
Revises: 0017_insights_by_time
"""

from __future__ import annotations

import policies
from surroundings import surroundings

revision = "0018_insights_policies"
down_revision = "0017_insights_by_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    here = surroundings()
    owned = (
        f"ig_account_id IN (SELECT instagram_business_id FROM instagram_business_accounts WHERE user_id = {here.user})"
    )
    policies.drop("instagram_insights", "signed in")
    policies.create_for_owners("instagram_insights", owned)
    policies.enable("user_tokens")
    policies.create_for_owners("user_tokens", f"user_id = {here.user}")
    policies.enable("instagram_sync_logs")
    policies.create("instagram_sync_logs", "owners read", "SELECT", here.people, using=owned)


def downgrade() -> None:
    policies.drop("instagram_sync_logs", "owners read")
    policies.disable("instagram_sync_logs")
    policies.drop_for_owners("user_tokens")
    policies.disable("user_tokens")
    policies.drop_for_owners("instagram_insights")
    policies.create("instagram_insights", "signed in", "ALL", surroundings().people, using="true", check="true")

"""Say for each command what the owner of an account may do

The three policies FOR ALL become one per command. The backend needs none, since BYPASSRLS or ownership of the table
exempts it, and "nobody else" is what row security means without a policy. An account cannot be handed to another user
by an UPDATE: WITH CHECK looks at the row that comes out.

Revision ID: 0010_accounts_policies
Revises: 0009_account_children_policies
"""

from __future__ import annotations

import policies
from surroundings import surroundings

revision = "0010_accounts_policies"
down_revision = "0009_account_children_policies"
branch_labels = None
depends_on = None

_ACCOUNTS = "instagram_business_accounts"
_BEFORE = ("owners manage their accounts", "service role manages all accounts", "nobody else sees accounts")


def upgrade() -> None:
    policies.drop(_ACCOUNTS, *_BEFORE)
    policies.create_for_owners(_ACCOUNTS, f"user_id = {surroundings().user}")


def downgrade() -> None:
    here = surroundings()
    own, backend, nobody = _BEFORE
    policies.drop_for_owners(_ACCOUNTS)
    policies.create(_ACCOUNTS, own, "ALL", here.people, using=f"user_id = {here.user}", check=f"user_id = {here.user}")
    policies.create(_ACCOUNTS, backend, "ALL", here.backend, using="true", check="true")
    policies.create(_ACCOUNTS, nobody, "ALL", here.anonymous, using="false")

"""Let an account be upserted by its owner and its Instagram id together

The broken write named this pair, and "add it" is right for a reason that nobody saw: with the narrow target
(instagram_business_id), and `user_id` among what is updated, a second user who connects the same account takes the
first one's row over, and the backend's BYPASSRLS lets it. With the pair as the target the second user is refused by
the narrow constraint, with 23505 and the row as it was.

So the narrow constraint stays. It is what refuses, and writes that name it keep their arbiter; no statement that worked
before stops working. Whether two users may share an account is not for a migration to decide: if they may, drop the
narrow one once every write names the pair. The pair is also the index that `user_id`, a foreign key, did not have.

Revision ID: 0005_accounts_owner_key
Revises: 0004_installations
"""

from __future__ import annotations

from alembic import op

import pgarbiter.online

revision = "0005_accounts_owner_key"
down_revision = "0004_installations"
branch_labels = None
depends_on = None

_NAME = "instagram_business_accounts_user_id_instagram_business_id_key"
_KEY = ("user_id", "instagram_business_id")


def upgrade() -> None:
    op.add_unique_online("instagram_business_accounts", _KEY, name=_NAME, constraint=True)


def downgrade() -> None:
    op.drop_unique_online("instagram_business_accounts", _NAME, columns=_KEY, constraint=True)

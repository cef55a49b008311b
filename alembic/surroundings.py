"""What the database provides besides the revisions' own tables: users, roles and functions of Supabase, or none.

On plain PostgreSQL there is no `auth.users` to reference. Its rows of the signed-in user are told by the claims that
PostgREST leaves in `request.jwt.claims`, as Supabase's `auth.uid()` tells them; PUBLIC stands in for the roles of the
API, and the role that runs the revisions for the backend. For --sql, `-x platform=supabase` says what cannot be asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from alembic import context, op
from sqlalchemy import text

_CLAIMED = "((nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid)"


@dataclass(frozen=True)
class Surroundings:
    """SQL for what differs: `users` is the referenced column, None where there is none; all else is always there.

    `uuid` makes a new UUID, `user` is the signed-in user's; `people`, `anonymous` and `backend` are roles.
    """

    uuid: str
    users: str | None
    user: str
    people: str
    anonymous: str
    backend: str


_PLAIN = Surroundings("gen_random_uuid()", None, _CLAIMED, "PUBLIC", "PUBLIC", "CURRENT_USER")
_SUPABASE = Surroundings(
    "extensions.uuid_generate_v4()", "auth.users.id", "(SELECT auth.uid())", "authenticated", "anon", "service_role"
)
_UUID = """\
SELECT format('%I.%I()', n.nspname, p.proname) FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname = 'uuid_generate_v4' AND p.pronargs = 0
ORDER BY n.nspname LIMIT 1"""
_PROVIDED = "SELECT to_regclass('auth.users') IS NOT NULL, to_regprocedure('auth.uid()') IS NOT NULL"


def surroundings() -> Surroundings:
    """What is there in the database of this run. Roles belong to the cluster: they alone tell nothing of a database."""
    if context.is_offline_mode():
        return _SUPABASE if context.get_x_argument(as_dictionary=True).get("platform") == "supabase" else _PLAIN
    bind = op.get_bind()
    users, uid = bind.execute(text(_PROVIDED)).one()
    return replace(
        _SUPABASE if uid else _PLAIN,
        uuid=bind.execute(text(_UUID)).scalar() or _PLAIN.uuid,
        users=_SUPABASE.users if users else None,
    )

"""Row security as statements: Alembic has no directive for it."""

from __future__ import annotations

from alembic import op
from surroundings import surroundings


def enable(table: str) -> None:
    """Turn row security on: whoever is neither owner nor exempt sees only what a policy lets through."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def disable(table: str) -> None:
    """Turn it off again."""
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def create(
    table: str, name: str, command: str, role: str, *, using: str | None = None, check: str | None = None
) -> None:
    """Let `role` do `command` ("ALL", "SELECT", ...) to rows that meet `using`, and write rows that meet `check`."""
    tests = (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")
    op.execute(f'CREATE POLICY "{name}" ON {table} FOR {command} TO {role}{tests}')


def drop(table: str, *names: str) -> None:
    """Drop policies by name."""
    for name in names:
        op.execute(f'DROP POLICY "{name}" ON {table}')


def create_for_owners(table: str, owned: str) -> None:
    """One policy for each command, for signed-in users and rows that meet `owned`, before and after the change."""
    people = surroundings().people
    create(table, "owners read", "SELECT", people, using=owned)
    create(table, "owners add", "INSERT", people, check=owned)
    create(table, "owners change", "UPDATE", people, using=owned, check=owned)
    create(table, "owners remove", "DELETE", people, using=owned)


def drop_for_owners(table: str) -> None:
    """The reverse of `create_for_owners`."""
    drop(table, "owners read", "owners add", "owners change", "owners remove")

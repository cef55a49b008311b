"""How Django spells the name of a table."""

from __future__ import annotations

import hashlib

_LONGEST = 63  # of a name in PostgreSQL (db.backends.postgresql.operations.max_name_length)
_DIGEST = 4


def split_table(name: str) -> tuple[str | None, str]:
    """Schema and table of a `db_table`: `"s"."t"` with its quotes is two names, all else is one (ops.quote_name)."""
    bare = name[1:-1] if len(name) > 1 and name.startswith('"') and name.endswith('"') else name
    schema, dot, table = bare.partition('"."')
    return (schema, table) if dot else (None, bare)


def truncated(name: str) -> str:
    """A name made of app label and model, cut as db.backends.utils.truncate_name does."""
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:_DIGEST]
    return name[: _LONGEST - _DIGEST] + digest

"""Operations for live tables, as Alembic directives: `import pgarbiter.online`, then `op.add_check_online(...)`.

Each operation is the only statement of its revision. It runs as a list of steps, outside of the revision's own
transaction; each step asks the catalog whether it is done already, so that a run which was killed anywhere is resumed
by running it again. Steps, rows and times are kept in `pgarbiter_data.journal`, rows that were taken out in
`pgarbiter_data.quarantine`, both in the database that is migrated.
"""

from __future__ import annotations

from .add_check import AddCheck, DropCheck
from .add_column import AddColumn, DropColumn
from .add_index import AddIndex, DropIndex
from .add_unique import AddUnique
from .backfill import Backfill
from .change_type import ChangeType
from .directives import OnlineOp, operations, register, wrapped
from .drop_unique import DropUnique
from .execute import execute
from .foreign_key import AddForeignKey, DropForeignKey
from .not_null import DropNotNull, SetNotNull
from .presets import TextToTimestamptz, TimestamptzToText, WidenToBigint
from .quarantine_online import Quarantine, Restore
from .replace_unique import ReplaceUnique

__all__ = [
    "AddCheck",
    "AddColumn",
    "AddForeignKey",
    "AddIndex",
    "AddUnique",
    "Backfill",
    "ChangeType",
    "DropCheck",
    "DropColumn",
    "DropForeignKey",
    "DropIndex",
    "DropNotNull",
    "DropUnique",
    "OnlineOp",
    "Quarantine",
    "ReplaceUnique",
    "Restore",
    "SetNotNull",
    "TextToTimestamptz",
    "TimestamptzToText",
    "WidenToBigint",
    "execute",
    "operations",
    "register",
    "wrapped",
]

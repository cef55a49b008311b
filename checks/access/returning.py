"""Clients that read rows back with a RETURNING that their call does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Mechanism, Origin

if TYPE_CHECKING:
    from ..model import WriteSite

# Of these it is seen what comes back: it stands in the SQL.
_SHOWN = frozenset({"raw-sql", "sql-file", "arbiter-fallback", "dbt", "sqlkit", "contract"})
# And of these that nothing does, of an INSERT with a conflict clause: Query\Builder::upsert and insertOrIgnore of
# Laravel, Command::upsert of Yii.
_NOTHING = frozenset({"laravel", "yii"})


def may_come_back(site: WriteSite) -> bool:
    """Whether rows of the write may come back, and nobody knows which columns of them."""
    write = site.write
    if (
        write.returning is not None
        or write.returning_known
        or site.origin is not Origin.SOURCE
        or site.client in _SHOWN
    ):
        return False
    return not (site.client in _NOTHING and site.mechanism is Mechanism.ON_CONFLICT)

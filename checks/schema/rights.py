"""Statements about privileges and policies that did not load, and whose rights on what they leave unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import sql
from .effect import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .loading import LoadedFiles

# Nodes of statements that change nothing else; of ALTER TABLE row security and the owner, which make nothing unknown.
_OF_TABLES = frozenset({"create_policy", "alter_policy", "alter_table"})
_OF_ROLES = frozenset({"grant", "grant_role", "alter_default_privileges"})
_POLICY = frozenset({"drop", "policy"})
_MOST_WORDS = 200
_STAND_IN = "stand_in"
# The schemas in which extensions keep tables of their own, which a stand-in makes without their grants.
_TABLES_IN = {"pg_cron": "cron", "pg_net": "net", "supabase_vault": "vault"}


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A statement about rights that did not load: its node, the words in it, and what to say of it."""

    kind: str
    words: tuple[str, ...]
    reason: str

    def concerns(self, table: str, schema: str, roles: Collection[str]) -> bool:
        """Whether it may change what one of these roles may do with the table."""
        found = set(self.words)
        if self.kind == _STAND_IN:
            return schema in found
        if self.kind in _OF_TABLES or self.kind == "drop":
            return table in found
        return (table in found or schema in found or self.kind == "grant_role") and not found.isdisjoint(roles)


def unloaded(result: LoadedFiles) -> Iterator[Unloaded]:
    """Those of a schema source, and what an extension grants on the tables for which there are only stand-ins."""
    for one in result.stand_ins:
        if one.name in _TABLES_IN:
            reason = f'what extension "{one.name}" grants on its tables is not known: a stand-in takes its place'
            yield Unloaded(_STAND_IN, (_TABLES_IN[one.name],), reason)
    for failure, text in zip(result.failed, result.refused, strict=True):
        kind = sql.touched(text).kind
        found = words(text)
        if kind in _OF_TABLES | _OF_ROLES or (kind == "drop" and found >= _POLICY):
            told = f"{failure.path}:{failure.line} did not load: {failure.message}"
            yield Unloaded(kind, tuple(sorted(found)[:_MOST_WORDS]), told)

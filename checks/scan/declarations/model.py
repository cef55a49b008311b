"""Tables as application code declares them: how attribute names map to column names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnDeclaration:
    """One column: the attribute of the class, the name in the database, and the key that statements use.

    `offset` is where its declaration stands, which tells it from others when only the declaration is at hand.
    """

    attribute: str
    name: str
    key: str
    primary: bool = False
    client_default: bool = False  # the library fills it in on INSERT
    offset: int = -1
    client_update: bool = False  # the library sets it anew on UPDATE
    generated: bool = False  # left to the database unless a row gives it


@dataclass(frozen=True, slots=True)
class TableDeclaration:
    """A table. `complete` False: there may be more columns than these.

    `primary_key` holds column names, None when it is not known; `primary_key_name` its name when it has one.
    `naming` maps kinds of constraints ("pk", "uq") to the pattern that names them. `mapped` says that statements name
    columns by attribute (a class), else by key (a Core table).
    """

    name: str
    schema: str | None
    columns: tuple[ColumnDeclaration, ...] = ()
    primary_key: tuple[str, ...] | None = None
    primary_key_name: str | None = None
    complete: bool = True
    mapped: bool = False
    naming: tuple[tuple[str, str], ...] = ()

    def by_key(self, key: str) -> ColumnDeclaration | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)

    def by_attribute(self, attribute: str) -> ColumnDeclaration | None:
        """The column of that attribute, which for a Core table is its key."""
        return next((column for column in self.columns if column.attribute == attribute), None)


@dataclass(frozen=True, slots=True)
class Undeclared:
    """No table can be read from that value, and why."""

    reason: str

"""A race for a key: what a unique index makes of it, and what the program does then, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Mechanism
from ..scan.answered import is_answered, release_of
from ._fed import columns_of
from ._names import bare, columns_sql, target_sql, unique_index_sql

if TYPE_CHECKING:
    from ..catalog.model import Index, Relation
    from ..model import Met, WriteSite


@dataclass(frozen=True, slots=True)
class First:
    """The first of the two statements, in words."""

    name: str
    done: str
    seen: str
    between: str = ""


FIRST = {
    Mechanism.SELECT_THEN_INSERT: First("lookup", "looked up", "see no row"),
    Mechanism.UPDATE_THEN_INSERT: First("UPDATE", "updated", "update no row"),
    Mechanism.DELETE_INSERT: First(
        "DELETE",
        "deleted",
        "delete the same row",
        "Without a transaction the row is gone for all who read in between. ",
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The client looks the row up again when its INSERT fails; `release`: from which one on, if it is not known."""

    release: str | None


@dataclass(frozen=True, slots=True)
class Race:
    """Two statements by `keys`, the index that refuses the second row if there is one, and who deals with that."""

    first: First
    relation: Relation | None
    keys: tuple[str, ...]
    index: Index | None
    answer: Answer | None
    met: Met | None

    @property
    def whole(self) -> bool:
        """Whether each second row is refused, and at once."""
        return self.index is not None and self.index.predicate is None and self.index.immediate

    @property
    def caught(self) -> int | None:
        """The line that knows the error of the second row, if there may be one at the INSERT."""
        raised = self.index.immediate if self.index is not None else self.relation is None
        return self.met.caught if self.met is not None and raised else None

    @property
    def is_settled(self) -> bool:
        """Whether the index decides between two sessions, and the program goes on with the row of the other."""
        if self.answer is not None and self.whole and self.answer.release is None:
            return True
        again = self.caught is not None and self.met is not None and self.met.again
        return again and (self.relation is None or self.whole)

    @property
    def is_harmless(self) -> bool:
        """Whether no row is there twice, and what is left is an error that the program knows, or a rare one."""
        met = self.met
        if met is not None and (met.serialised or self.caught is not None or (met.refused and self.whole)):
            return True
        return self.answer is not None and self.whole

    @property
    def effect(self) -> str:
        """What two sessions do to each other."""
        race = f"Two sessions at once both {self.first.seen} and both insert"
        if self.index is None and self.caught is not None:
            told = f"{race}: line {self.caught} answers the 23505 of the slower one, if a unique index forbids its row."
        elif self.index is None and self.relation and not self.keys:
            told = f"{race}: the slower one fails with 23505 where a unique index forbids its row, else both rows stay."
        elif self.index is None:
            told = f"{race}: both rows stay, since no unique index forbids it." if self.relation else f"{race}."
        elif self.answer is not None:
            told = _decided(race, self.index, self.answer)
        else:
            told = f'{race}: the slower one fails with 23505 on "{self.index.name}"{self._what_then(self.index)}.'
        return self.first.between + told

    def _what_then(self, index: Index) -> str:
        rows = f", for rows with {bare(index.predicate)}" if index.predicate else ""
        if self.caught is not None:
            return f"{rows}, which line {self.caught} answers"
        refused = self.met is not None and self.met.refused
        return f"{rows}, and not with the error that the lookup leads to" if refused else rows

    @property
    def remedy(self) -> str:
        """What to do about it."""
        refused = self.met is not None and self.met.refused
        if self.index and self.caught is not None and self.met is not None and self.met.aborted:
            return (
                f"Use {_statement(target_sql(self.index), 'DO NOTHING')}, which fails no transaction, "
                "or set a savepoint before the INSERT."
            )
        if self.index and self.caught is not None:
            return (
                f"Leave it so, or use {_statement(target_sql(self.index), 'DO NOTHING')}, which fails no transaction."
            )
        if self.index and self.index.immediate:
            if refused:
                return "Answer 23505 of the INSERT as a row that the lookup finds is answered: the index decides."
            return f"Use {_statement(target_sql(self.index), 'DO UPDATE SET ... (or DO NOTHING)')}."
        if self.relation is None or not self.keys:
            return "Use one INSERT ... ON CONFLICT statement, with a unique index on the key."
        index = unique_index_sql(self.relation, self.keys)
        return f"Where one row per key is meant, create the unique index: {index}. {self._with_index}"

    @property
    def _with_index(self) -> str:
        """What to do when the index is there."""
        if self.answer is not None:
            release = f" (from {self.answer.release} on)" if self.answer.release else ""
            return f"With it the client{release} takes the row of the other session."
        if self.met is not None and self.met.caught is not None:
            return f"Line {self.met.caught} then gets the 23505 that it expects."
        if self.met is not None and self.met.refused:
            return "Then answer 23505 of the INSERT as a row that the lookup finds is answered."
        statement = _statement(f"ON CONFLICT {columns_sql(self.keys)}", "DO UPDATE SET ... (or DO NOTHING)")
        return f"Then use {statement}."


def race_of(site: WriteSite, first: First, relation: Relation | None) -> Race:
    """The race that a site is on a table, of which None is known."""
    keys, write = site.key_columns or (), site.write
    written = write.columns if write.complete and write.columns is not None else keys
    index = _unique(relation, keys, frozenset(written)) if relation else None
    answer = Answer(release_of(site.reason)) if is_answered(site.reason) else None
    if index is not None and not index.immediate:
        answer = None  # the error comes with COMMIT, too late for another lookup
    return Race(first, relation, keys, index, answer, site.met)


def _unique(relation: Relation, keys: tuple[str, ...], written: frozenset[str]) -> Index | None:
    """The index that refuses the second row: on the key, else on a part of it, or an expression, that is `written`."""
    usable = [
        index
        for index in relation.indexes
        if index.unique and index.valid and not index.exclusion
        if (columns := set(columns_of(index))) and (columns == set(keys) or columns <= set(keys) & written)
    ]
    ordered = sorted(
        usable,
        key=lambda i: (
            i.predicate is not None,
            any(key.column is None for key in i.keys),
            len(i.columns) < len(keys),
            not i.immediate,
        ),
    )
    return next(iter(ordered), None)


def _decided(race: str, index: Index, answer: Answer) -> str:
    """What happens where the index keeps one of the two sessions out, and the client can take the other's row."""
    race = f'{race}. "{index.name}" refuses the second row'
    where = f" where {bare(index.predicate)}" if index.predicate else ""
    other = " All other rows stay twice." if where else ""
    if answer.release is None:
        return f"{race}{where}, and the client then takes the first.{other}"
    return f"{race}{where}: before {answer.release} with 23505, from then on the client takes the first.{other}"


def _statement(target: str, action: str) -> str:
    return f"one statement: INSERT ... {target} {action}"

"""Statements of a schema source that did not run: tried again where that is safe, and what is uncertain in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import sql
from .effect import Effect, current_names, destroys, destroys_no_table, effect_of, leading, place, words
from .model import LoadFailure
from .session import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .session import Session
    from .wire import Refusal

# Something that the statement names is not there (yet): a later statement may make it.
_INDEX = {("index",), ("unique",)}
_MISSING = frozenset({"42P01", "42704", "42883", "3F000", "42703", "42830"})


@dataclass(frozen=True, slots=True)
class _Failure:
    item: Item
    refusal: Refusal
    effect: Effect
    search_path: str
    order: int


@dataclass(frozen=True, slots=True)
class _Destroying:
    """A statement that drops or renames something, by the words in it."""

    order: int
    words: frozenset[str]
    parts_only: bool

    def may_undo(self, failure: _Failure) -> bool:
        """Whether the failed statement would have made what this one takes away."""
        made = leading(failure.item.text)[1:2]
        return bool(self.words & failure.effect.names) and not (self.parts_only and made in {("table",), *_INDEX})


@dataclass(slots=True)
class Failures:
    """The failed statements of one session. `order` of a statement is how many stand before it, and it."""

    session: Session
    suspect: set[str] = field(default_factory=set)  # relations that were incomplete at some time, even if mended later
    without_keys: int = 0
    _failed: list[_Failure] = field(default_factory=list)
    _destroying: list[_Destroying] = field(default_factory=list)

    def watch(self, item: Item, order: int) -> None:
        """Note a statement that takes something away, whether it runs or not."""
        if destroys(item.text):
            self._destroying.append(_Destroying(order, frozenset(words(item.text)), destroys_no_table(item.text)))

    def add(self, item: Item, refusal: Refusal, order: int) -> None:
        """A statement did not run."""
        effect = effect_of(item.text, refusal, self.session.query)
        path = self.session.query("SELECT pg_catalog.current_setting('search_path')")
        self.suspect.update(relation.name for relation in effect.relations)
        self._failed.append(_Failure(item, refusal, effect, str(path[0][0]) if path else "", order))

    def try_again(self) -> None:
        """Run what failed again, in order, while that helps; then tables without the foreign keys that stop them."""
        while self._pass(lambda text: text) or self._pass(sql.foreign_keys_stripped, keys=True):
            pass

    def reported(self) -> Iterator[LoadFailure]:
        """What failed in the end, in the order of the source, with the relations that are uncertain for it."""
        for failure in sorted(self._failed, key=lambda failure: failure.order):
            item, refusal = failure.item, failure.refusal
            yield LoadFailure(item.path, item.line, refusal.sqlstate, refusal.message, self._unknown(failure.effect))

    def texts(self) -> tuple[str, ...]:
        """The statements that `reported` is about, in its order."""
        return tuple(failure.item.text for failure in sorted(self._failed, key=lambda failure: failure.order))

    def _pass(self, rewrite: Callable[[str], str | None], *, keys: bool = False) -> bool:
        before, self._failed = self._failed, []
        for failure in before:
            text = rewrite(failure.item.text) if self._may_run_again(failure) else None
            refusal = self._run_again(failure, text) if text is not None else failure.refusal
            if refusal is None:
                self.without_keys += keys
            else:
                self._failed.append(failure if keys else _again(failure, refusal))
        return len(self._failed) < len(before)

    def _may_run_again(self, failure: _Failure) -> bool:
        """Only what makes something, and only if no later statement took away or renamed a thing that it names."""
        text = failure.item.text
        makes = leading(text)[:1] in {("create",), ("alter",)} and not destroys(text)
        if not makes or failure.refusal.sqlstate not in _MISSING:
            return False
        if any(later.order > failure.order and later.may_undo(failure) for later in self._destroying):
            return False
        # IF NOT EXISTS beside a later definition of the same name would seem to run.
        return all(place(name, self.session.query).oid is None for name in failure.effect.creates)

    def _run_again(self, failure: _Failure, text: str) -> Refusal | None:
        self.session.begin_file()
        self.session.query("SELECT pg_catalog.set_config('search_path', %s, false)", (failure.search_path,))
        item = failure.item
        refusal = self.session.run(Item(item.path, item.line, item.offset, text))
        self.session.commit()
        undone = self.session.take_undone()
        return refusal or (undone[0][1] if undone else None)

    def _unknown(self, effect: Effect) -> tuple[str, ...]:
        """The names by now of what a failed statement would have changed."""
        oids = [relation.oid for relation in effect.relations if relation.oid is not None]
        names = {relation.name for relation in effect.relations if relation.oid is None}
        return tuple(sorted(names | set(current_names(oids, self.session.query) if oids else ())))


def _again(failure: _Failure, refusal: Refusal) -> _Failure:
    """The failure with its newest reason: what was missing first may be there by now."""
    return _Failure(failure.item, refusal, failure.effect, failure.search_path, failure.order)

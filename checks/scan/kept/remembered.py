"""A module that answers from memory what it was asked in an earlier run, and is parsed when it is asked more."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .codec import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...model import Met
    from ..model import Function, Module, Result, SourceFile
    from ..values import Call, Guard, Value


class Remembered:
    """Answers depend on the file alone, so they hold as long as the file is what it was.

    `known` are kept answers by question, as the codec writes them; `make` parses the file.
    """

    def __init__(
        self, known: dict[str, Any], load: Callable[[], SourceFile], make: Callable[[SourceFile], Module]
    ) -> None:
        self._known = known
        self._load = load
        self._make = make
        self._file: SourceFile | None = None
        self._fresh: dict[str, object] = {}

    @property
    def file(self) -> SourceFile:
        """The file."""
        if self._file is None:
            self._file = self._load()
        return self._file

    @cached_property
    def parsed(self) -> Module:
        """The module itself."""
        return self._make(self.file)

    def let_go(self) -> None:
        """Drop the syntax tree, which is many times as large as the answers; it is parsed anew when more is asked."""
        self.__dict__.pop("parsed", None)

    def __getattr__(self, name: str) -> Any:
        """What is not remembered is asked of the module itself."""
        return getattr(self.parsed, name)

    def _answer(self, question: str, ask: Callable[[], object]) -> Any:
        if question in self._fresh:
            return self._fresh[question]
        found = decoded(self._known[question]) if question in self._known else ask()
        self._fresh[question] = found
        return found

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """See Module."""
        question = f"calls {' '.join(sorted(names))}"
        found: tuple[Call, ...] = self._answer(question, lambda: tuple(self.parsed.calls(names)))
        return iter(found)

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """See Module; `not_run`, `is_part`, `is_prepared` are about what it has yielded, so it is not remembered."""
        return self.parsed.strings(pattern)

    def not_run(self, offset: int) -> str | None:
        """See Module."""
        return self.parsed.not_run(offset)

    def is_part(self, offset: int) -> bool:
        """See Module."""
        return self.parsed.is_part(offset)

    def is_prepared(self, offset: int) -> bool:
        """See Module."""
        return self.parsed.is_prepared(offset)

    def lookup(self, name: str, offset: int) -> Value | None:
        """See Module."""
        found: Value | None = self._answer(f"lookup {offset} {name}", lambda: self.parsed.lookup(name, offset))
        return found

    def exported(self, name: str) -> Value | None:
        """See Module."""
        found: Value | None = self._answer(f"exported {name}", lambda: self.parsed.exported(name))
        return found

    def function_at(self, offset: int) -> Function | None:
        """See Module."""
        found: Function | None = self._answer(f"function {offset}", lambda: self.parsed.function_at(offset))
        return found

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """See Module."""
        found: tuple[Guard, ...] = self._answer(f"guards {offset}", lambda: self.parsed.guards(offset))
        return found

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """See Module; asked when facts are found."""
        return self.parsed.answers_to(pattern, names)

    def met(self, lookup: int, insert: tuple[int, int], until: int, others: Sequence[int] = ()) -> Met:
        """See Module."""
        question = f"met {lookup} {insert[0]} {insert[1]} {until} {[*others]}"
        found: Met = self._answer(question, lambda: self.parsed.met(lookup, insert, until, others))
        return found

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """See Module."""
        question = f"leads {lookup} {insert} {asked} {same}"
        return bool(self._answer(question, lambda: self.parsed.leads(lookup, insert, asked=asked, same=same)))

    def result_of(self, name: str, offset: int) -> Result | None:
        """See Module; clients ask it when they find facts, which are kept."""
        return self.parsed.result_of(name, offset)

    def answers(self) -> dict[str, Any] | None:
        """All answers to keep, None when there are no new ones.

        Those that nobody asked for in this run are kept too: the file is the same.
        """
        new = {question: found for question, found in self._fresh.items() if question not in self._known}
        if not new:
            return None
        return {**self._known, **{question: encoded(found) for question, found in new.items()}}

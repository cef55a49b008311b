"""Files of SQL or GraphQL as modules: one string expression, the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...sql.meeting import read_meeting
from ..values import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...model import Met
    from ..model import Function, Result, SourceFile
    from ..values import Call, Guard, Value


class SqlModule:
    """A file of statements."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """None: functions are called inside statements only."""
        del names
        return iter(())

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """The whole file; `pattern` is for literals."""
        del pattern
        yield Text(self.file.text, ((0, 0),), self.file.path)

    def not_run(self, offset: int) -> str | None:
        """Nothing: what stands in a file of statements is executed."""
        del offset
        return None

    def is_part(self, offset: int) -> bool:
        """Never."""
        del offset
        return False

    def is_prepared(self, offset: int) -> bool:
        """Never."""
        del offset
        return False

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """None."""
        del offset
        return ()

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """Nothing: handlers of functions are read with the statements."""
        del pattern, names
        return iter(())

    def met(self, lookup: int, insert: tuple[int, int], until: int, others: Sequence[int] = ()) -> Met:
        """What the routine does that holds both."""
        del until, others
        return read_meeting(self.file.text, lookup, insert[0])

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """Yes: what lies between two statements is read with them."""
        del lookup, insert, asked, same
        return True

    def result_of(self, name: str, offset: int) -> Result | None:
        """None."""
        del name, offset
        return None

    def lookup(self, name: str, offset: int) -> Value | None:
        """No names."""
        del name, offset
        return None

    def exported(self, name: str) -> Value | None:
        """No exports."""
        del name
        return None

    def function_at(self, offset: int) -> Function | None:
        """No host functions."""
        del offset
        return None

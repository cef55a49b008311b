"""Asks a planner which indexes it infers, on a connection that is opened with the first question."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from ..errors import SqlSyntaxError
from ..model import InferenceClause, QualifiedName
from ..sql.probe import probe
from .answers import Answer, NoAnswer
from .model import DecidedBy
from .scope import Scope
from .views import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import psycopg

    from ..catalog.model import Relation
    from ..model import Write

    Connection = psycopg.Connection[Any]


class Oracle:
    """A planner that can be asked. Answers are kept, so that the same clause is asked about once.

    `connect` gives a connection for as long as its context lasts. Inside `with Oracle(...)` one connection is kept for
    all questions, otherwise each question opens its own.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connect = connect
        self._answers: dict[object, Answer] = {}
        self._kept: tuple[AbstractContextManager[Connection], Connection] | None = None
        self._depth = 0

    @classmethod
    def on(cls, connection: Connection) -> Oracle:
        """An oracle on a connection of the caller's, whose transaction it leaves as it was."""

        @contextmanager
        def same() -> Iterator[Connection]:
            yield connection

        return cls(same)

    @property
    def decided_by(self) -> DecidedBy:
        """The server itself."""
        return DecidedBy.SERVER

    def __enter__(self) -> Self:
        self._depth += 1
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._depth -= 1
        if self._kept is not None and self._depth == 0:
            context, self._kept = self._kept[0], None
            context.__exit__(None, None, None)

    def ask(self, write: Write, relation: Relation, search_path: Sequence[str]) -> Answer:
        """What inference comes to for the clause of `write` on `relation`; never raises for what a server says."""
        if not isinstance(write.target, InferenceClause):
            return NoAnswer("only an inference clause can be put to a planner")
        names = (write.alias, write.variables, write.variable_conflict)
        key = (relation.schema, relation.name, write.target, names, tuple(search_path))
        if key not in self._answers:
            self._answers[key] = self._asked(write, write.target, relation, search_path)
        return self._answers[key]

    def _asked(self, write: Write, clause: InferenceClause, relation: Relation, search_path: Sequence[str]) -> Answer:
        first = 1 + max((n for n in range(1, 100) if f"${n}" in repr(clause)), default=0)
        try:
            names = Scope(write, relation, Reach(relation)).variables()
            variables = {name: first + n for n, name in enumerate(names)}
            text = probe(QualifiedName(relation.schema, relation.name), write.alias, clause, variables)
        except SqlSyntaxError as error:
            return NoAnswer(error.message)
        from .planner import put  # noqa: PLC0415 - most runs ask nothing, and do without a driver

        if self._depth == 0:
            with self._connect() as connection:
                return put(connection, text, relation, search_path)
        if self._kept is None:
            context = self._connect()
            self._kept = (context, context.__enter__())
        return put(self._kept[1], text, relation, search_path)

"""XML mappers of MyBatis as modules: a string for each statement."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .mapper_text import Writer
from .mapper_tree import Element, RefusedError, tree_of
from .sql import SqlModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..values import Value

_STATEMENTS = ("insert", "update", "delete", "select")


class Statement(NamedTuple):
    """A statement with the database that it is for, if it says one; `name` is its id."""

    name: str
    value: Value
    database: str
    offset: int


class MapperModule(SqlModule):
    """A file of XML: of anything but a mapper it has no strings."""

    @cached_property
    def root(self) -> Element | None:
        """The mapper; None for another document."""
        if "<mapper" not in self.file.text:
            return None
        try:
            root = tree_of(self.file.text, self.file.path)
        except RefusedError as error:
            self.refused = str(error)
            return None
        return root if root.name == "mapper" else None

    refused: str | None = None  # why a file that names a mapper is not read

    @cached_property
    def namespace(self) -> str:
        """The name of the mapper."""
        return self.root.attributes.get("namespace", "") if self.root is not None else ""

    @cached_property
    def writer(self) -> Writer:
        """What writes its statements."""
        found = self.root.elements("sql") if self.root is not None else ()
        fragments = {one.attributes.get("id", ""): one for one in found}
        return Writer(fragments, self.namespace, self.file.path)

    def statements(self) -> Iterator[Statement]:
        """The statements in order."""
        for one in self.root.elements(*_STATEMENTS) if self.root is not None else ():
            given = one.attributes
            value = self.writer.statement(one)
            yield Statement(given.get("id", ""), value, given.get("databaseId", ""), one.offset)

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """The statements; `pattern` is for literals."""
        del pattern
        return (one.value for one in self.statements())

    def exported(self, name: str) -> Value | None:
        """A fragment."""
        return self.writer.fragment(name)

"""How a TypeORM project names tables and columns: its naming strategy, prefix and schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Record
from .casing import typeorm_camel_case, typeorm_snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Resolve
    from ..values import Value
    from .typeorm import Property

_STRATEGY = re.compile(r"namingStrategy\s*:\s*new\s+([A-Za-z_$][\w$]*)")
_PREFIX = re.compile(r"""entityPrefix\s*:\s*["'](\w*)["']""")
_SNAKE = frozenset({"SnakeNamingStrategy"})
_SOURCES = frozenset({"DataSource", "forRoot"})
_DOUBT = "names are made by a naming strategy of the project"


@dataclass(frozen=True, slots=True)
class Naming:
    """`snake`: as SnakeNamingStrategy of typeorm-naming-strategies 4.1.0; `doubt`: why names are not known."""

    snake: bool = False
    doubt: str | None = None
    prefix: str = ""
    schema: Value | None = None

    def table(self, class_name: str, given: str | None) -> str | None:
        """The name of a table, None when it is not known."""
        if given is None and self.doubt is not None:
            return None
        return self.prefix + (given or typeorm_snake_case(class_name))

    def column(self, name: str, given: str | None) -> str | None:
        """The name of a column, None when it is not known."""
        if given is not None:
            return given
        if self.doubt is not None:
            return None
        return typeorm_snake_case(name) if self.snake else name

    def embedded(self, prefix: str, column: str | None) -> str | None:
        """The name of a column of an embedded class."""
        if column is None or self.doubt is not None:
            return None
        if self.snake:
            return f"{typeorm_snake_case(prefix)}_{column}"
        return typeorm_camel_case(prefix) + _titled(column)

    def join_column(self, relation: str, referenced: str) -> str | None:
        """The name of a join column that is given none."""
        if self.doubt is not None:
            return None
        name = f"{relation}_{referenced}"
        return typeorm_snake_case(name) if self.snake else typeorm_camel_case(name)

    def doubt_of(self, properties: Iterable[Property]) -> str | None:
        """Why columns of an entity are not known, if any is not."""
        unknown = next((one for one in properties if one.column is None), None)
        return None if unknown is None else self.doubt or f'the column of "{unknown.path}" cannot be read'


def _titled(name: str) -> str:
    """`titleCase` (typeorm 1.1.1, util/StringUtils)."""
    return re.sub(r"\w\S*", lambda match: match[0][0].upper() + match[0][1:].lower(), name)


def naming_of(resolve: Resolve) -> Naming:
    """The naming of the project's data sources."""
    texts = [file.text for file in resolve.holding(b"namingStrategy") if "typeorm" in file.text.lower()]
    named = [_STRATEGY.findall(text) for text in texts]
    known = all(named) and {name for names in named for name in names} <= _SNAKE
    prefixes = {name for file in resolve.holding(b"entityPrefix") for name in _PREFIX.findall(file.text)}
    prefix = next(iter(prefixes)) if len(prefixes) == 1 else ""
    doubt = _DOUBT if not known else None
    if (not prefixes and resolve.holding(b"entityPrefix")) or len(prefixes) > 1:
        doubt = "names of tables have a prefix that is only known at run time"
    return Naming(bool(named) and known, doubt, prefix, _schema(resolve))


def _schema(resolve: Resolve) -> Value | None:
    """The schema of the data sources, when all that can be read agree on it."""
    found: list[Value] = []
    for module in (*resolve.modules_holding(b"DataSource("), *resolve.modules_holding(b"forRoot(")):
        for call in module.calls(_SOURCES):
            options = resolve(call.args[0]) if call.args else None
            given = options.get("schema") if isinstance(options, Record) and options.get("type") is not None else None
            found += [given] if given is not None and given not in found else []
    return found[0] if len(found) == 1 else None

"""What a unique index compares: its elements, its predicate, and which of its rows can be duplicates at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..quoting import literal, quoted
from ..sql.lexis import Kind, lex
from .model import OnlineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..sql.lexis import Token
    from .model import Table
    from .session import Session


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a unique index. Elements that start with "(" are index elements as they are, others exact columns."""

    elements: tuple[str, ...]
    where: str | None = None
    nulls_not_distinct: bool = False

    @property
    def index_elements(self) -> str:
        """For the parentheses of CREATE INDEX."""
        return ", ".join(each if each.startswith("(") else quoted(each) for each in self.elements)

    @property
    def counted(self) -> str:
        """Which rows can be duplicates: those that the index holds and whose NULLs do not make them distinct.

        NULL is told by num_nulls, as in the index: a composite value with a NULL in it IS NOT NULL to neither side.
        """
        held = f"({self.where})" if self.where else "true"
        if self.nulls_not_distinct:
            return held
        return f"{held} AND pg_catalog.num_nulls({', '.join(each.expression for each in self._parts())}) = 0"

    def values(self, session: Session, table: Table) -> tuple[str, ...]:
        """Expressions over the table's columns, which GROUP BY compares exactly as the index would.

        Raises OnlineError for an operator class whose equality is not that of the type.
        """
        parts = self._parts()
        for part in parts:
            if part.opclass and not _same_equality(session, table, part):
                raise OnlineError(
                    f'operator class "{part.opclass}" of {part.expression} has an equality of its own, by which rows'
                    " cannot be grouped; nothing was changed",
                    "Use the default operator class of the type, or remove the duplicates by hand before the build.",
                )
        return tuple(part.value for part in parts)

    def __str__(self) -> str:
        """For messages: (a, b) WHERE c."""
        return f"({self.index_elements})" + (f" WHERE {self.where}" if self.where else "")

    def _parts(self) -> tuple[_Part, ...]:
        return tuple(_part(each) for each in self.elements)


class _Part(NamedTuple):
    """An index element in its parts, each as text."""

    expression: str
    collation: str | None = None
    opclass: str | None = None

    @property
    def value(self) -> str:
        return f"{self.expression} COLLATE {self.collation}" if self.collation else self.expression


def _part(element: str) -> _Part:
    """The element, taken apart. Raises OnlineError when it is not `(expression) [COLLATE name] [opclass]`."""
    if not element.startswith("("):
        return _Part(quoted(element))
    tokens = list(lex(element, placeholders=False))
    end = _closing(tokens)
    collation, opclass = None, None
    rest: Sequence[Token] = tokens[end + 1 :] if end is not None else []
    if rest and rest[0].kind is Kind.WORD and rest[0].value == "collate":
        collation, rest = _name(element, rest[1:])
        end = end if collation else None
    if rest:
        opclass, rest = _name(element, rest)
    if end is None or (rest and rest[0].value != "(") or element[tokens[-1].end :].strip():
        raise OnlineError(
            f'"{element}" is no index element',
            'Write "(expression)", with COLLATE and an operator class behind it where needed; without DESC or NULLS.',
        )
    return _Part(element[: tokens[end].end], collation, opclass)


def _closing(tokens: Sequence[Token]) -> int | None:
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.value, 0)
            if depth == 0:
                return index
    return None


def _name(text: str, tokens: Sequence[Token]) -> tuple[str | None, Sequence[Token]]:
    """The name that the tokens begin with, dots included, and what follows it."""
    end = 0
    while end < len(tokens) and (tokens[end].kind in (Kind.WORD, Kind.QUOTED) or tokens[end].value == "."):
        if end and (tokens[end].value == ".") == (tokens[end - 1].value == "."):
            break
        end += 1
    return (text[tokens[0].start : tokens[end - 1].end], tokens[end:]) if end else (None, tokens)


def _same_equality(session: Session, table: Table, part: _Part) -> bool:
    """Whether the class's equality is the one of the type's default class, by which GROUP BY compares."""
    names = [_exact(token) for token in lex(part.opclass or "", placeholders=False) if token.value != "."]
    visible = (
        f"n.nspname = {literal(names[0])}" if len(names) > 1 else "pg_catalog.pg_opclass_is_visible(o.oid)"
    ) + f" AND o.opcname = {literal(names[-1])}"
    equality = (
        "(SELECT a.amopopr FROM pg_catalog.pg_amop a WHERE a.amopfamily = {0}.opcfamily AND a.amopstrategy = 3"
        " AND a.amoplefttype = {0}.opcintype AND a.amoprighttype = {0}.opcintype)"
    )
    # A domain compares as its base type. A type without a default class of its own (varchar, an enum) takes that of
    # the type it is coerced to, which is then the type of the class that was named.
    found: bool | None = session.value(
        "WITH RECURSIVE base(oid, kind, below) AS ("
        "SELECT t.oid, t.typtype, t.typbasetype FROM pg_catalog.pg_type t"
        f" WHERE t.oid = (SELECT pg_catalog.pg_typeof((SELECT {part.expression} FROM {table} LIMIT 0))::oid)"
        " UNION ALL SELECT t.oid, t.typtype, t.typbasetype FROM base JOIN pg_catalog.pg_type t ON t.oid = base.below"
        " WHERE base.kind = 'd'),"
        " btree AS (SELECT * FROM pg_catalog.pg_opclass"
        " WHERE opcmethod = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree'))"
        f" SELECT {equality.format('o')} = {equality.format('d')}"
        " FROM btree o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace"
        " JOIN btree d ON d.opcdefault AND d.opcintype = coalesce("
        "(SELECT x.opcintype FROM btree x JOIN base ON x.opcintype = base.oid WHERE x.opcdefault AND base.kind <> 'd'),"
        f" o.opcintype) WHERE {visible}"
    )
    return bool(found)


def _exact(token: Token) -> str:
    """The name that a token spells."""
    return token.value[1:-1].replace('""', '"') if token.kind is Kind.QUOTED else token.value

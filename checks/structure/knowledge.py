"""What a structure does not know: things in doubt, and how far a source goes that does not tell everything."""

from __future__ import annotations

from typing import NamedTuple


class Doubt(NamedTuple):
    """Something that a source cannot tell, since a statement about it did not run.

    `kinds` are those of `model.Kind` that it may have, none: any. `schema` None: in any schema; `name` "": every
    object. With `part` (of `model.Part`) it is about the part `member` of a relation, or about all such parts; with
    `field` only about that field of the object or part.
    """

    name: str
    schema: str | None = None
    kinds: tuple[str, ...] = ()
    part: str | None = None
    member: str | None = None
    field: str | None = None
    reason: str = ""


class Extent(NamedTuple):
    """What a source tells that does not tell everything; what lies outside is unknown, and not absent.

    `kinds` of objects are told, in these `schemas`; of relations these fields, and of columns these ("order": the order
    in which they stand). `coarse`: a table and a foreign table are not told apart, nor are views; of a default only
    whether a column that is never null may be left out of an INSERT.
    """

    kinds: tuple[str, ...]
    schemas: tuple[str, ...]
    relation: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    coarse: bool = False

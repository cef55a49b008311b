"""MyBatis: statements of XML mappers, with the fragments that they include."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...sql import read_writes
from ..flatten import variants
from ..hosts.mapper import MapperModule
from ..hosts.mapper_text import MOST_INCLUDED, is_postgres
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Choice, Join, Name, Text
from .raw_sql import without_lesser
from .sql_text import drafts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value


def _find(module: Module) -> Iterator[SiteFact]:
    """Every statement of a mapper."""
    if not isinstance(module, MapperModule):
        return
    for one in module.statements():
        values: dict[str, Value] = {"sql": one.value, "database": Text(one.database)}
        yield SiteFact(client="mybatis", values=values, offset=one.offset, statement=one.offset, end=one.offset)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found: dict[Draft, None] = {}
    database = fact.values["database"]
    other = None
    if isinstance(database, Text) and database.text and not is_postgres(database.text):
        other = f'its databaseId is "{database.text}"'
    for flat in variants(_included(fact.values["sql"], resolve, 0)):
        drafts = drafts_of(read_writes(flat.text), flat)
        if not isinstance(drafts, NoSite):
            found.update(dict.fromkeys(replace(draft, not_postgres=draft.not_postgres or other) for draft in drafts))
    return tuple(without_lesser(found)) or NoSite("no statement that writes")


def _included(value: Value, resolve: Resolve, depth: int) -> Value:
    """The statement with the fragments of other mappers put in."""
    match value:
        case Join(parts, tag, offset):
            return Join(tuple(_included(part, resolve, depth) for part in parts), tag, offset)
        case Choice(options, complete):
            return Choice(tuple(_included(option, resolve, depth) for option in options), complete)
        case Name(name) if depth < MOST_INCLUDED:
            found = _fragment(name, resolve)
            return value if found is None else _included(found, resolve, depth + 1)
        case _:
            return value


def _fragment(name: str, resolve: Resolve) -> Value | None:
    """The fragment `namespace.id`, in the mapper that is called after its namespace as is the custom."""
    namespace, _, fragment = name.rpartition(".")
    for file in resolve.files(f"{namespace.rpartition('.')[2]}.xml") if namespace else ():
        module = MapperModule(file)
        if module.namespace == namespace:
            return module.exported(fragment)
    return None


MYBATIS = Client(
    name="mybatis",
    languages=frozenset({"xml"}),
    triggers=(b"on conflict", b"insert into", b"merge into"),
    find=_find,
    finish=_finish,
)

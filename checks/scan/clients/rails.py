"""Rails: writes of Active Record in bulk, and lookups that create what they do not find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Client, NoSite, SiteFact
from .rails_bulk import finish_bulk
from .rails_find import find_bulk
from .rails_racy import find_racy, finish_racy
from .rails_steps import find_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve


def _find(module: Module) -> Iterator[SiteFact]:
    yield from find_bulk(module)
    yield from find_racy(module)
    yield from find_steps(module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    return (finish_racy if "racy" in fact.values else finish_bulk)(fact, resolve)


RAILS = Client(
    name="rails",
    languages=frozenset({"ruby"}),
    triggers=(
        b"upsert_all",
        b"insert_all",
        b".upsert(",
        b".insert(",
        b"unique_by:",
        b"find_or_create_by",
        b"create_or_find_by",
        b"first_or_create",
        b"find_or_initialize_by",
        b"first_or_initialize",
        b".first || ",
        b".exists?",
    ),
    find=_find,
    finish=_finish,
)

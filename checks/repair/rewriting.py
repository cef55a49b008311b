"""The edits that make a statement say what is wanted, in several spellings; which one is right is tried later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import POSTGREST_CLIENTS
from ..scan.languages import parse
from ..scan.model import SourceFile
from . import rewriting_postgrest, rewriting_sql, rewriting_sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from .edits import Source
    from .model import Edit, Wanted


def spellings(bound: BoundSite, source: Source, wanted: Wanted) -> Iterator[tuple[Edit, ...]]:
    """Each way to edit the file, likeliest first; none where the clause does not stand there in one piece."""
    site = bound.site
    offset = source.offset(site.span.line, site.span.column)
    if site.client == "sqlalchemy":
        yield from rewriting_sqlalchemy.spellings(source, offset, wanted)
        return
    module = parse(SourceFile(source.path, site.language, source.text))
    if module is None:
        return
    if site.client in rewriting_postgrest.CLIENTS:
        yield from rewriting_postgrest.spellings(site, module, offset, wanted)
    elif site.client not in POSTGREST_CLIENTS:
        yield from rewriting_sql.spellings(site, module, offset, wanted)

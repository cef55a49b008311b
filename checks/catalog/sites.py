"""Write sites that live in the database: what its functions, rules, jobs and executed statements write."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model import Mechanism, Origin, Scope, Span, Status
from ..scan.clients.sql_text import drafts_of
from ..scan.flatten import variants
from ..scan.model import NoSite, SourceFile
from ..scan.sites import identified, lines_of, site_of
from ..scan.values import Text
from ..sql import read_writes
from ..sql.lexis import lex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import QualifiedName, WriteSite
    from .catalog import Catalog
    from .stored import Inside, Stored

CLIENTS = {Origin.CRON: "pg_cron", Origin.STATEMENTS: "pg_stat_statements"}
# First words of what is executed as it stands; other statements (CREATE FUNCTION, DO) only hold such text.
_EXECUTED = frozenset({"insert", "with", "merge", "prepare"})
_KINDS = {
    Origin.SOURCE: "file",
    Origin.FUNCTION: "function",
    Origin.TRIGGER: "trigger function",
    Origin.RULE: "rule",
    Origin.CRON: "job",
    Origin.STATEMENTS: "executed statement",
}
_SEVERAL = "tables of that name are in several schemas, and the statistics do not say which one it was"


def sites_of(
    inside: Inside, catalog: Catalog, database: str | None = None
) -> tuple[tuple[Stored, tuple[WriteSite, ...]], ...]:
    """The write sites of each text that has some, with lines that count from the start of its own text.

    Their spans have no path, and they are of `database`. An id stays while other objects change. Of executed
    statements only upserts are told: an INSERT that has run says nothing about any index.
    """
    found = []
    for stored in inside.stored:
        sites = _executed(stored, catalog) if stored.origin is Origin.STATEMENTS else _sites(stored)
        if placed := identified(replace(site, database=database) for site in sites):
            found.append((stored, placed))
    return tuple(found)


def _sites(stored: Stored) -> Iterator[WriteSite]:
    flat = next(variants(Text(stored.definition, ((0, 0),))))
    drafts = drafts_of(read_writes(stored.definition, placeholders=False), flat)
    lines = lines_of(stored.definition)
    file = SourceFile("", stored.language, stored.definition)
    for draft in () if isinstance(drafts, NoSite) else drafts:
        site = site_of(draft, file, lines, CLIENTS.get(stored.origin, stored.language))
        yield _placed(site, stored, *lines.at(stored.start))


def _executed(stored: Stored, catalog: Catalog) -> Iterator[WriteSite]:
    """Upserts that parse: where the statistics have `$1` for a constant, some statements do not parse any more."""
    first = next(iter(lex(stored.text, placeholders=False)), None)
    if first is None or first.value not in _EXECUTED:
        return
    for site in _sites(stored):
        if site.mechanism is not Mechanism.PLAIN_INSERT and site.write.table is not None:
            yield _of_one_table(site, site.write.table, catalog)


def _placed(site: WriteSite, stored: Stored, line: int, column: int) -> WriteSite:
    """The site with lines of the text itself, whose first one is 1, as PL/pgSQL counts them."""
    span = site.span
    return replace(
        site,
        span=Span(
            path=None,
            line=max(span.line - line + 1, 1),
            column=max(span.column - column + 1, 1) if span.line == line else span.column,
            end_line=max(span.end_line - line + 1, 1),
            inside=holder(stored),
        ),
        statement_line=max(site.statement_line - line + 1, 1),
        scope=Scope.APP,
        origin=stored.origin,
        object=stored.object,
        attached=stored.attached,
        runs_as=stored.runs_as,
    )


def holder(stored: Stored) -> str:
    """What holds the lines of a text, as spans name it: "function public.f(text)"."""
    return f"{_KINDS[stored.origin]} {stored.object}"


def _of_one_table(site: WriteSite, table: QualifiedName, catalog: Catalog) -> WriteSite:
    """The site; without its table when that could be one of several, since nobody knows the search_path it ran with."""
    if table.schema is not None or _tables(catalog)[table.name] <= 1:
        return site
    write = replace(site.write, table=None, reason=_SEVERAL)
    return replace(site, write=write, reason=_SEVERAL, status=Status.UNRESOLVED)


@lru_cache(maxsize=1)
def _tables(catalog: Catalog) -> Counter[str]:
    return Counter(row[2] for row in catalog.store.shared["relations"])

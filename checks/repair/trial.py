"""Runs operations on an empty copy of the schema, and judges every write site against what they leave."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import create_engine, pool

from ..arbiter.bind import bind
from ..arbiter.oracle import Oracle
from ..catalog.read import read_catalog
from ..errors import PgArbiterError
from ..online.execute import execute
from ..online.session import Session
from ..rules import check
from ..rules.model import Severity
from .model import Effect, Elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..online.model import Operation
    from ..rules.model import Finding
    from ..schema.model import Loaded
    from ..settings import Settings

    Copied = Callable[[], AbstractContextManager[str]]


class Untried(PgArbiterError):  # noqa: N818 - an answer, not a fault
    """There is nothing to try the operation on, and why."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All sites against one catalog, and what the rules say of them. `loaded` may be asked again for other sites."""

    loaded: Loaded
    bounds: tuple[BoundSite, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Trial:
    """Tries operations. `before` is the schema as it is, `copied` gives a database that is an empty copy of it."""

    before: Judgement
    settings: Settings
    copied: Copied

    def run(self, operations: Sequence[Operation], sites: Sequence[WriteSite] | None = None) -> Judgement:
        """The sites (those of the check if none are given) judged after the operations.

        Raises PgArbiterError when one of the operations cannot run, with its own words.
        """
        with self.copied() as conninfo:
            with session(conninfo) as opened:
                for operation in operations:
                    execute(operation, opened)
            with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as connection:
                catalog = read_catalog(connection, search_path=self.before.loaded.catalog.search_path)
                loaded = replace(self.before.loaded, catalog=catalog)
                return self.judged(loaded, sites, Oracle.on(connection))

    def judged(self, loaded: Loaded, sites: Sequence[WriteSite] | None, oracle: Oracle | None) -> Judgement:
        """The sites against that catalog; `oracle` is asked where it cannot tell."""
        chosen = [bound.site for bound in self.before.bounds if not bound.when_run] if sites is None else sites
        exposed = self.settings.exposed_schema
        bounds = tuple(bind(site, loaded, oracle=oracle, exposed_schema=exposed) for site in chosen)
        return Judgement(loaded, bounds, check(bounds, loaded, self.settings))

    def effect(self, after: Judgement) -> Effect:
        """What goes and what comes with a change, at every write site."""
        judged = {bound.site.id for bound in after.bounds}
        old = {_key(f): f for f in self.before.findings if f.site in judged and f.severity is not Severity.NOTE}
        new = {_key(f): f for f in after.findings if f.severity is not Severity.NOTE}
        come = [finding for key, finding in new.items() if key not in old]
        return Effect(
            tuple(_elsewhere(f) for key, f in old.items() if key not in new),
            tuple(_elsewhere(f) for f in come if f.severity is Severity.ERROR),
            tuple(_elsewhere(f) for f in come if f.severity is not Severity.ERROR),
            tuple(self._ambiguous(after)),
        )

    def _ambiguous(self, after: Judgement) -> Iterator[Elsewhere]:
        counts = {bound.site.id: len(bound.verdict.arbiters) for bound in self.before.bounds}
        for bound in after.bounds:
            arbiters = bound.verdict.arbiters
            if len(arbiters) > 1 and counts.get(bound.site.id, 0) <= 1:
                names = ", ".join(f'"{name}"' for name in arbiters)
                yield Elsewhere(bound.site.span, "arbiters", f"has several arbiters then: {names}")


def _key(finding: Finding) -> tuple[str | None, str]:
    return finding.site, finding.code


def _elsewhere(finding: Finding) -> Elsewhere:
    return Elsewhere(finding.span, finding.code, finding.message)


@contextmanager
def session(conninfo: str) -> Iterator[Session]:
    """A session in autocommit mode, as operations want it."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool
    ).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield Session(connection)
    finally:
        engine.dispose()


def refusal(error: Exception) -> str:
    """Why an operation did not run, in one line."""
    said: Any = error.message if isinstance(error, PgArbiterError) else error
    return str(said).splitlines()[0] if str(said) else type(error).__name__

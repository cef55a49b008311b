"""Write sites with their verdicts: bound by the catalog, then by whoever can be asked about what that cannot tell."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from .arbiter.asking import InTurn
from .arbiter.bind import bind
from .arbiter.forks import hedged
from .arbiter.judge import merge_judged
from .arbiter.oracle import Oracle
from .elsewhere import unsettled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import psycopg

    from .arbiter.model import BoundSite
    from .arbiter.verdict import Asks
    from .model import WriteSite
    from .schema.opening import OpenSchema
    from .settings import Settings


def bind_all(sites: Sequence[WriteSite], source: OpenSchema, settings: Settings) -> tuple[BoundSite, ...]:
    """Each site with its relation and verdict; a planner is asked only where the catalog cannot tell."""
    loaded = source.loaded
    with ExitStack() as stack:
        asked: Asks = stack.enter_context(Oracle(source.connection))
        if loaded.live:  # whose role may not be allowed to ask
            from .arbiter.twin import Twin  # noqa: PLC0415 - of other catalogs none is made

            asked = InTurn(asked, Twin(throwaway(stack, settings), loaded.catalog.version))
        bound = (bind(site, loaded, oracle=asked, exposed_schema=settings.exposed_schema) for site in sites)
        judged = tuple(merge_judged(site, loaded) for site in bound)
    return unsettled(hedged(judged), source.root, settings, source.files)


def throwaway(stack: ExitStack, settings: Settings) -> Callable[[], AbstractContextManager[psycopg.Connection[Any]]]:
    """Connections to one empty database, whose server starts with the first and ends with `stack`."""

    @cache
    def connection() -> psycopg.Connection[Any]:
        import psycopg  # noqa: PLC0415 - most runs never need it

        from .server import start  # noqa: PLC0415 - as above

        server = stack.enter_context(start(settings.server, image=settings.server_image))
        return stack.enter_context(psycopg.connect(server.create_database(), autocommit=True))

    return lambda: nullcontext(connection())

"""Nobody learns that the server has refused a write.

supabase-js raises nothing: what it gives holds `error`, and who does not read that goes on as if the row was there. A
`try` around it catches nothing. Every other rule of this list is about an error that stands in `error` and nowhere
else: a conflict target without an index, a column that is not there, a policy that refuses the row. With such a call a
broken upsert is found weeks later, by the rows that are missing.

`.throwOnError()` makes supabase-js raise the error. supabase-py always raises it from `.execute()`; there it is lost
when the handler does nothing. A builder that nothing awaits (or, in Python, that has no `.execute()`) has not even sent
its request: it is sent when the program waits for it, and `void` and a bare call do not.

`fetch`, and `requests` and `httpx` of Python, raise nothing either when PostgREST answers with a status of 400 or more.

Reading `data` alone tells that something went wrong, since it is null then, but not what: that is a note. Of tests
nothing is said but that a request is never sent: the row that is not there makes them fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Mechanism, Scope, Unchecked
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..model import WriteSite

_UNSEEN = "A write that the server refuses looks like one that was done: no row, and no trace of why."
_READ = "Read `error` and deal with it, or add .throwOnError() to the chain."


@rule(
    "PGA303",
    severity=Severity.WARNING,
    summary="nothing reads the error that the server answers a write with",
    effect=_UNSEEN,
    remedy="Read the error and deal with it, or let the client raise it.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Writes of clients whose calls tell of an error, where nobody listens."""
    del context
    site = bound.site
    written = _written(site)
    match site.unchecked:
        case None:
            return
        case Unchecked.DROPPED | Unchecked.DATA_ALONE | Unchecked.SILENCED if site.scope is Scope.TEST:
            return  # the test fails by what is not there
        case Unchecked.DROPPED if site.client == "postgrest-http":
            yield Hit(
                message=f"nothing reads the response to {written}",
                effect=_UNSEEN,
                remedy="Look at its status, which is 400 or more then (`response.ok` of fetch, raise_for_status() of "
                "requests), and at the body, which says why.",
            )
        case Unchecked.DROPPED:
            yield Hit(message=f"{written} gives an `error` that nothing reads", effect=_UNSEEN, remedy=_READ)
        case Unchecked.DATA_ALONE:
            yield Hit(
                message=f"only `data` is read of what {written} gives",
                effect="When the server refuses the write, `data` is null, and the reason is lost.",
                remedy=_READ,
                severity=Severity.NOTE,
            )
        case Unchecked.SILENCED:
            yield Hit(
                message=f"the error that {written} raises is caught, and nothing is done about it",
                effect=_UNSEEN,
                remedy="Log the error, or catch only the one that is expected, by its code.",
            )
        case Unchecked.NOT_SENT:
            python = site.client == "supabase-py"
            yield Hit(
                message=f"{written} is made ready, and nothing sends it",
                effect="Not one row is written: the client sends the request when "
                + (
                    ".execute() is called, and nothing calls it." if python else "it is awaited, and nothing awaits it."
                ),
                remedy="End the chain with .execute()." if python else "Await the call, and read its `error`.",
            )


def _written(site: WriteSite) -> str:
    kind = "the upsert" if site.mechanism is Mechanism.ON_CONFLICT else "the insert"
    return f'{kind} into "{site.write.table}"' if site.write.table else kind

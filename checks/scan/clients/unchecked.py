"""Whether a program learns that PostgREST has refused a write: what it does with the result of the call that sends it.

supabase-js gives `{ data, error, .. }` and raises nothing, unless it is asked to with `.throwOnError()`, and sends the
request when its builder is awaited, no sooner (postgrest-js 2 PostgrestBuilder.then). supabase-py raises APIError, and
sends with `.execute()` (postgrest 2 request_builder.execute). `fetch` of JavaScript, `requests` and `httpx` of Python
raise nothing for a status of 400 and more: it stands in the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Unchecked
from ..values import Call, Member, Name

if TYPE_CHECKING:
    from ..model import Module, Result

_DATA = frozenset({"data"})
_PROMISES = frozenset({"catch", "finally"})  # no methods of its builder: what has them is something else


def unchecked(client: str, module: Module, call: Call) -> Unchecked | None:
    """Why nobody learns of an error; None when somebody does, or when that cannot be told."""
    if not isinstance(call.callee, Member) or client not in {"supabase-js", "supabase-py"}:
        return None
    result = module.result_of(call.callee.name, call.name_offset)
    if result is None:
        return None
    return _of_promise(result) if client == "supabase-js" else _of_execute(result)


def unchecked_request(module: Module, call: Call) -> Unchecked | None:
    """The same of a request that is sent without a client, where its response is dropped."""
    match call.callee:
        case Name("fetch" as name) | Member(Name("globalThis" | "window"), "fetch" as name):
            result = module.result_of(name, call.name_offset)
        case Member(Name("requests" | "httpx"), "post" | "put" | "request" as name):
            result = module.result_of(name, call.name_offset)
            result = None if result is not None and result.chained else result
        case _:
            return None
    return Unchecked.DROPPED if result is not None and result.read is not None and not result.read else None


def _of_promise(result: Result) -> Unchecked | None:
    read, chained = result.read, result.chained
    if not _PROMISES.isdisjoint(chained):
        return None
    if not result.awaited:
        return Unchecked.NOT_SENT if read is not None and not read else None
    if "throwOnError" in chained:
        return Unchecked.SILENCED if result.silenced else None
    if read is None or not read <= _DATA:
        return None
    return Unchecked.DATA_ALONE if read and "select" in chained else Unchecked.DROPPED


def _of_execute(result: Result) -> Unchecked | None:
    if "execute" in result.chained:
        return Unchecked.SILENCED if result.silenced else None
    return Unchecked.NOT_SENT if result.read is not None else None

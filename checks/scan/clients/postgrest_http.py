"""PostgREST over HTTP: requests that insert, whichever library sends them.

`POST /table` inserts; `Prefer: resolution=...` makes it an upsert on the columns of `on_conflict`, or the primary key;
`on_conflict` alone does nothing; `PUT` upserts one row on the primary key (Plan.hs and QueryBuilder.hs, mutatePlan).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, Unchecked, Unresolved
from ...sql.holes import MARKER
from ..flatten import variants
from ..literals import place_of
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Name, Record, Sequence, Text
from .drafting import Conflict, insert
from .http_request import CALLED, SETTERS, is_mutable, opened, pairs_of, request_of, wraps
from .payload import Payload, payload
from .postgrest_address import PARAMETER, SEVERAL, address_of, is_literal, is_nothing, on_conflict_of, table_of
from .reading import called_name, told
from .unchecked import unchecked_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Function, Module, Resolve
    from ..values import Value
    from .http_request import Request
    from .postgrest_address import Address

_WORDS = r"on_conflict=|resolution=(merge|ignore)-duplicates|/rest/v1/"
_RESOLUTION = re.compile(r"resolution=(merge|ignore)-duplicates")
_OWN = frozenset({"apikey", "prefer", "content-profile", "accept-profile", "on_conflict", "columns"})
_FILTER = re.compile(r"(?i)(^|=)(eq|in|is)\.|supabase|postgrest")
_NAMES = (b"supabase", b"Supabase", b"SUPABASE", b"postgrest", b"PostgREST", b"POSTGREST")
_OTHER_ROOTS = ("/storage/v1", "/auth/v1", "/functions/v1", "/realtime/v1", "/graphql/v1")
_LANGUAGES = frozenset({
    "javascript", "typescript", "python", "go", "ruby", "php", "java", "kotlin", "scala", "csharp", "rust", "elixir",
    "dart", "swift", "shell", "yaml", "powershell",
})  # fmt: skip
_SERIALISING = frozenset({"stringify", "dumps", "encode", "json_encode", "to_json", "Marshal", "generate"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Every request, with what is set on it by statements of the same function, and every string of none."""
    calls = list(module.calls(CALLED))
    setters = _setters(module)
    for call in calls:
        around = module.function_at(call.offset)
        own = [value for function, value in setters if function == around]
        values: dict[str, Value] = {"call": call, "path": Text(module.file.path)}
        made = _made_elsewhere(module, call)
        if made is not None:
            values["made"] = made
            own += [Sequence((Text(key), value)) for key, value in _given(made)]
        why = unchecked_request(module, call)
        values |= {} if why is None else {"unchecked": Text(why.value)}
        yield SiteFact(
            client="postgrest-http",
            values={**values, "set": Sequence(tuple(own))},
            offset=call.name_offset,
            statement=call.offset,
            end=call.end,
        )
    for value in module.strings(_WORDS):
        at = place_of(value) or 0
        if not any(call.offset <= at < call.end for call in calls):
            yield SiteFact(client="postgrest-http", values={"text": value}, offset=at, statement=at, end=at)


def _made_elsewhere(module: Module, call: Call) -> Call | None:
    """The call of another function that makes the address."""
    first = call.args[0] if call.args else None
    meant = module.lookup(first.name, first.offset) if isinstance(first, Name) else first
    return meant if isinstance(meant, Call) and not wraps(meant) else None


def _given(made: Call) -> Iterator[tuple[str, Value]]:
    """The parameters among what a function that makes an address is given."""
    for arg in made.args:
        for key, value in arg.entries if isinstance(arg, Record) else ():
            if key in {"on_conflict", "columns"}:
                yield key, value


def _setters(module: Module) -> list[tuple[Function | None, Value]]:
    """Headers and parameters that statements set (`headers.set("Prefer", ...)`) as pairs, with their functions."""
    found: list[tuple[Function | None, Value]] = []
    for call in module.calls(SETTERS):
        match call.args:
            case (Text(name) as key, value) if name.lower() in {"prefer", "on_conflict", "columns", "content-profile"}:
                found.append((module.function_at(call.offset), Sequence((key, value))))
            case _:
                pass
    return found


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values.get("call")
    if not isinstance(call, Call):
        return NoSite("an address or a header, which requests are made with")
    request = request_of(call, resolve)
    if request.address is None:
        return NoSite("the request has no address")
    addresses = [address_of(flat) for flat in variants(opened(request.address))]
    refused = _refusal(request, addresses)
    if refused is not None:
        return refused
    plain = [one for one in addresses if "on_conflict" not in one.query]
    if plain:  # a target that is nothing is not put in
        addresses = [one for one in addresses if one in plain or not is_nothing(one)]
    full = [one for one in addresses if "on_conflict" in one.query] or addresses
    doubtful = len(full) < len(addresses) and all(is_literal(one) for one in full)
    drafts = (_draft(fact, one, request, resolve, doubtful=doubtful) for one in full)
    why = fact.values.get("unchecked")
    unchecked = Unchecked(why.text) if isinstance(why, Text) else None
    found = tuple(dict.fromkeys(replace(draft, unchecked=unchecked) for draft in drafts if draft is not None))
    if not found and request.method is None:
        return NoSite("a request whose method is only known at run time", follow=True)
    return found or NoSite("a request that nothing shows to be PostgREST's", follow=True)


def _refusal(request: Request, addresses: list[Address]) -> NoSite | None:
    texts = [one.flat.text for one in addresses]
    if all("/rpc/" in text for text in texts):
        return NoSite("calls a function")
    if all(any(other in text for other in _OTHER_ROOTS) for text in texts):
        return NoSite("a request to another service than PostgREST")
    if request.method is not None and request.method not in {"POST", "PUT"}:
        return NoSite(f"a {request.method} request, which inserts nothing")
    return None


def _draft(fact: SiteFact, address: Address, request: Request, resolve: Resolve, *, doubtful: bool) -> Draft | None:
    headers, query = _named(request.headers, fact, resolve), _named(request.query, fact, resolve)
    wanted = _resolution(headers.get("prefer"), resolve)
    if wanted is None and "prefer" not in headers and _may_hold_more(request):
        wanted = ""
    on_conflict = Unresolved(SEVERAL) if doubtful else on_conflict_of(address, query, resolve)
    if not address.root and not wanted and on_conflict is None:
        return None
    shown = request.method is not None and _is_shown(address, {**headers, **query}, resolve)
    if not (wanted or on_conflict is not None or shown):
        return None  # any request: other services have this path too
    rows = _rows(request, address, query, resolve)
    table = table_of(address, headers, resolve)
    placed = _placed(fact, address, headers.get("prefer"))
    if request.method == "PUT":
        return insert(placed, table, rows, Conflict(DefaultKey(), Action.UPDATE, rows))
    if wanted is None:
        unused = "on_conflict has no effect without a preference for a resolution" if on_conflict is not None else None
        return insert(placed, table, rows, caution=unused)
    if wanted and on_conflict is None and (reason := _unseen(address, request, fact, resolve)) is not None:
        on_conflict = Unresolved(reason)
    if not wanted and on_conflict is None:
        whose = told(request.unread[0]) if request.unread else "set elsewhere"
        return insert(placed, table, rows, caution=f"its headers, which can ask for an upsert, are {whose}")
    action = {"merge": Action.UPDATE, "ignore": Action.NOTHING}.get(wanted)
    assigned = rows if action is Action.UPDATE else None
    return insert(placed, table, rows, Conflict(on_conflict or DefaultKey(), action, assigned))


def _is_shown(address: Address, given: dict[str, Value], resolve: Resolve) -> bool:
    """Whether anything but the path speaks of PostgREST: a header, a parameter, a filter, or a name in the project."""
    texts = (address.flat.text, *address.query, *address.query.values())
    if _OWN & {*given, *address.query} or any(_FILTER.search(text) for text in texts):
        return True
    return any(resolve.holding(name) for name in _NAMES)


def _unseen(address: Address, request: Request, fact: SiteFact, resolve: Resolve) -> str | None:
    """Why `on_conflict` may be among the parameters all the same."""
    hole = next((match for key in address.query if (match := MARKER.search(key))), None)
    if hole is not None:
        return f"the conflict target may be in {told(address.flat.holes[int(hole[1])])}"
    for source in request.query:
        known = resolve(source)
        if pairs_of(known) is None or (isinstance(known, Record) and not known.complete):
            return f"the conflict target may be in {told(known)}"
    made = fact.values.get("made")
    whole = isinstance(made, Call) and not is_mutable(request.address)
    return None if made is None or whole else f"the address is {told(made)}, which may put a conflict target into it"


def _named(sources: tuple[Value, ...], fact: SiteFact, resolve: Resolve) -> dict[str, Value]:
    """Headers or parameters by their lower-case names, those that statements set last."""
    given = fact.values.get("set")
    found: dict[str, Value] = {}
    for source in (*reversed(sources), *([given] if given is not None else [])):
        for key, value in pairs_of(resolve(source)) or ():
            found[key.lower()] = value
    return found


def _may_hold_more(request: Request) -> bool:
    """Whether a header that was not found can be among those that are not known."""
    if request.unread:
        return True
    return any((not isinstance(one, Record) or not one.complete) for one in request.headers)


def _resolution(prefer: Value | None, resolve: Resolve) -> str | None:
    """The resolution that is preferred: "merge" or "ignore"; "" for one known only at run time, None for none."""
    if prefer is None:
        return None
    texts = [flat.text for flat in variants(resolve(prefer))]
    found = {match[1] if (match := _RESOLUTION.search(text)) else "" for text in texts}
    if found == {""}:
        return "" if any(MARKER.search(text) for text in texts) else None
    return found.pop() if len(found) == 1 else ""


def _rows(request: Request, address: Address, query: dict[str, Value], resolve: Resolve) -> Payload:
    named = query.get("columns")
    listed = resolve(named) if named is not None else Text(address.query.get("columns", ""))
    if isinstance(listed, Text) and listed.text and not MARKER.search(listed.text):
        columns = tuple(name.strip().strip('"') for name in listed.text.split(","))
        return replace(payload(_plain(request.body), resolve), columns=columns, complete=True, reason=None)
    return payload(_plain(request.body), resolve)


def _plain(body: Value | None) -> Value | None:
    """The object of `JSON.stringify(object)`, `json.dumps(rows).encode()`."""
    match body:
        case Call(args=(inner, *_)) if called_name(body) in _SERIALISING:
            return _plain(inner)
        case Call(callee=Member(owner, name), args=()) if name in _SERIALISING:
            return _plain(owner)
        case _:
            return body


def _placed(fact: SiteFact, address: Address, prefer: Value | None) -> SiteFact:
    """The fact at its conflict clause: where `on_conflict` stands, or else the preference."""
    at = address.flat.text.find(PARAMETER)
    path, offset = address.flat.place(at) if at >= 0 else (None, 0)
    if path is not None and fact.values["path"] == Text(path):
        return replace(fact, offset=offset, statement=min(fact.statement, offset))
    stands = place_of(prefer) if prefer is not None else None
    return replace(fact, offset=stands) if stands is not None and fact.statement <= stands < fact.end else fact


POSTGREST_HTTP = Client(
    name="postgrest-http",
    languages=_LANGUAGES,
    triggers=(b"on_conflict=", b"resolution=merge-duplicates", b"resolution=ignore-duplicates", b"/rest/v1/"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

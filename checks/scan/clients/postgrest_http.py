"""PostgREST over HTTP: requests that insert, whichever library sends them.

`POST /table` inserts; `Prefer: resolution=...` makes it an upsert on the columns of `on_conflict`, or the primary key;
`on_conflict` alone does nothing; `PUT` upserts one row on the primary key (Plan.hs and QueryBuilder.hs, mutatePlan).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from ...model import Action, DefaultKey, QualifiedName, Unresolved
from ...sql.holes import MARKER
from ..declarations.model import Undeclared
from ..flatten import variants
from ..literals import place_of
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Record, Sequence, Text
from .drafting import Conflict, insert
from .http_request import CALLED, SETTERS, opened, pairs_of, request_of
from .payload import Payload, payload
from .reading import called_name, is_absent, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..flatten import Flat
    from ..model import Draft, Function, Module, Resolve
    from ..values import Value
    from .http_request import Request

_ROOT = "/rest/v1/"
_PARAMETER = "on_conflict="
_SEVERAL = "the conflict target is one of several values"
_WORDS = r"on_conflict=|resolution=(merge|ignore)-duplicates|/rest/v1/"
_RESOLUTION = re.compile(r"resolution=(merge|ignore)-duplicates")
_OTHER_ROOTS = ("/storage/v1", "/auth/v1", "/functions/v1", "/realtime/v1", "/graphql/v1")
_LANGUAGES = frozenset({
    "javascript", "typescript", "python", "go", "ruby", "php", "java", "kotlin", "scala", "csharp", "rust", "elixir",
    "dart", "swift", "shell", "powershell",
})  # fmt: skip
_SERIALISING = frozenset({"stringify", "dumps", "encode", "json_encode", "to_json", "Marshal", "generate"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Every request, with what is set on it by statements of the same function, and every string of none."""
    calls = list(module.calls(CALLED))
    setters = _setters(module)
    for call in calls:
        around = module.function_at(call.offset)
        own = [value for function, value in setters if function == around]
        yield SiteFact(
            client="postgrest-http",
            values={"call": call, "set": Sequence(tuple(own)), "path": Text(module.file.path)},
            offset=call.name_offset,
            statement=call.offset,
            end=call.end,
        )
    for value in module.strings(_WORDS):
        at = place_of(value) or 0
        if not any(call.offset <= at < call.end for call in calls):
            yield SiteFact(client="postgrest-http", values={"text": value}, offset=at, statement=at, end=at)


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


@dataclass(frozen=True, slots=True)
class _Address:
    """`table` None: with the reason. `query` holds texts in which holes are markers."""

    flat: Flat
    root: bool  # the path says that it is PostgREST's
    table: str | None
    reason: str
    query: dict[str, str]


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values.get("call")
    if not isinstance(call, Call):
        return NoSite("an address or a header, which requests are made with")
    request = request_of(call, resolve)
    if request.address is None:
        return NoSite("the request has no address")
    addresses = [_address(flat) for flat in variants(opened(request.address))]
    refused = _refusal(request, addresses)
    if refused is not None:
        return refused
    plain = [one for one in addresses if "on_conflict" not in one.query]
    if plain:  # a target that is nothing is not put in
        addresses = [one for one in addresses if one in plain or not _is_nothing(one)]
    full = [one for one in addresses if "on_conflict" in one.query] or addresses
    doubtful = len(full) < len(addresses) and all(_is_literal(one) for one in full)
    drafts = (_draft(fact, one, request, resolve, doubtful=doubtful) for one in full)
    found = tuple(dict.fromkeys(draft for draft in drafts if draft is not None))
    if not found and request.method is None:
        return NoSite("a request whose method is only known at run time", follow=True)
    return found or NoSite("a request that nothing shows to be PostgREST's", follow=True)


def _is_nothing(address: _Address) -> bool:
    hole = MARKER.fullmatch(address.query["on_conflict"])
    return hole is not None and is_absent(address.flat.holes[int(hole[1])])


def _is_literal(address: _Address) -> bool:
    """Whether the conflict target is written out where it is put in, as `table === "t" ? "?on_conflict=a" : ""`.

    One that is given from elsewhere (`key ? "?on_conflict=" + key : ""`) is there whenever it is not empty.
    """
    at = address.flat.text.find(_PARAMETER) + len(_PARAMETER)
    (path, before), (other, after) = address.flat.place(at - 1), address.flat.place(at)
    return path == other and after == before + 1


def _refusal(request: Request, addresses: list[_Address]) -> NoSite | None:
    texts = [one.flat.text for one in addresses]
    if all("/rpc/" in text for text in texts):
        return NoSite("calls a function")
    if all(any(other in text for other in _OTHER_ROOTS) for text in texts):
        return NoSite("a request to another service than PostgREST")
    if request.method is not None and request.method not in {"POST", "PUT"}:
        return NoSite(f"a {request.method} request, which inserts nothing")
    return None


def _address(flat: Flat) -> _Address:
    path, _, query = flat.text.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    rest = path.partition(_ROOT)[2] if _ROOT in path else path.rpartition("/")[2] if "/" in path else path
    name = rest.strip("/")
    hole = MARKER.search(name)
    reason = f"the table is {told(flat.holes[int(hole[1])])}" if hole else "the address names no table"
    known = name if name and hole is None and "/" not in name and ":" not in name else None
    given = {key: unquote_plus(value) for key, _, value in pairs}
    return _Address(flat, _ROOT.rstrip("/") in path, known, reason, given)


def _draft(fact: SiteFact, address: _Address, request: Request, resolve: Resolve, *, doubtful: bool) -> Draft | None:
    headers, query = _named(request.headers, fact, resolve), _named(request.query, fact, resolve)
    wanted = _resolution(headers.get("prefer"), resolve)
    if wanted is None and "prefer" not in headers and _may_hold_more(request):
        wanted = ""
    on_conflict = Unresolved(_SEVERAL) if doubtful else _on_conflict(address, query, resolve)
    if not address.root and not wanted and on_conflict is None:
        return None
    if request.method is None and not wanted and on_conflict is None:
        return None  # any request
    rows = _rows(request, address, query, resolve)
    table = _table(address, headers, resolve)
    placed = _placed(fact, address, headers.get("prefer"))
    if request.method == "PUT":
        return insert(placed, table, rows, Conflict(DefaultKey(), Action.UPDATE, rows))
    if wanted is None:
        unused = "on_conflict has no effect without a preference for a resolution" if on_conflict is not None else None
        return insert(placed, table, rows, caution=unused)
    if not wanted and on_conflict is None:
        whose = told(request.unread[0]) if request.unread else "set elsewhere"
        return insert(placed, table, rows, caution=f"its headers, which can ask for an upsert, are {whose}")
    action = {"merge": Action.UPDATE, "ignore": Action.NOTHING}.get(wanted)
    assigned = rows if action is Action.UPDATE else None
    return insert(placed, table, rows, Conflict(on_conflict or DefaultKey(), action, assigned))


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


def _on_conflict(address: _Address, query: dict[str, Value], resolve: Resolve) -> ConflictTarget | None:
    if "on_conflict" in query:
        values = [(flat.text, flat) for flat in variants(resolve(query["on_conflict"]))]
        given, flat = values[0] if len(values) == 1 else ("", None)
        if flat is None:
            return Unresolved(_SEVERAL)
    elif "on_conflict" in address.query:
        given, flat = address.query["on_conflict"], address.flat
    else:
        return None
    hole = MARKER.search(given)
    if hole is not None:
        return Unresolved(f"the conflict target is {told(flat.holes[int(hole[1])])}")
    names = tuple(name.strip().strip('"') for name in given.split(",") if name.strip())
    return columns_target(names) if names else DefaultKey()


def _table(address: _Address, headers: dict[str, Value], resolve: Resolve) -> QualifiedName | Undeclared:
    if address.table is None:
        return Undeclared(address.reason)
    schema = headers.get("content-profile")
    if schema is None:
        return QualifiedName(None, address.table)
    known = resolve(schema)
    if not isinstance(known, Text):
        return Undeclared(f"the schema is {told(known)}")
    return QualifiedName(known.text, address.table)


def _rows(request: Request, address: _Address, query: dict[str, Value], resolve: Resolve) -> Payload:
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


def _placed(fact: SiteFact, address: _Address, prefer: Value | None) -> SiteFact:
    """The fact at its conflict clause: where `on_conflict` stands, or else the preference."""
    at = address.flat.text.find(_PARAMETER)
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

"""HTTP requests of any library of any language: method, address, headers, query parameters and body as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import Call, Choice, Import, Join, Member, Name, Opaque, Param, Record, Sequence, Text
from .reading import called_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Resolve
    from ..values import Value

# What is called, by its lower-case name, and the method that the name says ("" for none).
_VERBS = {
    "post": "POST",
    "put": "PUT",
    "postasync": "POST",
    "putasync": "PUT",
    "postasjsonasync": "POST",
    "putasjsonasync": "PUT",
    "wp_remote_post": "POST",
    "fetch": "",
    "$fetch": "",
    "ofetch": "",
    "fetchwithtimeout": "",
    "fetchwithretry": "",
    "request": "",
    "axios": "",
    "got": "",
    "ky": "",
    "superagent": "",
    "newrequest": "",
    "newrequestwithcontext": "",
    "wp_remote_request": "",
    "invoke-restmethod": "",
    "invoke-webrequest": "",
    "curl": "",
}
_SPELLINGS = (
    "Post", "Put", "PostAsync", "PutAsync", "PostAsJsonAsync", "PutAsJsonAsync", "Request", "NewRequest",
    "NewRequestWithContext", "Invoke-RestMethod", "Invoke-WebRequest", "fetchWithTimeout", "fetchWithRetry",
)  # fmt: skip
CALLED = frozenset({*_VERBS, *_SPELLINGS})
SETTERS = frozenset({
    "set", "append", "header", "add_header", "addHeader", "setHeader", "setRequestHeader", "insert", "Set", "Add",
    "setdefault", "putheader", "TryAddWithoutValidation", "AddHeader", "add",
})  # fmt: skip
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ADDRESS = ("url", "uri", "path", "endpoint", "input")
_BASE = ("baseurl", "base_url", "prefixurl", "base_uri")
_QUERY = ("params", "searchparams", "query", "qs", "queryparameters")
_BODY = ("body", "data", "json", "content", "payload", "form")
_HEADERS = ("headers", "header")
_METHOD = ("method", "type")
_OPTIONS = frozenset((*_METHOD, *_BODY, *_QUERY, *_HEADERS, *_BASE, "url", "uri", "timeout", "signal"))
_WRAPPING = frozenset({
    "URL", "URI", "Uri", "parse", "create", "encodeURIComponent", "encodeURI", "quote", "quote_plus", "String", "str",
    "toString", "escape", "HttpUrl",
})  # fmt: skip
_KEEPING = frozenset({"replace", "rstrip", "strip", "trim", "format", "join", "concat", "urljoin", "replaceAll"})
_ENCODING = frozenset({"URLSearchParams", "urlencode", "http_build_query", "stringify", "encode_www_form"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `method` in capitals; None: not known. `unread`: options that are only known at run time."""

    method: str | None
    address: Value | None
    headers: tuple[Value, ...] = ()
    query: tuple[Value, ...] = ()
    body: Value | None = None
    unread: tuple[Value, ...] = ()


def request_of(call: Call, resolve: Resolve) -> Request:
    """What a call of one of CALLED asks for."""
    args = [resolve(arg) for arg in call.args]
    keywords = Record(tuple((name, resolve(value)) for name, value in call.keywords))
    verb, args = _method_first(_VERBS.get((called_name(call) or "").lower(), ""), args)
    options = [arg for arg in args if isinstance(arg, Record) and _is_options(arg)]
    plain = [arg for arg in args if not (isinstance(arg, Record) and _is_options(arg))]
    given, made = [keywords, *options], _client(call, resolve)
    address = _first(given, _ADDRESS) or (plain[0] if plain else None)
    base = _first(made, _BASE) or _first(given, _BASE)
    sent = plain[1] if len(plain) > 1 and (verb or options) else None
    unread = (
        *(value for value in plain[1:] if _may_be_options(value) and value is not sent),
        *(one for one in given if not one.complete),
    )
    body = _first(given, _BODY) or sent
    return Request(
        _method(verb, given, sends=body is not None, open_=bool(unread)),
        address if base is None else Join((base, Text("/"), *([address] if address is not None else []))),
        tuple(found for source in (*given, *made) if (found := _first([source], _HEADERS)) is not None),
        tuple(found for source in given if (found := _first([source], _QUERY)) is not None),
        body,
        unread,
    )


def _method(verb: str, given: list[Record], *, sends: bool, open_: bool) -> str | None:
    """The method, None when it is only known at run time; urllib's Request, given keywords, sends what it has."""
    known = _first(given, _METHOD)
    if known is not None:
        return known.text.upper() if isinstance(known, Text) else None
    if verb:
        return verb
    if open_:
        return None
    return "POST" if sends and given[0].entries else "GET"


def _method_first(method: str, args: list[Value]) -> tuple[str, list[Value]]:
    """`request("POST", url)`, `NewRequest(http.MethodPost, url, body)`, with what comes before the method left out."""
    if method:
        return method, args
    for index, arg in enumerate(args[:2]):
        match arg:
            case Text(text) if text.upper() in _METHODS:
                return text.upper(), args[index + 1 :]
            case Member(name=name) | Import(name=str(name)) if name.removeprefix("Method").upper() in _METHODS:
                return name.removeprefix("Method").upper(), args[index + 1 :]
            case _:
                pass
    return method, args


def _is_options(record: Record) -> bool:
    return any(key.lower() in _OPTIONS for key, _ in record.entries)


def _may_be_options(value: Value) -> bool:
    return isinstance(value, Name | Param | Opaque | Import)


def _first(sources: Iterable[Record], names: tuple[str, ...]) -> Value | None:
    for source in sources:
        for key, value in reversed(source.entries):
            if key.lower() in names:
                return value
    return None


def _client(call: Call, resolve: Resolve) -> tuple[Record, ...]:
    """What the client that sends the request was made with: `axios.create({baseURL, headers})`."""
    owner = resolve(call.callee.object) if isinstance(call.callee, Member) else None
    if not isinstance(owner, Call):
        return ()
    given = Record(tuple((name, resolve(value)) for name, value in owner.keywords))
    return (given, *(arg for arg in owner.args if isinstance(arg, Record)))


def opened(value: Value) -> Value:  # noqa: PLR0911 - one line for each kind of call is the table itself
    """An address with what encodes parts of it left out, and parameters written as a query string."""
    match value:
        case Join(parts, tag, offset):
            return Join(tuple(opened(part) for part in parts), tag, offset)
        case Choice(options, complete):
            return Choice(tuple(opened(option) for option in options), complete)
        case Call(Member(owner, name), ()) if name in _WRAPPING:
            return opened(owner)
        case Call(args=(Record() as record,)) if called_name(value) in _ENCODING:
            return _query_string(record)
        case Call(args=(path, base)) if called_name(value) == "URL":
            return Join((opened(base), Text("/"), opened(path)))
        case Call(args=(inner, *_)) if called_name(value) in _WRAPPING:
            return opened(inner)
        case _:
            return value


def wraps(call: Call) -> bool:
    """Whether a call only makes an address of a text: `new URL(text)`, `text.replace(..)`."""
    return called_name(call) in _WRAPPING | _ENCODING | _KEEPING


def is_mutable(value: Value | None) -> bool:
    """Whether an address is an object that statements may have added parameters to."""
    match value:
        case Call():
            return True
        case Join(parts):
            return any(is_mutable(part) for part in parts)
        case Choice(options):
            return any(is_mutable(option) for option in options)
        case _:
            return False


def _query_string(record: Record) -> Value:
    parts: list[Value] = []
    for key, value in record.entries:
        parts += [Text("&" if parts else ""), Text(f"{key}="), opened(value)]
    return Join(tuple(parts) if record.complete else (*parts, Text("&"), Opaque("...")))


def pairs_of(value: Value) -> tuple[tuple[str, Value], ...] | None:
    """The names and values of a header or parameter object, as far as they are known; None when nothing is."""
    match value:
        case Record(entries):
            return entries
        case Sequence(items):
            found = [_pair(item) for item in items]
            return tuple(pair for pair in found if pair is not None)
        case Call(args=(inner, *_)) if called_name(value) in {"Headers", "URLSearchParams", "QueryParams", "dict"}:
            return pairs_of(inner)
        case _:
            return None


def _pair(value: Value) -> tuple[str, Value] | None:
    """`["Prefer", "x"]`, `("Prefer", "x")`, `"Prefer: x"`."""
    match value:
        case Sequence((Text(name), given)):
            return name, given
        case Text(text) if ":" in text:
            name, _, rest = text.partition(":")
            return name.strip(), Text(rest.strip())
        case _:
            return None

"""supabase-js, -py, -dart and what they share with -swift: `.upsert()` and `.insert()` on a table of PostgREST.

PostgREST takes `on_conflict` as column names and nothing else, the primary key when there is none, and sets every
column of the payload (QueryBuilder.hs mutatePlanToQuery, Plan.hs mutatePlan).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, DefaultKey, Mechanism, QualifiedName, Unchecked, Unresolved, Write
from ..flatten import CUT, lacks
from ..model import Client, Draft, NoSite, SiteFact, Step
from ..values import Call, Choice, Constant, Member, Record, Text
from .drift import is_clause
from .payload import payload
from .postgrest import chain_named, chain_of, evidence, may_be_chain, schema_of
from .reading import boolean, expanded, is_absent, list_of_texts, texts, told
from .returned import returned, selects
from .supabase_steps import find_steps, finish_step
from .targets import columns_target
from .unchecked import unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...model import ColumnReference, ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value
    from .payload import Payload
    from .postgrest import Chain

_METHODS = frozenset({"upsert", "insert"})
_TARGET = ("onConflict", "on_conflict")
_IGNORE = ("ignoreDuplicates", "ignore_duplicates")
_NULL = ("defaultToNull", "default_to_null")
_TELLING = frozenset((*_TARGET, *_IGNORE, *_NULL))  # options that no other library has


def find(client: str, module: Module) -> Iterator[SiteFact]:
    """Every upsert and insert on what may be a table, and what is asked for by a key before."""
    inserts = False
    asked = selects(module, _METHODS)
    for call in module.calls(_METHODS):
        fact = _fact(client, module, call, asked.get(call.name_offset))
        if fact is not None:
            inserts = inserts or fact.values["method"] == Text("insert")
            yield fact
    yield from find_steps(client, module) if inserts else ()


def _fact(client: str, module: Module, call: Call, asked: Value | None) -> SiteFact | None:
    if not isinstance(call.callee, Member):
        return None
    options = _options(client, call)
    if client == "supabase-dart" and any(is_clause(value) for _, value in call.keywords):
        return None  # of drift
    telling = isinstance(options, Record) and any(key in _TELLING for key, _ in options.entries)
    if not telling and not may_be_chain(module, call, client):
        return None
    rows = call.args[0] if call.args else next((value for key, value in call.keywords if key == "json"), None)
    known = telling or evidence(module, call, client) is not None
    values: dict[str, Value] = {
        "method": Text(call.callee.name),
        "receiver": chain_named(module, call.callee.object),
        "telling": Constant(telling),
        "evident": Constant(known),
    }
    values |= {} if options is None else {"options": options}
    values |= {} if rows is None else {"rows": rows}
    values |= {} if asked is None else {"asked": asked}
    why = unchecked(client, module, call)
    values |= {} if why is None else {"unchecked": Text(why.value)}
    return SiteFact(client=client, values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _options(client: str, call: Call) -> Value | None:
    if client == "supabase-js":
        return call.args[1] if len(call.args) > 1 else None
    return Record(call.keywords)


def finish(
    fact: SiteFact, resolve: Resolve, read: Callable[[Value | None, Resolve], Payload] = payload
) -> tuple[Draft, ...] | NoSite | Step:
    """The site of each table and target; `read` tells the columns of the rows."""
    if "step" in fact.values:
        return finish_step(fact, resolve)
    chain = chain_of(fact.values["receiver"], resolve)
    if chain is None and fact.values["telling"] != Constant(True):
        return NoSite("no table is named before the call")
    if fact.values["evident"] != Constant(True):
        return NoSite("nothing in the file shows a PostgREST client")
    options = _known(fact.values.get("options"), resolve)
    rows = read(fact.values.get("rows"), resolve)
    defaulting = _option(options, _NULL, resolve, default=True) is False
    if not defaulting:
        rows = replace(rows, nulls=(*rows.nulls, *(key for key in rows.lacking if key not in rows.nulls)))
    cut = lacks(resolve(chain.table)) if chain is not None else False
    ignored = _option(options, _IGNORE, resolve, default=False)
    action = None if ignored is None else Action.NOTHING if ignored else Action.UPDATE
    given = returned(fact.client, fact.values.get("asked"), options, resolve)
    drafts = tuple(
        _draft(fact, table, target, rows, action, given, defaulting=defaulting)
        for table, target in product(_tables(chain, resolve), _targets(fact, options, resolve))
    )
    return tuple(replace(draft, caution=CUT) for draft in drafts) if cut or _cut_target(options, resolve) else drafts


def _cut_target(options: Value | None, resolve: Resolve) -> bool:
    """Whether the conflict target, or the options, can be more values than were looked at."""
    given = (
        next((options.get(key) for key in _TARGET if options.get(key)), None)
        if isinstance(options, Record)
        else options
    )
    return given is not None and lacks(resolve(given))


def _known(given: Value | None, resolve: Resolve) -> Value | None:
    """What the value means; None when it is undefined, null or None."""
    known = None if given is None else resolve(given)
    if isinstance(known, Record):
        return expanded(known, resolve)
    return None if known is None or is_absent(known) else known


def _option(options: Value | None, names: tuple[str, ...], resolve: Resolve, *, default: bool) -> bool | None:
    match options:
        case None:
            return default
        case Record(entries):
            given = next((value for key, value in reversed(entries) if key in names), None)
            if given is None and not options.complete:
                return None
            return boolean(given, resolve, default=default)
        case Choice(choices):
            known = {_option(_known(choice, resolve), names, resolve, default=default) for choice in choices}
            return known.pop() if len(known) == 1 else None
        case _:
            return None


def _tables(chain: Chain | None, resolve: Resolve) -> tuple[tuple[QualifiedName | None, str | None], ...]:
    """Each table that the chain may name, or None with the reason."""
    if chain is None:
        return ((None, "no table is named before the call"),)
    names = texts(chain.table, resolve)
    if names is None:
        return ((None, f"the table is {told(resolve(chain.table))}"),)
    schema = schema_of(chain.root, resolve)
    if schema.reason:
        return ((None, schema.reason),)
    return tuple((QualifiedName(schema.name, name), None) for name in names)


def _targets(fact: SiteFact, options: Value | None, resolve: Resolve) -> tuple[ConflictTarget, ...]:
    if not _is_upsert(fact, options, resolve):
        return (AnyArbiter(),)
    match options:
        case None:
            return (DefaultKey(),)
        case Record():
            given = next((value for key, value in reversed(options.entries) if key in _TARGET), None)
            if given is not None:
                return _target(given, resolve)
            return (DefaultKey(),) if options.complete else (Unresolved("the options hold a spread"),)
        case Choice(choices):
            return _distinct(
                target for choice in choices for target in _targets(fact, _known(choice, resolve), resolve)
            )
        case _:
            return (Unresolved(f"the options are {told(options)}"),)


def _distinct(targets: Iterable[ConflictTarget]) -> tuple[ConflictTarget, ...]:
    found = tuple(dict.fromkeys(targets))
    unknown = [target for target in found if isinstance(target, Unresolved)]
    return (unknown[0],) if unknown else found


def _target(given: Value, resolve: Resolve) -> tuple[ConflictTarget, ...]:
    known = _known(given, resolve)
    if known is None:
        return (DefaultKey(),)
    if isinstance(known, Choice):
        return _distinct(target for option in known.options for target in _target(option, resolve))
    listed = list_of_texts(known, resolve)
    if listed is not None:  # an array of JavaScript becomes "a,b" in the URL
        return (columns_target(listed),)
    names = texts(known, resolve)
    if names is None:
        return (Unresolved(f"the conflict target is {told(known)}"),)
    return tuple(_named_columns(name) for name in names)


def _named_columns(listed: str) -> ConflictTarget:
    """`a, b` as PostgREST reads it: separated by commas, blanks around a name are no part of it."""
    names = tuple(name.strip().strip('"') for name in listed.split(","))
    if not any(names):
        return DefaultKey()
    return columns_target(tuple(name for name in names if name))


def _is_upsert(fact: SiteFact, options: Value | None, resolve: Resolve) -> bool:
    if fact.values["method"] == Text("upsert"):
        return True
    # version 1: `.insert(rows, { upsert: true, onConflict })`
    return isinstance(options, Record) and boolean(options.get("upsert"), resolve, default=False) is True


def _draft(
    fact: SiteFact,
    table: tuple[QualifiedName | None, str | None],
    target: ConflictTarget,
    rows: Payload,
    action: Action | None,
    given: tuple[ColumnReference, ...] | None,
    *,
    defaulting: bool,
) -> Draft:
    upsert = not isinstance(target, AnyArbiter)
    action = action if upsert else None
    write = Write(
        table=table[0],
        target=target,
        action=action,
        columns=rows.columns,
        complete=rows.complete,
        nulls=rows.nulls,
        lacking=rows.uneven,
        lacking_default=defaulting,
        rows=rows.rows,
        set_columns=rows.columns if action is Action.UPDATE else None,
        set_complete=rows.complete,
        returning=given,
        returning_known=given is not None or fact.values.get("asked") is None,
        reason=table[1] or rows.reason,
    )
    why = fact.values.get("unchecked")
    reasons = (
        table[1],
        target.reason if isinstance(target, Unresolved) else None,
        "the conflict action is chosen at run time" if upsert and action is None else None,
        rows.reason,
    )
    return Draft(
        mechanism=Mechanism.ON_CONFLICT if upsert else Mechanism.PLAIN_INSERT,
        write=write,
        offset=fact.offset,
        statement=fact.statement,
        end=fact.end,
        reason="; ".join(reason for reason in reasons if reason) or None,
        unchecked=Unchecked(why.text) if isinstance(why, Text) else None,
    )


def _client(name: str, *languages: str) -> Client:
    return Client(
        name=name,
        languages=frozenset(languages),
        triggers=(b".upsert(", b".insert(", b'["upsert"]', b"['upsert']", b"onconflict", b"on_conflict"),
        find=partial(find, name),
        finish=finish,
        own_dialect=True,
    )


SUPABASE_JS = _client("supabase-js", "javascript", "typescript", "tsx", "jsx", "vue", "svelte")
SUPABASE_PY = _client("supabase-py", "python")
SUPABASE_DART = _client("supabase-dart", "dart")

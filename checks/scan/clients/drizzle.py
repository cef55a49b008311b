"""Drizzle: `db.insert(table).values(..).onConflictDoUpdate({..})`.

Every column that the table declares is listed in the INSERT, those that no row gives as DEFAULT or as what the client
fills in (drizzle-orm 0.45, pg-core/dialect.js buildInsertQuery); keys of rows that are no columns are left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Overriding, QualifiedName
from ..declarations.drizzle import OtherDatabase, cased, doubtful, read_table
from ..declarations.model import TableDeclaration, Undeclared
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Choice, Join, Member, Record, Sequence, Text
from .chain import chains, origin, own_links, reached
from .drafting import Conflict, insert
from .drizzle_clause import NOTHING, UPDATE, conflicts
from .drizzle_sql import Renderer
from .drizzle_steps import find_steps, step_of
from .followed import with_rows
from .given_back import asking, given_back, with_returning
from .payload import Payload, payload
from .reading import called_name, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.drizzle import Casing
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .chain import Chain
    from .given_back import Back

_MYSQL = "onDuplicateKeyUpdate"
_CALLBACKS = frozenset({"transaction", "$with"})
_CASING = re.compile(r"""\bcasing\s*:\s*["'](snake_case|camelCase)["']""")


def _find(module: Module) -> Iterator[SiteFact]:
    conflicting = list(module.calls(frozenset({NOTHING, UPDATE, _MYSQL})))
    back = given_back(module)
    for call in conflicting:
        if not isinstance(call.callee, Member) or (call.callee.name == _MYSQL and not _is_ours(module, call)):
            continue
        values: dict[str, Value] = {"method": Text(call.callee.name), "receiver": call.callee.object}
        values["origin"] = origin(module, call.callee.object, _CALLBACKS)
        values |= asking(back, call.name_offset)
        if call.args:
            values["options"] = call.args[0]
        yield SiteFact(client="drizzle", values=values, offset=call.name_offset, statement=call.offset, end=call.end)
    plain = list(_plain(module, conflicting, back))
    yield from plain
    yield from find_steps(module, with_rows(plain), _CALLBACKS)


def _plain(module: Module, conflicting: list[Call], back: Back) -> Iterator[SiteFact]:
    """`insert(table).values(..)` that no conflict clause follows."""
    taken = {place for call in conflicting for place in reached(module, call)}
    for call in module.calls(frozenset({"values", "select"})):
        _, links = own_links(call)
        begins = [link for link in links[:-1] if called_name(link) == "insert" and _is_table(link.args)]
        if not begins or begins[-1].name_offset in taken or (called_name(call) == "select" and not _is_last(links)):
            continue
        values: dict[str, Value] = {"method": Text("insert"), "receiver": call}
        values["origin"] = origin(module, call, _CALLBACKS)
        values |= asking(back, call.name_offset)
        begin = begins[-1].name_offset
        yield SiteFact(client="drizzle", values=values, offset=begin, statement=call.offset, end=call.end)


def _is_last(links: tuple[Call, ...]) -> bool:
    """`insert(table).select(query)`, and no `select` of something else, nor PostgREST's `from(table).insert(rows)`."""
    if any(called_name(link) == "from" for link in links) or isinstance(next(iter(links[-1].args), Text("")), Text):
        return False
    return len(links) > 1 and called_name(links[-2]) in {"insert", "overridingSystemValue"}


def _is_table(args: tuple[Value, ...]) -> bool:
    """Rows as they are written are what other clients insert."""
    return len(args) == 1 and not isinstance(args[0], Record | Sequence | Text | Join)


def _is_ours(module: Module, call: Call) -> bool:
    """Kysely has a method of that name too."""
    _, links = own_links(call)
    return "drizzle" in module.file.text or any(called_name(link) == "insert" for link in links)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return step_of(fact, _inserted(fact, resolve), resolve)
    found = [chain for chain in chains(fact.values["receiver"], resolve) if chain.named("insert")]
    if not found:
        return NoSite("no insert() is found before the call")
    return tuple(dict.fromkeys(draft for chain in found for draft in _drafts(fact, chain, resolve)))


def _inserted(fact: SiteFact, resolve: Resolve) -> Iterator[tuple[Value, Value, TableDeclaration, Renderer]]:
    """Of each INSERT that gives rows: its table as it is written, its rows, its table, and what reads columns."""
    inserts, start = fact.values["inserts"], fact.values["origin"]
    for call in inserts.items if isinstance(inserts, Sequence) else ():
        for chain in chains(call, resolve):
            given, values = chain.named("insert"), chain.named("values")
            if given and given[-1].args and values and values[-1].args:
                named, casing = given[-1].args[0], _casing(chain, start, resolve)
                table = read_table(named, casing, resolve)
                if isinstance(table, TableDeclaration):
                    yield named, values[-1].args[0], table, Renderer(table, casing, resolve)


def _drafts(fact: SiteFact, chain: Chain, resolve: Resolve) -> Iterator[Draft]:
    given = chain.named("insert")[-1].args
    casing = _casing(chain, fact.values["origin"], resolve)
    tables = _options(given[0], resolve) if given else ()
    for value in tables:
        table = read_table(value, casing, resolve)
        yield from _of_table(fact, chain, table, casing, resolve)


def _options(value: Value, resolve: Resolve) -> tuple[Value, ...]:
    """Each table that the value may be."""
    known = resolve(value)
    return known.options if isinstance(known, Choice) else (value,)


def _of_table(
    fact: SiteFact,
    chain: Chain,
    table: TableDeclaration | Undeclared | OtherDatabase,
    casing: Casing,
    resolve: Resolve,
) -> Iterator[Draft]:
    known = table if isinstance(table, TableDeclaration) else TableDeclaration("", None, complete=False)
    named = QualifiedName(table.schema, table.name) if isinstance(table, TableDeclaration) else None
    method = fact.values["method"]
    other = table.reason if isinstance(table, OtherDatabase) else None
    if method == Text(_MYSQL):
        clauses: tuple[Conflict | None, ...] = (Conflict(AnyArbiter(), Action.UPDATE),)
        other = f'statement is made by "{_MYSQL}"'
    elif method == Text("insert"):
        clauses = (None,)
    else:
        renderer = Renderer(known, casing, resolve)
        clauses = conflicts(
            method.text if isinstance(method, Text) else "", fact.values.get("options"), renderer, resolve
        )
    rows, defaulted = _rows(chain, known, resolve)
    everything = tuple(column.name for column in known.columns) if known.complete else ("*",)
    overriding = Overriding.SYSTEM if chain.named("overridingSystemValue") else None
    for conflict in clauses:
        unknown = table.reason if isinstance(table, Undeclared | OtherDatabase) else ""
        draft = insert(fact, named or Undeclared(unknown), rows, conflict, not_postgres=other)
        draft = with_returning(draft, fact.values, resolve, everything=everything, column=lambda _: None)
        yield replace(draft, write=replace(draft.write, defaulted=defaulted, overriding=overriding))


def _rows(chain: Chain, table: TableDeclaration, resolve: Resolve) -> tuple[Payload, tuple[str, ...]]:
    """What is written, and the columns that every row leaves to the database."""
    values = chain.named("values")
    given = payload(values[-1].args[0], resolve) if values and values[-1].args else None
    if not table.columns:
        return given or Payload(None, complete=False, reason="the rows are given elsewhere"), ()
    written = [column for column in table.columns if not column.generated]
    reason = None if table.complete else "the declaration of the table is not fully known"
    keys = () if given is None or given.columns is None else given.columns
    nulls = () if given is None else tuple(c.name for c in written if c.attribute in given.nulls)
    rows = given.rows if given is not None else None
    left = [c.name for c in written if c.attribute not in keys and not c.client_default]
    sure = given is not None and given.complete and not chain.named("select")
    found = Payload(tuple(c.name for c in written), table.complete, rows, nulls, (), reason)
    return found, tuple(left) if sure else ()


def _casing(chain: Chain, start: Value, resolve: Resolve) -> Casing:
    """The casing of the instance; where that cannot be followed, what the project's instances have in common."""
    for one in (chain, *chains(start, resolve)):
        if isinstance(one.root, Call) and called_name(one.root) == "drizzle":
            return _given_casing(one.root, resolve)
    modules = resolve.modules_holding(b"casing")
    said = {word for module in modules if "drizzle" in module.file.text for word in _CASING.findall(module.file.text)}
    if not said:
        return cased(None)
    calls = (call for made in resolve.modules_holding(b"drizzle(") for call in made.calls(frozenset({"drizzle"})))
    given = {_given_casing(call, resolve) for call in calls}
    return given.pop() if len(given) == 1 else doubtful


def _given_casing(call: Call, resolve: Resolve) -> Casing:
    """What `drizzle(client, { casing })` is given."""
    options = [resolve(arg) for arg in call.args]
    records = [option for option in options if isinstance(option, Record)]
    given = next((value for record in records if (value := record.get("casing")) is not None), None)
    if given is None:
        return cased(None) if all(record.complete for record in records) else doubtful
    word = text(given, resolve)
    return cased(word) if word is not None else doubtful


DRIZZLE = Client(
    name="drizzle",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".onconflictdo", b".onduplicatekeyupdate(", b".insert("),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

"""bun: `NewInsert().Model(&x).On("CONFLICT (a) DO UPDATE").Set(..)`; go-pg: `OnConflict("(a) DO UPDATE").Set(..)`.

Sources: github.com/uptrace/bun 1.2 InsertQuery.AppendQuery and Ignore; github.com/go-pg/pg v10 orm.InsertQuery.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..declarations.bun import BunTable, bun_table
from ..declarations.go_structs import struct_of
from ..declarations.model import Undeclared
from ..literals import cut
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Class, Join, Member, Opaque, Record, Text
from .bun_steps import find_steps, finish_steps, is_paired
from .chain import chains, name_of, own_links
from .go_builder import listed, quoted, read, separated, statement
from .reading import called_name, text, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_ENDS = frozenset({"Exec", "Scan", "Insert", "String", "ExecContext"})
_CONFLICTS = {"bun": frozenset({"On", "Ignore"}), "go-pg": frozenset({"OnConflict"})}
_KEYS = {"bun": "bun", "go-pg": "pg"}


def _find(module: Module, client: str) -> Iterator[SiteFact]:
    """Each conflict clause of an INSERT, with all of the statement that follows it in the same expression."""
    calls = [call for call in module.calls(_CONFLICTS[client]) if isinstance(call.callee, Member)]
    ends = [call for call in module.calls(_ENDS) if isinstance(call.callee, Member)] if calls else []
    for call in calls:
        if client == "bun" and name_of(call) == "Ignore" and not _starts_insert(call):
            continue
        if client == "bun" and name_of(call) == "On" and not _says_conflict(call):
            continue
        if client == "go-pg" and not (call.args and isinstance(call.args[0], (Text, Join))):
            continue
        whole = next((end for end in ends if any(_is(link, call) for link in own_links(end)[1])), None)
        values: dict[str, Value] = {"clause": call, "whole": whole or _variable(module, call, ends) or call}
        end = (whole or call).end
        yield SiteFact(client=client, values=values, offset=call.name_offset, statement=call.offset, end=end)
    if client == "bun":
        yield from find_steps(module)


def _is(link: Call, call: Call) -> bool:
    return link.name_offset == call.name_offset


def _starts_insert(call: Call) -> bool:
    return any(name_of(link) in {"NewInsert", "NewInsertQuery"} for link in own_links(call)[1])


def _says_conflict(call: Call) -> bool:
    """Whether `On(..)` is given a conflict clause; a join's condition is none. A name may stand for one."""
    first = call.args[0] if call.args else None
    known = first.parts[0] if isinstance(first, Join) and first.parts else first
    return known.text.lstrip().casefold().startswith("conflict") if isinstance(known, Text) else _starts_insert(call)


def _variable(module: Module, call: Call, ends: list[Call]) -> Value | None:
    """The statement that a query which is put together in steps ends in: `q = q.On(..)`, later `q.Exec(ctx)`."""
    root, _ = own_links(call)
    name = getattr(root, "name", None)
    around = module.function_at(call.offset)
    for end in ends:
        start, _ = own_links(end)
        later = end.offset > call.end and getattr(start, "name", "") == name
        if later and around is not None and around.offset <= end.offset < around.end:
            return end
    return None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if "steps" in fact.values:
        return finish_steps(fact, resolve)
    clause = fact.values["clause"]
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["whole"], resolve):
        if isinstance(clause, Call) and any(_is(link, clause) for link in chain.links):
            drafts = _drafts(fact, chain, resolve)
            found.update(dict.fromkeys(drafts if isinstance(drafts, tuple) else ()))
    return tuple(found) or NoSite("no ON CONFLICT of an INSERT")


def _drafts(fact: SiteFact, chain: Chain, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    bun = fact.client == "bun"
    model = _model(chain, _KEYS[fact.client], resolve)
    table = model if isinstance(model, BunTable) else None
    name = _table(chain, model, resolve)
    alias: list[Value] = [Text(" AS "), quoted(table.alias)] if table is not None else []
    columns = _columns(chain, table, resolve)
    last = chain.named(*_CONFLICTS[fact.client])[-1]
    target = Text("CONFLICT DO NOTHING") if name_of(last) == "Ignore" else _sql(last, table, resolve)
    clause: list[Value] = [Join((Text("ON " if bun else "ON CONFLICT "), target))]
    clause += _assignments(chain, table, target, resolve)
    found = read(fact, statement(Join((name, *alias)), columns, clause), resolve)
    if isinstance(found, NoSite):
        return found
    unknown = model.reason if isinstance(model, Undeclared) and isinstance(name, Opaque) else None
    doubt = table.doubt if table is not None else None
    return tuple(_doubted(draft, unknown, doubt) for draft in found)


def _doubted(draft: Draft, unknown: str | None, doubt: str | None) -> Draft:
    if unknown is not None:
        write = replace(draft.write, table=None, reason=unknown, complete=False)
        return replace(draft, write=write, reason=unknown)
    if doubt is not None:
        write = replace(draft.write, complete=False, reason=draft.write.reason or doubt)
        return replace(draft, write=write, reason=draft.reason or doubt)
    return draft


def _model(chain: Chain, key: str, resolve: Resolve) -> BunTable | Undeclared:
    given = [link.args[0] for link in chain.named("Model", "ModelContext") if link.args]
    if not given:
        return Undeclared("the rows are given to the statement elsewhere")
    found = struct_of(given[-1], resolve)
    return bun_table(found, key, resolve) if isinstance(found, Class) else Undeclared(f"the model is {told(found)}")


def _table(chain: Chain, model: BunTable | Undeclared, resolve: Resolve) -> Value:
    for link in reversed(chain.named("Table", "TableExpr", "ModelTableExpr")):
        known = resolve(link.args[0]) if link.args else None
        name = text(known, resolve) if known is not None else None
        if name is None:
            return Opaque("the table", 0)
        return quoted(name) if name_of(link) == "Table" else Text(name.split(" AS ")[0].split(" as ")[0])
    if isinstance(model, BunTable) and isinstance(model.name, str):
        return quoted(model.name)
    return Opaque("the table", 0)


def _columns(chain: Chain, table: BunTable | None, resolve: Resolve) -> tuple[Value, ...]:
    """The columns of the INSERT: those that are chosen, else all of the model; the keys of a map."""
    chosen = [value for link in chain.named("Column") for value in listed(link.args, resolve)]
    rows = [resolve(link.args[0]) for link in chain.named("Model") if link.args]
    if rows and isinstance(rows[-1], Record):
        chosen = [Text(key) for key, _ in rows[-1].entries]
    left = {
        value.text
        for link in chain.named("ExcludeColumn")
        for value in listed(link.args, resolve)
        if isinstance(value, Text)
    }
    own = [Text(name) for name in table.columns if name not in left] if table is not None else []
    given = [resolve(link.args[0]) for link in chain.named("Value") if link.args]
    names = chosen or own or [Opaque("the columns", 0)]
    known = {name.text for name in names if isinstance(name, Text)}
    names += [one for one in given if not (isinstance(one, Text) and one.text in known)]
    return tuple(quoted(name.text) if isinstance(name, Text) else name for name in names)


def _assignments(chain: Chain, table: BunTable | None, target: Value, resolve: Resolve) -> list[Value]:
    """SET as it is written, or of an update without one all columns but the primary key."""
    sets = [_sql(link, table, resolve) for link in chain.named("Set") if link.args]
    where = [_sql(link, table, resolve) for link in chain.named("Where") if link.args]
    update = _ends_in_update(target)
    if not sets and not update:
        return []
    if not sets:
        names = [_name_of(value) for value in _columns(chain, table, resolve)]
        keys = table.primary_key if table is not None else ()
        kept = [name for name in names if name is not None and name.strip('"') not in keys]
        sets = [Text(f"{name} = EXCLUDED.{name}") for name in kept] or [Opaque("the columns of SET", 0)]
    parts: list[Value] = [Text("SET "), *separated(tuple(sets), ", ")]
    if where:
        parts += [Text(" WHERE "), *separated(tuple(where), " AND ")]
    return [Join(tuple(parts))]


def _name_of(value: Value) -> str | None:
    return value.text if isinstance(value, Text) else None


def _ends_in_update(target: Value) -> bool:
    last = target.parts[-1] if isinstance(target, Join) and target.parts else target
    return isinstance(last, Text) and last.text.rstrip().casefold().endswith("do update")


def _sql(link: Call, table: BunTable | None, resolve: Resolve) -> Value:
    """A piece of SQL with what stands for `?` put in: names of bun.Ident, the model's alias; other values are holes."""
    known = resolve(link.args[0])
    if not isinstance(known, Text) or "?" not in known.text:
        return known
    values = iter(link.args[1:])
    parts: list[Value] = []
    at = 0
    for index, char in enumerate(known.text):
        if char != "?":
            continue
        parts.append(cut(known, at, index))
        word = _word(known.text, index + 1)
        at = index + 1 + len(word)
        if word in {"TableAlias", "TableName"} and table is not None:
            parts.append(quoted(table.alias))
        else:
            parts.append(Opaque("a value", 0) if word else _bound(next(values, None), resolve))
    return Join((*parts, cut(known, at, len(known.text))))


def _word(source: str, start: int) -> str:
    end = start
    while end < len(source) and (source[end].isalnum() or source[end] == "_"):
        end += 1
    return source[start:end]


def _bound(value: Value | None, resolve: Resolve) -> Value:
    known = resolve(value) if value is not None else None
    if isinstance(known, Call) and called_name(known) in {"Ident", "Name"} and known.args:
        name = text(known.args[0], resolve)
        return quoted(name) if name else known
    return Opaque("a value", 0)


BUN = Client(
    name="bun",
    languages=frozenset({"go"}),
    triggers=(b'"conflict ', b"`conflict ", b".ignore()", b"\tignore()"),
    find=lambda module: _find(module, "bun"),
    finish=_finish,
    paired=is_paired,
)
GO_PG = Client(
    name="go-pg",
    languages=frozenset({"go"}),
    triggers=(b'onconflict("', b"onconflict(`"),
    find=lambda module: _find(module, "go-pg"),
    finish=_finish,
)

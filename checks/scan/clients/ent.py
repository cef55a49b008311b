"""ent: `client.User.Create().SetName(x).OnConflict(sql.ConflictColumns("name")).UpdateNewValues().Exec(ctx)`.

Source: entgo.io/ent 0.14 entc/gen/template/dialect/sql/feature/upsert.tmpl, dialect/sql InsertBuilder.writeConflict.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, QualifiedName, Unresolved
from ..declarations.ent import Entity, entity_of
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Constant, Member, Name
from .bound import bound
from .chain import chains, name_of, own_links
from .drafting import Conflict, insert
from .go_builder import listed
from .payload import Payload
from .reading import called_name, text, told
from .targets import bound_target, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value
    from .bound import Pieces
    from .chain import Chain

_CONFLICT = frozenset({"OnConflict", "OnConflictColumns"})
_OPTIONS = frozenset({
    "ConflictColumns", "ConflictConstraint", "ConflictWhere", "ResolveWithNewValues", "ResolveWithIgnore",
    "ResolveWith", "DoNothing", "UpdateWhere",
})  # fmt: skip
_CREATES = ("Create", "CreateBulk", "MapCreateBulk")
_ENDS = frozenset({"Exec", "ExecX", "ID", "IDX", "Save", "SaveX"})
_DEEPEST = 6
_AT_RUN_TIME = "the columns of SET are only known at run time"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each conflict clause of ent, with all of the statement that follows it in the same expression."""
    calls = [call for call in module.calls(_CONFLICT) if isinstance(call.callee, Member) and _is_ent(call, module)]
    ends = list(module.calls(_ENDS)) if calls else []
    for call in calls:
        whole = next((e for e in ends if any(link.name_offset == call.name_offset for link in own_links(e)[1])), call)
        grows = Constant(_grows(module, call))
        yield SiteFact(
            client="ent",
            values={"clause": call, "whole": _unfolded(module, whole), "grows": grows},
            offset=call.name_offset,
            statement=call.offset,
            end=whole.end,
        )


def _unfolded(module: Module, call: Call) -> Value:
    """The chain with what its variable was made by in front: what ent generated is not to be followed any further."""
    root, links = own_links(call)
    for _ in range(_DEEPEST):
        meant = module.lookup(root.name, root.offset) if isinstance(root, Name) else None
        if not isinstance(meant, Call):
            break
        root, more = own_links(meant)
        links = (*more, *links)
    value = root
    for link in links:
        callee = link.callee
        value = replace(link, callee=replace(callee, object=value)) if isinstance(callee, Member) else link
    return value


def _grows(module: Module, call: Call) -> bool:
    """Whether a builder in a variable is given more in statements of their own, which change it in place."""
    root, _ = own_links(call)
    function = module.function_at(call.offset)
    if not isinstance(root, Name) or function is None:
        return False
    body = module.file.text[function.offset : function.end]
    return re.search(rf"^\s*{re.escape(root.name)}\.Set\w+\(", body, re.MULTILINE) is not None


def _is_ent(call: Call, module: Module) -> bool:
    if name_of(call) == "OnConflictColumns" or any(
        isinstance(arg, Call) and called_name(arg) in _OPTIONS for arg in call.args
    ):
        return "goqu" not in module.file.text or "entgo.io" in module.file.text
    creates = any(name_of(link) in _CREATES for link in own_links(call)[1])
    return creates and not call.args


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    clause = fact.values["clause"]
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["whole"], resolve):
        at = next((i for i, one in enumerate(chain.links) if isinstance(clause, Call) and _is(one, clause)), None)
        if at is not None:
            found[_draft(fact, chain, at, resolve)] = None
    return tuple(found) or NoSite("no statement of ent")


def _is(link: Call, call: Call) -> bool:
    return link.name_offset == call.name_offset


def _draft(fact: SiteFact, chain: Chain, at: int, resolve: Resolve) -> Draft:
    table, entity = _table(chain, resolve)
    rows = _rows(chain.links[:at], entity, resolve)
    if fact.values["grows"] == Constant(value=True):
        rows = replace(rows, complete=False, reason="the row is put together in several statements")
    options = _options(chain.links[at], resolve)
    if options is None:
        reason = f"the conflict options are {told(resolve(chain.links[at].args[0]))}"
        return insert(fact, table, rows, Conflict(Unresolved(reason), None))
    action, assigned = _action(options, chain.links[at + 1 :], entity, rows)
    return insert(fact, table, rows, Conflict(_target(chain.links[at], options, resolve), action, assigned))


def _table(chain: Chain, resolve: Resolve) -> tuple[QualifiedName | Undeclared, Entity | None]:
    """The entity that Create is called on, or what the builder of SQL is told to insert into."""
    made = [link for link in chain.links if name_of(link) in _CREATES]
    if not made:
        given = [link.args[0] for link in chain.named("Insert") if link.args]
        name = text(given[-1], resolve) if given else None
        if name is not None:
            return QualifiedName(None, name), None
        return Undeclared("the statement is started elsewhere"), None
    owner = made[0].callee.object if isinstance(made[0].callee, Member) else made[0].callee
    name = owner.name if isinstance(owner, Member) else None
    entity = entity_of(name, resolve) if name else None
    if entity is None:
        return Undeclared(
            f'what ent generates for "{name}" is not in the tree' if name else "the entity is not known"
        ), None
    return QualifiedName(None, entity.table), entity


def _rows(links: Iterable[Call], entity: Entity | None, resolve: Resolve) -> Payload:
    links = tuple(links)
    if entity is None:
        named = [value for link in links if name_of(link) == "Columns" for value in listed(link.args, resolve)]
        names = [text(value, resolve) for value in named]
        known = tuple(name for name in names if name is not None)
        complete = bool(known) and len(known) == len(names)
        return Payload(known or None, complete, reason="the written columns are those of an entity that is not known")
    if not any(name_of(link) == "Create" for link in links):
        return Payload(entity.defaulted, complete=False, reason="the rows are put together elsewhere")
    found = [column for link in links if (column := _set(link, entity)) is not None]
    return Payload(tuple(dict.fromkeys((*found, *entity.defaulted))), rows=1)


def _set(link: Call, entity: Entity) -> str | None:
    name = name_of(link)
    return entity.column(name.removeprefix("Set")) if name.startswith("Set") else None


def _options(link: Call, resolve: Resolve) -> tuple[Call, ...] | None:
    """The options of OnConflict; None when one of them is not known."""
    if name_of(link) == "OnConflictColumns":
        return ()
    given = listed(link.args, resolve)
    known = tuple(one for one in given if isinstance(one, Call) and called_name(one) in _OPTIONS)
    return known if len(known) == len(given) else None


def _target(link: Call, options: tuple[Call, ...], resolve: Resolve) -> ConflictTarget:
    constraint = next((one for one in options if called_name(one) == "ConflictConstraint" and one.args), None)
    if constraint is not None:
        name = text(constraint.args[0], resolve)
        return NamedConstraint(name) if name else Unresolved(f"the constraint is {told(resolve(constraint.args[0]))}")
    made = link if name_of(link) == "OnConflictColumns" else None
    made = made or next((one for one in options if called_name(one) == "ConflictColumns"), None)
    if made is None:
        return AnyArbiter()
    names = [text(value, resolve) for value in listed(made.args, resolve)]
    known = tuple(name for name in names if name is not None)
    if not known or len(known) != len(names):
        return Unresolved("the conflict target holds a column that is not known")
    where = next((one for one in options if called_name(one) == "ConflictWhere" and one.args), None)
    predicate = _predicate(where.args[0], resolve) if where is not None else None
    if where is not None and predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    return bound_target(tuple(quoted(name) for name in known), predicate)


def _predicate(value: Value, resolve: Resolve) -> Pieces | None:
    """`sql.IsNull("c")`, `sql.NotNull("c")`, `sql.EQ("c", v)`."""
    known = resolve(value)
    if not isinstance(known, Call) or not known.args:
        return None
    name = text(known.args[0], resolve)
    if name is None:
        return None
    match called_name(known), known.args[1:]:
        case "IsNull", ():
            return (f"{quoted(name)} IS NULL",)
        case "NotNull", ():
            return (f"{quoted(name)} IS NOT NULL",)
        case "EQ", (operand,):
            return (f"{quoted(name)} = ", bound(resolve(operand)))
        case _:
            return None


def _action(
    options: tuple[Call, ...], after: tuple[Call, ...], entity: Entity | None, rows: Payload
) -> tuple[Action | None, Payload | None]:
    """What is done on conflict, and the columns of SET."""
    names = {called_name(one) for one in options} | {name_of(link) for link in after}
    if "DoNothing" in names:
        return Action.NOTHING, None
    own = [column for link in after if entity is not None and (column := _updated(link, entity)) is not None]
    if not names.isdisjoint({"UpdateNewValues", "ResolveWithNewValues", "Ignore", "ResolveWithIgnore"}):
        columns = tuple(dict.fromkeys((*(rows.columns or ()), *own)))
        return Action.UPDATE, Payload(columns, rows.complete, reason=rows.reason)
    if not names.isdisjoint({"Update", "ResolveWith"}):
        return Action.UPDATE, Payload(tuple(own), complete=False, reason=_AT_RUN_TIME)
    return (Action.UPDATE, Payload(tuple(dict.fromkeys(own)))) if own else (None, None)


def _updated(link: Call, entity: Entity) -> str | None:
    name = name_of(link)
    verb = next((verb for verb in ("Set", "Update", "Add", "Clear") if name.startswith(verb) and name != verb), None)
    return entity.column(name.removeprefix(verb)) if verb is not None else None


ENT = Client(
    name="ent",
    languages=frozenset({"go"}),
    triggers=(b".onconflict(", b"\tonconflict(", b".onconflictcolumns(", b"\tonconflictcolumns("),
    find=_find,
    finish=_finish,
)

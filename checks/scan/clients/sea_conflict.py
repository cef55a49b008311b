"""`OnConflict` of sea-query: `OnConflict::columns([..]).update_columns([..]).to_owned()`.

Source: sea-query 1.0 query/on_conflict.rs, backend/query_builder.rs prepare_on_conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, Unresolved
from ..declarations.sea_orm import iden_of
from ..values import Call, Import, Member, Name, Param, Sequence, Text
from .bound import bound, listed
from .chain import chains, name_of
from .drafting import Conflict
from .payload import Payload
from .reading import called_name, is_absent, text, told
from .targets import bound_target, quoted

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces
    from .chain import Chain

_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_NULL = {"is_null": "IS NULL", "is_not_null": "IS NOT NULL"}
_WHERE = ("target_and_where", "target_cond_where", "target_and_where_option")
_NOTHING = ("do_nothing", "do_nothing_on")


def conflicts_of(value: Value, resolve: Resolve) -> tuple[Conflict, ...]:
    """Each clause that the value may be; none when it is no OnConflict."""
    found: list[Conflict] = []
    for chain in chains(value, resolve):
        if is_on_conflict(chain.root):
            found.append(_conflict(chain, resolve))
        elif isinstance(chain.root, Param) and _is_given(chain.root):
            found.append(Conflict(Unresolved(f"the conflict clause is {told(chain.root)}"), None))
    return tuple(dict.fromkeys(found))


def _is_given(param: Param) -> bool:
    return isinstance(param.type, Call) and is_on_conflict(param.type.callee)


def is_on_conflict(value: Value) -> bool:
    """Whether a value is the type OnConflict."""
    match value:
        case Name(name) | Member(name=name) | Import(name=str(name)):
            return name == "OnConflict"
        case Import(module=module):
            return module.rpartition("::")[2] == "OnConflict"
        case _:
            return False


def _conflict(chain: Chain, resolve: Resolve) -> Conflict:
    target = _target(chain, resolve)
    links = [link for link in chain.links if name_of(link) in {*_NOTHING, *_SETS}]
    if not links:
        told_why = "the conflict clause has no action, and ON CONFLICT without one is a syntax error (42601)"
        return Conflict(target if isinstance(target, Unresolved) else Unresolved(told_why), None)
    if name_of(links[-1]) in _NOTHING:
        return Conflict(target, Action.NOTHING)
    columns: list[str] = []
    complete = True
    for link in links:
        for name in _SETS[name_of(link)](link, resolve) if name_of(link) in _SETS else ():
            columns += [name] if name is not None else []
            complete = complete and name is not None
    reason = None if complete else "the columns of SET are only known at run time"
    return Conflict(target, Action.UPDATE, Payload(tuple(dict.fromkeys(columns)), complete, reason=reason))


def _one(link: Call, resolve: Resolve) -> list[str | None]:
    return [iden_of(link.args[0], resolve)] if link.args else []


def _many(link: Call, resolve: Resolve) -> list[str | None]:
    return idens(link.args[0], resolve) if link.args else []


def _pairs(link: Call, resolve: Resolve) -> list[str | None]:
    known = resolve(link.args[0]) if link.args else Sequence(())
    if not isinstance(known, Sequence) or not known.complete:
        return [None]
    return [iden_of(i.items[0], resolve) if isinstance(i, Sequence) and i.items else None for i in known.items]


_SETS = {"update_column": _one, "update_columns": _many, "value": _one, "values": _pairs}


def idens(value: Value, resolve: Resolve) -> list[str | None]:
    """The names of a list; None for what is only known at run time."""
    items = value.items if isinstance(value, Sequence) and value.complete else None
    if items is None:
        known = resolve(value)
        items = known.items if isinstance(known, Sequence) and known.complete else None
    return [iden_of(item, resolve) for item in items] if items is not None else [None]


def _target(chain: Chain, resolve: Resolve) -> ConflictTarget:
    elements: list[str] = []
    for link in chain.links:
        given = link.args[0] if link.args else None
        if given is None:
            continue
        match name_of(link):
            case "constraint":
                name = text(given, resolve)
                return NamedConstraint(name) if name else Unresolved(f"the constraint is {told(resolve(given))}")
            case "column" | "columns" as kind:
                names = [iden_of(given, resolve)] if kind == "column" else idens(given, resolve)
                found = [quoted(name) for name in names if name is not None]
                if len(found) < len(names):
                    return Unresolved(f"the conflict target is {told(resolve(given))}")
                elements += found
            case "expr" | "exprs" as kind:
                items = given.items if kind == "exprs" and isinstance(given, Sequence) else (given,)
                made = [_element(item, resolve) for item in items]
                if None in made:
                    return Unresolved("the conflict target holds an expression that is only known at run time")
                elements += [one for one in made if one is not None]
    return _with_predicate(chain, tuple(elements), resolve)


def _element(value: Value, resolve: Resolve) -> str | None:
    pieces = _operand(value, resolve)
    if pieces is None or not all(isinstance(piece, str) for piece in pieces):
        return None
    written = "".join(str(piece) for piece in pieces)
    return written if written.startswith('"') else f"({written})"


def _with_predicate(chain: Chain, elements: tuple[str, ...], resolve: Resolve) -> ConflictTarget:
    conditions = [link.args[0] for link in chain.named(*_WHERE) if link.args]
    if not elements:
        return AnyArbiter() if not conditions else Unresolved("a predicate stands without columns")
    if not conditions:
        return bound_target(elements, None)
    predicate = listed((condition(one, resolve) for one in conditions), " AND ")
    if predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    return bound_target(elements, predicate)


def condition(value: Value, resolve: Resolve) -> Pieces | None:
    """`Expr::col(X::Y).is_null()`, `users::Column::Active.eq(true)`, `a.and(b)`, `Expr::cust(".."))`."""
    known = value if isinstance(value, Call) else resolve(value)
    if not isinstance(known, Call):
        return None
    name, args = called_name(known) or "", known.args
    owner = known.callee.object if isinstance(known.callee, Member) else None
    if owner is None or name in {"cust", "col"}:
        return _operand(known, resolve)
    if name in {"and", "or"} and len(args) == 1:
        one, other = condition(owner, resolve), condition(args[0], resolve)
        return None if one is None or other is None else ("(", *one, f") {name.upper()} (", *other, ")")
    return _compared(owner, name, args, resolve)


def _compared(owner: Value, name: str, args: tuple[Value, ...], resolve: Resolve) -> Pieces | None:
    left = _operand(owner, resolve)
    if left is None:
        return None
    if name in _NULL and not args:
        return (*left, f" {_NULL[name]}")
    right = resolve(args[0]) if name in _COMPARED and len(args) == 1 else None
    return None if right is None or is_absent(right) else (*left, f" {_COMPARED[name]} ", bound(right))


def _operand(value: Value, resolve: Resolve) -> Pieces | None:
    """A column, or SQL that is given as a text."""
    if isinstance(value, Call):
        name = called_name(value)
        if name == "cust" and len(value.args) == 1:
            written = text(value.args[0], resolve)
            return (written,) if written else None
        if name in {"col", "column"} and len(value.args) == 1:
            return _operand(value.args[0], resolve)
        return None
    column = iden_of(value, resolve) if not isinstance(resolve(value), Text) or isinstance(value, Text) else None
    return (quoted(column),) if column is not None else None

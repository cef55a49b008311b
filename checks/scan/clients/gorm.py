"""GORM: `Create`, `CreateInBatches` and `Save` behind `Clauses(clause.OnConflict{..})`, and `FirstOrCreate`.

Source: gorm.io/gorm 1.31 DB.Create, DB.Save, DB.FirstOrCreate, callbacks.ConvertToCreateValues.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Unresolved
from ..declarations.go_structs import struct_of
from ..declarations.gorm import GormTable, qualified, table_of
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Choice, Class, Constant, Import, Member, Name, Opaque, Param, Record, Text
from .chain import chains, name_of, own_links
from .drafting import Conflict, insert
from .gorm_asked import find_asked, finish_asked, is_paired
from .gorm_clause import clause_of, is_conflict
from .gorm_racy import racy_drafts
from .gorm_rows import assigned_of, rows_of, with_optional
from .payload import Payload
from .reading import path_of, text, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import QualifiedName
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_CREATES = frozenset({"Create", "CreateInBatches", "Save"})
_RACY = "FirstOrCreate"
_SAVE = "Save"
_SAVED = "sent when the key has a value and the UPDATE before it finds no row"
_MOST = 8  # sites of one statement
_OTHER = "clauses without ON CONFLICT"
_ELSEWHERE = "a conflict clause that is put into a statement elsewhere"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each statement whose chain holds Clauses, and each of these that no statement of the file has."""
    used: set[int] = set()
    for call in module.calls(_CREATES | {_RACY}):
        links = _links(module, call)
        own = {link.name_offset for link in links if name_of(link) == "Clauses"}
        used |= own
        if own or name_of(call) == _RACY or (name_of(call) == _SAVE and len(call.args) == 1) or _is_made(links, call):
            yield _fact("statement", call, call)
    literals = list(module.calls(frozenset({"OnConflict"})))
    clauses = [call for call in module.calls(frozenset({"Clauses"})) if isinstance(call.callee, Member)]
    for call in clauses:
        if call.name_offset not in used:
            made = any(call.offset <= one.offset < call.end for one in literals)
            yield _fact("clauses" if made else "others", call, call)
    for literal in literals:
        if not any(call.name_offset <= literal.offset < call.end for call in clauses):
            yield _fact("literal", literal, literal)
    yield from find_asked(module)


def _fact(kind: str, call: Call, value: Value) -> SiteFact:
    return SiteFact(
        client="gorm",
        values={"kind": Text(kind), "call": value},
        offset=call.name_offset,
        statement=call.offset,
        end=call.end,
    )


def _links(module: Module, call: Call) -> tuple[Call, ...]:
    """The calls of a chain, those of variables that it starts from among them."""
    root, links = own_links(call)
    for _ in range(6):
        meant = module.lookup(root.name, root.offset) if isinstance(root, Name) else None
        options = meant.options if isinstance(meant, Choice) else (meant,)
        found = [own_links(one) for one in options if isinstance(one, Call)]
        if not found:
            break
        root, links = found[-1][0], (*(link for _, more in found for link in more), *links)
    return links


def _is_made(links: tuple[Call, ...], call: Call) -> bool:
    """Whether the chain starts from a function of the project, which may have put a clause into it."""
    root, _ = own_links(call)
    del links
    return isinstance(root, Call) and isinstance(root.callee, Name)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One way that a statement is put together."""

    fact: SiteFact
    call: Call
    chain: Chain
    conflict: Call | Unresolved | None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    kind, call = fact.values["kind"], fact.values["call"]
    if kind == Text("asked"):
        return finish_asked(fact, resolve)
    if kind == Text("literal") or not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite(_ELSEWHERE)
    statements = _statements(fact, call, resolve)
    if kind == Text("others"):
        statements = [one for one in statements if isinstance(one.conflict, Call)]
    if kind in {Text("clauses"), Text("others")}:
        return tuple(_loose(one) for one in statements if one.conflict is not None) or NoSite(_OTHER)
    if name_of(call) == _RACY and not any(one.conflict for one in statements):
        return tuple(dict.fromkeys(d for one in statements for d in racy_drafts(fact, call, one.chain, resolve)))
    if name_of(call) == _SAVE and not any(one.conflict for one in statements):
        statements = [_saved(one) for one in statements if _is_gorm(one.chain, resolve)]
    found = [_draft(one, resolve) for one in statements if one.conflict is not None]
    return _merged(found) or NoSite(_OTHER)


def _merged(drafts: list[Draft]) -> tuple[Draft, ...]:
    """One draft for each table, target and action of a statement that is put together in branches.

    A table that only some of the branches name is not known in the others; the clause is the same, and stands once.
    """
    kept: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        write = draft.write
        key = write.table, write.target, write.action
        first = kept.setdefault(key, draft)
        if first.write.complete and not write.complete:
            kept[key] = draft
    named = {key[1:] for key in kept if key[0] is not None}
    return tuple(draft for key, draft in kept.items() if key[0] is not None or key[1:] not in named)[:_MOST]


def _statements(fact: SiteFact, call: Call, resolve: Resolve) -> list[_Statement]:
    callee = call.callee
    receiver = callee.object if isinstance(callee, Member) else call
    found = chains(call if fact.values["kind"] != Text("statement") else receiver, resolve)
    return [_Statement(fact, call, chain, one) for chain in found for one in _conflicts(chain, resolve)]


def _conflicts(chain: Chain, resolve: Resolve) -> list[Call | Unresolved | None]:
    """The conflict clause of a chain, each that it may be; the last one counts."""
    for link in reversed(chain.named("Clauses")):
        for arg in reversed(link.args):
            known = resolve(arg)
            options = known.options if isinstance(known, Choice) else (known,)
            made = [one for one in options if isinstance(one, Call) and is_conflict(one)]
            if made:
                return list(made)
            if any(_may_be_conflict(one) for one in options):
                return [Unresolved(f"the conflict clause is {told(known)}")]
    return [None]


def _may_be_conflict(value: Value) -> bool:
    """Whether a clause that is not known may be one of conflicts; what GORM's other packages make is none."""
    if isinstance(value, Param):
        declared = path_of(value.type.callee) if isinstance(value.type, Call) else None
        return declared is None or declared.rpartition(".")[2] in {"OnConflict", "Expression", "Interface"}
    if isinstance(value, Call):
        return not isinstance(value.callee, (Member, Import))
    if isinstance(value, Member):
        return not isinstance(value.object, Import)
    return isinstance(value, (Name, Opaque))


def _is_gorm(chain: Chain, resolve: Resolve) -> bool:
    """Whether the chain is known to start from GORM's own handle."""
    known = struct_of(chain.root, resolve)
    path = path_of(known.callee if isinstance(known, Call) else known) or ""
    return path.startswith(("gorm.io/gorm", "github.com/jinzhu/gorm"))


def _saved(one: _Statement) -> _Statement:
    """Save, which takes all columns and the primary key unless it is told otherwise."""
    at = one.call.name_offset
    made = Call(Name("OnConflict", at), (), (("UpdateAll", Constant(value=True)),), at, at, at)
    return replace(one, conflict=made)


def _loose(one: _Statement) -> Draft:
    """A clause whose rows are given to it elsewhere."""
    reason = "the rows are given to the statement elsewhere"
    rows = Payload(None, complete=False, reason=reason)
    return insert(one.fact, Undeclared(reason), rows, Conflict(Unresolved(reason), None))


def _draft(one: _Statement, resolve: Resolve) -> Draft:
    given = one.call.args[0] if one.call.args else None
    model = _model(one, given, resolve)
    table = _table(one.chain, model, given, resolve)
    known = model if isinstance(model, GormTable) else None
    rows_model = model_of(given, resolve) if given is not None and one.chain.named("Model") else model
    own = rows_model if isinstance(rows_model, GormTable) else None
    fact = replace(one.fact, offset=_place(one))
    if not isinstance(one.conflict, Call):
        target = one.conflict or Unresolved("")
        return insert(fact, table, rows_of(own, given, one.chain, resolve), Conflict(target, None))
    clause = clause_of(one.conflict, known, resolve)
    rows = rows_of(own, given, one.chain, resolve, clause.target, named=known)
    assigned = assigned_of(clause, known, rows)
    caution = _SAVED if name_of(one.call) == _SAVE else None
    draft = insert(fact, table, rows, Conflict(clause.target, clause.action, assigned), caution=caution)
    return with_optional(draft, own, rows)


def _place(one: _Statement) -> int:
    """Where the clause stands: its literal, else the call that puts it into the statement, else the statement's own."""
    made = one.conflict
    if isinstance(made, Call) and one.call.offset <= made.name_offset < one.call.end and _is_near(one, made):
        return made.name_offset
    own = [link for link in own_links(one.call)[1] if name_of(link) == "Clauses"]
    return own[-1].name_offset if own else one.fact.offset


def _is_near(one: _Statement, made: Call) -> bool:
    """Whether the literal is written in the chain itself, not in another file at the same offset."""
    own = [link for link in own_links(one.call)[1] if name_of(link) == "Clauses"]
    return any(link.name_offset < made.name_offset < link.end and made.end <= link.end for link in own)


def _model(one: _Statement, given: Value | None, resolve: Resolve) -> GormTable | Undeclared:
    """The model of a statement: what Model() names, else the rows."""
    named = [link.args[0] for link in one.chain.named("Model") if link.args]
    value = named[-1] if named else given
    if value is None:
        return Undeclared("no rows are given")
    return model_of(value, resolve)


def model_of(value: Value, resolve: Resolve) -> GormTable | Undeclared:
    """The model that a value is a row, or are rows, of."""
    found = struct_of(value, resolve)
    if isinstance(found, Class):
        return table_of(found, resolve)
    if isinstance(found, Name):  # a name that nothing declares: a snippet
        declared = _by_name(found.name, resolve)
        if declared is not None:
            return table_of(declared, resolve)
    return Undeclared(f"the model is that of {told(found)}")


def _by_name(name: str, resolve: Resolve) -> Class | None:
    """The struct that a variable without any declaration is called after: `&hosts` of `Host`."""
    singular = name.removesuffix("s")
    for candidate in (name, singular):
        found = resolve(Name(candidate[:1].upper() + candidate[1:], 0))
        if isinstance(found, Class):
            return found
    return None


def _table(
    chain: Chain, model: GormTable | Undeclared, given: Value | None, resolve: Resolve
) -> QualifiedName | Undeclared:
    named = [link.args[0] for link in chain.named("Table") if link.args]
    if named:
        name = text(named[-1], resolve)
        if name is None:
            return Undeclared(f"the table is {told(resolve(named[-1]))}")
        return qualified(name) if " " not in name else Undeclared(f'the table is the expression "{name}"')
    if isinstance(model, GormTable):
        return model.name
    if given is not None and isinstance(resolve(given), Record):
        return Undeclared("rows are a map, and the table is not named")
    return model


GORM = Client(
    name="gorm",
    languages=frozenset({"go"}),
    triggers=(
        b"onconflict{",
        b".save(&",
        b"\tsave(&",
        b".firstorcreate(",
        b"\tfirstorcreate(",
        b".clauses(",
        b"\tclauses(",
    ),
    find=_find,
    finish=_finish,
    paired=is_paired,
)

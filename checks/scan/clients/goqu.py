"""goqu: `Insert("t").Rows(goqu.Record{..}).OnConflict(goqu.DoUpdate("a, b", goqu.Record{..}))`, `goqu.DoNothing()`.

Source: github.com/doug-martin/goqu v9 sqlgen insertSQLGenerator.onConflictSQL, exp.NewRecordFromStruct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, QualifiedName, Unresolved
from ..declarations.go_structs import fields_of, kind_of, struct_of
from ..declarations.model import Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Choice, Class, Member, Opaque, Record, Sequence
from .chain import chains, own_links
from .drafting import Conflict, insert
from .go_builder import listed
from .payload import Payload, payload
from .reading import called_name, text, told
from .written_clause import clause_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_MAKES = frozenset({"DoUpdate", "DoNothing"})
_DEEPEST = 4


def _find(module: Module) -> Iterator[SiteFact]:
    """Each OnConflict that is given an expression of goqu, or something that may be one."""
    if "goqu" not in module.file.text:
        return
    for call in module.calls(frozenset({"OnConflict"})):
        if isinstance(call.callee, Member) and len(call.args) == 1:
            yield SiteFact(
                client="goqu", values={"call": call}, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    given = resolve(call.args[0]) if isinstance(call, Call) else call
    options = given.options if isinstance(given, Choice) else (given,)
    made = [conflict for option in options for conflict in [_conflict(option, resolve)] if conflict is not None]
    if not made:
        return NoSite("no conflict expression of goqu")
    found = [
        insert(fact, _table(chain, resolve), _rows(chain, resolve), conflict)
        for chain in chains(call, resolve)
        for conflict in made
    ]
    return tuple(dict.fromkeys(found))


def _conflict(value: Value, resolve: Resolve) -> Conflict | None:
    """What DoNothing or DoUpdate, with a Where behind it, says."""
    _, links = own_links(value)
    made = next((link for link in links if called_name(link) in _MAKES), None)
    if made is None and isinstance(value, Call) and called_name(value) in _MAKES:
        made = value
    if made is None:
        return None
    if called_name(made) == "DoNothing":
        return Conflict(AnyArbiter(), Action.NOTHING)
    if not made.args:
        return None
    assigned = _assigned(made.args[1], resolve) if made.args[1:] else Payload(None, complete=False)
    return Conflict(_target(made.args[0], resolve), Action.UPDATE, assigned)


def _target(value: Value, resolve: Resolve) -> ConflictTarget:
    """The target, which is written as it stands, in brackets unless it names a constraint."""
    target = text(value, resolve)
    if target is None:
        return Unresolved(f"the conflict target is {told(resolve(value))}")
    if not target:
        return AnyArbiter()
    return clause_target(target if target.lower().startswith("on constraint") else f"({target})")


def _table(chain: Chain, resolve: Resolve) -> QualifiedName | Undeclared:
    given = [link.args[0] for link in chain.named("Insert", "Into") if link.args]
    if not given:
        return Undeclared("the statement is started elsewhere")
    known = resolve(given[-1])
    name = _identifier(known, resolve)
    if name is None:
        return Undeclared(f"the table is {told(known)}")
    parts = name.split(".")
    return QualifiedName(parts[-2] if len(parts) > 1 else None, parts[-1])


def _identifier(value: Value, resolve: Resolve) -> str | None:
    """`"s.t"`, `goqu.T("t")`, `goqu.I("s.t")`, `goqu.S("s").Table("t")`, `goqu.T("t").Schema("s")`."""
    if not isinstance(value, Call):
        return text(value, resolve)
    name = text(value.args[0], resolve) if value.args else None
    inner = value.callee.object if isinstance(value.callee, Member) else None
    match called_name(value):
        case "T" | "I" | "S" | "C":
            return name
        case "Table" | "Schema" | "As" as step if isinstance(inner, Call):
            own = _identifier(inner, resolve)
            if own is None or name is None:
                return own if step == "As" else None
            return {"Table": f"{own}.{name}", "Schema": f"{name}.{own}", "As": own}[step]
        case _:
            return None


def _rows(chain: Chain, resolve: Resolve) -> Payload:
    columns = [value for link in chain.named("Cols") for value in listed(link.args, resolve)]
    if columns:
        names = [_identifier(value, resolve) for value in columns]
        known = tuple(name for name in names if name is not None)
        return Payload(known, len(known) == len(names), reason=None if len(known) == len(names) else "computed columns")
    rows = [arg for link in chain.named("Rows") for arg in link.args]
    if not rows:
        return Payload(None, complete=False, reason="no rows are given")
    return _fields(rows[0] if len(rows) == 1 else Sequence(tuple(rows)), resolve, "skipinsert")


def _fields(value: Value, resolve: Resolve, skipped: str) -> Payload:
    """The keys of records, or the columns of structs by their tags "db"."""
    known = resolve(value)
    if isinstance(known, Opaque) and known.source.startswith("..."):
        return Payload(None, complete=False, reason="the rows are given as a list")
    owner = struct_of(known, resolve)
    if not isinstance(owner, Class):
        return payload(known, resolve)
    columns, doubt = _columns(owner, resolve, skipped, 0)
    return Payload(tuple(dict.fromkeys(columns)), doubt is None, reason=doubt)


def _columns(owner: Class, resolve: Resolve, skipped: str, depth: int) -> tuple[list[str], str | None]:
    found: list[str] = []
    doubt: str | None = None
    for field in fields_of(owner):
        name, options = field.tagged("db"), (field.tagged("goqu") or "").split(",")
        if name == "-" or skipped in options:
            continue
        kind = kind_of(field.kind, resolve)
        if field.embedded and not name:
            if not isinstance(kind, Class) or depth > _DEEPEST:
                doubt = f'the columns of "{field.name}", which is embedded, are not known'
                continue
            inner, why = _columns(kind, resolve, skipped, depth + 1)
            found += inner
            doubt = doubt or why
        elif {"omitnil", "omitempty"}.isdisjoint(options):
            found.append(name or field.name.lower())
        else:
            doubt = f'"{field.name}" is left out when it is empty'
    return found, doubt


def _assigned(value: Value, resolve: Resolve) -> Payload:
    """The columns of SET: of a record, a struct, or of `goqu.C("x").Set(..)`."""
    known = resolve(value)
    items = known.items if isinstance(known, Sequence) else (known,)
    names = [_set(item, resolve) for item in items]
    found = tuple(name for name in names if name is not None)
    if found and len(found) == len(names):
        return Payload(found)
    if isinstance(known, Record):
        return Payload(tuple(name for name, _ in known.entries), known.complete)
    return _fields(known, resolve, "skipupdate")


def _set(value: Value, resolve: Resolve) -> str | None:
    """The column of `goqu.C("x").Set(..)`."""
    if not isinstance(value, Call) or not isinstance(value.callee, Member) or value.callee.name != "Set":
        return None
    name = _identifier(value.callee.object, resolve)
    return name.rpartition(".")[2] if name else None


GOQU = Client(
    name="goqu",
    languages=frozenset({"go"}),
    triggers=(b".onconflict(", b"\tonconflict("),
    find=_find,
    finish=_finish,
)

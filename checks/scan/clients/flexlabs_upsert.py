"""FlexLabs.Upsert for Entity Framework Core: `db.Users.Upsert(user).On(u => u.Email).NoUpdate().RunAsync()`.

Source: FlexLabs.EntityFrameworkCore.Upsert 9.103 UpsertCommandBuilder.CreateCommandArgs, RelationalTable.GetColumns,
PostgreSqlUpsertCommandRunner.GenerateCommand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, DefaultKey, InferenceClause, QualifiedName, Unresolved
from ..declarations.csharp_classes import chosen, class_of, type_argument
from ..declarations.ef_core import declaration_of, entity_of, model_of, picked, table_of
from ..declarations.model import TableDeclaration, Undeclared
from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Class, Lambda, Member, Name, Opaque, Sequence
from .chain import chains, name_of, reached
from .drafting import Conflict, insert
from .payload import Payload
from .reading import told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..declarations.ef_core import EfModel
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_UPSERTS = frozenset({"Upsert", "UpsertRange"})
_RUNS = frozenset({"Run", "RunAsync", "RunAndReturn", "RunAndReturnAsync"})
_BUILDS = frozenset({"On", "WhenMatched", "NoUpdate", "UpdateIf", "Exclude", "AllowIdentityMatch"})
_NO_BUILDER = "a builder of another library"


def _find(module: Module) -> Iterator[SiteFact]:
    """Each statement that is run, and each builder that is only put together here."""
    upserts = [call for call in module.calls(_UPSERTS) if isinstance(call.callee, Member) and call.args]
    left = {call.name_offset: call for call in upserts}
    for names in (_RUNS, _BUILDS):
        calls = sorted(module.calls(names), key=lambda call: call.name_offset, reverse=True)
        for call in calls if left else ():
            own = [left[place] for place in reached(module, call) if place in left]
            for upsert in own:
                left.pop(upsert.name_offset)
                yield SiteFact(
                    client="flexlabs-upsert",
                    values={"call": call},
                    offset=upsert.name_offset,
                    statement=upsert.offset,
                    end=max(call.end, upsert.end),
                )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found = [chain for chain in chains(fact.values["call"], resolve) if chain.named(*_UPSERTS)]
    model = model_of(resolve)
    drafts = [_draft(fact, chain, model, resolve) for chain in found]
    return tuple(dict.fromkeys(drafts)) or NoSite(_NO_BUILDER)


def _draft(fact: SiteFact, chain: Chain, model: EfModel, resolve: Resolve) -> Draft:
    upsert, on = chain.named(*_UPSERTS)[0], chain.named("On")
    own = on[0] if on and fact.statement <= on[0].name_offset < fact.end else None
    fact = replace(fact, offset=own.name_offset if own is not None else fact.offset)
    name, entity = _entity(upsert, model, resolve)
    table: QualifiedName | TableDeclaration | Undeclared
    if isinstance(entity, Class):
        table = declaration_of(entity, model, resolve)
    else:
        table = table_of(name, None, model, resolve) if name else Undeclared(f"the entity is {told(entity)}")
    known = table if isinstance(table, TableDeclaration) else None
    named = QualifiedName(known.schema, known.name) if known is not None else table
    rows, optional = _rows(upsert, known, entity, resolve, identity=bool(chain.named("AllowIdentityMatch")))
    target = _target(chain, known, resolve)
    conflict = Conflict(target, *_action(chain, rows, known, target, resolve))
    assert not isinstance(named, TableDeclaration)  # noqa: S101 - taken apart above
    draft = insert(fact, named, rows, conflict)
    return replace(draft, write=replace(draft.write, optional=optional))


def _entity(upsert: Call, model: EfModel, resolve: Resolve) -> tuple[str, Class | Value]:
    """The name of the entity, of its DbSet when no more is known, and its class."""
    receiver = upsert.callee.object if isinstance(upsert.callee, Member) else upsert
    typed = type_argument(upsert)
    if typed is None:
        typed = type_argument(receiver) if isinstance(receiver, Call) else entity_of(receiver, model, resolve)
    if isinstance(typed, Class):
        return typed.name, typed
    if isinstance(typed, Name):
        found = resolve(typed)
        return typed.name, found
    row = class_of(upsert.args[0], resolve)
    if isinstance(row, Class):
        return row.name, row
    if isinstance(row, Call) and isinstance(row.callee, Name):
        return row.callee.name, row
    is_set = isinstance(receiver, Member) and receiver.name[:1].isupper() and not receiver.name.endswith("Context")
    return (receiver.name if is_set and isinstance(receiver, Member) else ""), row


def _rows(
    upsert: Call, table: TableDeclaration | None, entity: Class | Value, resolve: Resolve, *, identity: bool
) -> tuple[Payload, tuple[str, ...]]:
    """The columns that are written, whatever the row sets, and those that may be made by the database."""
    given = resolve(upsert.args[0])
    count = 1 if name_of(upsert) == "Upsert" else None
    if name_of(upsert) == "UpsertRange":
        listed = given.items if isinstance(given, Sequence) and given.complete else None
        many = len(upsert.args) if len(upsert.args) > 1 else None
        count = len(listed) if listed is not None and len(upsert.args) == 1 else many
    if table is None:
        return Payload(None, complete=False, rows=count, reason=f"the written columns are those of {told(entity)}"), ()
    columns = tuple(c.name for c in table.columns if identity or not (c.generated or c.client_default))
    optional = tuple(c.name for c in table.columns if c.client_default and not identity)
    reason = None if table.complete else f"the columns of {told(entity)} are not all known"
    return Payload(columns, table.complete, count, reason=reason), optional


def _target(chain: Chain, table: TableDeclaration | None, resolve: Resolve) -> ConflictTarget:
    on = chain.named("On")
    if not on or not on[0].args:
        return columns_target(table.primary_key) if table is not None and table.primary_key else DefaultKey()
    columns = picked(on[0].args[0], table, resolve)
    if columns is not None:
        return columns_target(columns)
    names = chosen(on[0].args[0], resolve)
    what = f'"{", ".join(names)}"' if names is not None else told(resolve(on[0].args[0]))
    return Unresolved(f"the conflict target is {what}, whose columns are not known")


def _action(
    chain: Chain, rows: Payload, table: TableDeclaration | None, target: ConflictTarget, resolve: Resolve
) -> tuple[Action, Payload | None]:
    """The action, and the columns of SET: those given, else all but the target and what is excluded."""
    if chain.named("NoUpdate"):
        return Action.NOTHING, None
    matched = chain.named("WhenMatched")
    if matched and matched[0].args:
        return Action.UPDATE, _assigned(matched[0].args[0], table, resolve)
    excluded = [picked(link.args[0], table, resolve) for link in chain.named("Exclude") if link.args]
    left = {name for names in excluded for name in names or ()}
    left |= set(target.columns) if isinstance(target, InferenceClause) else set()
    if rows.columns is None or None in excluded or not isinstance(target, InferenceClause):
        return Action.UPDATE, Payload(None, complete=False, reason=rows.reason)
    columns = tuple(name for name in rows.columns if name not in left)
    if not columns and rows.complete:
        return Action.NOTHING, None
    return Action.UPDATE, replace(rows, columns=columns)


def _assigned(given: Value, table: TableDeclaration | None, resolve: Resolve) -> Payload:
    """The columns of `(old, new) => new User { Name = new.Name }`."""
    known = given if isinstance(given, Lambda) else resolve(given)
    made = known.result if isinstance(known, Lambda) else known
    if not isinstance(made, Call) or isinstance(made, Opaque):
        return Payload(None, complete=False, reason="the columns of SET are only known at run time")
    names = [key for key, _ in made.keywords]
    if table is None:
        return Payload(tuple(names))
    found = [table.by_attribute(name) for name in names]
    columns = tuple(column.name for column in found if column is not None)
    complete = len(columns) == len(names)
    return Payload(columns, complete, reason=None if complete else "SET holds what is no column of its own")


FLEXLABS_UPSERT = Client(
    name="flexlabs-upsert",
    languages=frozenset({"csharp"}),
    triggers=(b".upsert(", b".upsertrange(", b".upsert<", b".upsertrange<"),
    find=_find,
    finish=_finish,
)

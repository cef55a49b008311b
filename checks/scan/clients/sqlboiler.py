"""sqlboiler: `user.Upsert(ctx, db, true, []string{"email"}, boil.Infer(), boil.Infer())`.

Source: github.com/aarondl/sqlboiler/v4, once volatiletech/sqlboiler: templates 17_upsert.go.tpl and psql_upsert.go.tpl,
boil/columns.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, QualifiedName, Unresolved
from ..declarations.go_structs import struct_of
from ..declarations.model import Undeclared
from ..model import Client, Draft, SiteFact
from ..values import Call, Class, Constant, Member, Sequence
from .drafting import Conflict, insert
from .go_builder import listed
from .payload import Payload
from .reading import boolean, called_name, is_absent, list_of_texts, text, told
from .targets import columns_target
from .written_clause import clause_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value

_UPSERTS = frozenset({"Upsert", "UpsertG", "UpsertP", "UpsertGP"})
_SETS = frozenset({"Infer", "None", "Whitelist", "Blacklist", "Greylist"})
_QUERY = re.compile(r'buildUpsertQueryPostgres\(dialect, "((?:[^"\\]|\\.)*)"')
_OTHER = re.compile(r"buildUpsertQuery(MySQL|SQLite|MSSQL)\(")
_COLUMNS = re.compile(
    r"(\w+?)(AllColumns|ColumnsWithoutDefault|ColumnsWithDefault|PrimaryKeyColumns)\s*=\s*\[\]string\{([^}]*)\}"
)
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class _Generated:
    """What a generated model says: the table as it is written, and its lists of columns."""

    table: str
    columns: dict[str, tuple[str, ...]]
    other: str | None = None


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_UPSERTS):
        made = [arg for arg in call.args if isinstance(arg, Call) and called_name(arg) in _SETS]
        if isinstance(call.callee, Member) and made:
            yield SiteFact(
                client="sqlboiler", values={"call": call}, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...]:
    call = fact.values["call"]
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return ()
    owner = struct_of(call.callee.object, resolve)
    known = _generated(owner, resolve) if isinstance(owner, Class) else None
    at = next(
        (i for i, arg in enumerate(call.args) if isinstance(resolve(arg), Constant) and _is_bool(arg, resolve)), None
    )
    if at is None:
        at = len(call.args) - 4
    update = boolean(call.args[at], resolve, default=True)
    keys, sets, inserts = (call.args[at + i] if at + i < len(call.args) else None for i in (1, 2, 3))
    rows = _inserted(inserts, known, resolve)
    assigned = _assigned(sets, known, resolve) if update else None
    target = _target(keys, call.args[at + 4 :], known, resolve, update=update is not False)
    action = None if update is None else Action.UPDATE if update else Action.NOTHING
    table: QualifiedName | Undeclared = Undeclared(f"the model is that of {told(owner)}")
    if known is not None and known.table:
        parts = known.table.strip('"').split('"."')
        table = QualifiedName(parts[0] if len(parts) > 1 else None, parts[-1])
    other = f"the model is generated for {known.other}" if known is not None and known.other else None
    draft = insert(fact, table, rows, Conflict(target, action, assigned), not_postgres=other)
    optional = known.columns.get("ColumnsWithDefault", ()) if known is not None else ()
    left = tuple(name for name in optional if name not in (rows.columns or ()))
    return (replace(draft, write=replace(draft.write, optional=left)),)


def _is_bool(arg: Value, resolve: Resolve) -> bool:
    known = resolve(arg)
    return isinstance(known, Constant) and isinstance(known.value, bool)


def _generated(owner: Class, resolve: Resolve) -> _Generated | None:
    """What sqlboiler generated in the file of a model."""
    for module in resolve.modules_holding(b"buildUpsertQuery"):
        if module.file.path == owner.path:
            return _read(module.file.text, owner.name)
    return None


@lru_cache(maxsize=256)
def _read(source: str, name: str) -> _Generated:
    own = name[:1].lower() + name[1:]
    columns = {match[2]: tuple(_QUOTED.findall(match[3])) for match in _COLUMNS.finditer(source) if match[1] == own}
    query, other = _QUERY.search(source), _OTHER.search(source)
    return _Generated(query[1].replace('\\"', '"') if query else "", columns, other[1] if other else None)


def _target(
    keys: Value | None, options: tuple[Value, ...], known: _Generated | None, resolve: Resolve, *, update: bool
) -> ConflictTarget:
    for option in (resolve(one) for one in options):
        if isinstance(option, Call) and called_name(option) == "UpsertConflictTarget" and option.args:
            written = text(option.args[0], resolve)
            return clause_target(written) if written else Unresolved("the conflict target is given at run time")
    given = resolve(keys) if keys is not None else Constant(None)
    if is_absent(given) or given == Sequence(()) or (isinstance(given, Sequence) and not given.items):
        primary = known.columns.get("PrimaryKeyColumns", ()) if known is not None else ()
        if not update:
            return AnyArbiter()
        return columns_target(primary) if primary else Unresolved("the primary key of the model is not known")
    names = list_of_texts(given, resolve)
    return columns_target(names) if names else Unresolved(f"the conflict target is {told(given)}")


def _named(value: Value | None, resolve: Resolve) -> tuple[str | None, tuple[str, ...] | None]:
    """Which kind of set of columns it is, and the columns that it names."""
    known = resolve(value) if value is not None else None
    if not isinstance(known, Call):
        return None, None
    names = [text(one, resolve) for one in listed(known.args, resolve)]
    found = tuple(name for name in names if name is not None)
    return called_name(known), found if len(found) == len(names) else None


def _inserted(value: Value | None, known: _Generated | None, resolve: Resolve) -> Payload:
    kind, names = _named(value, resolve)
    plain = known.columns.get("ColumnsWithoutDefault") if known is not None else None
    if kind == "Whitelist" and names is not None:
        return Payload(names)
    if kind == "None":
        return Payload(())
    if plain is None or names is None or kind is None:
        return Payload(None, complete=False, reason="the written columns are those of a model that is not known")
    if kind == "Blacklist":
        return Payload(tuple(name for name in plain if name not in names))
    return Payload(tuple(dict.fromkeys((*plain, *names))))


def _assigned(value: Value | None, known: _Generated | None, resolve: Resolve) -> Payload:
    kind, names = _named(value, resolve)
    every = known.columns.get("AllColumns") if known is not None else None
    if kind == "Whitelist" and names is not None:
        return Payload(names)
    if every is None or names is None or kind is None or known is None:
        return Payload(None, complete=False, reason="the columns of SET are those of a model that is not known")
    if kind == "None":
        return Payload(())
    primary = known.columns.get("PrimaryKeyColumns", ())
    added = names if kind == "Greylist" else ()
    left = {*primary, *(names if kind == "Blacklist" else ())}
    return Payload(tuple(name for name in every if name not in left or name in added))


SQLBOILER = Client(
    name="sqlboiler",
    languages=frozenset({"go"}),
    triggers=(b"boil.infer(", b"boil.whitelist(", b"boil.none(", b"boil.blacklist(", b"boil.greylist("),
    find=_find,
    finish=_finish,
)

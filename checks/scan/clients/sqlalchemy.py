"""SQLAlchemy and SQLModel: `insert()` of the PostgreSQL dialect with `on_conflict_do_update` or `..._do_nothing`.

What is sent follows sqlalchemy.dialects.postgresql: dml.OnConflictClause, base.PGCompiler.visit_on_conflict_do_update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, Mechanism, QualifiedName, Unresolved, Write
from ..declarations.model import TableDeclaration, Undeclared
from ..declarations.sqlalchemy import read_table
from ..model import Client, Draft, SiteFact
from ..values import Call, Member, Name, Opaque, Record, Text
from .operators import keyword
from .reading import argument
from .sqlalchemy_columns import set_columns, written_columns
from .sqlalchemy_statement import statement_of
from .sqlalchemy_target import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value
    from .sqlalchemy_statement import Statement

_NOTHING, _UPDATE, _MYSQL = "on_conflict_do_nothing", "on_conflict_do_update", "on_duplicate_key_update"
_ARGUMENTS = ("constraint", "index_elements", "index_where", "set_")
_RUNS = frozenset({"execute", "exec", "scalars", "scalar"})


def _find(module: Module) -> Iterator[SiteFact]:
    calls = list(module.calls(frozenset({_NOTHING, _UPDATE, _MYSQL})))
    runs = list(module.calls(_RUNS)) if calls else []
    for call in calls:
        if isinstance(call.callee, Member):
            yield _fact(module, call, call.callee, runs)


def _fact(module: Module, call: Call, callee: Member, runs: list[Call]) -> SiteFact:
    values: dict[str, Value] = {"method": Text(callee.name), "receiver": callee.object}
    for position, name in enumerate(_ARGUMENTS):
        value = argument(call, position, name)
        if value is not None and not _is_spread(value):
            values[name] = value
    spread = next((arg for arg in call.args if _is_spread(arg)), None)
    if spread is not None:
        values["spread"] = spread
    options = next((value for name, value in call.keywords if name == "**"), None)
    if options is not None:
        values["options"] = options
    if "index_where" in values and not isinstance(values["index_where"], Name):
        source = module.file.text[call.offset : call.end]
        values["index_where"] = keyword(source, "index_where", call.offset, module.file.path) or values["index_where"]
    rows = _rows(module, call, runs)
    if rows is not None:
        values["rows"] = rows
    return SiteFact(client="sqlalchemy", values=values, offset=call.name_offset, statement=call.offset, end=call.end)


def _is_spread(value: Value) -> bool:
    return isinstance(value, Opaque) and value.source.startswith("*")


def _rows(module: Module, call: Call, runs: list[Call]) -> Value | None:
    """The rows of `execute(statement, rows)`, whose keys are then the columns."""
    for run in runs:
        if not run.args[1:]:
            continue
        first, rows, *_ = run.args
        meant = module.lookup(first.name, first.offset) if isinstance(first, Name) else first
        if isinstance(meant, Call) and _holds(meant, call):
            return rows
    return None


def _holds(chain: Value, call: Call) -> bool:
    while isinstance(chain, Call) and isinstance(chain.callee, Member):
        if chain.name_offset == call.name_offset:
            return True
        chain = chain.callee.object
    return False


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...]:
    values = _with_options(fact.values, resolve)
    statement = statement_of(values["receiver"], resolve)
    table = _table(statement, resolve)
    known = table if isinstance(table, TableDeclaration) else TableDeclaration("", None, complete=False)
    method = values["method"]
    action = Action.NOTHING if method == Text(_NOTHING) else Action.UPDATE
    target = target_of(values, known, action, resolve)
    columns = written_columns(statement, values.get("rows"), known, resolve)
    assigned = set_columns(values.get("set_"), known, resolve) if action is Action.UPDATE else None
    table_reason = table.reason if isinstance(table, Undeclared) else None
    reasons = (
        table_reason,
        target.reason if isinstance(target, Unresolved) else None,
        columns.reason if not table_reason or columns.columns is None else None,
        "the columns of SET are only known at run time" if assigned and not assigned.complete else None,
    )
    write = Write(
        table=None if isinstance(table, Undeclared) else QualifiedName(table.schema, table.name),
        target=target,
        action=action,
        columns=columns.columns,
        complete=columns.complete,
        rows=columns.rows,
        set_columns=assigned.columns if assigned else None,
        set_complete=assigned.complete if assigned else True,
        reason=table_reason or columns.reason,
    )
    draft = Draft(
        mechanism=Mechanism.ON_CONFLICT,
        write=write,
        offset=fact.offset,
        statement=fact.statement,
        end=fact.end,
        reason="; ".join(reason for reason in reasons if reason) or None,
        not_postgres=f'statement is made by "{_MYSQL}"' if method == Text(_MYSQL) else statement.not_postgres,
    )
    return (draft,)


def _with_options(values: dict[str, Value], resolve: Resolve) -> dict[str, Value]:
    """The parts of the call, those that stand in a known `**options` among them."""
    options = resolve(values["options"]) if "options" in values else None
    if not isinstance(options, Record) or not options.complete:
        return values
    known = {name: value for name, value in options.entries if name in _ARGUMENTS}
    return {**known, **{name: value for name, value in values.items() if name != "options"}}


def _table(statement: Statement, resolve: Resolve) -> TableDeclaration | Undeclared:
    if statement.table is None:
        return Undeclared(statement.reason or "no insert() is found before the call")
    return read_table(statement.table, resolve)


SQLALCHEMY = Client(
    name="sqlalchemy",
    languages=frozenset({"python"}),
    triggers=(b"on_conflict_do_", b"on_duplicate_key_update"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)

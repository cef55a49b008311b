"""Sequelize: lookups, updates and deletes by a key, and the `create()` that follows one of them.

`User.findOne({ where: { email } })`, `User.update(values, { where })`, `User.destroy({ where })`, `User.create(row)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.sequelize_models import model_of
from ..values import Call, Member, Record
from .followed import Asking, writes_what_was_asked
from .reading import called_name
from .sequelize_rows import columns_of
from .step_facts import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve, SiteFact
    from ..values import Value

_STEPS = {
    "findOne": Mechanism.SELECT_THEN_INSERT,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "destroy": Mechanism.DELETE_INSERT,
}
_LISTING = frozenset({"order", "offset", "group"})
_ASKS = re.compile(rb"\.findOne\(|\.destroy\(|\]\s*=\s*await\s+[\w.]+\.update\(")


def is_paired(data: bytes) -> bool:
    """Whether a file may hold an INSERT and what is asked before it."""
    return b".create(" in data and b"where" in data and _ASKS.search(data) is not None


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each statement of a model that a `create()` follows, and these."""
    asking = [
        Asking(_STEPS[called_name(call) or ""], call)
        for call in module.calls(frozenset(_STEPS))
        if isinstance(call.callee, Member) and (where := _options(call)) is not None and where.get("where") is not None
    ]
    made = module.calls(frozenset({"create"})) if asking else ()
    inserts = [call for call in made if isinstance(call.callee, Member) and len(call.args) in {1, 2}]
    yield from find("sequelize", module, asking, [(call, call.name_offset) for call in inserts])


def _options(step: Call) -> Record | None:
    """The options, which an UPDATE takes after its values."""
    index = 1 if called_name(step) == "update" else 0
    given = step.args[index] if len(step.args) > index else None
    return given if isinstance(given, Record) else None


def asked_by(step: Call, insert: Call, resolve: Resolve) -> tuple[QualifiedName, tuple[str, ...]] | None:
    """The table and the columns by which a statement asks for the row of an INSERT; None when it does not."""
    if not isinstance(step.callee, Member) or not isinstance(insert.callee, Member):
        return None
    keys = _keys(step, resolve)
    if not keys or not writes_what_was_asked(keys, insert.args[0], resolve):
        return None
    asked, written = model_of(step.callee.object, resolve), model_of(insert.callee.object, resolve)
    if asked is None or written is None or asked.table != written.table or not isinstance(asked.table, QualifiedName):
        return None
    columns, unknown = columns_of(tuple(name for name, _ in keys), written)
    return (asked.table, columns) if unknown is None and columns else None


def _keys(step: Call, resolve: Resolve) -> tuple[tuple[str, Value], ...]:
    """What has to equal a value; none when there is any other condition."""
    options = _options(step)
    if options is None or not options.complete or any(key in _LISTING for key, _ in options.entries):
        return ()
    given = options.get("where")
    where = resolve(given) if given is not None else None
    return where.entries if isinstance(where, Record) and where.complete else ()

"""MikroORM: lookups, updates and deletes by a key, and the plain INSERT that follows one of them.

`em.findOne(User, { email })`, `em.nativeUpdate(User, where, data)`, `em.nativeDelete(User, where)`, then
`em.insert(User, data)`, or `em.create(User, data)` in a function that flushes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism
from ..declarations.mikro_orm import Entity, entity_of
from ..values import Call, Member, Record
from .followed import Asking, writes_what_was_asked
from .reading import called_name
from .step_facts import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...model import QualifiedName
    from ..model import Module, Resolve, SiteFact
    from ..values import Value

    # The entity of a call of a manager or a repository, and its arguments after that; None for any other call.
    Given = Callable[[Call], tuple[Value, tuple[Value, ...]] | None]

_STEPS = {
    "findOne": Mechanism.SELECT_THEN_INSERT,
    "nativeUpdate": Mechanism.UPDATE_THEN_INSERT,
    "nativeDelete": Mechanism.DELETE_INSERT,
}
_LISTING = frozenset({"orderBy", "offset"})
_ASKS = re.compile(rb"\.(?:findOne|nativeUpdate|nativeDelete)\(")
_MAKES = re.compile(rb"\b(?:em|entityManager|[a-z]\w*)\.(?:create|insert)\(")


def is_paired(data: bytes) -> bool:
    """Whether a file may hold an INSERT and what is asked before it."""
    ours = b"mikro-orm" in data or b"em.findOne(" in data or b"em.native" in data
    return ours and _ASKS.search(data) is not None and _MAKES.search(data) is not None


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each statement of a manager or repository that an INSERT follows, and these."""
    asking = [
        Asking(_STEPS[called_name(call) or ""], call)
        for call in module.calls(frozenset(_STEPS))
        if isinstance(call.callee, Member) and any(isinstance(arg, Record) for arg in call.args[:2])
    ]
    made = module.calls(frozenset({"insert", "create"})) if asking else ()
    inserts = [call for call in made if isinstance(call.callee, Member) and call.args and _is_sent(module, call)]
    yield from find("mikro-orm", module, asking, [(call, call.name_offset) for call in inserts])


def _is_sent(module: Module, call: Call) -> bool:
    """Whether the function flushes what it has made."""
    function = module.function_at(call.offset)
    if called_name(call) == "insert" or function is None:
        return called_name(call) == "insert"
    return "flush(" in module.file.text[call.end : function.end].lower()


def asked_by(step: Call, insert: Call, given: Given, resolve: Resolve) -> tuple[QualifiedName, tuple[str, ...]] | None:
    """The table and the columns by which a statement asks for the row of an INSERT; None when it does not."""
    asked, written = given(step), given(insert)
    if asked is None or written is None or not asked[1] or not written[1]:
        return None
    where = _where(asked[1], resolve)
    if not where or not writes_what_was_asked(where, written[1][0], resolve):
        return None
    one, other = entity_of(asked[0], resolve), entity_of(written[0], resolve)
    if not isinstance(one, Entity) or not isinstance(other, Entity) or one.table != other.table:
        return None
    properties = [one.at(name) for name, _ in where]
    columns = tuple(known.column for known in properties if known is not None and known.column is not None)
    return (one.table, columns) if len(columns) == len(where) else None


def _where(args: tuple[Value, ...], resolve: Resolve) -> tuple[tuple[str, Value], ...]:
    """What has to equal a value; none when there is any other condition."""
    where, options = resolve(args[0]), resolve(args[-1])
    listing = len(args) > 1 and isinstance(options, Record) and any(key in _LISTING for key, _ in options.entries)
    return where.entries if isinstance(where, Record) and where.complete and not listing else ()

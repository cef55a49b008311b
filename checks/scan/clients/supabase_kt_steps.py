"""supabase-kt: lookups of one row and deletes by a key, which an INSERT may follow.

`from("t").select { filter { eq("a", x) } }.decodeSingleOrNull()`, `from("t").delete { filter { eq("a", x) } }`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import SiteFact, Step
from ..values import Call, Lambda, Member, Sequence, Text
from .chain import own_links
from .reading import called_name, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Module, Resolve
    from ..values import Value

    IsTable = Callable[[Value | None], bool]
    TableOf = Callable[[Value, Resolve], object]

_ONE = frozenset({"decodeSingleOrNull", "decodeSingle", "firstOrNull", "singleOrNull", "isEmpty", "isNotEmpty"})
_OTHER = frozenset({
    "neq", "gt", "gte", "lt", "lte", "like", "ilike", "isIn", "or", "contains", "contained", "overlaps", "filterNot",
    "textSearch", "exact", "range", "match",
})  # fmt: skip
_MECHANISMS = {"select": Mechanism.SELECT_THEN_INSERT, "delete": Mechanism.DELETE_INSERT}


def find_steps(module: Module, is_table: IsTable) -> Iterator[SiteFact]:
    """Each lookup of one row and each delete of a module that compares columns with values, and does nothing else."""
    asked = {link.name_offset for call in module.calls(_ONE) for link in own_links(call)[1]}
    compared, others = list(module.calls(frozenset({"eq"}))), list(module.calls(_OTHER))
    for call in module.calls(frozenset(_MECHANISMS)):
        receiver = call.callee.object if isinstance(call.callee, Member) else None
        if receiver is None or not is_table(receiver) or not any(isinstance(one, Lambda) for one in call.args):
            continue
        kind = called_name(call) or ""
        own = [one for one in compared if call.offset < one.offset < call.end]
        doubtful = any(call.offset < one.offset < call.end for one in others)
        if own and not doubtful and (kind == "delete" or call.name_offset in asked):
            values: dict[str, Value] = {"step": Text(kind), "receiver": receiver, "compared": Sequence(tuple(own))}
            yield SiteFact(
                client="supabase-kt", values=values, offset=call.name_offset, statement=call.offset, end=call.end
            )


def finish_step(fact: SiteFact, resolve: Resolve, table_of: TableOf) -> Step | tuple[()]:
    """The step with its table and columns; nothing when they are not known."""
    table, compared, kind = table_of(fact.values["receiver"], resolve), fact.values["compared"], fact.values["step"]
    calls = compared.items if isinstance(compared, Sequence) else ()
    names = [text(call.args[0], resolve) if isinstance(call, Call) and call.args else None for call in calls]
    columns = tuple(name for name in names if name is not None)
    if not isinstance(table, QualifiedName) or not isinstance(kind, Text) or len(columns) < len(names):
        return ()
    return Step(_MECHANISMS[kind.text], table, columns, fact.statement)

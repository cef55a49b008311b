"""Facts of clients whose plain INSERT is a site only where a lookup, an update or a delete by its key is before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism
from ..model import NoSite, SiteFact, Step
from ..values import Call, Sequence, Text
from .chain import origin
from .followed import followed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...model import QualifiedName
    from ..model import Module
    from ..values import Value
    from .followed import Asking

    # The table and the columns by which a statement asks for the row of an INSERT; None when it does not.
    AskedBy = Callable[[Call, Call], tuple[QualifiedName, tuple[str, ...]] | None]

NO_STEP = NoSite("no row of the same table is inserted after it by what it asks for")
NO_SITE = NoSite("a plain insert, and nothing before it in its function asks for what it writes")


def find(client: str, module: Module, asking: Iterable[Asking], inserts: list[tuple[Call, int]]) -> Iterator[SiteFact]:
    """Each statement that is followed by an INSERT, and these; with each INSERT the offset of its site."""
    before: dict[int, list[Call]] = {}
    for one, after in followed(module, asking, [call for call, _ in inserts]):
        values: dict[str, Value] = {"step": one.call, "mechanism": Text(one.mechanism), "inserts": Sequence(after)}
        yield _fact(client, one.call, one.call.name_offset, values)
        for insert in after:
            before.setdefault(insert.end, []).append(one.call)
    for insert, offset in inserts:
        if insert.end in before:
            steps = Sequence(tuple(before[insert.end]))
            yield _fact(client, insert, offset, {"plain": insert, "steps": steps})


def steps_of(
    client: str, module: Module, asking: Iterable[Asking], inserts: Iterable[Call], callbacks: frozenset[str]
) -> Iterator[SiteFact]:
    """Each statement that is followed by an INSERT, with what its chain begins with.

    `callbacks` are the methods that give an instance to a function.
    """
    for one, after in followed(module, asking, inserts):
        values: dict[str, Value] = {"step": one.call, "mechanism": Text(one.mechanism), "inserts": Sequence(after)}
        values["origin"] = origin(module, one.call, callbacks)
        yield _fact(client, one.call, one.call.name_offset, values)


def _fact(client: str, call: Call, offset: int, values: dict[str, Value]) -> SiteFact:
    return SiteFact(client=client, values=values, offset=offset, statement=call.offset, end=call.end)


def finish_step(fact: SiteFact, asked_by: AskedBy) -> Step | NoSite:
    """The step with its table and columns, when an INSERT after it writes what it asks for."""
    step, inserts, mechanism = (fact.values[key] for key in ("step", "inserts", "mechanism"))
    for insert in inserts.items if isinstance(inserts, Sequence) else ():
        if isinstance(step, Call) and isinstance(insert, Call) and isinstance(mechanism, Text):
            found = asked_by(step, insert)
            if found is not None:
                return Step(Mechanism(mechanism.text), *found, fact.statement)
    return NO_STEP


def followed_insert(fact: SiteFact, asked_by: AskedBy) -> Call | None:
    """The plain INSERT, when a statement before it asks for what it writes."""
    insert, steps = fact.values["plain"], fact.values["steps"]
    for step in steps.items if isinstance(steps, Sequence) else ():
        if isinstance(step, Call) and isinstance(insert, Call) and asked_by(step, insert):
            return insert
    return None

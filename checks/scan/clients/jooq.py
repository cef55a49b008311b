"""jOOQ: `insertInto(T).columns(..).values(..).onConflict(T.A).doUpdate().set(T.B, ..)`, and its plain inserts.

What is sent follows jOOQ 3.20: InsertQueryImpl.accept0 for PostgreSQL; predicates are sent with their values in them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, DefaultKey, InferenceClause, NamedConstraint, Unresolved
from ..declarations.jooq import primary_key, read_column, read_key, read_table
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Constant, Member, Sequence
from .bound import literal
from .chain import chains, name_of, own_links, reached
from .drafting import Conflict, insert
from .jooq_steps import find_steps, finish_step
from .payload import Payload
from .reading import called_name, told
from .targets import columns_target, quoted, written_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .chain import Chain

_CONFLICTS = frozenset({
    "onConflict", "onConflictOnConstraint", "onConflictDoNothing", "onDuplicateKeyUpdate", "onDuplicateKeyIgnore",
})  # fmt: skip
_INTO = "insertInto"
_STEPS = _CONFLICTS | {
    _INTO, "columns", "values", "set", "doUpdate", "doNothing", "execute", "executeAsync", "returning",
    "returningResult", "defaultValues", "select", "newRecord", "valuesOfRows", "valuesOfRecords", "setAllToExcluded",
    "setNonKeyToExcluded", "setNonPrimaryKeyToExcluded", "setNonConflictingKeyToExcluded",
}  # fmt: skip
_COMPARED = {"eq": "=", "equal": "=", "ne": "<>", "notEqual": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_ASKED = {"isNull": "IS NULL", "isNotNull": "IS NOT NULL", "isTrue": "IS TRUE", "isFalse": "IS FALSE"}
_FUNCTIONS = frozenset({"lower", "upper", "trim"})
_NOT_THERE = "the generated code is not in the tree: names are those of its constants, in lower case"


def _find(module: Module) -> Iterator[SiteFact]:
    """The longest chain from each insertInto, and from each variable that goes on with a conflict clause."""
    text = module.file.text
    told = "jooq" in text.lower() or any(word in text for word in _CONFLICTS)  # Cassandra has an insertInto of its own
    if not told:
        return
    longest: dict[int, Call] = {}
    sizes: dict[int, int] = {}
    for call in module.calls(_STEPS):
        links = own_links(call)[1]
        start = next((link for link in links if name_of(link) == _INTO), None)
        if start is None and any(name_of(link) in _CONFLICTS for link in links):
            start = links[0]
        if start is not None and len(links) > sizes.get(start.name_offset, 0):
            longest[start.name_offset], sizes[start.name_offset] = call, len(links)
    inner = {at for key, call in longest.items() for at in reached(module, call) if at != key}
    for key, call in longest.items():
        if key not in inner:
            yield _fact(call)
    yield from find_steps(module, [call for key, call in longest.items() if key not in inner])


def _fact(call: Call) -> SiteFact:
    links = own_links(call)[1]
    at = next((link for link in links if name_of(link) in _CONFLICTS), links[0])
    at = next((link for link in links if name_of(link) == _INTO), at) if name_of(at) not in _CONFLICTS else at
    return SiteFact(
        client="jooq", values={"call": call}, offset=at.name_offset, statement=links[0].offset, end=call.end
    )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, resolve)
    found: dict[Draft, Draft] = {}
    for chain in chains(fact.values["call"], resolve):
        into = chain.named(_INTO)
        if not into and not _is_jooq(chain):
            continue
        table, guessed = (
            read_table(into[0].args[0], resolve)
            if into and into[0].args
            else (Undeclared("the statement is started elsewhere"), False)
        )
        before, clause, behind = _parts(chain)
        rows = _rows(into, before, resolve)
        conflict = _conflict(into, clause, behind, rows, resolve)
        draft = insert(fact, table, rows, conflict, caution=_NOT_THERE if guessed else None)
        alike = replace(draft, write=replace(draft.write, rows=None))  # chains that differ in their number of rows
        found[alike] = alike if alike in found else draft
    return tuple(found.values()) or NoSite("no INSERT of jOOQ stands before it")


def _is_jooq(chain: Chain) -> bool:
    return bool(
        chain.named("doUpdate", "doNothing", "onDuplicateKeyUpdate", "onDuplicateKeyIgnore", "onConflictDoNothing")
    )


def _parts(chain: Chain) -> tuple[list[Call], Call | None, list[Call]]:
    """The calls before the conflict clause, the clause, and those behind it."""
    at = next((index for index, link in enumerate(chain.links) if name_of(link) in _CONFLICTS), len(chain.links))
    clause = chain.links[at] if at < len(chain.links) else None
    return list(chain.links[:at]), clause, list(chain.links[at + 1 :])


def _rows(into: tuple[Call, ...], before: list[Call], resolve: Resolve) -> Payload:
    """The columns of the INSERT: those that are listed, and those that are set."""
    listed = [
        *(into[0].args[1:] if into else ()),
        *(arg for link in before if name_of(link) == "columns" for arg in link.args),
    ]
    names, doubt = _columns(listed, resolve)
    given, why = _set(before, resolve)
    columns = tuple(dict.fromkeys((*names, *given)))
    doubt = doubt or why or (None if columns else "the columns are those of the table, in its order")
    rows = [link for link in before if name_of(link) == "values"]
    several = any(name_of(link) in {"select", "valuesOfRows", "valuesOfRecords", "newRecord"} for link in before)
    number = None if several else len(rows) or (1 if given else None)
    return Payload(columns or None, doubt is None, number, reason=doubt)


def _columns(given: Iterable[Value], resolve: Resolve) -> tuple[list[str], str | None]:
    """The names of fields, or of lists of them."""
    found: list[str] = []
    doubt: str | None = None
    for one in given:
        known = resolve(one)
        if isinstance(known, Sequence):
            inner, why = _columns(known.items, resolve)
            found += inner
            doubt = doubt or why or (None if known.complete else "more columns are put together at run time")
            continue
        name = read_column(one, resolve)
        found += [name] if name is not None else []
        doubt = doubt or (None if name is not None else f"a column is {told(known)}")
    return found, doubt


def _set(links: Iterable[Call], resolve: Resolve) -> tuple[list[str], str | None]:
    """The columns of `set(field, value)`, `set(map)`; of records they are not known."""
    found: list[str] = []
    doubt: str | None = None
    for link in links:
        if name_of(link) != "set" or not link.args:
            continue
        if len(link.args) == 1:
            known = resolve(link.args[0])
            doubt = doubt or f"the columns are those of {told(known)}"
            continue
        name = read_column(link.args[0], resolve)
        found += [name] if name is not None else []
        doubt = doubt or (None if name is not None else f"a column is {told(resolve(link.args[0]))}")
    return found, doubt


def _conflict(
    into: tuple[Call, ...], clause: Call | None, behind: list[Call], rows: Payload, resolve: Resolve
) -> Conflict | None:
    if clause is None:
        return None
    kind = name_of(clause)
    if kind in {"onConflictDoNothing", "onDuplicateKeyIgnore"}:
        return Conflict(AnyArbiter(), Action.NOTHING)
    done = next((name_of(link) for link in behind if name_of(link) in {"doUpdate", "doNothing"}), None)
    target = _target(into, clause, behind, resolve)
    if kind != "onDuplicateKeyUpdate" and done is None:
        return Conflict(target, None)
    if done == "doNothing":
        return Conflict(target, Action.NOTHING)
    return Conflict(target, Action.UPDATE, _assigned(behind, target, rows, resolve))


def _target(into: tuple[Call, ...], clause: Call, behind: list[Call], resolve: Resolve) -> ConflictTarget:
    kind = name_of(clause)
    if kind == "onDuplicateKeyUpdate":
        keys = primary_key(into[0].args[0], resolve) if into and into[0].args else None
        return columns_target(keys) if keys is not None else DefaultKey()
    if kind == "onConflictOnConstraint":
        name = read_key(clause.args[0], resolve) if clause.args else None
        known = resolve(clause.args[0]) if clause.args else Constant(None)
        return NamedConstraint(name) if name is not None else Unresolved(f"the constraint is {told(known)}")
    given = [item for arg in clause.args for item in _items(arg, resolve)]
    elements = [_element(one, resolve) for one in given]
    if None in elements:
        unknown = resolve(given[elements.index(None)])
        return Unresolved(f"the conflict target is not known: a column is {told(unknown)}")
    known_elements = tuple(one for one in elements if one is not None)
    return _partial(known_elements, behind, resolve) if known_elements else AnyArbiter()


def _items(value: Value, resolve: Resolve) -> tuple[Value, ...]:
    """The fields of a list, or the one that is given."""
    known = resolve(value)
    return known.items if isinstance(known, Sequence) and known.complete else (value,)


def _element(value: Value, resolve: Resolve) -> str | None:
    """An element of the target as SQL: a column, or `lower(column)`."""
    known = resolve(value)
    name = called_name(known) if isinstance(known, Call) else None
    if isinstance(known, Call) and len(known.args) == 1 and name in _FUNCTIONS:
        column = read_column(known.args[0], resolve)
        return None if column is None else f"{name}({quoted(column)})"
    column = read_column(value, resolve)
    return None if column is None else quoted(column)


def _partial(elements: tuple[str, ...], behind: list[Call], resolve: Resolve) -> ConflictTarget:
    """A target of these elements, with its predicate if it has one."""
    conditions = [link for link in _until_done(behind) if name_of(link) in {"where", "and"}]
    written = [_condition(arg, resolve) for link in conditions for arg in link.args]
    known_conditions = [one for one in written if one is not None]
    if len(known_conditions) < len(written):
        return Unresolved("the predicate of the conflict target is not known")
    return written_target(elements, " AND ".join(known_conditions) or None)


def _until_done(behind: list[Call]) -> list[Call]:
    """The calls up to the conflict action: a `where` behind that filters rows."""
    at = next((i for i, link in enumerate(behind) if name_of(link) in {"doUpdate", "doNothing"}), len(behind))
    return behind[:at]


def _condition(value: Value, resolve: Resolve) -> str | None:
    """A condition as SQL, with the values that it is sent with; None when it is not understood."""
    if not isinstance(value, Call) or not isinstance(value.callee, Member):
        return None
    method, owner = value.callee.name, value.callee.object
    if method in {"and", "or"} and value.args:
        one, other = _condition(owner, resolve), _condition(value.args[0], resolve)
        return None if one is None or other is None else f"({one}) {method.upper()} ({other})"
    column = read_column(owner, resolve)
    if column is None:
        return None
    if method in _ASKED:
        return f"{quoted(column)} {_ASKED[method]}"
    if method not in _COMPARED or not value.args:
        return None
    known = literal(resolve(value.args[0]))
    return None if known is None else f"{quoted(column)} {_COMPARED[method]} {known}"


def _assigned(behind: list[Call], target: ConflictTarget, rows: Payload, resolve: Resolve) -> Payload:
    """The columns of SET."""
    keys = target.columns if isinstance(target, InferenceClause) else None
    whole = next((name_of(link) for link in behind if name_of(link).endswith("ToExcluded")), None)
    if whole == "setAllToExcluded":
        return rows
    if whole is not None:
        left = tuple(name for name in rows.columns or () if name not in (keys or ()))
        known = whole == "setNonConflictingKeyToExcluded" and keys is not None
        return Payload(left or None, known and rows.complete, reason="the columns of SET leave out those of keys")
    names, doubt = _set(behind, resolve)
    return Payload(tuple(dict.fromkeys(names)) or None, doubt is None and bool(names), reason=doubt)


JOOQ = Client(
    name="jooq",
    languages=frozenset({"java", "kotlin", "scala"}),
    triggers=(b"insertinto(", b"onduplicatekey", b"onconflict"),
    find=_find,
    finish=_finish,
)

"""squirrel: `Insert("t").Columns("a").Values(..).Suffix("ON CONFLICT (a) DO NOTHING")`.

Source: github.com/Masterminds/squirrel 1.5 InsertBuilder, which writes all names as they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Client, Draft, NoSite, SiteFact
from ..values import Call, Join, Member, Opaque, Record, Text
from .chain import chains, name_of, own_links
from .go_builder import listed, read, statement
from .reading import called_name
from .squirrel_steps import find_steps, finish_steps, is_paired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_SUFFIXES = frozenset({"Suffix", "SuffixExpr"})


def _find(module: Module) -> Iterator[SiteFact]:
    """Each last Suffix of a chain, and the plain inserts that depend on what is asked before."""
    found = list(module.calls(_SUFFIXES))
    inner = {link.name_offset for call in found for link in own_links(call)[1][:-1] if name_of(link) in _SUFFIXES}
    for call in found:
        if call.name_offset not in inner and isinstance(call.callee, Member):
            yield SiteFact(
                client="squirrel", values={"call": call}, offset=call.name_offset, statement=call.offset, end=call.end
            )
    yield from find_steps(module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if "steps" in fact.values:
        return finish_steps(fact, resolve)
    found: dict[Draft, None] = {}
    refused = "no ON CONFLICT behind an INSERT"
    for chain in chains(fact.values["call"], resolve):
        text = _text(chain, resolve)
        drafts = read(fact, text, resolve) if text is not None else NoSite(refused)
        if isinstance(drafts, tuple):
            found.update(dict.fromkeys(drafts))
    return tuple(found) or NoSite(refused)


def _text(chain: Chain, resolve: Resolve) -> Value | None:
    """The statement; None when its suffixes hold no conflict clause, or it is known to be no INSERT."""
    clause = [_suffix(link, resolve) for link in chain.named(*_SUFFIXES)]
    if not any("conflict" in _known(part).casefold() for part in clause):
        return None
    inserts = [link for link in chain.named("Insert", "Into", "Replace") if link.args]
    if chain.named("Update", "Delete", "Select") and not inserts:
        return None
    table = resolve(inserts[-1].args[0]) if inserts else Opaque("the builder", 0)
    return statement(table, _columns(chain, resolve), clause)


def _suffix(link: Call, resolve: Resolve) -> Value:
    known = resolve(link.args[0]) if link.args else Text("")
    made = isinstance(known, Call) and called_name(known) == "Expr" and known.args
    return resolve(known.args[0]) if made and isinstance(known, Call) else known


def _known(value: Value) -> str:
    match value:
        case Text(text):
            return text
        case Join(parts):
            return "".join(_known(part) for part in parts)
        case _:
            return ""


def _columns(chain: Chain, resolve: Resolve) -> tuple[Value, ...] | None:
    """What Columns and SetMap name; None: no column list."""
    found: list[Value] = []
    for link in chain.named("Columns"):
        found += listed(link.args, resolve)
    for link in chain.named("SetMap"):
        known = resolve(link.args[0]) if link.args else None
        if isinstance(known, Record):
            found += [Text(key) for key in sorted(key for key, _ in known.entries)]
            found += [] if known.complete else [Opaque("the keys of a map", 0)]
        else:
            found.append(Opaque("the keys of a map", 0))
    unknown = not found and not chain.named("Insert", "Into")
    return tuple(found) if found else (Opaque("the columns", 0),) if unknown else None


SQUIRREL = Client(
    name="squirrel",
    languages=frozenset({"go"}),
    triggers=(b".suffix(", b"\tsuffix(", b".suffixexpr(", b"\tsuffixexpr("),
    find=_find,
    finish=_finish,
    paired=is_paired,
)

"""Changes that no statement makes, or none that keeps the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structure.model import Kind, Relation
from ...structure.parts import Part
from ..compare import NOT_NULL_ROWS, ORDER
from ..model import Action
from .gone import columns_of
from .model import Unwritten
from .objects import same_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ...structure.model import Structure
    from ..model import Change, Subject

_STATES = {
    "valid": "no statement makes an index invalid",
    "ready": "no statement makes an index unready",
    "live": "no statement makes an index dead",
}
_USED = (Kind.DOMAIN, Kind.RANGE, Kind.COMPOSITE)


def unwritten(change: Change, old: Structure, new: Structure) -> Iterator[Unwritten]:
    """What of the change is left out of the plan, with the reason."""
    subject = change.subject
    if subject.kind is Kind.OTHER:
        word = {Action.ADDED: "made", Action.REMOVED: "dropped"}.get(change.action, "changed")
        yield Unwritten(subject, f"objects of this kind are told by name only: it has to be {word} by hand")
    if change.action is Action.ADDED and _comes_to_inherit(change, old, new):
        yield Unwritten(subject, _OWN)
    if _added_invalid(change, new):
        yield Unwritten(subject, INVALID)
    if change.action is not Action.CHANGED:
        return
    yield from _properties(change, new)
    if subject.part is Part.COLUMN and old.server_version >= NOT_NULL_ROWS and _keeps_a_name(change):
        yield Unwritten(subject, "the constraint behind NOT NULL keeps the name that it has from the parent")
    if (reason := _type(change, old)) is not None:
        yield Unwritten(subject, reason)


INVALID = "it is invalid there: an index whose build failed is not made again"
_OWN = "what a table has before it inherits stays its own"


def _properties(change: Change, new: Structure) -> Iterator[Unwritten]:
    subject = change.subject
    for each in change.properties:
        if subject.part is Part.INDEX and each.name in _STATES and not each.new:
            yield Unwritten(subject, _STATES[each.name])
        elif each.name == "acl" and _granted_by_others(change):
            yield Unwritten(
                subject, "privileges are granted in the owner's name, not in that of who granted them there"
            )
        elif each.name == ORDER:
            yield Unwritten(subject, "the order of columns changes only when the table is made again")
        elif subject.part is None and each.name in ("partition_key", "server"):
            yield Unwritten(subject, "a table with another one has to be made, and the rows copied")
        elif each.name.rpartition(".")[2] == "local" and not each.new and not _is_partition(change, new):
            yield Unwritten(subject, _OWN)


def _added_invalid(change: Change, new: Structure) -> bool:
    """Whether it is an index that some build left behind; one of a partitioned table waits for those of partitions."""
    if change.action is not Action.ADDED or change.subject.part is not Part.INDEX or change.new.valid:
        return False
    table = new.objects[change.subject.kind].get(change.subject.identity)
    return not (isinstance(table, Relation) and table.partition_key)


def _keeps_a_name(change: Change) -> bool:
    """Whether a column that no longer inherits is to have the usual name of its NOT NULL, which is not read before."""
    left = not change.old.local and change.new.local and change.old.not_null and change.new.not_null
    return bool(left and not change.old.not_null_constraint and not change.new.not_null_constraint)


def _granted_by_others(change: Change) -> bool:
    """Whether somebody but the owner has granted a privilege that is new; of a column the owner is not known."""
    owner = getattr(change.new, "owner", None)
    come = {grant.grantor for grant in change.new.acl or ()} - {grant.grantor for grant in change.old.acl or ()}
    return owner is not None and bool(come - {owner, ""})


def _comes_to_inherit(change: Change, old: Structure, new: Structure) -> bool:
    """Whether it is inherited from a parent that the table, which is there already, gets."""
    before, after = (side.objects.get(change.subject.kind, {}).get(change.subject.identity) for side in (old, new))
    if not isinstance(before, Relation) or not isinstance(after, Relation) or change.subject.part is None:
        return False
    return after.bound is None and before.parents != after.parents and not getattr(change.new, "local", True)


def _is_partition(change: Change, new: Structure) -> bool:
    found = new.objects.get(change.subject.kind, {}).get(change.subject.identity)
    return isinstance(found, Relation) and found.bound is not None


PARENTLESS = "the table that it is to be a partition of has to be made again first"


def parentless(changes: Iterable[Change]) -> Iterator[Unwritten]:
    """Partitions of tables that cannot become partitioned in place."""
    changes = tuple(changes)
    barred = {
        change.subject.identity for change in changes if any(each.name == "partition_key" for each in change.properties)
    }
    for change in changes:
        if change.subject.part is None and isinstance(change.new, Relation) and barred & set(change.new.parents):
            yield Unwritten(change.subject, PARENTLESS)


def misplaced(
    old: Structure, new: Structure, come: Mapping[Subject, Iterable[str]], told: Iterable[Unwritten]
) -> Iterator[Unwritten]:
    """Tables whose new columns, by table, belong between others: they are added at the end."""
    known = {each.subject for each in told}
    for table, names in come.items():
        before, after = (side.objects[table.kind].get(table.identity) for side in (old, new))
        if isinstance(before, Relation) and isinstance(after, Relation) and table not in known:
            wanted = [column.name for column in after.columns]
            kept = [column.name for column in before.columns if column.name in wanted and column.name not in names]
            if wanted[: len(kept)] != kept:
                yield Unwritten(table, "columns are added at the end: their order is another one")


def _type(change: Change, old: Structure) -> str | None:
    """Why a type cannot be changed, None where it can."""
    kind, name = change.subject.kind, (change.subject.identity[0], change.subject.identity[-1])
    names = {each.name for each in change.properties}
    if kind is Kind.COMPOSITE and not same_order(change.old, change.new):
        return "attributes are added at the end only: another order needs another type"
    remade = names & ({"type", "collation"} if kind is Kind.DOMAIN else {"subtype", "opclass", "collation"})
    if kind in (Kind.DOMAIN, Kind.RANGE) and remade and any(columns_of(old, [name])):
        return "columns use the type, which has to be made again for that"
    return None

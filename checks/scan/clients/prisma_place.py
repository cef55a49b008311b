"""Which model of which schema.prisma a call of Prisma writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..declarations.model import Undeclared
from ..declarations.prisma_project import schemas
from ..model import NoSite
from ..values import Call, Member, Name, Opaque, Param, Sequence, Text
from .reading import told

if TYPE_CHECKING:
    from ..declarations.prisma import Model, Schema
    from ..model import Resolve, SiteFact
    from ..values import Value

_POSTGRES = frozenset({"postgresql", "postgres", "cockroachdb"})


@dataclass(frozen=True, slots=True)
class Place:
    """The model that a fact writes, and its schema; `nested`: it is written along with a row of another model.

    `foreign` are the fields that hold the key of that row, None when they are not known.
    """

    model: Model
    schema: Schema
    nested: bool = False
    foreign: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class OtherProvider:
    """The schema is for another database, and what shows it."""

    reason: str


def place_of(fact: SiteFact, resolve: Resolve) -> Place | Undeclared | OtherProvider | NoSite:
    """The model that a fact writes; NoSite when no schema declares one that is called so."""
    known = schemas(path_of(fact.values["receiver"]) or "", resolve)
    accessor = _accessor(fact.values["receiver"], resolve)
    if not known:
        return Undeclared("no schema.prisma is found that declares the model")
    others = [schema.provider for schema in known if schema.provider not in {None, *_POSTGRES}]
    if len(others) == len(known):
        return OtherProvider(f'schema.prisma has the provider "{others[0]}"')
    if isinstance(accessor, Undeclared):
        return accessor
    found = [(model, schema) for schema in known if (model := schema.model(accessor)) is not None]
    if not found:
        return NoSite(f'schema.prisma declares no model that is called "{accessor}"')
    return _declared(found, fact.values.get("relations"))


def _declared(found: list[tuple[Model, Schema]], relations: Value | None) -> Place | Undeclared:
    """The one model that was found, or the one that relations lead to from there."""
    model, schema = found[0]
    if len({(one.schema, one.table, one.fields, one.keys) for one, _ in found}) > 1:
        return Undeclared(f'several schemas declare a model that is called "{model.accessor}"')
    if not isinstance(relations, Sequence):
        return Place(model, schema)
    return _along(model, schema, [one.text for one in relations.items if isinstance(one, Text)])


def _along(model: Model, schema: Schema, relations: list[str]) -> Place | Undeclared:
    """The model that relation fields lead to."""
    foreign: tuple[str, ...] | None = ()
    for name in relations:
        declared = model.field(name)
        inner = schema.named(declared.type) if declared is not None else None
        if inner is None or declared is None:
            return Undeclared(f'model "{model.name}" has no relation "{name}"')
        back = [one.scalars for one in inner.fields if one.type == model.name and one.scalars]
        foreign = () if declared.scalars or not back else back[0] if len(back) == 1 else None
        model = inner
    return Place(model, schema, nested=True, foreign=foreign)


def path_of(value: Value) -> str | None:
    """The file that an expression stands in."""
    match value:
        case Name(path=path) | Param(path=path):
            return path
        case Member(object=owner):
            return path_of(owner)
        case Call(callee=callee):
            return path_of(callee)
        case _:
            return None


def _accessor(receiver: Value, resolve: Resolve) -> str | Undeclared:
    """`user` of `prisma.user`, also through a variable."""
    if isinstance(receiver, Member):
        return receiver.name
    known = resolve(receiver)
    if isinstance(known, Member) and not isinstance(known.object, Param):
        return known.name
    if isinstance(known, Opaque):
        return Undeclared(f'the model is chosen at run time by "{" ".join(known.source.split())}"')
    return Undeclared(f"the model is {told(known)}")

"""The Django models that a manager's method may be called on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..declarations.django import is_model, read_model
from ..declarations.django_models import asked_model, managed, related, through, user_model
from ..declarations.lineage import lineage_of
from ..declarations.model import TableDeclaration, Undeclared
from ..model import NoSite
from ..values import Call, Choice, Class, Constant, Member, Name, Text
from .reading import path_of, told

if TYPE_CHECKING:
    from ..model import Resolve, SiteFact
    from ..values import Value

_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


@dataclass(frozen=True, slots=True)
class Called:
    """What the call is made on. `parent`: the field that a related manager adds; `historic`: as of a migration."""

    table: TableDeclaration | Undeclared
    parent: str | None = None
    historic: bool = False

    @property
    def known(self) -> TableDeclaration | None:
        """The declaration, if there is one."""
        return self.table if isinstance(self.table, TableDeclaration) else None

    @property
    def why(self) -> str:
        """Why there is none."""
        return self.table.reason if isinstance(self.table, Undeclared) else ""


def models_of(fact: SiteFact, resolve: Resolve) -> tuple[Called, ...] | NoSite:
    """The models that the call may be made on."""
    root, manager = fact.values["root"], fact.values["manager"]
    if isinstance(root, Call) and isinstance(root.callee, Name) and root.callee.name == "super":
        return NoSite("hands on to the method that it overrides")
    if manager == Text(""):
        return _of_manager(resolve(root), resolve)
    if isinstance(resolve(root), Class):
        return NoSite("is called on a class, and on no manager of a Django model")
    between = _between(fact.values["owner"], resolve)
    owner = resolve(fact.values["owner"])
    options = owner.options if isinstance(owner, Choice) else (owner,)
    tables = (between,) if between else tuple(read_model(one, resolve) for one in options if is_model(one, resolve))
    if tables:
        return tuple(Called(table) for table in tables)
    asked = asked_model(owner, resolve)
    if asked is None and isinstance(owner, Call) and (path_of(owner.callee) or "").endswith("get_user_model"):
        asked = user_model(resolve)
    if asked is not None:
        return (Called(read_model(asked, resolve), historic=_in_migration(fact)),)
    return _unknown(fact, owner, resolve)


def _between(owner: Value, resolve: Resolve) -> TableDeclaration | Undeclared | None:
    """The table of `Model.field.through`."""
    match owner:
        case Member(Member(inner, field), "through"):
            model = resolve(inner)
            return through(model, field, resolve) if isinstance(model, Class) and is_model(model, resolve) else None
        case _:
            return None


def _in_migration(fact: SiteFact) -> bool:
    path = fact.values["path"]
    return isinstance(path, Text) and "/migrations/" in f"/{path.text}"


def _of_manager(receiver: Value, resolve: Resolve) -> tuple[Called, ...] | NoSite:
    """`self.get_or_create(...)` inside of a manager or a query set."""
    if not isinstance(receiver, Class) or not receiver.name.endswith(("Manager", "QuerySet")):
        return NoSite("is called on no manager of a Django model")
    models = managed(receiver.name, resolve)
    concrete = [table for one in models if isinstance(table := read_model(one, resolve), TableDeclaration)]
    if models and len(concrete) == len(models):
        return tuple(Called(table) for table in concrete)
    return (Called(Undeclared(f'the model is that which "{receiver.name}" belongs to')),)


def _unknown(fact: SiteFact, owner: Value, resolve: Resolve) -> tuple[Called, ...] | NoSite:
    """A model that is not known, or known by a relation; no site at all when nothing shows Django."""
    given = fact.values["manager"]
    manager = given.text if isinstance(given, Text) else ""
    instance = isinstance(owner, Call) and is_model(resolve(owner.callee), resolve)
    plain = isinstance(owner, Class) and not lineage_of(owner, resolve).others
    if plain or (not instance and manager not in _MANAGERS and fact.values["shown"] != Constant(value=True)):
        return NoSite("nothing shows a Django model")
    if manager in _MANAGERS or manager.endswith("objects"):
        return (Called(Undeclared(_why(owner))),)
    found = related(manager, resolve)
    if found is not None:
        return (Called(read_model(found[0], resolve), parent=found[1]),)
    return (Called(Undeclared(f'the model is that of the related rows "{_path(owner)}{manager}"')),)


def _path(owner: Value) -> str:
    path = path_of(owner)
    return f"{path}." if path else ""


def _why(owner: Value) -> str:
    if isinstance(owner, Call) and (path_of(owner.callee) or "").endswith("get_user_model"):
        return "the model is the one that the setting AUTH_USER_MODEL names"
    return f"the model is {told(owner)}"

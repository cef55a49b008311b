"""The table of rules: one module per rule, found by name, each registered by its decorator."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypedDict

from typing_extensions import Unpack

from ..errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..access.model import Access
    from ..arbiter.model import BoundSite
    from ..model import Span
    from ..scan.model import ScanResult
    from ..schema.model import Loaded
    from ..settings import Settings
    from .model import Severity


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may look at besides its site: the catalog with its provenance, and the settings.

    `access` is what its role may do, by the id of each site whose role is known.
    """

    loaded: Loaded
    settings: Settings
    access: Mapping[str, Access] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that a rule found at a site, before it has a code and a place. `severity` None: that of the rule.

    `message` is the condition with real names, `effect` what it costs, `remedy` what to change.
    """

    message: str
    effect: str
    remedy: str
    related: tuple[str, ...] = ()
    severity: Severity | None = None
    repair: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHit(Hit):
    """A hit that is not about one write site: where it stands in a file, or which object of the database it is about.

    `object` is its kind and qualified name: "index public.orders_key".
    """

    span: Span | None = None
    object: str | None = None


Find = Callable[["BoundSite", RuleContext], Iterator[Hit]]
FindInCatalog = Callable[["Sequence[BoundSite]", RuleContext], Iterator[PlacedHit]]
FindInSources = Callable[["ScanResult", "Settings"], Iterator[PlacedHit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """A rule: `summary` is its condition, `effect` and `remedy` hold in general, `rationale` is Markdown.

    Exactly one of the three last looks for it: at one write site, at all that a catalog judges, or in source files.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    effect: str
    remedy: str
    rationale: str
    find: Find | None = None
    find_in_catalog: FindInCatalog | None = None
    find_in_sources: FindInSources | None = None


_CODE = re.compile(r"PGA[0-9]{3}")
_FAMILY = re.compile(r"PGA[0-9]{0,2}")
_OF_CODE = 5  # all but the last figure, which is the one that is mistaken
_rules: dict[str, RuleInfo] = {}


class Words(TypedDict):
    """What a rule says of itself: see RuleInfo."""

    severity: Severity
    summary: str
    effect: str
    remedy: str


def rule(code: str, **words: Unpack[Words]) -> Callable[[Find], Find]:
    """Register the decorated generator, which looks at one write site, as the one rule of its module.

    The module's docstring is the rationale. Raises ValueError for a code or a name that is malformed or taken, which is
    a fault of the rule's author.
    """

    def register(find: Find) -> Find:
        _add(RuleInfo(code=code, **_told(find), **words, find=find))
        return find

    return register


def catalog_rule(code: str, **words: Unpack[Words]) -> Callable[[FindInCatalog], FindInCatalog]:
    """The same for a generator that looks at all write sites of one database at once, and at its catalog."""

    def register(find: FindInCatalog) -> FindInCatalog:
        _add(RuleInfo(code=code, **_told(find), **words, find_in_catalog=find))
        return find

    return register


def source_rule(code: str, **words: Unpack[Words]) -> Callable[[FindInSources], FindInSources]:
    """The same for a generator that looks at what a scan has seen, whichever database it is about."""

    def register(find: FindInSources) -> FindInSources:
        _add(RuleInfo(code=code, **_told(find), **words, find_in_sources=find))
        return find

    return register


class _Told(TypedDict):
    name: str
    rationale: str


def _told(find: object) -> _Told:
    """Name and rationale, from the module that the generator stands in."""
    module = inspect.getmodule(find)
    if module is None:
        raise ValueError("a rule stands in a module")
    name = module.__name__.rpartition(".")[2].replace("_", "-")
    return {"name": name, "rationale": inspect.cleandoc(module.__doc__ or "")}


def _add(info: RuleInfo) -> None:
    if not _CODE.fullmatch(info.code) or any(info.code == r.code or info.name == r.name for r in _rules.values()):
        raise ValueError(f'rule code "{info.code}" or name "{info.name}" is malformed or taken')
    _rules[info.code] = info


def named_rule(text: str) -> RuleInfo:
    """The rule of that code or name, in whichever case. Raises SourceError when there is none, with the nearest."""
    rules = registry()
    wanted = text.strip().lower()
    for info in rules.values():
        if wanted in (info.code.lower(), info.name):
            return info
    near = next((code for code in rules if code[:_OF_CODE] == wanted.upper()[:_OF_CODE]), None)
    near = near or next(iter(get_close_matches(wanted, [info.name for info in rules.values()], n=1)), None)
    meant = f'Did you mean "{near}"? ' if near else ""
    raise SourceError(f'rule "{text}" does not exist', f"{meant}Run `pgarbiter rule` to list all rules.")


def named_rules(text: str) -> tuple[RuleInfo, ...]:
    """The same for a family as well: all rules whose codes begin with "PGA3"."""
    family = text.strip().upper()
    found = tuple(info for code, info in registry().items() if code.startswith(family))
    return found if _FAMILY.fullmatch(family) and found else (named_rule(text),)


@cache
def registry() -> Mapping[str, RuleInfo]:
    """All rules by code, in the order of their codes."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(import_module(package).__path__):
        if not module.name.startswith("_"):
            import_module(f"{package}.{module.name}")
    return dict(sorted(_rules.items()))

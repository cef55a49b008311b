"""The table of rules: one module per rule, found by name, each registered by its decorator."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arbiter.model import BoundSite
    from ..schema.model import Loaded
    from ..settings import Settings
    from .model import Severity


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may look at besides its site: the catalog with its provenance, and the settings."""

    loaded: Loaded
    settings: Settings


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


Find = Callable[["BoundSite", RuleContext], Iterator[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """A rule: `summary` is its condition, `effect` and `remedy` hold in general, `rationale` is Markdown."""

    code: str
    name: str
    severity: Severity
    summary: str
    effect: str
    remedy: str
    rationale: str
    find: Find


_CODE = re.compile(r"PGA[0-9]{3}")
_OF_CODE = 5  # all but the last figure, which is the one that is mistaken
_rules: dict[str, RuleInfo] = {}


def rule(code: str, *, severity: Severity, summary: str, effect: str, remedy: str) -> Callable[[Find], Find]:
    """Register the decorated generator as the one rule of its module, whose docstring is the rationale.

    Raises ValueError for a code or a name that is malformed or taken, which is a fault of the rule's author.
    """

    def register(find: Find) -> Find:
        module = inspect.getmodule(find)
        info = RuleInfo(
            code=code,
            name=find.__module__.rpartition(".")[2].replace("_", "-"),
            severity=severity,
            summary=summary,
            effect=effect,
            remedy=remedy,
            rationale=inspect.cleandoc(module.__doc__ or "") if module else "",
            find=find,
        )
        if not _CODE.fullmatch(code) or any(code == r.code or info.name == r.name for r in _rules.values()):
            raise ValueError(f'rule code "{code}" or name "{info.name}" is malformed or taken')
        _rules[code] = info
        return find

    return register


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


@cache
def registry() -> Mapping[str, RuleInfo]:
    """All rules by code, in the order of their codes."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(import_module(package).__path__):
        if not module.name.startswith("_"):
            import_module(f"{package}.{module.name}")
    return dict(sorted(_rules.items()))

"""The rules: what is wrong with a write site, what it costs and what to do."""

from __future__ import annotations

from ._cause import clause_error
from ._check import Checked, check, check_all, check_sources, placed
from ._ignores import Ignore, ignores
from ._mismatches import evidence, fragment, reasons
from ._registry import Hit, PlacedHit, RuleContext, RuleInfo, catalog_rule, named_rule, registry, rule, source_rule
from ._selection import Selection, codes, selection

__all__ = [
    "Checked",
    "Hit",
    "Ignore",
    "PlacedHit",
    "RuleContext",
    "RuleInfo",
    "Selection",
    "catalog_rule",
    "check",
    "check_all",
    "check_sources",
    "clause_error",
    "codes",
    "evidence",
    "fragment",
    "ignores",
    "named_rule",
    "placed",
    "reasons",
    "registry",
    "rule",
    "selection",
    "source_rule",
]

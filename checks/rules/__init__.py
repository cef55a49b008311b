"""The rules: what is wrong with a write site, what it costs and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import defer

if TYPE_CHECKING:
    from ._access import with_access
    from ._cause import clause_error
    from ._check import Checked, check, check_all, check_sources
    from ._ignores import Ignore, ignores
    from ._mismatches import evidence, fragment, reasons
    from ._registry import Hit, PlacedHit, RuleContext, RuleInfo, catalog_rule, named_rule, registry, rule, source_rule
    from ._selection import Selection, codes, selection
    from .model import placed

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
    "with_access",
]

# Whoever asks for the types of findings, or for what settings choose, does without all that runs rules.
defer(
    __name__,
    {
        "Checked": "._check",
        "Hit": "._registry",
        "Ignore": "._ignores",
        "PlacedHit": "._registry",
        "RuleContext": "._registry",
        "RuleInfo": "._registry",
        "Selection": "._selection",
        "catalog_rule": "._registry",
        "check": "._check",
        "check_all": "._check",
        "check_sources": "._check",
        "clause_error": "._cause",
        "codes": "._selection",
        "evidence": "._mismatches",
        "fragment": "._mismatches",
        "ignores": "._ignores",
        "named_rule": "._registry",
        "placed": ".model",
        "reasons": "._mismatches",
        "registry": "._registry",
        "rule": "._registry",
        "selection": "._selection",
        "source_rule": "._registry",
        "with_access": "._access",
    },
)

"""The rules: what is wrong with a write site, what it costs and what to do."""

from __future__ import annotations

from ._cause import clause_error
from ._check import Checked, check, check_all, placed
from ._mismatches import evidence, fragment, reasons
from ._registry import Hit, RuleContext, RuleInfo, named_rule, registry, rule

__all__ = [
    "Checked",
    "Hit",
    "RuleContext",
    "RuleInfo",
    "check",
    "check_all",
    "clause_error",
    "evidence",
    "fragment",
    "named_rule",
    "placed",
    "reasons",
    "registry",
    "rule",
]

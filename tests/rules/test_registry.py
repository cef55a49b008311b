from __future__ import annotations

from pathlib import Path

import pytest

from pgarbiter.rules import RuleInfo, registry
from pgarbiter.rules.docs import as_markdown, as_text, index

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "rules"
MODULES = {path.stem for path in (ROOT / "checks" / "rules").glob("[!_]*.py")} - {"docs", "model"}


def test_every_rule_module_is_registered_under_its_own_name() -> None:
    assert {info.name.replace("-", "_") for info in registry().values()} == MODULES


def test_rules_come_in_the_order_of_their_codes() -> None:
    codes = list(registry())
    assert codes == sorted(codes)
    assert registry()["PGA101"].name == "no-arbiter-index"


@pytest.mark.parametrize("info", registry().values(), ids=lambda info: info.name)
def test_a_rule_is_written_as_rules_are(info: RuleInfo) -> None:
    assert info.summary[0].islower() or info.summary.startswith(("ON ", "DO ", "SELECT", "NOT ", "a SELECT"))
    assert not info.summary.endswith(".")
    assert info.effect.endswith(".")
    assert info.remedy.endswith(".")
    assert len(info.rationale.split("\n\n")) > 1, "the docstring holds the rationale"


@pytest.mark.parametrize("info", registry().values(), ids=lambda info: info.name)
def test_the_page_of_a_rule_is_current(info: RuleInfo) -> None:
    page = as_markdown(info, Path(__file__).parent / info.name)
    file = DOCS / f"{info.name}.md"
    assert file.exists(), f"missing {file.name}: python tests/rules/write_docs.py"
    assert file.read_text("utf-8") == page, "stale: python tests/rules/write_docs.py"


def test_the_index_of_rules_is_current_and_no_page_is_left_over() -> None:
    assert (DOCS / "README.md").read_text("utf-8") == index(registry()), "stale: python tests/rules/write_docs.py"
    assert {path.stem for path in DOCS.glob("*.md")} == {"README", *(info.name for info in registry().values())}


def test_the_text_of_a_rule_holds_condition_effect_and_remedy() -> None:
    info = registry()["PGA102"]
    text = as_text(info)
    assert all(part in text for part in (info.code, info.name, info.summary, info.effect, info.remedy, info.rationale))

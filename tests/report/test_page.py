"""The page of `check` in a real Chromium: everything reachable, with and without JavaScript."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pgarbiter.arbiter.model import Outcome
from pgarbiter.report import write

from .conftest import ACCOUNTS, MATCH, _bound, _finding, _site

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ColorScheme, Page

    from pgarbiter.report.model import Report

    from .chromium import Open

SITES = 2_000
FIRST_PAINT = 2_000  # milliseconds


def _written(report: Report, directory: Path) -> Path:
    stream = StringIO()
    write(report, "html", stream)
    path = directory / "check.html"
    path.write_text(stream.getvalue(), "utf-8")
    return path


@pytest.fixture
def report(hostile: Report, tmp_path: Path) -> Path:
    return _written(hostile, tmp_path)


@pytest.fixture
def long_report(full: Report, tmp_path: Path) -> Path:
    """Of 2,000 write sites, a tenth of them with a finding."""
    sites = [_site(number) for number in range(1, SITES + 1)]
    bound = tuple(replace(_bound(site, MATCH), relation=ACCOUNTS, base=ACCOUNTS) for site in sites)
    findings = tuple(_finding(site) for site in sites[::10])
    whole = replace(full, scan=replace(full.scan, sites=tuple(sites)), bound=bound, findings=findings, suppressed=())
    return _written(whole, tmp_path)


def _places(page: Page) -> list[str]:
    return page.locator(".object:visible > summary .name").all_inner_texts()


def test_a_choice_leaves_only_the_places_that_have_it(opened: Open, report: Path, hostile: Report) -> None:
    page = opened(report)
    everything = _places(page)
    assert len(everything) == len(hostile.bound or ()) + 2
    page.locator(".chip", has_text="warning").locator("input").check()
    expect(page.locator("#told")).to_have_text(re.compile("^3 of "))
    assert page.locator(".item:visible").count() == 4
    page.locator(".chip", has_text="redundant-index").locator("input").check()
    expect(page.locator("#told")).to_have_text(re.compile("^2 of "))
    page.get_by_role("button", name="Clear").click()
    page.locator(".chip", has_text="unknown").locator("input").check()
    unknown = sum(bound.verdict.outcome is Outcome.UNKNOWN for bound in hostile.bound or ())
    expect(page.locator("#told")).to_have_text(f"{unknown} of {len(everything)} places")
    assert page.locator(".object:visible").count() == page.locator(".word.unknown:visible").count() == unknown
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#told")).to_have_text(f"{len(everything)} of {len(everything)} places")
    assert _places(page) == everything


def test_a_search_finds_places_indexes_and_messages(opened: Open, report: Path) -> None:
    page = opened(report)
    for words, places in (("ACCOUNTS_pkey user_id", 3), ("src/fallback.ts", 1), ("alert(1) redundant", 1)):
        page.get_by_role("searchbox").fill(words)
        expect(page.locator("#told")).to_have_text(re.compile(f"^{places} of "))
    page.get_by_role("searchbox").fill("nowhere at all")
    page.locator("#none").wait_for()


def test_the_keyboard_is_enough(opened: Open, report: Path) -> None:
    page = opened(report)
    everything = _places(page)
    page.keyboard.press("/")
    page.keyboard.type("src/fallback.ts")
    expect(page.locator(".object:visible")).to_have_count(1)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.parentElement.classList.contains('object')"):
            break
    assert page.locator(".object[open]:visible").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".object[open]:visible").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator(".object:visible")).to_have_count(len(everything))


def test_without_javascript_all_of_it_is_there_and_no_filter_that_does_nothing(opened: Open, report: Path) -> None:
    page = opened(report, script=False)
    assert page.locator("summary:visible").count() > 10
    assert page.locator("[data-script]:visible").count() == 0
    assert page.get_by_text("Every execution fails with 42P10.").first.is_visible()


def test_an_address_of_a_site_opens_it(opened: Open, report: Path) -> None:
    page = opened(report)
    page.evaluate("location.hash = 'ssite-2'")
    expect(page.locator("#ssite-2")).to_have_attribute("open", "")
    expect(page.locator("#ssite-2 > summary")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_passes_the_accessibility_checker(opened: Open, report: Path, scheme: ColorScheme, width: int) -> None:
    page = opened(report, scheme, width, checked=True)
    page.get_by_role("button", name="Open all").click()
    for summary in page.locator(".overview > summary").all():
        summary.click()
    found = Axe().run(page).response
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert len(found["passes"]) > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_2000_sites_are_painted_soon_and_searched_at_once(opened: Open, long_report: Path) -> None:
    page = opened(long_report)
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < FIRST_PAINT
    page.get_by_role("searchbox").fill("src/save.ts:1234")
    expect(page.locator("#told")).to_have_text("1 of 2000 places", timeout=FIRST_PAINT)
    assert _places(page) == ["src/save.ts:1234"]

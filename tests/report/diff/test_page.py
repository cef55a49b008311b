"""The page in a real Chromium: nothing fetched, nothing complained about, everything reachable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pgarbiter.diff import difference
from pgarbiter.report.diff import html
from pgarbiter.structure.model import Kind, Relation, Structure
from pgarbiter.structure.parts import Column, Constraint, Index, IndexKey

from ..shop import release

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ColorScheme, Locator, Page

    from pgarbiter.server import Server

    from ..chromium import Open

TABLES = 2_000
FIRST_PAINT = 2_000  # milliseconds


@pytest.fixture(scope="module")
def report(server18: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory, html.page(release(server18)))


@pytest.fixture(scope="module")
def long_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 2,000 tables, each with three changes."""
    found = difference(("old", many("numeric(12,2)", "name")), ("new", many("numeric(14,4)", "total", "locale")))
    assert len(found.changes) == 3 * TABLES
    return written(tmp_path_factory, html.page(found))


def written(places: pytest.TempPathFactory, text: str) -> Path:
    path = places.mktemp("page") / "diff.html"
    path.write_text(text, "utf-8")
    return path


def many(type_: str, key: str, *more: str) -> Structure:
    tables = {
        ("app", name): Relation(
            "app",
            name,
            (
                Column("id", "bigint", not_null=True),
                Column("parent", "bigint"),
                Column("name", "text"),
                Column("total", type_),
                *(Column(other, "text") for other in more),
            ),
            (
                Constraint(
                    "up",
                    "foreign key",
                    ("parent",),
                    references=("app", f"t{number // 5:04}"),
                    referenced_columns=("id",),
                ),
            ),
            (Index(f"{name}_ix", "btree", (IndexKey(key),)),),
        )
        for number, name in ((number, f"t{number:04}") for number in range(TABLES))
    }
    return Structure(180000, {Kind.TABLE: tables})  # type: ignore[dict-item]


def shown(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".object:visible > summary").all_inner_texts()]


def named(page: Page) -> Locator:
    return page.locator(".object:visible > summary .name")


def names(page: Page) -> list[str]:
    return named(page).all_inner_texts()


def test_a_choice_leaves_only_the_changes_that_have_it(opened: Open, report: Path) -> None:
    page = opened(report)
    everything = names(page)
    page.get_by_label("removed 2").check()
    expect(named(page)).to_have_text(["app.carts", "app.users"])
    assert page.locator(".item:visible").count() == 2
    page.locator(".chip", has_text="column").locator("input").check()
    expect(named(page)).to_have_text(["app.users"])
    page.get_by_role("button", name="Clear").click()
    expect(named(page)).to_have_text(everything)


def test_a_search_finds_names_and_sql_and_says_how_many(opened: Open, report: Path) -> None:
    page = opened(report)
    page.get_by_role("searchbox").fill("LOWER users")
    expect(page.locator("#told")).to_have_text(re.compile("^1 of "))
    assert names(page) == ["app.users"]
    page.get_by_role("searchbox").fill("nowhere at all")
    page.locator("#none").wait_for()
    assert names(page) == []


def test_the_keyboard_is_enough(opened: Open, report: Path) -> None:
    page = opened(report)
    everything = names(page)
    page.keyboard.press("/")
    page.keyboard.type("refunds_user_id_key")
    expect(page.locator(".object:visible")).to_have_count(1)
    for _ in range(5):  # the three buttons, the object and its end
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert page.locator(".object[open]:visible").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".object[open]:visible").count() == 0
    page.keyboard.press("Escape")
    expect(named(page)).to_have_text(everything)


def test_a_table_of_the_diagram_leads_to_its_changes_though_they_are_hidden(opened: Open, report: Path) -> None:
    page = opened(report)
    page.get_by_role("searchbox").fill("refunds_user_id_key")
    expect(page.locator(".object:visible")).to_have_count(1)
    page.locator(".erd a", has_text="app.carts").focus()
    page.keyboard.press("Enter")
    expect(page.locator("summary:focus")).to_contain_text("app.carts")
    assert "app.carts" in names(page)


def test_the_reader_chooses_light_or_dark_and_is_remembered(opened: Open, report: Path) -> None:
    page = opened(report, "light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_text("Dark", exact=True).click()
    dark = page.evaluate(ground)
    page.reload()
    assert page.evaluate(ground) == dark != light
    page.get_by_text("Auto", exact=True).click()
    assert page.evaluate(ground) == light


def test_the_diagram_is_made_larger_and_smaller(opened: Open, report: Path) -> None:
    page = opened(report)
    before = page.locator(".canvas svg").bounding_box()
    page.get_by_role("button", name="Larger").click()
    after = page.locator(".canvas svg").bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_passes_the_accessibility_checker(opened: Open, report: Path, scheme: ColorScheme, width: int) -> None:
    page = opened(report, scheme, width, checked=True)
    found = Axe().run(page).response
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert len(found["passes"]) > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_2000_changed_tables_are_painted_soon_and_searched_at_once(opened: Open, long_report: Path) -> None:
    page = opened(long_report)
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < FIRST_PAINT
    page.get_by_role("searchbox").fill("app.t1234")
    expect(page.locator("#told")).to_have_text("3 of 6000 changes", timeout=FIRST_PAINT)
    assert shown(page) == ["~ table app.t1234 locks 3 changes"]

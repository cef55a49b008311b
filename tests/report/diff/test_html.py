"""The page as text: what stands in it, and what it can never do."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from pgarbiter.diff import difference
from pgarbiter.report.diff import html

from ..reading import Read, assert_self_contained
from ..shop import release

if TYPE_CHECKING:
    from pgarbiter.diff import Diff
    from pgarbiter.server import Server


@pytest.fixture(scope="module")
def diff(server18: Server) -> Diff:
    return release(server18)


@pytest.fixture(scope="module")
def page(diff: Diff) -> str:
    return html.page(diff)


def test_the_same_diff_gives_the_same_bytes(diff: Diff, page: str) -> None:
    stream = io.StringIO()
    html.write(diff, stream)
    assert stream.getvalue() == page


def test_nothing_of_the_page_is_elsewhere_and_it_may_fetch_nothing(page: str) -> None:
    assert_self_contained(page)
    assert any("href" in each for each in Read(page).of("a"))


def test_a_hostile_name_is_text_and_all_of_it_is_visible(page: str) -> None:
    assert page.count("<script>") == page.count("</script>") == 1
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert any("alert(1)</script>\\x0a\\x09'" in text for text in Read(page).texts)


def test_every_change_has_an_item_with_what_it_is_chosen_by(diff: Diff, page: str) -> None:
    found = [
        (each["data-action"], each["data-kind"], each["data-severity"])
        for each in Read(page).of("div")
        if "data-kind" in each
    ]
    expected = [(each.action, each.subject.part or each.subject.kind, each.severity) for each in diff.changes]
    assert found == expected


def test_old_and_new_stand_side_by_side_with_the_words_that_differ(page: str) -> None:
    assert "USING btree (email)" in page.replace("<del>", "").replace("</del>", "")
    assert re.search(r"<ins>\(?lower", page)


def test_a_body_is_shown_by_the_lines_that_differ(page: str) -> None:
    assert '<span class="r">-         RETURN a;' in page
    assert "unchanged line" in page
    assert "-- first" not in page


def test_what_comes_and_goes_is_shown_whole(page: str) -> None:
    texts = "".join(Read(page).texts)
    assert "CREATE TABLE app.refunds (\n    id integer" in texts
    assert "ADD CONSTRAINT carts_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id)" in texts


def test_a_diff_without_changes_says_so(diff: Diff) -> None:
    same = difference((diff.old.name, diff.old.structure), (diff.old.name, diff.old.structure))
    texts = "".join(Read(html.page(same)).texts)
    assert "No difference" in texts
    assert "There is nothing to show." in texts

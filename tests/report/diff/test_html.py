"""The page as text: what stands in it, and what it can never do."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from pgarbiter.diff import difference
from pgarbiter.report.diff import html

from ..shop import release

if TYPE_CHECKING:
    from pgarbiter.diff import Diff
    from pgarbiter.server import Server


class Read(HTMLParser):
    """The elements of a page, and the text of those that have a class."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


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


def test_nothing_of_the_page_is_elsewhere(page: str) -> None:
    read = Read(page)
    assert not {tag for tag, _ in read.tags} & {"img", "link", "iframe", "object", "embed", "base"}
    addresses = [value for _, attributes in read.tags for name, value in attributes.items() if name in {"src", "href"}]
    assert addresses
    ids = {attributes.get("id") for _, attributes in read.tags}
    assert all(address and address[0] == "#" and address[1:] in ids for address in addresses)


def test_the_page_may_run_its_own_script_and_fetch_nothing(page: str) -> None:
    [policy] = [each["content"] for each in Read(page).of("meta") if "http-equiv" in each]
    rules = dict(rule.strip().split(" ", 1) for rule in (policy or "").split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("style", "script"):
        [content] = re.findall(
            f"<{tag}>(.*?)</{tag}>", page.split("<svg", maxsplit=1)[0] + page.split("</svg>")[1], re.DOTALL
        )
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


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

"""A page as a parser of HTML sees it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser


class Read(HTMLParser):
    """The elements of a page, and its texts."""

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


def assert_self_contained(page: str) -> None:
    """Nothing of the page is elsewhere, and its policy lets it run its own style and script and fetch nothing."""
    read = Read(page)
    assert not {tag for tag, _ in read.tags} & {"img", "link", "iframe", "object", "embed", "base"}
    addresses = [value for _, attributes in read.tags for name, value in attributes.items() if name in {"src", "href"}]
    ids = {attributes.get("id") for _, attributes in read.tags}
    assert all(address and address[0] == "#" and address[1:] in ids for address in addresses)
    [policy] = [each["content"] for each in read.of("meta") if "http-equiv" in each]
    rules = dict(rule.strip().split(" ", 1) for rule in (policy or "").split(";"))
    assert rules["default-src"] == "'none'"
    outside = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    for tag in ("style", "script"):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", outside, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"

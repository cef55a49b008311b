from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pgarbiter.report import markdown, write

from .conftest import HOSTILE_PATH

if TYPE_CHECKING:
    from pgarbiter.report.model import Report
    from pgarbiter.rules.model import Finding


def _text(report: Report) -> str:
    stream = StringIO()
    write(report, "markdown", stream, below="apps/web")
    return stream.getvalue()


def _rows(text: str) -> list[list[str]]:
    return [
        line.strip("|").split(" | ") for line in text.splitlines() if line.startswith(("| error", "| warn", "| note"))
    ]


def test_the_headline_comes_first_then_figures_then_the_findings_by_severity(full: Report) -> None:
    lines = _text(full).splitlines()
    assert lines[:4] == [
        markdown.MARKER,
        "### pgarbiter check",
        "",
        "**1 error, 1 warning, 1 note at 3 of 17 write sites**",
    ]
    rows = _rows(_text(full))
    assert [row[0].strip() for row in rows] == ["error", "error", "warning", "note"]  # the first are the figures' names
    assert rows[1][1:3] == [
        "PGA101 no-arbiter-index",
        "[<code>apps/web/src/save.ts&#58;1</code>](apps/web/src/save.ts#L1)",
    ]


def test_no_name_leaves_its_place(hostile: Report) -> None:
    text = _text(hostile)
    assert text.count("<details>") == text.count("</details>")
    for dangerous in ("<script", "](http", "``", "@me", "::error", "|*"):
        assert dangerous not in text
    assert all(line.count("|") in (0, 4, 5) for line in text.splitlines())


def test_links_are_relative_to_the_repository(hostile: Report) -> None:
    links = re.findall(r"\]\(([^)]*)\)", _text(hostile))
    assert links
    assert not any(re.match(r"[a-z]+:|/", link) for link in links)
    assert f"apps/web/{HOSTILE_PATH}#L7" in map(unquote, links)


def test_details_are_folded_and_tell_effect_remedy_and_evidence(full: Report) -> None:
    block = _text(full).split("<details><summary>")[1]
    assert block.startswith("<code>apps/web/src/save.ts&#58;1</code> <code>upsert into accounts")
    for part in ("  - effect: Every execution fails", "  - remedy: Use the unique index", "  - the table is there"):
        assert part in block


def _many(full: Report, number: int) -> tuple[Finding, ...]:
    error, warning, _ = full.findings
    site = full.findings[1].site
    return (*(replace(warning, site=f"{site}-{i}", message=f"{i}: {'é' * 200}") for i in range(number)), error)


def test_it_fits_a_comment_and_counts_what_it_leaves_out(full: Report) -> None:
    text = _text(replace(full, findings=_many(full, 3000)))
    assert markdown.LIMIT - 3000 < len(text.encode()) <= markdown.LIMIT
    left = re.search(r"\*\*(\d+) findings more\*\*, for which", text)
    assert left
    assert int(left[1]) + len(_rows(text)) - 1 == 3001
    folded = re.search(r"\*\*Details of (\d+) places left out\*\*", text)
    assert folded
    assert int(folded[1]) + text.count("<details>") - 1 == 3001
    assert "| error | PGA101" in text


def test_one_site_with_much_to_tell_leaves_room_for_others(full: Report) -> None:
    error, warning, _ = full.findings
    wordy = replace(error, related=tuple("evidence " * 50 for _ in range(300)))
    text = _text(replace(full, findings=(wordy, warning)))
    assert text.count("<details>") == 3
    assert "evidence" not in text


def test_a_long_message_is_cut_in_the_table_alone(full: Report) -> None:
    text = _text(replace(full, findings=(replace(full.findings[0], message="m" * 1000),)))
    assert text.count("m" * 299 + "…") == 1
    assert "m" * 1000 in text


def test_what_was_not_read_is_told(full: Report) -> None:
    assert "- 1 file was not read&#58;" in _text(full)
    assert "1 finding left out by the settings" in _text(full)


def test_links_lead_to_where_a_host_shows_the_files(full: Report) -> None:
    text = markdown.render(full, "apps/web", links="https://host/o/n/blob/a)b/")
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert links
    assert all(link.startswith("https://host/o/n/blob/a%29b/apps/web/") for link in links)

"""The page as text: what stands in it, and what it can never do."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from pgarbiter.report import write
from pgarbiter.scan.model import ScanResult

from .conftest import MARKUP, visible
from .reading import Read, assert_self_contained

if TYPE_CHECKING:
    from pgarbiter.report.model import Report


def _page(report: Report) -> str:
    stream = StringIO()
    write(report, "html", stream, below="apps/web")
    return stream.getvalue()


def test_nothing_of_the_page_is_elsewhere_and_it_may_fetch_nothing(hostile: Report) -> None:
    assert_self_contained(_page(hostile))


def test_a_hostile_name_is_text_and_all_of_it_is_visible(hostile: Report) -> None:
    page = _page(hostile)
    assert page.count("<script>") == page.count("</script>") == 1
    texts = " ".join(Read(page).texts)
    assert texts.count(visible(MARKUP)) > 5


def test_every_site_has_a_section_and_every_finding_an_item(hostile: Report) -> None:
    read = Read(_page(hostile))
    sections = [each for each in read.of("details") if each.get("class") == "object"]
    others = {finding.place for finding in hostile.findings if finding.site is None}
    assert len(sections) == len(hostile.bound or ()) + len(others)
    assert len({each["id"] for each in sections}) == len(sections)
    items = [each for each in read.of("div") if "data-rule" in each]
    assert len(items) == len(hostile.findings)
    assert [each["data-severity"] for each in items] == sorted(
        (f.severity for f in hostile.findings), key=lambda s: s.rank
    )
    assert {each["data-outcome"] for each in sections} >= {"match", "no match", "unknown"}


def test_a_site_with_a_finding_stands_open_and_the_others_do_not(full: Report) -> None:
    sections = [each for each in Read(_page(full)).of("details") if each.get("class") == "object"]
    assert ["open" in each for each in sections] == [True] * 3 + [False] * (len(sections) - 3)


def test_a_target_stands_beside_the_indexes_of_its_table(hostile: Report) -> None:
    page = _page(hostile)
    rows = re.findall(r'<tr class="(\w+)"><th scope="row">(.*?)</tr>', page, re.DOTALL)
    assert {kind for kind, _ in rows} == {"wanted", "index"}
    [row] = {text for _, text in rows if text.endswith("<td>lacks the column &#34;user_id&#34;</td>")}
    assert '<span class="sr">not in it: </span>user_id' in row
    assert '<span class="sr">in both: </span>external_id' in row


def test_what_is_left_out_is_shown_with_the_reason(hostile: Report) -> None:
    texts = " ".join(Read(_page(hostile)).texts)
    assert "3 findings left out" in texts
    assert "because I say so" in texts


def test_what_was_not_read_is_told(full: Report) -> None:
    texts = "".join(Read(_page(full)).texts)
    assert "1 file was not read:" in texts
    assert "makes unknown: public.t" in texts


def test_a_report_without_sites_says_so(full: Report) -> None:
    nothing = replace(full, scan=ScanResult(()), bound=(), findings=(), suppressed=())
    texts = "".join(Read(_page(nothing)).texts)
    assert "There is nothing to show." in texts
    assert "No write sites in 0 files" in texts


def test_a_long_statement_is_cut(full: Report) -> None:
    assert full.bound
    long = replace(full.bound[0], site=replace(full.bound[0].site, sql="SELECT 1\n" * 2000))
    texts = "".join(Read(_page(replace(full, bound=(long, *full.bound[1:])))).texts)
    assert "characters more" in texts
    assert texts.count("SELECT 1") < 1000


def test_what_a_role_may_do_is_shown_with_what_gives_it(hostile: Report) -> None:
    page = _page(hostile)
    texts = " ".join(" ".join(Read(page).texts).split())
    assert "role web" in texts
    assert "own row, no conflict inserted own row, conflict with an own one refused (42501)" in texts
    assert "row security does not apply: it owns it" in texts
    assert page.count('<td class="denied">') == 2

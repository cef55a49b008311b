from __future__ import annotations

from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from typing import TYPE_CHECKING

from pgarbiter.model import Status
from pgarbiter.report import write
from pgarbiter.report.model import Report
from pgarbiter.report.page import visible
from pgarbiter.scan.model import Hits, ScanResult
from pgarbiter.schema.model import SchemaInfo

if TYPE_CHECKING:
    import pytest


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def _text(report: Report, stream: StringIO | None = None, *, explain_skipped: bool = False) -> str:
    stream = stream or StringIO()
    write(report, "text", stream, explain_skipped=explain_skipped)
    return stream.getvalue()


def _one(full: Report, message: str) -> Report:
    """The first site of the full report alone, with one finding."""
    return Report(
        version="1",
        scan=ScanResult(full.sites[:1], seen=1, read=1, parsed=1),
        bound=full.bound[:1],
        server=full.server,
        schema=SchemaInfo("sql:schema.sql", 2, 2),
        findings=(replace(full.findings[0], message=message),),
    )


def test_no_name_drives_the_terminal(full: Report) -> None:
    plain = _text(full)
    assert "\x1b" not in plain
    assert "\u202e" not in plain
    assert "\x07" not in plain
    assert "\\x1b[31m" in plain
    assert visible("a\x1b\u202e\ud800\U000e0001b é 字") == "a\\x1b\\u202e\\ud800\\U000e0001b é 字"


def test_a_terminal_gets_colours_and_a_file_gets_none(full: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b[1;31merror PGA101" in _text(full, _Terminal())
    assert "\x1b" not in _text(full)


def test_a_finding_shows_place_statement_verdict_nearest_index_effect_and_remedy(full: Report) -> None:
    text = _text(_one(full, "no unique index matches"))
    for part in (
        "src/save.ts:1  upsert into accounts on (user_id, external_id)",
        "(42P10)",
        "nearest",
        'index "accounts_external_id_key" (external_id)',
        "error PGA101  no unique index matches",
        "effect  Every execution fails with 42P10.",
        "remedy  Use the unique index that exists: onConflict: 'external_id'.",
        "1 error at 1 of 1 write site",
        "PostgreSQL 18.4, embedded",
    ):
        assert part in text
    assert text.count("the table is there") == 1, "a line of evidence is shown once per site"


def test_a_clean_run_says_in_one_line_what_was_proven(full: Report) -> None:
    clean = _one(full, "")
    clean = replace(clean, findings=(), bound=(replace(full.bound[1], site=full.sites[0]),))
    assert " ".join(_text(clean).split()) == (
        "the one upsert has what ON CONFLICT needs "
        "(schema sql:schema.sql, 2 of 2 statements loaded; PostgreSQL 18.4, embedded)"
    )


def test_what_was_not_judged_is_never_called_clean(full: Report) -> None:
    text = _text(replace(full, findings=()))
    assert "not all could be judged" in text
    assert "the table is computed at run time (src/save.ts:30)" in text
    assert "src/bad.ts: not valid UTF-8" in text
    assert "db/schema.sql:7 42601 syntax error" in text
    assert "makes unknown: public.t" in text
    assert "1 write site for another database (mysql2 is imported)" in text
    assert "1 finding left out by the settings" in text


def test_many_reasons_are_cut_with_a_count(full: Report) -> None:
    sites = tuple(replace(full.sites[0], status=Status.UNRESOLVED, reason=f"reason {i}") for i in range(1, 9))
    text = _text(Report("1", ScanResult(sites, seen=1)))
    assert "8 write sites could not be resolved:" in text
    assert "and 3 more reasons" in text


def test_a_wrapper_whose_calls_are_known_is_not_counted_as_unresolved(full: Report) -> None:
    sites = (full.sites[0], replace(full.sites[0], status=Status.UNRESOLVED, followed=2))
    text = _text(Report("1", ScanResult(sites, seen=1)))
    assert "2 write sites in 1 file: 1 resolved, 1 followed to their calls" in text


def test_scan_lists_every_site(full: Report) -> None:
    text = _text(replace(full, bound=None), explain_skipped=True)
    assert "select by (user_id), then insert into accounts" in text
    assert "insert into accounts\n" not in text, "the client stands beside it"
    assert "upsert into accounts on constraint accounts_key" in text
    assert "src/map.ts:4  no table is named" in text
    assert "public.f()" in text


def test_long_lines_hang_under_their_start_and_break_no_name(full: Report) -> None:
    name = "a_very_long_name_that_nobody_should_ever_have_to_read_in_two_pieces_" * 2
    text = _text(_one(full, f'column "{name}" ' + "and more words " * 20))
    lines = text.splitlines()
    assert any(name in line for line in lines)
    start = next(i for i, line in enumerate(lines) if "error PGA101" in line)
    assert lines[start + 1].startswith(" " * len("  error PGA101  "))
    assert not any(line != line.rstrip() for line in lines)


def test_a_stream_that_lacks_a_character_still_gets_the_report(full: Report) -> None:
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="ascii")
    write(_one(full, 'column "größe" is absent'), "text", stream)
    stream.flush()
    assert rb"gr\xf6\xdfe" in raw.getvalue()


def test_trigger_words_elsewhere_are_counted_with_the_lines_that_explain_them(full: Report) -> None:
    scan = replace(full.scan, hits=Hits(in_sites=5, explained=3))
    shown = _text(Report(version="1", scan=scan), explain_skipped=True)
    assert "8 trigger words: 5 in write sites, 3 elsewhere, explained in the 1 line above" in shown


def test_where_every_trigger_word_is_in_a_site_nothing_is_listed(full: Report) -> None:
    scan = replace(full.scan, skipped=(), hits=Hits(in_sites=5))
    shown = _text(Report(version="1", scan=scan), explain_skipped=True)
    assert "5 trigger words: 5 in write sites\n" in shown
    assert "though a trigger word stands there" not in shown


def test_a_project_without_write_sites_has_no_upserts_to_count(full: Report) -> None:
    shown = _text(replace(full, scan=replace(full.scan, sites=()), bound=(), findings=()))
    assert "no write sites in 4 files" in shown
    assert "upserts:" not in shown
    assert "1 file was not read:" in shown


def test_a_site_that_is_not_resolved_is_told_by_its_first_reason(full: Report) -> None:
    sites = tuple(replace(one, reason="the table is given; the rows are too") for one in full.scan.sites)
    shown = _text(Report(version="1", scan=replace(full.scan, sites=sites)))
    assert "  the table is given (" in shown

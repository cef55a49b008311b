"""Sessions of an editor with the language server: what it is shown, told and offered."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pgarbiter import Settings, check
from pgarbiter.lsp.places import path_of
from pgarbiter.rules import named_rule
from pgarbiter.rules.docs import as_markdown

from .conftest import applied, edits_of

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Editor

SCHEMA = """\
CREATE TABLE accounts (id bigint PRIMARY KEY, tenant bigint NOT NULL, email text NOT NULL, gone timestamptz);
CREATE UNIQUE INDEX accounts_email ON accounts (tenant, email) WHERE gone IS NULL;
"""
BROKEN = """\
import psycopg


def save(connection: psycopg.Connection, row: tuple) -> None:
    connection.execute(
        "INSERT INTO accounts (id, tenant, email) VALUES (%s, %s, %s) "
        "ON CONFLICT (tenant, email) DO NOTHING",
        row,
    )
"""
MENDED = BROKEN.replace("(tenant, email) DO", "(tenant, email) WHERE gone IS NULL DO")
TOLD = 'unique index "accounts_email" is partial (WHERE gone IS NULL) and the target has no WHERE'


def project(root: Path, *, source: str = BROKEN, settings: str = 'schema = "sql:db"\n') -> Path:
    """A project with one write site; the path of its file."""
    (root / "db").mkdir(parents=True)
    (root / "db" / "001.sql").write_text(SCHEMA)
    (root / "pgarbiter.toml").write_text(settings)
    (root / "save.py").write_bytes(source.encode())
    return root / "save.py"


def is_clean(root: Path, url: str) -> bool:
    """What check itself says of the project."""
    report = check(root, Settings(schema="sql:db", server=url, superuser=True, cache=False))
    assert report.sites
    return not report.findings


def test_a_finding_is_shown_where_it_stands_in_the_words_of_the_report(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    (shown,) = editor.diagnostics(path, 1)
    assert shown["range"] == {"start": {"line": 6, "character": 9}, "end": {"line": 6, "character": 49}}
    assert (shown["severity"], shown["code"], shown["source"]) == (1, "PGA102", "pgarbiter")
    lines = shown["message"].splitlines()
    assert lines[0] == TOLD
    assert [line.partition(":")[0] for line in lines[1:3]] == ["effect", "remedy"]
    (related,) = shown["relatedInformation"]
    assert (related["location"]["uri"], related["location"]["range"]["start"]["line"]) == (path.as_uri(), 5)


def test_the_code_of_a_finding_is_a_link_to_the_page_of_its_rule(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    (shown,) = editor.diagnostics(path, 1)
    page = path_of(shown["codeDescription"]["href"])
    assert page is not None
    assert page.name == "partial-index.md"
    assert page.read_text("utf-8") == as_markdown(named_rule("PGA102"))


def test_there_is_no_link_where_nothing_is_kept(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path, settings='schema = "sql:db"\ncache = false\n')
    editor.add(tmp_path).open(path)
    (shown,) = editor.diagnostics(path, 1)
    assert "codeDescription" not in shown


def test_a_file_that_is_not_open_is_shown_too(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path)
    assert [one["code"] for one in editor.diagnostics(path, 1)] == ["PGA102"]


def test_saving_a_mended_text_takes_the_finding_back(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    editor.diagnostics(path, 1)
    editor.save(path, MENDED)
    assert editor.diagnostics(path, 0) == []
    editor.save(path, BROKEN, 3)
    assert len(editor.diagnostics(path, 1)) == 1


def test_the_hover_has_the_verdict_and_every_unique_index_with_why_it_is_none(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    editor.diagnostics(path, 1)
    told = editor.hover(path, 7) or ""
    assert told.splitlines()[0].startswith("**insert into accounts, on conflict (tenant, email) do nothing** (raw-sql)")
    assert "table `public.accounts`" in told
    assert "**no arbiter**: there is no unique or exclusion constraint matching" in told
    assert '| `accounts_pkey` primary key | `id` | also has the column "id" and lacks the columns' in told
    assert "| `accounts_email` | `tenant`, `email` where `gone IS NULL` | is partial (WHERE gone IS NULL)" in told
    assert editor.hover(path, 1) is None
    editor.save(path, MENDED)
    editor.diagnostics(path, 0)
    told = editor.hover(path, 6) or ""
    assert '**arbiter found**: arbiter "accounts_email"' in told
    assert "where `gone IS NULL` | **arbiter** |" in told


def test_the_patch_of_the_statement_gives_what_check_finds_clean(tmp_path: Path, editor: Editor, url: str) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    editor.diagnostics(path, 1)
    patch = editor.actions(path, 7)[0]
    assert (patch["kind"], patch["isPreferred"]) == ("quickfix", True)
    assert [one["code"] for one in patch["diagnostics"]] == ["PGA102"]
    assert patch["edit"]["documentChanges"][0]["textDocument"]["version"] == 1
    assert not is_clean(tmp_path, url)
    text = applied(BROKEN, edits_of(patch, path))
    editor.save(path, text)
    assert editor.diagnostics(path, 0) == []
    assert text == MENDED
    assert is_clean(tmp_path, url)
    assert editor.actions(path, 7) == []


def test_the_comment_leaves_the_finding_out_once_its_reason_is_written(
    tmp_path: Path, editor: Editor, url: str
) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    editor.diagnostics(path, 1)
    comment = next(action for action in editor.actions(path, 6) if "comment" in action["title"])
    text = applied(BROKEN, edits_of(comment, path))
    assert "\n        # pgarbiter: ignore[partial-index] because ...\n" in text
    editor.save(path, text)
    assert sorted(one["code"] for one in editor.diagnostics(path, 2)) == ["PGA102", "PGA902"]
    editor.save(path, text.replace("because ...", "because the table is empty"), 3)
    assert editor.diagnostics(path, 0) == []
    assert is_clean(tmp_path, url)


def test_places_are_counted_in_utf_16(tmp_path: Path, editor: Editor, url: str) -> None:
    source = BROKEN.replace('"ON CONFLICT', '"/* 😀é */ ON CONFLICT').replace("\n", "\r\n")
    path = project(tmp_path, source=source)
    editor.add(tmp_path).open(path)
    (shown,) = editor.diagnostics(path, 1)
    assert shown["range"]["start"] == {"line": 6, "character": 19}
    editor.save(path, applied(source, edits_of(editor.actions(path, 7)[0], path)))
    editor.diagnostics(path, 0)
    assert b"/* \xf0\x9f\x98\x80\xc3\xa9 */ ON CONFLICT (tenant, email) WHERE gone IS NULL DO" in path.read_bytes()
    assert path.read_bytes().count(b"\r\n") == source.count("\r\n")
    assert is_clean(tmp_path, url)


def test_a_client_that_counts_otherwise_gets_its_own_places(tmp_path: Path, fresh: Editor) -> None:
    path = project(tmp_path, source=BROKEN.replace('"ON CONFLICT', '"/* 😀é */ ON CONFLICT'))
    fresh.start(tmp_path, general={"positionEncodings": ["utf-8"]}).open(path)
    (shown,) = fresh.diagnostics(path, 1)
    assert (fresh.capabilities["positionEncoding"], shown["range"]["start"]["character"]) == ("utf-8", 22)


def test_what_is_not_saved_is_not_checked_and_its_places_are_not_mixed_up(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path).open(path)
    editor.diagnostics(path, 1)
    editor.change(path, f"# one more line\n{BROKEN}")
    told = editor.hover(path, 8) or ""
    assert "accounts_email" in told
    assert "There are unsaved changes" in told
    assert editor.hover(path, 1) is None
    assert editor.actions(path, 8) == []
    editor.change(path, BROKEN.replace("tenant, email) DO", "email) DO"), 3)
    assert editor.hover(path, 7) is None  # that line has been edited
    assert len(editor.shown[path.as_uri()]) == 1


def test_findings_wait_until_the_buffer_is_the_file_again(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path, source=MENDED)
    editor.add(tmp_path).open(path)
    editor.checks(1)
    editor.change(path, f"# typed, not saved\n{BROKEN}")
    path.write_text(BROKEN)  # by another program
    editor.changed_on_disk(path)
    editor.checks(2)
    assert not editor.shown.get(path.as_uri())
    editor.change(path, BROKEN, 3)
    assert len(editor.diagnostics(path, 1)) == 1


def test_closing_a_buffer_without_saving_shows_what_the_file_has(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path, source=MENDED)
    editor.add(tmp_path).open(path)
    editor.checks(1)
    editor.change(path, "nothing")
    path.write_text(BROKEN)
    editor.changed_on_disk(path)
    editor.checks(2)
    editor.tell("textDocument/didClose", textDocument={"uri": path.as_uri()})
    assert len(editor.diagnostics(path, 1)) == 1


def test_a_migration_that_changes_on_disk_is_checked_again(tmp_path: Path, fresh: Editor) -> None:
    path = project(tmp_path)
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    fresh.start(tmp_path, workspace=watching).open(path)
    fresh.diagnostics(path, 1)
    (asked,) = [told for told in fresh.told if told["method"] == "client/registerCapability"]
    (registered,) = asked["params"]["registrations"]
    watcher, baseline = registered["registerOptions"]["watchers"]
    assert baseline["globPattern"] == "**/pgarbiter-baseline.json"
    assert {"sql", "toml", "py", "prisma"} <= {*watcher["globPattern"][len("**/*.{") : -1].split(",")}
    (tmp_path / "db" / "002.sql").write_text("CREATE UNIQUE INDEX full_email ON accounts (tenant, email);")
    fresh.changed_on_disk(tmp_path / "db" / "002.sql")
    assert fresh.diagnostics(path, 0) == []


def test_a_file_that_goes_takes_its_findings_along(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path)
    editor.diagnostics(path, 1)
    path.unlink()
    editor.changed_on_disk(path)
    assert editor.diagnostics(path, 0) == []


def test_several_folders_with_odd_names_have_each_their_own_schema(tmp_path: Path, editor: Editor) -> None:
    one, two = tmp_path / "a+folder, naïve %20 😀", tmp_path / "b#100%"
    first, second = project(one), project(two)
    with (two / "db" / "001.sql").open("a") as file:
        file.write("CREATE UNIQUE INDEX full_email ON accounts (tenant, email);")
    editor.add(one, two).open(first)
    editor.open(second)
    editor.checks(2)
    assert len(editor.diagnostics(first, 1)) == 1
    assert len(editor.actions(first, 7)) == 2
    assert editor.diagnostics(second, 0) == []
    third = project(tmp_path / "c")
    editor.add(third.parent)
    editor.remove(one)
    assert len(editor.diagnostics(third, 1)) == 1
    assert editor.diagnostics(first, 0) == []


def test_a_folder_inside_of_another_is_shown_once(tmp_path: Path, editor: Editor) -> None:
    project(tmp_path, source="")
    inner = project(tmp_path / "inner")
    editor.add(tmp_path, inner.parent)
    editor.checks(2)
    assert len(editor.diagnostics(inner, 1)) == 1


def test_a_broken_settings_file_is_told_once_and_mending_it_is_enough(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path, settings='schemma = "sql:db"\n')
    editor.add(tmp_path).open(path)
    editor.wait(lambda: editor.said("window/showMessage", 'unknown setting "schemma". Did you mean "schema"'))
    editor.save(path, BROKEN + "\n")
    editor.wait(lambda: len(editor.said("window/logMessage", "^could not check")) == 2)
    assert len(editor.said("window/showMessage", "schemma")) == 1
    settings = tmp_path / "pgarbiter.toml"
    settings.write_text('schema = "sql:db"\n')
    editor.changed_on_disk(settings)
    assert len(editor.diagnostics(path, 1)) == 1


def test_a_folder_that_is_gone_does_not_end_the_server(tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path / "there")
    editor.add(tmp_path / "gone", path.parent)
    editor.wait(lambda: editor.said("window/showMessage", "does not exist"))
    assert len(editor.diagnostics(path, 1)) == 1


def test_a_file_outside_of_the_workspace_is_left_alone(tmp_path: Path, editor: Editor) -> None:
    inside, outside = project(tmp_path / "in"), project(tmp_path / "out")
    editor.add(inside.parent).open(outside)
    editor.diagnostics(inside, 1)
    assert editor.hover(outside, 7) is None
    assert editor.actions(outside, 7) == []
    editor.save(outside, MENDED)
    assert editor.said("window/logMessage", "lies in no folder of the workspace")
    assert outside.as_uri() not in editor.shown


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "git:/a/b.py?x", "file://elsewhere/a.py", "file:///a%00b.py"])
def test_a_document_that_is_no_file_is_left_alone(uri: str, tmp_path: Path, editor: Editor) -> None:
    path = project(tmp_path)
    editor.add(tmp_path)
    editor.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "x", "version": 1, "text": BROKEN})
    editor.tell("textDocument/didSave", textDocument={"uri": uri})
    assert editor.ask("textDocument/hover", textDocument={"uri": uri}, position={"line": 6, "character": 0}) is None
    assert len(editor.diagnostics(path, 1)) == 1


def test_a_client_that_knows_one_folder_only_is_served(tmp_path: Path, fresh: Editor) -> None:
    path = project(tmp_path)
    fresh.ask("initialize", processId=None, rootUri=tmp_path.as_uri(), capabilities={})
    fresh.tell("initialized")
    assert len(fresh.diagnostics(path, 1)) == 1


def test_a_check_that_takes_long_is_shown_as_progress(tmp_path: Path, fresh: Editor) -> None:
    path = project(tmp_path)
    (tmp_path / "db" / "002.sql").write_text("SELECT pg_sleep(2);")
    fresh.start(tmp_path, window={"workDoneProgress": True}).open(path)
    fresh.diagnostics(path, 1)
    fresh.wait(
        lambda: [t["params"]["value"]["kind"] for t in fresh.told if t["method"] == "$/progress"][-1:] == ["end"]
    )


def test_only_the_last_of_many_saves_is_checked_and_requests_are_answered_meanwhile(
    tmp_path: Path, editor: Editor
) -> None:
    path = project(tmp_path)
    (tmp_path / "db" / "002.sql").write_text("SELECT pg_sleep(1);")
    editor.add(tmp_path).open(path)
    for number in range(20):
        editor.save(path, f"{BROKEN}# {number}\n", number + 2)
        assert editor.hover(path, 7) is None
    editor.save(path, MENDED, 99)
    editor.checks(1)
    assert editor.diagnostics(path, 0) == []
    assert len(editor.said("window/logMessage", f"^checked {re.escape(str(tmp_path))} ")) == 1  # others may come late


def test_each_of_several_databases_has_its_own_patches(tmp_path: Path, editor: Editor) -> None:
    settings = """
        [[database]]
        name = "one"
        paths = ["one"]
        schema = "sql:db"

        [[database]]
        name = "two"
        paths = ["two"]
        schema = "sql:other"
        """
    project(tmp_path, source="", settings=dedent(settings))
    other = SCHEMA.replace("WHERE gone IS NULL", "WHERE gone > '2020-01-01'")
    for name, path, text in (("one", "one/a.py", BROKEN), ("two", "two/a.py", BROKEN), ("", "other/1.sql", other)):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
        if name:
            editor.open(tmp_path / path)
    editor.add(tmp_path)
    for path, wanted in (("one/a.py", "gone IS NULL"), ("two/a.py", "gone > ")):
        editor.diagnostics(tmp_path / path, 1)
        assert wanted in editor.actions(tmp_path / path, 7)[0]["edit"]["documentChanges"][0]["edits"][0]["newText"]


def test_a_function_in_the_database_is_shown_where_a_migration_defines_it(tmp_path: Path, editor: Editor) -> None:
    project(tmp_path, source="")
    body = "INSERT INTO accounts (id, tenant, email)\nVALUES (1, 1, 'x')\nON CONFLICT (email) DO NOTHING;"
    path = tmp_path / "db" / "002.sql"
    path.write_text(f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n{body}\nEND $$;\n")
    editor.add(tmp_path).open(path)
    shown = editor.diagnostics(path, 1)
    assert [(one["code"], one["range"]["start"]["line"]) for one in shown] == [("PGA101", 4)]
    assert "no arbiter" in (editor.hover(path, 5) or "")
    made = edits_of(editor.actions(path, 5)[-1], path)
    assert [edit["newText"] for edit in made] == ["-- pgarbiter: ignore[no-arbiter-index] because ...\n"]

"""The writer of business accounts does what its issue says, through supabase-js, on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import errors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Application

EXAMPLE = "business-accounts"
STOOD = "0001_business_accounts"
STORED = ["17841400000000001", "17841400000000003"]


@pytest.fixture
def product(application: Application, monkeypatch: pytest.MonkeyPatch) -> Application:
    application.revisions(STOOD, monkeypatch)
    return application


def test_accounts_are_stored_each_once_however_often_they_are_connected(product: Application) -> None:
    for _ in range(2):
        ended = product.run(EXAMPLE)
        assert ended.code == 0
        assert ended.report["stored"] == STORED
        assert ended.report["failed"] == []
    stored = product.rows("SELECT name, username, is_connected FROM instagram_business_accounts ORDER BY 1")
    assert stored == [("Harbour Coffee", "harbour.coffee", True), ("Quay Books", "quay.books", True)]
    assert product.rows("SELECT count(*) FROM instagram_credentials") == [(2,)]


def test_a_page_without_a_name_is_rejected_before_the_write(product: Application) -> None:
    ended = product.run(EXAMPLE)
    assert ended.report["rejected"] == [
        {"page": "102938475610294", "code": "INVALID_PAGE", "message": "the page has no name"},
        {"page": "102938475610295", "code": "INVALID_PAGE", "message": "the page has no Instagram account"},
    ]
    assert errors_of(ended) == []


def test_page_tokens_are_stored_encrypted_and_open_for_their_account_alone(
    product: Application, opened: Callable[[str, str], str]
) -> None:
    ended = product.run(EXAMPLE)
    rows = product.rows(
        "SELECT a.id::text, c.access_token_encrypted FROM instagram_credentials c "
        "JOIN instagram_business_accounts a ON a.id = c.business_account_id ORDER BY a.name"
    )
    assert [opened(sealed, account) for account, sealed in rows] == [
        "recorded-page-token-harbour",
        "recorded-page-token-quay",
    ]
    with pytest.raises(Exception, match="returned non-zero"):
        opened(rows[0][1], rows[1][0])
    assert "recorded-page-token" not in ended.output


def test_the_broken_write_fails_as_on_the_day_of_the_incident(product: Application) -> None:
    ended = product.run(EXAMPLE, "--code", "broken")
    codes = [each["code"] for each in ended.report["failed"]]
    assert codes == ["STORAGE_FAILED", "STORAGE_FAILED", "TypeError", "STORAGE_FAILED"], "and nothing is validated"
    assert ended.report["failed"][0]["message"] == (
        "Could not find the 'page_id' column of 'instagram_business_accounts' in the schema cache"
    )
    assert product.rows("SELECT count(*) FROM instagram_business_accounts") == [(0,)]


def test_the_second_and_the_third_fault_show_one_after_the_other(product: Application) -> None:
    product.connection.execute("ALTER TABLE instagram_business_accounts ADD page_id text, ADD page_name text")
    target = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    assert product.run(EXAMPLE, "--code", "broken").report["failed"][0]["message"] == target
    product.connection.execute("CREATE UNIQUE INDEX ON instagram_business_accounts (user_id, instagram_business_id)")
    unnamed = 'null value in column "name" of relation "instagram_business_accounts" violates not-null constraint'
    assert product.run(EXAMPLE, "--code", "broken").report["failed"][0]["message"] == unnamed


def test_the_whole_database_error_is_logged(product: Application) -> None:
    product.connection.execute("ALTER TABLE instagram_business_accounts ADD CHECK (username <> 'quay.books')")
    ended = product.run(EXAMPLE)
    assert ended.report["stored"] == STORED[:1]
    [error] = errors_of(ended)
    assert error["code"] == "23514"
    assert error["application"] == "STORAGE_FAILED"
    assert "violates check constraint" in error["message"]
    assert error["details"].startswith("Failing row contains (")


def test_as_a_concurrent_writer_it_reports_what_is_stored(product: Application) -> None:
    report = product.run(EXAMPLE, "--seconds", "2", "--keys", "5").report
    assert report["failed"] == {}
    assert report["tried"] > 2  # twenty times as many on a machine with nothing else to do
    stored = "SELECT instagram_business_id FROM instagram_business_accounts ORDER BY 1"
    assert report["keys"] == [key for (key,) in product.rows(stored)]

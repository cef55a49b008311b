"""The writer of OAuth installations does what its issue says, on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import errors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Application

EXAMPLE = "oauth-installations"
SCHEMAS = ("db/schema.sql", "db/repaired.sql")
LOCATIONS = ["l1C08ntBrFjLS0elLIYU", "ve9EPM428h8vShlRW1KT"]
AGENCY = "GNb7aIv4rQFVb9iwNl5K"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_locations_and_their_agency_are_saved_each_once(application: Application, schema: str) -> None:
    application.schema(f"{EXAMPLE}/{schema}")
    first = application.run(EXAMPLE)
    assert first.code == 0
    assert sorted(first.report["saved"]) == sorted([f"agency {AGENCY}", *(f"location {each}" for each in LOCATIONS)])
    assert first.report["used"] == ["code-location-1"]
    saved = application.rows("SELECT location_id, company_id FROM hl_installations ORDER BY location_id")
    assert saved == [(LOCATIONS[0], None), (LOCATIONS[1], None), (None, AGENCY)]


def test_an_answer_that_names_no_location_is_rejected_before_the_write(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    failed = application.run(EXAMPLE).report["failed"]
    message = "the answer names no location"
    assert failed == [{"code": "code-nobody", "error": "INVALID_ANSWER", "message": message}]


def test_a_code_is_good_for_one_exchange(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    codes = application.run(EXAMPLE).report["saved"]
    again = application.run(EXAMPLE)
    assert len(codes) == 3
    assert again.report["saved"] == again.report["failed"] == []
    assert len(again.report["used"]) == 5
    assert application.rows("SELECT count(*) FROM oauth_codes") == [(4,)]


def test_tokens_are_stored_sealed_and_open_for_their_owner_alone(
    application: Application, opened: Callable[[str, str], str]
) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    ended = application.run(EXAMPLE)
    [(access, refresh)] = application.rows(
        f"SELECT access_token, refresh_token FROM hl_installations WHERE company_id = '{AGENCY}'"
    )
    assert opened(access, f"agency {AGENCY}") == "recorded-access-agency"
    assert opened(refresh, f"agency {AGENCY}") == "recorded-refresh-agency"
    with pytest.raises(Exception, match="returned non-zero"):
        opened(access, f"location {LOCATIONS[0]}")
    assert "recorded-" not in ended.output


def test_the_broken_write_fails_on_every_location_until_the_index_is_full(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    broken = application.run(EXAMPLE, "--code", "broken")
    assert [each["error"] for each in broken.report["failed"]] == ["42P10", "42P10", "INVALID_ANSWER"]
    assert {error["code"] for error in errors_of(broken)} == {"42P10"}
    application.connection.execute("DROP TABLE hl_installations, oauth_codes")
    application.schema(f"{EXAMPLE}/db/repaired.sql")
    assert len(application.run(EXAMPLE, "--code", "broken").report["saved"]) == 3


def test_as_a_concurrent_writer_it_reports_what_is_stored(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    report = application.run(EXAMPLE, "--seconds", "0.5", "--keys", "20").report
    assert report["failed"] == {}
    assert report["tried"] > 20
    assert report["worst_pause_ms"] > 0
    stored = "SELECT coalesce('location ' || location_id, 'agency ' || company_id) FROM hl_installations"
    assert report["keys"] == sorted(key for (key,) in application.rows(stored))


def test_without_a_key_nothing_is_written(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/schema.sql")
    ended = application.run(EXAMPLE, TOKEN_KEY="")
    assert ended.code == 2
    assert "TOKEN_KEY is no key of 32 bytes" in ended.log
    assert application.rows("SELECT count(*) FROM oauth_codes") == [(0,)]

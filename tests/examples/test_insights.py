"""The fetcher of insights does what its issue says, on a real server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import errors_of

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Application, Ended

EXAMPLE = "insights"
BROKEN, REPAIRED = f"{EXAMPLE}/db/schema.sql", f"{EXAMPLE}/db/repaired.sql"
HARBOUR, QUAY = "17841400000000001", "17841400000000003"
NOW = "2025-06-02T12:00:00Z"
LOGS = "SELECT ig_account_id, status, stored, failed, finished_at IS NOT NULL FROM instagram_sync_logs ORDER BY id"


@pytest.fixture
def repaired(application: Application) -> Application:
    application.schema(REPAIRED)
    return application


def _fetched(application: Application, *arguments: str) -> Ended:
    return application.run(EXAMPLE, "connect", "fetch", "--now", NOW, *arguments)


def test_each_metric_is_fetched_by_itself_and_one_that_fails_does_not_stop_the_others(repaired: Application) -> None:
    harbour, quay = _fetched(repaired).report["fetch"]
    assert harbour["stored"] == {"reach": 3, "profile_views": 1, "accounts_engaged": 1, "follower_count": 1}
    assert (harbour["status"], harbour["errors"]) == ("completed", [])
    assert (quay["status"], quay["stored"]) == ("partial", {"reach": 1, "accounts_engaged": 1})
    assert [(error["metric"], error["code"]) for error in quay["errors"]] == [
        ("profile_views", 2),
        ("follower_count", 10),
    ]


def test_a_run_is_summed_up_in_its_sync_log(repaired: Application) -> None:
    report = _fetched(repaired).report["fetch"]
    assert repaired.rows(LOGS) == [(HARBOUR, "completed", 6, 0, True), (QUAY, "partial", 2, 2, True)]
    kept = repaired.rows(f"SELECT errors FROM instagram_sync_logs WHERE ig_account_id = '{QUAY}'")
    assert kept == [(report[1]["errors"],)]


@pytest.mark.parametrize("schema", [BROKEN, REPAIRED])
def test_one_instant_in_two_spellings_is_one_row(application: Application, schema: str) -> None:
    application.schema(schema)
    application.connection.execute("ALTER TABLE instagram_insights ADD IF NOT EXISTS metadata jsonb")
    for _ in range(2):
        _fetched(application)
    found = application.rows(
        "SELECT value, end_time::timestamptz FROM instagram_insights "
        f"WHERE metric = 'reach' AND ig_account_id = '{HARBOUR}' ORDER BY 2"
    )
    days = [datetime(2025, 6, day, 7, tzinfo=UTC) for day in (1, 2)]
    assert found == [(1210, days[0]), (1355, days[1])]


def test_the_broken_code_makes_two_rows_of_one_instant(application: Application) -> None:
    application.schema(BROKEN)
    application.connection.execute(
        "INSERT INTO user_tokens (user_id, ig_account_id, access_token, expires_at)"
        f" VALUES (gen_random_uuid(), '{HARBOUR}', 'a-token-of-the-test', '2030-01-01')"
    )
    ended = application.run(EXAMPLE, "fetch", "--now", NOW, "--code", "broken")
    assert ended.report["fetch"][0]["status"] == "completed"
    spellings = "SELECT end_time FROM instagram_insights WHERE metric = 'reach' ORDER BY id"
    assert [text for (text,) in application.rows(spellings)][1:] == [
        "2025-06-02T07:00:00+0000",
        "2025-06-02T00:00:00-0700",
    ]


def test_the_broken_token_store_fails_and_its_error_is_whole_but_for_the_token(application: Application) -> None:
    application.schema(BROKEN)
    ended = application.run(EXAMPLE, "connect", "--code", "broken")
    assert ended.report["connect"]["stored"] == 0
    assert [error["code"] for error in errors_of(ended)] == ["42P10", "42P10"]
    assert "recorded-user-token" not in ended.output


def test_no_secret_is_in_the_detail_of_a_database_error(repaired: Application) -> None:
    repaired.connection.execute("ALTER TABLE user_tokens ADD CHECK (ig_account_id <> '17841400000000003')")
    ended = repaired.run(EXAMPLE, "connect")
    [error] = errors_of(ended)
    assert (error["code"], error["constraint"]) == ("23514", "user_tokens_ig_account_id_check")
    assert "[secret]" in error["detail"]
    assert "recorded-user-token" not in ended.output


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("RETURN NULL;", "reach of {} is not stored: no row came back"),
        ("NEW.value := 0; RETURN NEW;", "reach of {} is not stored as sent"),
    ],
)
def test_a_write_that_raises_nothing_and_stores_nothing_is_an_error(
    repaired: Application, trigger: str, message: str
) -> None:
    repaired.connection.execute(
        f"""CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {trigger} END $$;
            CREATE TRIGGER meddle BEFORE INSERT ON instagram_insights FOR EACH ROW EXECUTE FUNCTION meddle()""".encode()
    )
    harbour = _fetched(repaired).report["fetch"][0]
    assert (harbour["status"], harbour["stored"]) == ("failed", {})
    assert harbour["errors"][0]["message"] == message.format(HARBOUR)
    assert len(harbour["errors"]) == 4
    assert repaired.rows(LOGS)[0] == (HARBOUR, "failed", 0, 4, True)


def _recording(directory: Path, refreshes: dict[str, Any]) -> str:
    (directory / "refreshes.json").write_text(json.dumps(refreshes))
    return str(directory)


def test_tokens_are_refreshed_from_7_days_before_they_expire(repaired: Application, tmp_path: Path) -> None:
    now = datetime.fromisoformat(NOW)
    ends = {
        "in 7 days and a second": now + timedelta(days=7, seconds=1),
        "in 7 days": now + timedelta(days=7),
        "in a second": now + timedelta(seconds=1),
        "refused": now + timedelta(days=1),
        "now": now,
    }
    for name, expires_at in ends.items():
        repaired.connection.execute(
            "INSERT INTO user_tokens (user_id, ig_account_id, access_token, expires_at)"
            " VALUES (gen_random_uuid(), %s, %s, %s)",
            (name, f"secret {name}", expires_at),
        )
    good = {
        f"secret {name}": {"access_token": f"new {name}", "expires_in": 86400} for name in ends if name != "refused"
    }
    ended = repaired.run(EXAMPLE, "refresh", "--now", NOW, "--recorded", _recording(tmp_path, good))
    result = ended.report["refresh"]
    assert (result["refreshed"], result["failed"], result["total"]) == (2, 2, 4)
    assert {error["ig_account_id"]: error["message"] for error in result["errors"]} == {
        "refused": "Session has expired",
        "now": "the token has expired: its user has to connect the account again",
    }
    tokens = repaired.rows("SELECT ig_account_id, access_token, expires_at, refreshed_at IS NOT NULL FROM user_tokens")
    expected = {(name, f"secret {name}", expires_at, False) for name, expires_at in ends.items()}
    for name in ("in 7 days", "in a second"):
        expected -= {(name, f"secret {name}", ends[name], False)}
        expected |= {(name, f"new {name}", now + timedelta(days=1), True)}
    assert set(tokens) == expected
    assert "secret " not in ended.output


@pytest.mark.parametrize("code", ["repaired", "broken"])
def test_as_a_concurrent_writer_it_reports_what_is_stored(repaired: Application, code: str) -> None:
    report = repaired.run(EXAMPLE, "--seconds", "0.5", "--keys", "50", "--code", code).report
    assert report["failed"] == {}
    assert report["tried"] > 50
    stored = repaired.rows("SELECT ig_account_id, metric, end_time FROM instagram_insights")
    assert report["keys"] == sorted(f"{account} {metric} {at.isoformat()}" for account, metric, at in stored)

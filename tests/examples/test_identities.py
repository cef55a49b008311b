"""The writer of the identity cache does what its issue says, on a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .conftest import errors_of

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Application

EXAMPLE = "identity-cache"
REPAIRED = f"{EXAMPLE}/db/repaired.sql"
ACCOUNT = "17841400000000001"
ANA, BEN, CHI = "5510000000000001", "5510000000000002", "5510000000000003"
IDENTITIES = """\
SELECT ig_account_id, ig_user_id, username, name, profile_pic, profile_pic_url FROM instagram_user_cache
ORDER BY ig_user_id"""


def _picture(name: str) -> str:
    return f"https://scontent.cdninstagram.invalid/{name}.jpg"


def test_participants_are_cached_once_with_their_account_and_never_the_account_itself(
    application: Application,
) -> None:
    application.schema(REPAIRED)
    for _ in range(2):
        ended = application.run(EXAMPLE)
        assert ended.code == 0
        assert ended.report["sync"]["cached"] == [ANA, BEN]
        assert ended.report["sync"]["skipped"] == {"the account itself": 2}
    assert application.rows(IDENTITIES) == [
        (ACCOUNT, ANA, "ana.lima", "Ana Lima", _picture("ana"), _picture("ana")),
        (ACCOUNT, BEN, "ben.okoro", None, None, None),
        (ACCOUNT, CHI, "chi.tran", "Chi Tran", _picture("chi"), _picture("chi")),
    ]


def test_without_an_account_id_nothing_is_stored(application: Application) -> None:
    application.schema(REPAIRED)
    report = application.run(EXAMPLE).report
    assert report["without_account"] == {"conversations": 0, "cached": [], "skipped": {"no account id": 4}}
    assert report["webhooks"][-1] == "no account id"


def test_webhooks_cache_the_other_side_whoever_sent(application: Application) -> None:
    application.schema(REPAIRED)
    webhooks = application.run(EXAMPLE).report["webhooks"]
    assert webhooks == [CHI, ANA, "the account itself", "no account id"]


def test_what_the_api_does_not_tell_this_time_stays_as_it_was(application: Application) -> None:
    application.schema(REPAIRED)
    application.connection.execute(
        "INSERT INTO instagram_user_cache (ig_account_id, ig_user_id, name, profile_pic, profile_pic_url)"
        " VALUES (%s, %s, 'Ben Okoro', 'old.jpg', 'older.jpg')",
        (ACCOUNT, BEN),
    )
    application.run(EXAMPLE)
    assert (ACCOUNT, BEN, "ben.okoro", "Ben Okoro", "old.jpg", "old.jpg") in application.rows(IDENTITIES)


def test_two_accounts_know_the_same_person_apart(application: Application) -> None:
    application.schema(REPAIRED)
    other = (ACCOUNT[:-1] + "2", ANA, "ana.at.work", None, None, None)
    application.connection.execute(
        "INSERT INTO instagram_user_cache (ig_account_id, ig_user_id, username) VALUES (%s, %s, %s)", other[:3]
    )
    application.run(EXAMPLE)
    assert other in application.rows(IDENTITIES)


def _recording(directory: Path, conversations: list[dict[str, Any]], profiles: dict[str, Any]) -> str:
    """Recorded answers of one's own, without webhooks."""
    told = {"account_id": ACCOUNT, "location_id": "here", "conversations": {"data": conversations}}
    for name, content in (("conversations", told), ("profiles", profiles), ("webhooks", [])):
        (directory / f"{name}.json").write_text(json.dumps(content))
    return str(directory)


def test_a_refresh_asks_for_everybody_of_conversations_and_of_the_last_30_days_once(
    application: Application, tmp_path: Path
) -> None:
    application.schema(REPAIRED)
    application.connection.execute(
        """INSERT INTO instagram_conversations (id, location_id, ig_account_id, participant_igsid) VALUES
             ('a', 'here', %(account)s, 'in-conversation'), ('b', 'here', %(account)s, NULL),
             ('c', 'here', %(account)s, 'UNKNOWN_123'), ('d', 'here', %(account)s, 'UNKNOWNS'),
             ('e', 'here', 'another account', 'of another account');
           INSERT INTO instagram_messages (id, conversation_id, from_id, to_id, sent_at) VALUES
             ('1', 'a', 'in-conversation', %(account)s, now()), ('2', 'b', %(account)s, 'received', now()),
             ('3', 'b', 'sent', %(account)s, now() - interval '29 days 23 hours'),
             ('4', 'b', 'long ago', %(account)s, now() - interval '30 days 1 hour'),
             ('5', 'e', 'stranger', 'another account', now())""".replace("%(account)s", f"'{ACCOUNT}'").encode()
    )
    known = {each: {"id": each, "username": each} for each in ("in-conversation", "received", "UNKNOWNS")}
    report = application.run(EXAMPLE, "--recorded", _recording(tmp_path, [], known)).report["refresh"]
    assert report == {
        "refreshed": 3,
        "failed": 1,
        "total": 4,
        "errors": [{"id": "sent", "message": "Unsupported get request"}],
    }


def test_a_database_error_of_one_is_logged_whole_and_does_not_stop_the_others(
    application: Application, tmp_path: Path
) -> None:
    application.schema(REPAIRED)
    application.connection.execute(
        f"""ALTER TABLE instagram_user_cache ADD CHECK (username <> 'refused');
            INSERT INTO instagram_conversations (id, location_id, ig_account_id, participant_igsid)
            SELECT name, 'here', '{ACCOUNT}', name FROM unnest('{{accepted,refused}}'::text[]) AS name""".encode()
    )
    known = {each: {"id": each, "username": each} for each in ("accepted", "refused")}
    ended = application.run(EXAMPLE, "--recorded", _recording(tmp_path, [], known))
    refreshed = ended.report["refresh"]
    assert (refreshed["refreshed"], refreshed["failed"], refreshed["total"]) == (1, 1, 2)
    [error] = errors_of(ended)
    assert (error["code"], error["table"]) == ("23514", "instagram_user_cache")
    assert "refused" in error["detail"]
    assert error["constraint"]


def test_the_broken_code_piles_up_rows_without_account_unique_index_or_not(application: Application) -> None:
    application.schema(f"{EXAMPLE}/db/indexed.sql")
    for _ in range(2):
        report = application.run(EXAMPLE, "--code", "broken").report
        assert report["without_account"]["skipped"] == {}
        application.connection.execute("UPDATE instagram_user_cache SET ig_user_id = 'piled ' || id")
    nameless = "SELECT count(*) FROM instagram_user_cache WHERE ig_account_id IS NULL"
    assert application.rows(nameless) == [(2,)]


def test_as_concurrent_writers_the_racy_and_the_repaired_code_report_what_is_stored(application: Application) -> None:
    application.schema(REPAIRED)
    keys = set()
    for code in ("racy", "repaired"):
        report = application.run(EXAMPLE, "--code", code, "--seconds", "0.5", "--keys", "20").report
        assert report["failed"] == {}
        assert report["tried"] > 20
        keys |= set(report["keys"])
    stored = "SELECT ig_account_id || ' ' || ig_user_id FROM instagram_user_cache"
    assert keys == {key for (key,) in application.rows(stored)}

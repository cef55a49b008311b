"""`make demo`: four incidents, found, mended and gone, on a real PostgreSQL.

First `check` finds exactly the planted faults in the code of each incident. Then a throwaway database gets the tables
as they stood, the writers of that time fill it, `migrate up` repairs it, `check` finds nothing in the repaired code,
and the repaired writers run.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import programs
import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from pgarbiter.server import start

EXAMPLES = Path(__file__).resolve().parent
INI = str(EXAMPLES.parent / "alembic.ini")


class Case(NamedTuple):
    """What `pgarbiter check` is called with, and the faults planted there as "path rule"."""

    title: str
    arguments: tuple[str, ...]
    planted: tuple[str, ...] = ()


RACE = ("src/identities.broken.ts select-then-insert", "src/identities.racy.ts select-then-insert")
CASES = (
    Case(
        "A. Business accounts: a Node service with supabase-js, schema from supabase/migrations",
        ("business-accounts",),
        (
            "src/store-account.broken.js no-arbiter-index",
            "src/store-account.broken.js not-null-not-covered",
            "src/store-account.broken.js unknown-column",
            "src/store-account.js tenant-takeover",
        ),
    ),
    Case(
        "B. Identity cache: TypeScript with node-postgres, no unique index at all",
        ("identity-cache", "--schema", "sql:identity-cache/db/schema.sql"),
        (*RACE, "src/identities.ts no-arbiter-index"),
    ),
    Case(
        "B, half done: the unique index is there, the account may still be NULL",
        ("identity-cache", "--schema", "sql:identity-cache/db/indexed.sql"),
        (*RACE, "src/identities.ts nullable-target"),
    ),
    Case(
        "C. Insights: Python with psycopg, code that is ahead of the schema",
        ("insights", "--schema", "sql:insights/db/schema.sql"),
        (
            "src/store.py unknown-column",
            "src/store_broken.py no-arbiter-index",
            "table public.instagram_insights missing-read-index",
        ),
    ),
    Case(
        "D. OAuth installations: node-postgres with raw SQL, partial unique indexes",
        ("oauth-installations", "--schema", "sql:oauth-installations/db/schema.sql"),
        ("src/install.broken.js partial-index", "src/install.racy.js select-then-insert"),
    ),
)
# The code that stays. D's failing write is among it: its target matches once the indexes are full. The hazard of A that
# nobody noticed stays as well: that an account is one user's is for the write to say, which may name the pair now.
REPAIRED = Case(
    "A to D, repaired: the same upserts on the database that was just migrated",
    (
        "business-accounts/src/store-account.js",
        "identity-cache/src/identities.ts",
        "insights/src/store.py",
        "oauth-installations/src/install.js",
        "oauth-installations/src/install.broken.js",
    ),
    ("business-accounts/src/store-account.js tenant-takeover",),
)
# Writers of that time. The first fails on every call; the others leave rows without account, and an instant twice.
THEN = {
    "business-accounts": ("--code", "broken"),
    "identity-cache": ("--code", "broken", "--seconds", "0.5", "--keys", "40"),
    "insights": ("--code", "broken", "--seconds", "0.5", "--keys", "40"),
    "oauth-installations": ("--code", "racy", "--seconds", "0.5", "--keys", "40"),
}


def main() -> int:
    """Show everything, then sum it up; 1 when anything is not as planted."""
    verdicts = [_checked(case) for case in CASES]
    with start() as server:
        verdicts += _mended(server.create_database())
    print("\nsummary of the demo")
    for line, _ in verdicts:
        print(f"  {line}")
    return 0 if all(good for _, good in verdicts) else 1


def _mended(conninfo: str) -> list[tuple[str, bool]]:
    """Broken state with data, repair, check and writers, on one database."""
    url = _url(conninfo)
    given = os.environ | {
        "PGARBITER_DATABASE_URL": url,
        "PGARBITER_CHECK_DATABASE_URL": url,
        "DATABASE_URL": url,
        "TOKEN_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    runnable = _runnable()
    _headline("The tables as they stood, and the writers of that time")
    _pgarbiter(("migrate", "up", "0004_installations", "--ini", INI), given)
    for example in runnable:
        _written(example, THEN[example], given)
    _headline("The repair: nothing is lost, what had to go is in quarantine")
    _pgarbiter(("migrate", "up", "--ini", INI), given)
    taken = _quarantined(conninfo)
    clean = _checked(REPAIRED, given)
    _headline("The repaired writers")
    ended = [_written(example, (), given) for example in runnable]
    writers = f"{'the writers':<22} {ended.count(0)} of {len(programs.PROGRAMS)} ran on the repaired tables"
    return [
        clean,
        (writers, not any(ended)),
        (f"{'quarantine':<22} {'holds' if taken else 'LACKS'} what was repaired", taken),
    ]


def _runnable() -> tuple[str, ...]:
    """The examples whose writers can run: without a registry of npm, only those in Python."""
    try:
        programs.install()
    except subprocess.CalledProcessError:
        print("\nnpm could not install the packages of the JavaScript examples: their writers do not run")
        return tuple(name for name, program in programs.PROGRAMS.items() if program.source.endswith(".py"))
    return tuple(programs.PROGRAMS)


def _written(example: str, arguments: tuple[str, ...], given: dict[str, str]) -> int:
    """Run a writer; what it logs on standard error is its own business here."""
    print(f"\n$ {programs.PROGRAMS[example].source} of {example} {' '.join(arguments)}".rstrip(), flush=True)
    with programs.environment(example, given) as found:
        words = (*programs.command(example), *arguments)
        return subprocess.run(words, env=found, stderr=subprocess.DEVNULL, check=False).returncode


def _quarantined(conninfo: str) -> bool:
    """Show what was taken out, by rule and reason."""
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(
            "SELECT source, reason, count(*) FROM pgarbiter_data.quarantine GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    print()
    for source, reason, count in found:
        print(f"  {count} rows of {source}: {reason}")
    return bool(found)


def _checked(case: Case, given: dict[str, str] | None = None) -> tuple[str, bool]:
    """Show the report, and compare the errors and warnings found with those planted."""
    _headline(case.title)
    words = [sys.executable, "-m", "pgarbiter", "check", *case.arguments]
    with subprocess.Popen([*words, "--format", "json"], cwd=EXAMPLES, env=given, stdout=subprocess.PIPE) as told:
        _pgarbiter(("check", *case.arguments), given)
        report: dict[str, Any] = json.loads(told.communicate()[0])
    found = Counter(
        f"{each['path'] or each['object']} {each['rule']}" for each in report["findings"] if each["severity"] != "note"
    )
    exact = found == Counter(case.planted)
    count = f"{found.total()} fault{'s' if found.total() != 1 else ''} found"
    good_news = f"{count}, exactly the planted ones" if case.planted else "no fault left, as it should be"
    verdict = good_news if exact else f"{count}, NOT as planted: {dict(found)}"
    server = report["server"]
    line = f"{case.title.split(':')[0]:<22} {verdict} (PostgreSQL {server['version']}, {server['source']})"
    return line, exact


def _pgarbiter(arguments: tuple[str, ...], given: dict[str, str] | None) -> None:
    print(f"$ pgarbiter {' '.join(arguments).replace(INI, 'alembic.ini')}\n", flush=True)
    done = subprocess.run([sys.executable, "-m", "pgarbiter", *arguments], cwd=EXAMPLES, env=given, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)


def _headline(title: str) -> None:
    print(f"\n\x1b[1m{title}\x1b[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)


def _url(conninfo: str) -> str:
    """The connection string as a URL, which is what node-postgres takes."""
    found = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    return URL.create(
        "postgresql",
        username=found["user"],
        password=found.get("password"),
        database=found["dbname"],
        query={"host": found["host"], "port": found.get("port", "5432")},
    ).render_as_string(hide_password=False)


if __name__ == "__main__":
    sys.exit(main())

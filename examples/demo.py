"""`make demo`: check the two examples on a real PostgreSQL, and make sure that exactly the planted faults are found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent

# (title, arguments of `pgarbiter check`, planted faults as "path rule")
CASES = (
    (
        "A. Business accounts: a Node service with supabase-js, schema from supabase/migrations",
        ["business-accounts"],
        [
            "src/store-account.broken.js no-arbiter-index",
            "src/store-account.broken.js not-null-not-covered",
            "src/store-account.broken.js unknown-column",
        ],
    ),
    (
        "D. OAuth installations: node-postgres with raw SQL, partial unique indexes",
        ["oauth-installations", "--schema", "sql:oauth-installations/db/schema.sql"],
        [
            "src/install.broken.js partial-index",
            "src/install.racy.js select-then-insert",
        ],
    ),
    (
        "D, repaired: the same failing write, once the unique indexes are full",
        ["oauth-installations/src/install.broken.js", "--schema", "sql:oauth-installations/db/repaired.sql"],
        [],
    ),
)


def main() -> int:
    """Show each report, then compare the errors and warnings found with those planted."""
    outcomes = []
    for title, arguments, planted in CASES:
        print(f"\n\x1b[1m{title}\x1b[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)
        print(f"$ pgarbiter check {' '.join(arguments)}\n", flush=True)
        _check(arguments, capture=False)
        report = json.loads(_check([*arguments, "--format", "json"], capture=True))
        found = [f"{f['path']} {f['rule']}" for f in report["findings"] if f["severity"] != "note"]
        outcomes.append((title, report, Counter(found), Counter(planted)))
    return _summary(outcomes)


def _check(arguments: list[str], *, capture: bool) -> str:
    command = [sys.executable, "-m", "pgarbiter", "check", *arguments]
    done = subprocess.run(command, cwd=EXAMPLES, stdout=subprocess.PIPE if capture else None, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)
    return done.stdout or ""


def _summary(outcomes: list[tuple[str, dict[str, object], Counter[str], Counter[str]]]) -> int:
    print("\nsummary of the demo")
    good = True
    for title, report, found, planted in outcomes:
        exact = found == planted
        good &= exact
        count = f"{found.total()} faults found"
        good_news = "no fault left, as it should be" if not planted else f"{count}, exactly the planted ones"
        verdict = good_news if exact else f"{count}, NOT as planted: {dict(found)}"
        server = report["server"]
        print(f"  {title.split(':')[0]:<12} {verdict} (PostgreSQL {server['version']}, {server['source']})")  # type: ignore[index]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

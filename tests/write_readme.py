"""Writes the real output of the examples into the README: `python tests/write_readme.py`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
START, END = "<!-- demo:start -->\n", "<!-- demo:end -->"
COMMANDS = (
    "check examples/business-accounts",
    "repair examples/oauth-installations --schema sql:examples/oauth-installations/db/schema.sql --dry-run",
)


def rendered() -> str:
    """The README with what the commands print now."""
    before, _, rest = README.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    blocks = (f"```console\n$ pgarbiter {command}\n{_output(command)}```\n" for command in COMMANDS)
    return before + START + "\n".join((*blocks, _summary())) + END + after


def _summary() -> str:
    """How `make demo` ends."""
    done = subprocess.run([sys.executable, "examples/demo.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines(keepends=True)
    last = lines[lines.index("summary of the demo\n") :]
    return f"```console\n$ make demo | tail -{len(last)}\n{''.join(last)}```\n"


def _output(command: str) -> str:
    words = [sys.executable, "-m", "pgarbiter", *command.split(), "--server", "embedded"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PGARBITER_")}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    README.write_text(rendered(), "utf-8")

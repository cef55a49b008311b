"""What `scan` costs over its floor: the same walk, read and byte test, and a bare parse of the files named."""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from pgarbiter.scan import scan
from pgarbiter.scan.files import MOST_BYTES, decode, is_bundle, tree_of
from pgarbiter.scan.languages import language_of
from pgarbiter.scan.triggers import triggered
from pgarbiter.settings import Settings

from .timing import alternated, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZE = 83_000_000  # bytes
FILES = 9_971
HITS = 98  # files that hold a trigger word
ROUNDS = 7
_FIRST, _SECOND = "pgarbiter scan, first run", "pgarbiter scan, second run"
_WANTED = ("-e", "on conflict", "-e", "onConflict", "-e", ".upsert(")


def run(argv: Sequence[str]) -> None:
    """Measure a given tree (`--tree PATH`), or one that is generated and removed."""
    parser = argparse.ArgumentParser(prog="bench scan")
    parser.add_argument("--tree", type=Path, help="a source tree to measure, default: a generated one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(argv)
    if given.tree is not None:
        measure(given.tree, given.rounds)
        return
    place = Path(tempfile.mkdtemp(prefix="pgarbiter-bench-"))
    try:
        generate(place)
        measure(place, given.rounds)
    finally:
        shutil.rmtree(place)


def measure(tree: Path, rounds: int) -> None:
    """Print one Markdown table; ripgrep, where it is installed, only finds the files that hold a word."""
    with tempfile.TemporaryDirectory(prefix="pgarbiter-bench-") as kept:
        _measure(tree, rounds, Path(kept))


def _measure(tree: Path, rounds: int, kept: Path) -> None:
    keeping = Settings(cache_dir=kept)

    def first() -> object:
        shutil.rmtree(kept / "scans", ignore_errors=True)
        return scan([tree], keeping)

    works: dict[str, Callable[[], object]] = {
        "floor: walk, read, byte test, bare parse": lambda: floor(tree),
        "pgarbiter scan --no-cache": lambda: scan([tree], Settings(cache=False)),
        _FIRST: first,
        _SECOND: lambda: scan([tree], keeping),
    }
    if searcher := shutil.which("rg"):
        command = [searcher, "--files-with-matches", "--fixed-strings", "--ignore-case", *_WANTED, str(tree)]
        works["ripgrep, three words (for context)"] = lambda: subprocess.run(command, capture_output=True, check=False)
    runs = alternated(works, rounds)
    result, (read, named) = scan([tree], Settings(cache=False)), floor(tree)
    print(f"\n## Scan: {result.read} files, {read / 1e6:.1f} MB\n")
    print(f"{len(result.sites)} sites in {result.parsed} files parsed; the floor parses {named}.", end=" ")
    print("ripgrep is not installed.\n" if searcher is None else "\n")
    print(table(runs, rounds))
    once, again = (statistics.median(run.wall for run in runs[name]) for name in (_FIRST, _SECOND))
    print(f"\nThe second run takes {again / once:.2f} of the first.")


def floor(tree: Path) -> tuple[int, int]:
    """Walk, read, test bytes, parse what is named; nothing else. Bytes read and files parsed."""
    found = tree_of([tree], Settings())
    total = named = 0
    for path in found.paths:
        language = language_of(path)
        if language is None:
            continue
        with open(f"{found.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123 - as scan reads
            data = file.read()
        total += len(data)
        if len(data) <= MOST_BYTES and not is_bundle(path, data) and triggered(path, data):
            named += 1
            if language.grammar is not None:
                SgRoot(decode(data)[0], language.grammar).root()
    return total, named


_IDLE = """\
import {{ {name}Options, type {title}Row }} from "./types_{number}";
import {{ formatDate, clamp }} from "../lib/format";

export interface {title}Props {{ id: string; label?: string; values: ReadonlyArray<number> }}

/** Draws the {name} panel; the caller keeps the selection. */
export function {title}Panel(props: {title}Props): string {{
  const {{ id, label = "untitled", values }} = props;
  const total = values.reduce((sum, value) => sum + clamp(value, 0, {number}), 0);
  if (total > {number}) {{
    return `${{label}}: ${{formatDate(new Date(total))}} (${{id}})`;
  }}
  return values.map((value) => `${{value}}`).join(", ");
}}
"""
_HIT = """\
import {{ pool }} from "../lib/db";
import {{ createClient }} from "@supabase/supabase-js";

const TABLE = "{name}_items";
const supabase = createClient(process.env.URL!, process.env.KEY!);

export async function save{title}(row: {{ id: string; label: string }}) {{
  await supabase.from("{name}_log").upsert({{ id: row.id, label: row.label }}, {{ onConflict: "id" }});
  return pool.query(
    `INSERT INTO ${{TABLE}} (id, label, updated_at) VALUES ($1, $2, now())
     ON CONFLICT (id) DO UPDATE SET label = EXCLUDED.label, updated_at = now()`,
    [row.id, row.label],
  );
}}
"""
_WORDS = ("order", "invoice", "session", "widget", "account", "ledger", "message", "region", "device", "profile")


def generate(place: Path) -> None:
    """A TypeScript tree like the one measured in the field: few files of very many hold a trigger word."""
    chance = random.Random(7)
    hits = set(chance.sample(range(FILES), HITS))
    for number in range(FILES):
        name = f"{chance.choice(_WORDS)}{number}"
        words = {"name": name, "title": name.capitalize(), "number": number}
        folder = place / "packages" / f"p{number % 61}" / "src" / f"d{number % 17}"
        folder.mkdir(parents=True, exist_ok=True)
        # Sizes as in the field: most files small, some of hundreds of kilobytes.
        size = min(int(chance.lognormvariate(8.3, 1.15)), 400_000)
        filler = _IDLE.format(**words)
        text = (_HIT.format(**words) if number in hits else "") + filler * max(size // len(filler), 1)
        (folder / f"{name}.ts").write_text(text, "utf-8")
    missing = SIZE - sum(path.stat().st_size for path in place.rglob("*.ts"))
    for number in range(max(missing, 0) // 100_000 + 1):
        words = {"name": f"bulk{number}", "title": f"Bulk{number}", "number": number}
        (place / f"bulk{number}.ts").write_text(_IDLE.format(**words) * (100_000 // len(_IDLE)), "utf-8")

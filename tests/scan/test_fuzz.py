"""Sources that no compiler would take: a scan of them ends, soon, and tells no error of its own.

PGARBITER_CASES=100000 is the long run.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

CASES = [
    json.loads(line)
    for path in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]
NUMBER = int(os.environ.get("PGARBITER_CASES", "2000")) // 10
DEEP = 500  # some grammars need time that grows with the square of what they cannot make out
SECONDS = 1.0  # of CPU for each file
JUNK = (
    "'", '"', "`", '"""', "(", ")", "{", "}", "[", "]", "<", ">", "${", "#{", "{{", "}}", "/*", "*/", "--", "//", "#",
    "\\", "\n", "\r\n", "\0", "\ufeff", "\u2028", "é", "😀", "$$", "$1", ":x", "?", "%s", "%(", "@", "=", "=>", "->",
    ";", ",", ".", "..", "...", "::", "|>", "<<~SQL", "<<EOF", 'r#"', "on conflict", "on conflict (", "do update set ",
    "insert into ", " values (", "upsert(", ".upsert(", "onConflict", "return ", "class A ", "def f(", "if ", "end",
)  # fmt: skip


def _mutated(source: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 6)):
        at, other = sorted(chance.randint(0, len(source)) for _ in range(2))
        match chance.randrange(7):
            case 0:
                source = source[:at] + source[other:]
            case 1:
                source = source[:at] + chance.choice(JUNK) + source[at:]
            case 2:
                source = source[:at] + source[at:other] * 2 + source[other:]
            case 3:
                source = source[:at]
            case 4:
                source = source[:at] + chance.choice(JUNK) * chance.choice((2, 20, 200)) + source[at:]
            case 5:
                mate = chance.choice(CASES)["source"]
                source = source[:at] + mate[: chance.randint(0, len(mate))] + source[other:]
            case _:
                source = source[at:] + source[:at]
    return source


def _refused(files: dict[str, str]) -> list[str]:
    """What is wrong with a scan of these files, but for what is wrong with them."""
    with tempfile.TemporaryDirectory() as place:
        for name, text in files.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="")
        began = time.process_time()
        result = scan([Path(place)], Settings(cache=False), explain=True)
        took = time.process_time() - began
    refused = [f"{note.path}: {note.reason}" for note in result.failed if " while reading " in note.reason]
    return [*refused, *([f"{took:.2f} s"] if took > SECONDS * len(files) else [])]


@pytest.mark.parametrize("idiom", sorted({case["idiom"] for case in CASES}))
@settings(max_examples=max(NUMBER // 40, 1), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_a_mutated_source_is_read_without_an_error(idiom: str, seed: int) -> None:
    chance = random.Random(seed)
    case: dict[str, Any] = chance.choice([case for case in CASES if case["idiom"] == idiom])
    files = {case["filename"]: case["source"], **case.get("aux_files", {})}
    changed = {name: _mutated(text, chance) if chance.random() < 0.8 else text for name, text in files.items()}
    assert _refused(changed) == [], changed


@pytest.mark.parametrize("suffix", sorted({Path(case["filename"]).suffix for case in CASES}))
@pytest.mark.parametrize("piece", ["(", "[", "{", "f(", "x.y(", "x = x + ", '"a" + ', "if (a) { ", "a ? b : ", "a.b"])
def test_deep_nesting_is_read_without_an_error(suffix: str, piece: str) -> None:
    text = f'upsert("insert into t (a) values (1) on conflict (a) do nothing")\n{piece * DEEP}'
    assert _refused({f"a{suffix}": text}) == []

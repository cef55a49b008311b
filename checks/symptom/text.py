"""An answer for people, and as JSON."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Answer

_WIDTH = 120
_WORDS = {"cache": "stale cache", "absent": "absent", "statement": "the statement", "unknown": "cannot tell"}


def as_text(answer: Answer) -> str:
    """A few lines: the situation, the evidence, the remedy."""
    lines = [
        _wrapped(f"{answer.symptom.code}  {_WORDS[answer.situation]}: {answer.message}", "          "),
        *(_wrapped(f"  . {line}", "    ") for line in answer.evidence),
        _wrapped(f"  remedy  {answer.remedy}", "          "),
    ]
    return "\n".join(_printable(line) for line in lines) + "\n"


def as_json(answer: Answer) -> str:
    """One object; `symptom` holds what was read from the text, and nothing else of it."""
    told = {
        "code": answer.symptom.code,
        "situation": answer.situation,
        "message": answer.message,
        "evidence": answer.evidence,
        "remedy": answer.remedy,
        "symptom": {key: value for key, value in asdict(answer.symptom).items() if value},
    }
    return json.dumps(told, indent=2) + "\n"


def _wrapped(line: str, indent: str) -> str:
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in line)

"""An error as a client or a server has shown it, and what the catalog says of it: really absent, or a stale cache."""

from __future__ import annotations

from .deciding import decide
from .model import Answer, Situation, Symptom
from .reading import read_symptom
from .text import as_json, as_text

__all__ = ["Answer", "Situation", "Symptom", "as_json", "as_text", "decide", "read_symptom"]

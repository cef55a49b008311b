"""The JSON Schema that OASIS publishes with SARIF 2.1.0, from a package that ships it."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any


def sarif_schema() -> Any:
    """The schema as JSON; no code of that package is run."""
    path = Path(str(distribution("linceo").locate_file("linceo/data/sarif-schema-2.1.0.json")))
    schema = json.loads(path.read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return schema

"""Runs pgarbiter from a checkout: loads checks/ under its one import name, `pgarbiter`."""

import importlib.util
import sys
from pathlib import Path

package = Path(__file__).resolve().parent / "checks"
spec = importlib.util.spec_from_file_location(
    "pgarbiter", package / "__init__.py", submodule_search_locations=[str(package)]
)
sys.modules["pgarbiter"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

if __name__ == "__main__":
    sys.exit(importlib.import_module("pgarbiter.cli").main())

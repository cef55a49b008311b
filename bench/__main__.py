"""`python -m bench [PART] [arguments]`: run one part, or all of them with their defaults."""

from __future__ import annotations

import importlib
import sys

PARTS = ("startup", "catalog", "scan", "check", "baseline", "hook", "repair", "diff", "comparison")


def main() -> None:
    """Run the parts named, or all."""
    chosen, rest = ((sys.argv[1],), sys.argv[2:]) if len(sys.argv) > 1 else (PARTS, [])
    for part in chosen:
        if part not in PARTS:
            sys.exit(f"no such part: {part} (there are {', '.join(PARTS)})")
        importlib.import_module(f"bench.{part}").run(rest)


if __name__ == "__main__":
    main()

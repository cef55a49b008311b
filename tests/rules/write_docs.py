"""Write docs/rules/ from the rules and their examples."""

from __future__ import annotations

from pathlib import Path

from pgarbiter.rules import registry
from pgarbiter.rules.docs import as_markdown, index

HERE = Path(__file__).parent


def main() -> None:
    """One page per rule, and the index."""
    directory = HERE.parents[1] / "docs" / "rules"
    directory.mkdir(parents=True, exist_ok=True)
    for info in registry().values():
        (directory / f"{info.name}.md").write_text(as_markdown(info, HERE / info.name), "utf-8")
    (directory / "README.md").write_text(index(registry()), "utf-8")


if __name__ == "__main__":
    main()

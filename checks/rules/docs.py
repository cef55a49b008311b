"""A rule as text for the terminal and as a page of the documentation, from the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ._registry import RuleInfo

_LANGUAGES = {".sql": "sql", ".js": "js", ".ts": "ts", ".py": "python", ".toml": "toml"}
_UNSHOWN = ("execute.sql", "case.toml")


def as_text(info: RuleInfo) -> str:
    """The rule for a terminal: what it finds, what it costs, what to do, and why."""
    return "\n".join(
        (
            f"{info.code} {info.name} ({info.severity})",
            "",
            f"  finds   {info.summary}",
            f"  effect  {info.effect}",
            f"  remedy  {info.remedy}",
            "",
            info.rationale,
        )
    )


def as_markdown(info: RuleInfo, examples: Path | None = None) -> str:
    """The rule as a page; `examples` is the directory that holds its `bad` and `good` examples, which tests run."""
    lines = [
        f"# {info.name} ({info.code})",
        "",
        f"**Severity:** {info.severity}",
        "",
        f"**Finds:** {info.summary}.",
        "",
        f"**Effect:** {info.effect}",
        "",
        f"**Remedy:** {info.remedy}",
        "",
        info.rationale,
        *(_examples(examples) if examples else ()),
    ]
    return "\n".join(lines) + "\n"


def index(rules: Mapping[str, RuleInfo]) -> str:
    """The table of all rules, as a page."""
    rows = [f"| [{r.code}]({r.name}.md) | {r.name} | {r.severity} | {r.summary} |" for r in rules.values()]
    return "\n".join(("# Rules", "", "| code | name | severity | finds |", "| --- | --- | --- | --- |", *rows)) + "\n"


def _examples(directory: Path) -> Iterator[str]:
    for kind, title in (("bad", "Found"), ("good", "Not found")):
        files = sorted(f for f in (directory / kind).iterdir() if f.suffix in _LANGUAGES and f.name not in _UNSHOWN)
        yield from ("", f"## {title}")
        for file in sorted(files, key=lambda f: (f.name != "schema.sql", f.name)):
            yield from (
                "",
                f"`{file.name}`",
                "",
                f"```{_LANGUAGES[file.suffix]}",
                file.read_text("utf-8").strip(),
                "```",
            )

"""What a shell offers for arguments: told without importing what the commands need, since somebody waits for a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import click

    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]

_RULES = Path(__file__).parents[1] / "rules"
_REGISTERED = re.compile(r'rule\(\s*"(?P<code>PGA[0-9]{3})"')


def rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Names of rules, and codes for whoever begins to type one."""
    del ctx, param
    known = sorted(_known())
    codes = [
        CompletionItem(code, help=name) for code, name in known if incomplete and code.startswith(incomplete.upper())
    ]
    return codes + [CompletionItem(name, help=code) for code, name in known if name.startswith(incomplete.lower())]


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Files, which the shell itself lists."""
    del ctx, param
    return [CompletionItem(incomplete, type="file")]


def words(known: Sequence[str]) -> Complete:
    """Some words, such as the names of formats."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        del ctx, param
        return [CompletionItem(word) for word in known if word.startswith(incomplete)]

    return complete


def _known() -> Iterator[tuple[str, str]]:
    """Codes and names of all rules, from the modules' texts: to import them all takes a second."""
    for path in _RULES.glob("[!_]*.py"):
        match = _REGISTERED.search(path.read_text("utf-8"))
        if match:
            yield match["code"], path.stem.replace("_", "-")

"""`pgarbiter rule`: print rules."""

from __future__ import annotations

import click


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Print rule CODE (or name): what it finds, what it costs, what to do. Without CODE, list all rules."""
    from difflib import get_close_matches

    from ..errors import SourceError
    from ..rules import registry
    from ..rules.docs import as_text

    rules = registry()
    if code is None:
        for info in rules.values():
            click.echo(f"{info.code}  {info.severity:<7}  {info.name:<28}  {info.summary}")
        return
    chosen = next((info for info in rules.values() if code.lower() in (info.code.lower(), info.name)), None)
    if chosen is None:
        near = get_close_matches(code.lower(), [info.name for info in rules.values()], n=1)
        meant = f'Did you mean "{near[0]}"? ' if near else ""
        raise SourceError(f'rule "{code}" does not exist', f"{meant}Run `pgarbiter rule` to list all rules.")
    click.echo(as_text(chosen))

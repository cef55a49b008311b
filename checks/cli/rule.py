"""`pgarbiter rule`: print rules."""

from __future__ import annotations

import click

from .completing import rules


@click.command("rule")
@click.argument("code", required=False, shell_complete=rules)
def command(code: str | None) -> None:
    """Print rule CODE (or name): what it finds, what it costs, what to do. Without CODE, list all rules."""
    from ..rules import named_rule, registry
    from ..rules.docs import as_text

    rules = registry()
    if code is None:
        for info in rules.values():
            click.echo(f"{info.code}  {info.severity:<7}  {info.name:<28}  {info.summary}")
        return
    click.echo(as_text(named_rule(code)))

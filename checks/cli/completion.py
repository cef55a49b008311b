"""`pgarbiter completion`: the script that teaches a shell to complete our commands."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash   eval "$(pgarbiter completion bash)"      in ~/.bashrc; bash 4.4 or later
    zsh    eval "$(pgarbiter completion zsh)"       in ~/.zshrc, after compinit
    fish   pgarbiter completion fish > ~/.config/fish/completions/pgarbiter.fish
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    from click.shell_completion import get_completion_class

    from . import cli

    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(cli, {}, "pgarbiter", "_PGARBITER_COMPLETE").source(), nl=False)

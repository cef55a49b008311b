"""`pgarbiter init`: the settings file that fits a project."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import SourceError


@click.command("init")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the settings; write nothing.")
def command(path: Path, *, dry_run: bool) -> None:
    """Write settings for the project at PATH (default: this directory), with a comment for each choice.

    They go to the end of its pyproject.toml, or into a new pgarbiter.toml where there is none. Settings that are there
    already are never changed.
    """
    from ..proposal import propose, shown, write

    if not path.is_dir():
        raise SourceError(f'"{path}" is no directory')
    if dry_run:
        click.echo(shown(path), nl=False)
        return
    proposal = propose(path)
    write(proposal)
    click.echo(proposal.added.strip())
    click.echo(f"\nwritten to {proposal.path}")

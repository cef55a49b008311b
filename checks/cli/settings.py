"""`pgarbiter settings`: what holds here, and what may stand in a settings file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("settings")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of settings files, for editors.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file [default: the nearest one].")
def command(path: Path, *, schema: bool, config: Path | None) -> None:
    """Print the settings that a run at PATH (default: this directory) is told, as JSON.

    They come from the nearest pgarbiter.toml or [tool.pgarbiter] of pyproject.toml, else they are the defaults. What
    only the command line or the environment may say is not among them.
    """
    from ..errors import SourceError
    from ..settings_schema import shipped, values

    if schema:
        click.echo(shipped(), nl=False)
        return
    if not path.exists():
        raise SourceError(f'path "{path}" does not exist')
    from ..settings import load

    click.echo(values(load(path, config=config, overrides={})), nl=False)

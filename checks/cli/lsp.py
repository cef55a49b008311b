"""`pgarbiter lsp`: the language server."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import SourceError
from .options import schema_options, settings_of, walk_options

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import Settings


@click.command("lsp")
@schema_options
@walk_options
@click.option(
    "--stdio", is_flag=True, expose_value=False, help="Talk over standard input and output, as it always does."
)
def command(**options: Any) -> None:
    """Serve an editor by the Language Server Protocol, over standard input and output.

    Each folder of the workspace is checked when it is opened and whenever one of its files is saved or changes on
    disk, as `pgarbiter check` in it does; options hold for every folder.
    """
    try:
        from ..lsp.stdio import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise SourceError("pygls is not installed", 'Install it with pip install "pgarbiter[lsp]".') from None

    def of(folder: Path) -> Settings:
        return settings_of((folder,), dict(options))

    code = serve(of)
    sys.stderr.flush()
    os._exit(code)

"""What TimescaleDB provides before a project's first migration: its extension, or a stand-in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..extensions import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..extensions import Extensions
    from ..session import Session


def provide(session: Session, extensions: Extensions) -> Iterator[str]:
    """Make the extension in an empty database; a note when it could not be made."""
    session.begin_file()
    if refusal := extensions.create(Wanted("timescaledb", None), "CREATE EXTENSION IF NOT EXISTS timescaledb"):
        yield f'platform timescale: extension "timescaledb" is missing: {refusal.message}'
    session.commit()

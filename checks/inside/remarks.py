"""Comments in the bodies of functions and in jobs of a database that speak to this program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.sites import holder
from ..scan.remarks import WORD, of_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.stored import Inside
    from ..scan.model import Remark


def remarks(inside: Inside) -> Iterator[Remark]:
    """All of them; lines count from the start of each text, as those of its sites do."""
    for stored in inside.stored:
        if WORD in stored.text:
            yield from (replace(one, inside=holder(stored)) for one in of_sql(stored.text, None))

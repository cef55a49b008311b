"""Statements in annotations of MyBatis that are dynamic: `<script>insert .. <foreach>..</foreach></script>`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..flatten import variants
from ..hosts.mapper_text import Writer
from ..hosts.mapper_tree import RefusedError, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..flatten import Flat

_BEGINS = "<script>"


def unscripted(flat: Flat) -> Iterator[Flat]:
    """Every text that a script can give, its places those of the script's; any other text as it is."""
    if not flat.text.lstrip().startswith(_BEGINS):
        yield flat
        return
    begin = len(flat.text) - len(flat.text.lstrip())
    try:
        root = tree_of(flat.text[begin:], None)
    except RefusedError:
        yield flat
        return
    for one in variants(Writer({}, "", None).statement(root)):
        yield replace(flat, text=one.text, pieces=_places(one, flat, begin), starts=(0,), cut=flat.cut or one.cut)


def _places(made: Flat, script: Flat, begin: int) -> tuple[tuple[int, int, str | None], ...]:
    """Where the characters of a text stand that was made of a script's."""
    ends = [*(position for position, _, _ in made.pieces[1:]), len(made.text)]
    found: list[tuple[int, int, str | None]] = []
    for (position, offset, _), end in zip(made.pieces, ends, strict=True):
        within = offset + begin
        starts = [at for at, _, _ in script.pieces if within < at < within + end - position]
        for at in (within, *starts):
            path, place = script.place(at)
            found.append((position + at - within, place, path))
    return tuple(found)

"""What the files of a project say, read once for each list of files."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import SourceFile

_Result = TypeVar("_Result")
_MOST = 2048  # results of one reader; then it begins anew


def once(
    read: Callable[[tuple[SourceFile, ...]], _Result],
) -> Callable[[tuple[SourceFile, ...]], _Result]:
    """A reader that remembers, by the identity of the list: a project gives the same one for the same question."""
    kept: dict[int, tuple[tuple[SourceFile, ...], _Result]] = {}

    @wraps(read)
    def known(files: tuple[SourceFile, ...]) -> _Result:
        found = kept.get(id(files))
        if found is not None and found[0] is files:
            return found[1]
        if len(kept) >= _MOST:
            kept.clear()
        result = read(files)
        kept[id(files)] = files, result
        return result

    return known

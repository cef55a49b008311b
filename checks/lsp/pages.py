"""The page of a rule as a file, which an editor opens from the code of a diagnostic without any network."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from .. import __version__
from ..cachedir import directory
from ..rules import named_rule
from ..rules.docs import as_markdown
from .places import uri_of

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import Settings


def page_of(code: str, settings: Settings) -> str | None:
    """The URI of the page of a rule, in the cache directory; None where nothing is kept or can be written."""
    return _written(code, settings.cache_dir) if settings.cache else None


@lru_cache(maxsize=256)
def _written(code: str, chosen: Path | None) -> str | None:
    """Written by each server anew, since a page of the same version may have been another one or be cut off."""
    top = directory(chosen)
    if top is None:
        return None
    rule = named_rule(code)
    path = top / "rules" / __version__ / f"{rule.name}.md"
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(as_markdown(rule), "utf-8")
        partial.replace(path)
    except OSError:  # a full disk takes a link away, and no finding
        return None
    return uri_of(path)

"""What tells one finding from another while files are edited: statement and rule, not lines and words."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..scan.sites import statement_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..model import WriteSite
    from ..rules.model import Finding

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_SIZE = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """`fingerprint`: rule, file or object, and statement; several findings of one rule at one site have the same.

    `names`: those that the message quotes, which tell these apart, sorted. `statement`: the fingerprint without the
    file, None where nothing else would tell it from others. `path` as in a baseline.
    """

    fingerprint: str
    names: tuple[str, ...]
    statement: str | None
    path: str | None


def identities(findings: Sequence[Finding], sites: Iterable[WriteSite], below: str) -> tuple[Identity, ...]:
    """That of each finding; `below` leads from where paths of the baseline start to where these do."""
    sites = tuple(sites)
    wanted = {finding.site for finding in findings}
    alike = {_outline(site) for site in sites if site.id in wanted}
    known: dict[str, tuple[str, str, int]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for site in (site for site in sites if _outline(site) in alike):
        place = _place(site.span.path, site.object, site.database, below)
        statement = statement_of(site)
        seen[place, statement] += 1
        known[site.id] = place, statement, seen[place, statement]
    return tuple(_identity(finding, known, below) for finding in findings)


def _outline(site: WriteSite) -> tuple[object, ...]:
    """What is quickly told of a site, and different for different statements of one place."""
    return site.span.path, site.object, site.client, site.mechanism, site.write.table


def _identity(finding: Finding, known: dict[str, tuple[str, str, int]], below: str) -> Identity:
    path = finding.span.path if finding.span else None
    names = tuple(sorted(set(_QUOTED.findall(finding.message))))
    moved = None
    if finding.site in known:
        place, statement, number = known[finding.site]
        moved = _digest([finding.code, statement])
    else:
        inside = finding.span.inside if finding.span else None
        place, statement, number = _place(path, finding.object or inside, None, below), "", 1
    return Identity(
        _digest([finding.code, place, statement, number]), names, moved, None if path is None else located(path, below)
    )


@lru_cache(maxsize=4096)
def located(path: str, below: str) -> str:
    """A path of a report as one that starts elsewhere."""
    return Path(os.path.normpath(Path(below) / path)).as_posix()


def _place(path: str | None, object_: str | None, database: str | None, below: str) -> str:
    return json.dumps([None, object_, database] if path is None else [located(path, below)])


def _digest(parts: Sequence[str | int]) -> str:
    return hashlib.sha256(json.dumps([*parts]).encode("utf-8", "surrogatepass")).hexdigest()[:_SIZE]

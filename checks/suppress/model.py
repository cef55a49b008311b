"""What leaves findings out, and what is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..arbiter.model import BoundSite
    from ..rules.model import Finding
    from ..scan.model import Remark
    from ..settings import Settings

BASELINE, COMMENT, SETTINGS = "baseline", "comment", "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run has found, and where. Paths of sites and findings are relative to `root`.

    `reach`: the files and directories that were looked at, absolute. `whole`: of those nothing was passed over, so that
    what was not found is not there.
    """

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]  # of rules that are not chosen
    bounds: tuple[BoundSite, ...]
    remarks: tuple[Remark, ...]
    settings: Settings
    root: Path
    reach: tuple[Path, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """`findings` are to be reported; `suppressed` are not: by what, and the reason that a comment gives.

    `gone`: how many entries of the baseline have no finding any more, None without a baseline.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, str], ...]
    reasons: tuple[str | None, ...]
    gone: int | None = None

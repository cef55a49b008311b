"""Comments that have nothing to leave out, as findings; what cannot be known is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..rules import registry
from ..rules.model import Finding
from .comments import near, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..arbiter.model import BoundSite
    from ..rules import Ignore, Selection
    from .model import Seen

CODE = "PGA902"


def unused(
    ignores: Sequence[Ignore], used: Mapping[int, frozenset[str]], seen: Seen, chosen: Selection
) -> Iterator[Finding]:
    """A finding for each comment that names chosen rules of which nothing was found there."""
    if CODE not in chosen or not seen.whole:
        return
    doubtful = [bound for bound in seen.bounds if _is_doubtful(bound)]
    for index, ignore in enumerate(ignores):
        idle = [code for code in ignore.codes if ignore.counts and code in chosen and code not in used[index]]
        if idle and not any(_is_about(ignore, bound) for bound in doubtful):
            yield _finding(ignore, idle, chosen)


def _is_doubtful(bound: BoundSite) -> bool:
    """Whether a rule may have found nothing at a site because not enough is known of it."""
    return bound.verdict.outcome is Outcome.UNKNOWN or bound.site.is_open


def _is_about(ignore: Ignore, bound: BoundSite) -> bool:
    return any(near(ignore.remark, one, whole_file=ignore.whole_file) for one in places(None, bound.site))


def _finding(ignore: Ignore, idle: Sequence[str], chosen: Selection) -> Finding:
    from ..rules.unused_ignore import EFFECT, place  # noqa: PLC0415 - few runs have such a finding

    info = registry()[CODE]
    names = ", ".join(f'"{registry()[code].name}"' for code in idle)
    where = "in this file" if ignore.whole_file else "here"
    others = len(idle) < len(ignore.codes)
    return Finding(
        rule=info.name,
        code=info.code,
        severity=chosen.severity(CODE, info.severity),
        site=None,
        span=place(ignore.remark),
        message=f"the comment has nothing to leave out: no finding of {names} {where}",
        effect=EFFECT,
        remedy=f"Remove {names} from the comment." if others else "Remove the comment.",
    )

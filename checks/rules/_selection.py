"""Which rules the settings choose, and how severe what they find is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..model import Scope
from ._registry import named_rules
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..arbiter.model import BoundSite
    from ..settings import Settings

OFF = "off"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are chosen, the severities that the settings give, and where findings are notes.

    `selected` None: all.
    """

    selected: frozenset[str] | None
    ignored: frozenset[str]
    severities: Mapping[str, Severity]
    note_scopes: frozenset[str]

    def __contains__(self, code: str) -> bool:
        """Whether a rule is chosen."""
        return code not in self.ignored and (self.selected is None or code in self.selected)

    def severity(self, code: str, own: Severity, bound: BoundSite | None = None) -> Severity:
        """How severe a finding is; `own`: what its rule says. At a site in a scope of notes it is one.

        Tests and generated code do not run in production. A statement of a migration ran against the schema as it was
        then; judged against the final one it is no more than a hint, unless it was judged when it ran.
        """
        lowered = bound is not None and bound.site.scope in self.note_scopes
        if lowered and bound is not None and not (bound.site.scope is Scope.MIGRATION and bound.when_run):
            return Severity.NOTE
        return self.severities.get(code, own)


def selection(settings: Settings) -> Selection:
    """What `select`, `ignore`, `severity` and `note_scopes` say; of several entries for a rule the narrowest counts.

    Raises SourceError for an entry that names no rule.
    """
    levels: dict[str, str] = {}
    for entry in sorted(settings.severity, key=len):  # a family is shorter than a code, which is shorter than names
        level = settings.severity[entry]
        levels.update((code, level) for code in codes([entry], "severity"))
    off = {code for code, level in levels.items() if level == OFF}
    severities = {code: Severity(level) for code, level in levels.items() if level != OFF}
    return Selection(
        codes(settings.select) or None, codes(settings.ignore) | off, severities, frozenset(settings.note_scopes)
    )


def codes(entries: Iterable[str], setting: str = "") -> frozenset[str]:
    """The codes that entries name: by code, by name, or by family. Raises SourceError, which names the table."""
    found: set[str] = set()
    for entry in entries:
        try:
            found.update(info.code for info in named_rules(entry))
        except SourceError as error:
            told = f'setting "{setting}": ' if setting else ""
            raise SourceError(told + error.message, error.hint) from error
    return frozenset(found)

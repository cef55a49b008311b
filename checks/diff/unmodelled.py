"""Says which objects were compared by their names only, and what of them nobody is shown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..structure.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..structure.model import Structure

_SECRETS = {
    "subscription": "the connection strings of subscriptions",
    "user mapping": "the options of user mappings",
}


def by_name_only(old: Structure, new: Structure) -> Iterator[str]:
    """A sentence on the objects that both sides have and whose properties were not read, if there are any."""
    both = old.objects.get(Kind.OTHER, {}).keys() & new.objects.get(Kind.OTHER, {}).keys()
    if not both:
        return
    kinds = Counter(kind for kind, _ in both)
    counted = ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
    yield f"Of these kinds of objects only the names were compared, not what they are: {counted}."
    if hidden := [what for kind, what in _SECRETS.items() if kind in kinds]:
        yield f"Passwords may stand in {' and '.join(hidden)}: they are not read."

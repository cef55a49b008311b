"""Which part of a migration file goes up: the comment markers of dbmate, goose, sql-migrate, MyBatis and others."""

from __future__ import annotations

# First word or words of a marker comment, casefolded and without blanks -> what follows goes up (True) or down.
_MARKERS = {
    "--migrate:up": True,
    "--migrate:down": False,
    "--+gooseup": True,
    "--+goosedown": False,
    "--+migrateup": True,
    "--+migratedown": False,
    "--upmigration": True,
    "--downmigration": False,
    "--!ups": True,
    "--!downs": False,
    "#---!ups": True,
    "#---!downs": False,
    "--//@undo": False,
    "--@undo": False,
}
_LONGEST = 80


def up_part(text: str) -> str:
    """`text` with every part that goes down, and every marker, blanked out; offsets and lines stay as they are."""
    if not any(word in text for word in ("igrat", "oose", "!Ups", "!Downs", "@UNDO", "@undo", "MIGRAT")):
        return text
    parts: list[str] = []
    up = True
    for line in text.splitlines(keepends=True):
        direction = _direction(line)
        up = up if direction is None else direction
        parts.append(line if up and direction is None else _blank(line))
    return "".join(parts)


def _direction(line: str) -> bool | None:
    if not line.lstrip().startswith(("--", "#")) or len(line) > _LONGEST:
        return None
    squeezed = "".join(line.split()).casefold()
    return next((up for marker, up in _MARKERS.items() if _is_marker(squeezed, marker)), None)


def _is_marker(squeezed: str, marker: str) -> bool:
    """Options may follow (`transaction:false`, `notransaction`), prose may not."""
    rest = squeezed.removeprefix(marker) if squeezed.startswith(marker) else None
    return rest is not None and (not rest or rest.startswith(("transaction:", "notransaction", "-", "=")))


def _blank(line: str) -> str:
    return "".join(character if character in "\r\n" else " " for character in line)

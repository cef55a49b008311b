"""One SQL statement per file; `name_150000.sql` takes the place of `name.sql` from that server version on."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statements(server_version: int, package: str = __name__) -> dict[str, str]:
    """The statements of a package for a server of that server_version_num, by the name of their file."""
    chosen: dict[str, tuple[int, str]] = {}
    for file in files(package).iterdir():
        if not file.name.endswith(".sql"):
            continue
        name, _, since = file.name.removesuffix(".sql").partition("_")
        version = int(since or 0)
        if version <= server_version and version >= chosen.get(name, (0, ""))[0]:
            chosen[name] = (version, file.read_text("utf-8"))
    return {name: text for name, (_, text) in chosen.items()}

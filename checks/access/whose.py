"""Which role runs which write site, as the settings and the database say."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from ..model import Origin, Scope
from ..settings import PathRole
from ..wording import plural
from .actor import actor_named, require

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..model import WriteSite
    from ..schema.model import Loaded
    from ..settings import Settings

_SQL_FILE = "sql"


def assigned(
    sites: Sequence[WriteSite],
    settings: Settings,
    root: Path,
    loaded: Loaded,
    *,
    asked_for: bool = False,
    required: bool = True,
) -> tuple[WriteSite, ...]:
    """The sites with the roles that run them, of which the settings name at least one.

    What stands in the database runs as its owner where it says so, and otherwise as whoever calls it: a function that
    the role may not call is not its own. Statements of migrations and of other SQL files are
    not the application's, and have a role only where an entry names their path, or when one is `asked_for`; those that
    have been executed have had the privileges that they need.

    Raises SchemaError for a role that the catalog does not have, if it is `required` to.
    """
    for name in role_names(settings) if required else ():
        require(loaded.catalog, name)
    by_path = _by_path(settings, root)
    default = default_role(settings)
    found = (replace(site, runs_as=_role(site, by_path, default, asked_for=asked_for)) for site in sites)
    may_run = _may_run(loaded)
    return tuple(site if may_run(site) else replace(site, runs_as=None) for site in found)


def _may_run(loaded: Loaded) -> Callable[[WriteSite], bool]:
    """Whether the role of a site may call the function that it stands in, which runs with the rights of its caller."""
    functions = {one.object: one for one in loaded.inside.stored if one.origin is Origin.FUNCTION}
    actor_of = cache(partial(actor_named, loaded.catalog))

    def may_run(site: WriteSite) -> bool:
        function = functions.get(site.object or "")
        who = actor_of(site.runs_as) if site.runs_as is not None and function is not None else None
        if function is None or who is None or function.runs_as is not None:
            return True
        schema = loaded.catalog.schemas.get(function.signature.schema) if function.signature is not None else None
        return who.may_call(function.acl, function.owner) and (schema is None or who.may_use(schema))

    return may_run


def left_alone(sites: Sequence[WriteSite], settings: Settings) -> tuple[str, ...]:
    """Notes on the sites that no role was found for, though the settings name one for all files."""
    if (default := default_role(settings)) is None:
        return ()
    without = Counter(_is_script(site) for site in sites if site.runs_as is None and site.origin is Origin.SOURCE)
    if not without[True]:
        return ()
    sites_ = plural(without[True], "write site")
    return (f'{sites_} of migrations and SQL files not judged as role "{default}", which does not run these files',)


def _role(site: WriteSite, by_path: Callable[[str], str | None], default: str | None, *, asked_for: bool) -> str | None:
    if site.origin is Origin.STATEMENTS:
        return None
    if site.runs_as is not None:
        return site.runs_as
    path = site.span.path or (site.defined.path if site.defined else None)
    named = by_path(path) if path is not None else None
    return named if named is not None or (_is_script(site) and not asked_for) else default


def _is_script(site: WriteSite) -> bool:
    """Whether it stands in a file that somebody runs, and not the application, nor a function of the database."""
    return site.object is None and (site.scope is Scope.MIGRATION or site.language == _SQL_FILE)


def role_names(settings: Settings) -> tuple[str, ...]:
    """All roles that the settings name."""
    given = settings.role
    return tuple(entry.name for entry in given) if isinstance(given, tuple) else (given,) if given else ()


def default_role(settings: Settings) -> str | None:
    """The role that the settings name for every file that no other is named for."""
    given = settings.role
    return next((entry.name for entry in given if not entry.paths), None) if isinstance(given, tuple) else given


def _by_path(settings: Settings, root: Path) -> Callable[[str], str | None]:
    """The role of the first entry whose paths, which are relative to the settings file, match a path below `root`."""
    entries = settings.role if isinstance(settings.role, tuple) else tuple[PathRole, ...]()
    if not entries:
        return lambda _: None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

    specs = [(entry.name, GitIgnoreSpec.from_lines(entry.paths)) for entry in entries if entry.paths]
    below = os.path.relpath(root, settings.base) if settings.base is not None else "."

    def named(path: str) -> str | None:
        full = os.path.normpath(os.path.join(below, path))  # noqa: PTH118 - posix text in, posix text out
        return next((name for name, spec in specs if spec.match_file(full)), None)

    return named

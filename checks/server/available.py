"""Which servers can be had here, told without starting one."""

from __future__ import annotations

from . import binaries, docker
from .model import Availability, Binaries, Kind
from .start import IMAGE, MISSING


def available() -> tuple[Availability, ...]:
    """Every embedded and local server, newest first, then docker; one entry with its problem for a kind without any."""
    return (
        *_installed(Kind.EMBEDDED, binaries.embedded()),
        *_installed(Kind.LOCAL, binaries.local()),
        _docker(),
    )


def _installed(kind: Kind, found: tuple[Binaries, ...]) -> tuple[Availability, ...]:
    if not found:
        return (Availability(kind.value, None, None, MISSING[kind]),)
    return tuple(Availability(kind.value, each.version, str(each.directory), None) for each in found)


def _docker() -> Availability:
    problem = docker.unavailable()
    version = None if problem else IMAGE.partition(":")[2].partition("-")[0]
    return Availability(Kind.DOCKER.value, version, None if problem else IMAGE, problem)

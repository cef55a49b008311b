"""A server in a container, by testcontainers: bound to 127.0.0.1, with a random password."""

from __future__ import annotations

import logging
import secrets
import socket
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import make_conninfo

from ..errors import ServerError
from .model import Kind
from .server import Server
from .template import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testcontainers.postgres import PostgresContainer

MISSING = 'testcontainers is not installed (pip install "pgarbiter[docker]")'
_COMMAND = (
    "postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c log_connections=on"
)
_LOOPBACK: Any = ("127.0.0.1",)  # docker's spelling of "this address, any free port", which testcontainers passes on


@contextmanager
def run(image: str) -> Iterator[Server]:
    """A server in a container of `image`, removed afterwards; after a kill testcontainers' reaper removes it.

    Raises ServerError when testcontainers is missing, no engine answers, or the image does not start.
    """
    if problem := unavailable():
        raise ServerError(problem)
    password = secrets.token_urlsafe(24)
    with _told(image, password):
        container = _container(image, password)
    try:
        with _told(image, password):
            conninfo = _started(container, password)
        with Server(Kind.DOCKER, conninfo, log=lambda: _log(container)) as server:
            yield server
    finally:
        container.stop()


def unavailable() -> str | None:
    """Why no container can be had, or None; an engine has three seconds to answer."""
    if find_spec("testcontainers") is None:
        return MISSING
    from testcontainers.core.docker_client import get_docker_host  # noqa: PLC0415 - an extra that may be missing

    return None if _answers(get_docker_host() or "unix:///var/run/docker.sock") else "no Docker engine answers"


def _answers(host: str) -> bool:
    """Whether someone listens at DOCKER_HOST; of ssh and pipes only the client library can tell, later."""
    url = urlsplit(host)
    try:
        if url.scheme in ("unix", "http+unix"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(3)
                probe.connect(unquote(url.netloc + url.path))
        elif url.scheme in ("tcp", "http", "https"):
            socket.create_connection((url.hostname or "localhost", url.port or 2375), timeout=3).close()
    except (OSError, ValueError):
        return False
    return True


def _container(image: str, password: str) -> PostgresContainer:
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 - an extra that may be missing

    logging.getLogger("testcontainers").setLevel(logging.WARNING)
    container = PostgresContainer(image, username=SUPERUSER, password=password, dbname="postgres", driver=None)
    container.ports.clear()
    container.ports.update({"5432/tcp": _LOOPBACK})
    container.with_command(_COMMAND)
    return container


def _started(container: PostgresContainer, password: str) -> str:
    container.start()
    host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
    return make_conninfo(host=host, port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=10)


@contextmanager
def _told(image: str, password: str) -> Iterator[None]:
    """Whatever goes wrong in the block as one ServerError without the password."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - docker, HTTP and testcontainers each have their own
        told = " ".join(str(error).split()).replace(password, "***")
        raise ServerError(f'image "{image}" did not start: {told[:300]}') from None


def _log(container: PostgresContainer) -> str:
    return "".join(part.decode("utf-8", "replace") for part in container.get_logs())

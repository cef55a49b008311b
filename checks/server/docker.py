"""A server in a container, by testcontainers: bound to 127.0.0.1, with a random password."""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

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
    container = _container(image, password)
    try:
        conninfo = _started(container, image, password)
        with Server(Kind.DOCKER, conninfo, log=lambda: _log(container)) as server:
            yield server
    finally:
        container.stop()


def unavailable() -> str | None:
    """Why no container can be had, or None; an engine has three seconds to answer."""
    if find_spec("testcontainers") is None:
        return MISSING
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415 - an extra that may be missing

    try:
        client = DockerClient(timeout=3).client
        client.ping()
        client.close()
    except Exception:  # noqa: BLE001 - whatever the client library raises, there is no engine to work with
        return "no Docker engine answers"
    return None


def _container(image: str, password: str) -> PostgresContainer:
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 - an extra that may be missing

    logging.getLogger("testcontainers").setLevel(logging.WARNING)
    container = PostgresContainer(image, username=SUPERUSER, password=password, dbname="postgres", driver=None)
    container.ports.clear()
    container.ports.update({"5432/tcp": _LOOPBACK})
    container.with_command(_COMMAND)
    return container


def _started(container: PostgresContainer, image: str, password: str) -> str:
    try:
        container.start()
        host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
    except Exception as error:  # noqa: BLE001 - docker, HTTP and testcontainers each have their own
        told = " ".join(str(error).split()).replace(password, "***")
        raise ServerError(f'image "{image}" did not start: {told[:300]}') from None
    return make_conninfo(host=host, port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=10)


def _log(container: PostgresContainer) -> str:
    return "".join(part.decode("utf-8", "replace") for part in container.get_logs())

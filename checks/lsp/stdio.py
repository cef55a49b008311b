"""The language server on standard input and output, which nobody else reads or writes while it runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, BinaryIO

from ..server.signals import terminable
from .server import server

if TYPE_CHECKING:
    from .folder import SettingsOf

_PATIENCE = 2.0  # seconds for a check that is going on when the client leaves; clients do not wait longer either


def serve(settings_of: SettingsOf) -> int:
    """Serve one client until it says exit, closes our standard input or dies.

    The exit code is the protocol's: 0 after a request to shut down, else 1. The caller ends the process at once
    (`os._exit`): a thread may still wait for standard input.
    """
    made = server(settings_of)
    reader, writer = _taken(0, os.O_RDONLY), _taken(1, os.O_WRONLY)
    with terminable():
        made.start_io(reader, writer)
        made.session.worker.close(_PATIENCE)
    return 0 if made.was_shut_down else 1


def _taken(descriptor: int, mode: int) -> BinaryIO:
    """A stream of ours; what a library, or a program that is started, reads there is empty, and writes goes to stderr.

    Anything else on standard output would break the protocol.
    """
    stream = os.fdopen(os.dup(descriptor), "rb" if mode == os.O_RDONLY else "wb")
    if mode == os.O_RDONLY:
        other = os.open(os.devnull, mode)
        os.dup2(other, descriptor)
        os.close(other)
    else:
        sys.stdout.flush()
        os.dup2(2, descriptor)
    return stream

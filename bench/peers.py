"""Tools that compare databases, installed into an environment of their own: never into the project's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# migra 3.0 imports pkg_resources, which setuptools has dropped, and what SQLAlchemy 2.1 has dropped.
PACKAGES = {
    "migra": ("migra", "psycopg2-binary", "setuptools<80", "sqlalchemy<2.1"),
    "results": ("results", "psycopg2-binary"),
}
LONGEST = 300  # seconds that one run of a peer may take


@contextmanager
def installed() -> Iterator[Mapping[str, Path]]:
    """The directories of the peers' programs; a peer that cannot be had is left out, with a word on stderr."""
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        found = {}
        for peer, packages in PACKAGES.items():
            place = Path(name) / peer
            python = place / "bin" / "python"
            pip = ["-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--quiet", *packages]
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
            ended = subprocess.run([_outer_python(), *pip], stderr=subprocess.DEVNULL, check=False)
            if ended.returncode:
                print(f"{peer} could not be installed and is left out", file=sys.stderr)
            else:
                found[peer] = place / "bin"
        yield found


def _outer_python() -> str:
    """The interpreter that the project's environment was made with: it has pip."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def run(*command: object) -> None:
    """Run a peer to its end; exit code 2 says that there is a difference, all else but 0 is an error."""
    arguments = list(map(str, command))
    ended = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST, check=False)
    if ended.returncode not in (0, 2):
        sys.exit(f"{Path(arguments[0]).name} failed: {ended.stderr.decode(errors='replace')[-500:]}")


def url(conninfo: str) -> str:
    """The connection string as a URL, for peers that take nothing else."""
    given = conninfo_to_dict(conninfo)
    wanted = {key: str(given[key]) for key in ("host", "port", "user") if given.get(key)}
    return f"postgresql:///{given['dbname']}?{urlencode(wanted)}"

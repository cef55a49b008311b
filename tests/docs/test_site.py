"""The documentation builds into a site that needs nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .sandbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?\b(?:src|href)=\"?((?:https?:)?//[^\"\s>]+)[^>]*>")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every link and anchor is followed: mkdocs.yml is strict."""
    directory = tmp_path_factory.mktemp("site")
    # A proxy that nobody answers: a build that asks for anything fails.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(directory)]
    built = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return directory


def test_the_site_holds_every_page(site: Path) -> None:
    pages = {page.relative_to(ROOT / "docs").with_suffix("") for page in (ROOT / "docs").glob("**/*.md")}
    built = {page.relative_to(site).with_suffix("") for page in site.glob("**/*.html")}
    assert {page.with_name("index") if page.name == "README" else page for page in pages} <= built


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.glob("**/*.html"))
    assert pages
    loaded = {found for page in pages for found in _LOADED.findall(page.read_text("utf-8"))}
    assert not {url for url in loaded if 'rel="canonical"' not in url}

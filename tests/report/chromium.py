"""A real Chromium for the pages: nothing fetched, nothing complained about."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ColorScheme, Page

    Open = Callable[..., Page]

PROGRAMS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's `chromium`, or what PGARBITER_CHROMIUM names: `apt-get install chromium`."""
    program = os.environ.get("PGARBITER_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium, or its path in PGARBITER_CHROMIUM")
    with sync_playwright() as playwright:
        # A container has no namespaces for the browser's sandbox, and often a small /dev/shm.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens a page without network; whatever it asks for or complains about fails the test."""
    asked: list[str] = []
    told: list[str] = []
    contexts = []

    def show(
        path: Path, scheme: ColorScheme = "light", width: int = 1280, *, checked: bool = False, script: bool = True
    ) -> Page:
        # The accessibility checker is a script that the page's own policy would refuse.
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            offline=True,
            bypass_csp=checked,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url) if request.url != path.as_uri() else None)
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.goto(path.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert (asked, told) == ([], [])

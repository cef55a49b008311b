"""docs/online.md says what the operations are."""

from __future__ import annotations

from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgarbiter.server import Server

HERE = Path(__file__).parent


def test_the_page_is_the_one_that_the_operations_write(server18: Server) -> None:
    spec = util.spec_from_file_location("write_docs", HERE / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    writer = util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.PAGE.read_text("utf-8") == writer.page(server18), "run: python tests/online/write_docs.py"

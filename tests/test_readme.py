"""The README shows what the product really prints."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).with_name("write_readme.py")


def test_the_output_in_the_readme_is_what_the_commands_print() -> None:
    spec = importlib.util.spec_from_file_location("write_readme", PATH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.README.read_text("utf-8") == module.rendered()

"""Files that seem to declare a name are told from the lines that hold it."""

from __future__ import annotations

import re
import time

import pytest

from pgarbiter.scan import declared


@pytest.mark.parametrize(
    ("telling", "data", "told"),
    [
        (declared.declares, b"x\nval  TABLE: String = 1", True),
        (declared.declares, b"TABLE = 1\n", True),
        (declared.declares, b"use(TABLE)\n  TABLE: text =\n", True),
        (declared.declares, b"use(TABLE)\nx = TABLE\n", False),
        (declared.declares, b"val A = 1\nuse(TABLE)\n", False),
        (declared.at_margin, b"const String TABLE = 'a';\n", True),
        (declared.at_margin, b"String get TABLE\n", True),
        (declared.at_margin, b"  final TABLE = 'a';\n", False),
        (declared.opens, b"module A\n  TABLE =\n    'a'\n", True),
        (declared.opens, b"TABLE == other\n", False),
        (declared.types, b"public class TABLE<T>\n", True),
        (declared.types, b"", False),
    ],
)
def test_a_line_says_so(telling: object, data: bytes, told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    pattern: re.Pattern[bytes] = telling("TABLE")  # type: ignore[operator]  # one of four functions
    assert declared.is_said(pattern, b"TABLE", data) is told
    assert (pattern.search(data) is not None) is told


def test_no_name_is_not_looked_for_forever() -> None:
    assert not declared.is_said(re.compile(b"never"), b"", b"a\nb")


def test_a_large_file_without_the_name_is_passed_over() -> None:
    data = b"final class Other extends Thing { static const a = 1; }\n" * 40_000 + b"use(TABLE)\n"
    begin = time.process_time()
    assert not declared.is_said(declared.declares("TABLE"), b"TABLE", data)
    assert time.process_time() - begin < 0.2

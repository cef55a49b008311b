"""Numbers and nouns in messages."""

from __future__ import annotations

import pytest

from pgarbiter.wording import plural


@pytest.mark.parametrize(
    ("count", "noun", "wanted"),
    [
        (1, "row", "1 row"),
        (0, "row", "0 rows"),
        (2, "duplicate key", "2 duplicate keys"),
        (3, "policy", "3 policies"),
        (2, "index", "2 indexes"),
        (5, "pass", "5 passes"),
    ],
)
def test_a_noun_goes_with_its_number(count: int, noun: str, wanted: str) -> None:
    assert plural(count, noun) == wanted

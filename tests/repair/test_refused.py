"""A lookup whose row is refused is a check of uniqueness, and no half of an upsert."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from pgarbiter.model import Met
from pgarbiter.repair.model import NotOffered
from pgarbiter.repair.racing import select_then_insert


def test_no_upsert_is_offered_that_would_take_the_row_of_another() -> None:
    bound = SimpleNamespace(site=SimpleNamespace(key_columns=("email",), met=Met(refused=True)))
    (idea,) = select_then_insert(cast("Any", bound), cast("Any", None), cast("Any", None))
    assert isinstance(idea, NotOffered)

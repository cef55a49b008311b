"""Values of our own classes: the same before and after, in this process and another, and nothing else's."""

from __future__ import annotations

import io
import pickle
from dataclasses import fields, replace
from typing import Any

import pytest

from pgarbiter import pickling
from pgarbiter.model import (
    Action,
    InferenceClause,
    InferenceElement,
    Mechanism,
    QualifiedName,
    Span,
    Status,
    Write,
    WriteSite,
)
from pgarbiter.settings import Settings

TARGET = InferenceClause((InferenceElement("id", column="id"),), "x > 1")
SITE = WriteSite(
    id="1",
    span=Span("a.ts", 1, 1, 1),
    statement_line=1,
    language="typescript",
    client="pg",
    mechanism=Mechanism.ON_CONFLICT,
    write=Write(table=QualifiedName(None, "orders"), target=TARGET, action=Action.NOTHING, columns=("id",)),
    status=Status.RESOLVED,
)


def _same(one: object, other: object) -> bool:
    return one == other and type(one) is type(other)


@pytest.mark.parametrize("value", [SITE, (SITE, SITE), Settings(), {"a": [Mechanism.MERGE, None, 1.5, "ü"]}, ()])
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert _same(pickling.loaded(pickling.dumped(value)), value)


def test_every_field_is_kept_whatever_it_holds() -> None:
    for field in fields(Write):
        odd: Any = (field.name, 1)
        write = replace(SITE.write, **{field.name: odd})
        assert getattr(pickling.loaded(pickling.dumped(write)), field.name) == odd


def test_what_stands_twice_is_made_once() -> None:
    first, second = pickling.loaded(pickling.dumped([SITE, SITE]))
    assert first is second


def test_a_process_that_is_trusted_may_read_it_with_pickle_itself() -> None:
    file = io.BytesIO()
    pickling.dump((SITE, ValueError("x")), file)
    file.seek(0)
    site, error = pickle.load(file)
    assert site == SITE
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("value", [print, ValueError("x"), io.BytesIO, pickling.dumped, pickling.loaded])
def test_what_is_not_ours_is_not_read(value: object) -> None:
    with pytest.raises(pickle.UnpicklingError, match="is not a type of ours"):
        pickling.loaded(pickling.dumped(value))


def test_values_of_another_number_are_refused() -> None:
    for values in ((1,), (1,) * 40):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            pickling.made(InferenceClause, *values)

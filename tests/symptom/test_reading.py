"""Which error a text tells, however it was printed."""

from __future__ import annotations

import json

import pytest

from pgarbiter.errors import SourceError
from pgarbiter.symptom import Symptom, read_symptom

MESSAGE = "Could not find the 'page_id' column of 'accounts' in the schema cache"
PAGE = Symptom("PGRST204", table="accounts", column="page_id")


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        json.dumps({"code": "PGRST204", "details": None, "hint": None, "message": MESSAGE}),
        json.dumps({"error": {"code": "STORAGE_FAILED", "cause": [{"message": MESSAGE}]}}),
        str({"code": "PGRST204", "message": MESSAGE}),
        "2026-01-01 ERROR PostgrestException(message: " + MESSAGE + ", code: PGRST204)",
        json.dumps(MESSAGE),
    ],
)
def test_one_error_in_several_spellings(text: str) -> None:
    assert read_symptom(text) == PAGE


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        (
            "Could not find the table 'public.accounts' in the schema cache",
            Symptom("PGRST205", table="public.accounts"),
        ),
        (
            "Could not find a relationship between 'a' and 'b' in the schema cache",
            Symptom("PGRST200", table="a", others=("b",)),
        ),
        (
            "Could not find the function api.add(x, y) in the schema cache",
            Symptom("PGRST202", function="api.add", others=("x", "y")),
        ),
        (
            "Could not find the function api.add without parameters in the schema cache",
            Symptom("PGRST202", function="api.add"),
        ),
        ('ERROR:  relation "t" does not exist', Symptom("42P01", table="t")),
        ('column "c" of relation "t" does not exist', Symptom("42703", table="t", column="c")),
        ("column t.c does not exist", Symptom("42703", table="t", column="c")),
        (
            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
            Symptom("42P10"),
        ),
        (
            'null value in column "c" of relation "t" violates not-null constraint',
            Symptom("23502", table="t", column="c"),
        ),
        (
            'duplicate key value violates unique constraint "t_key"\nDETAIL:  Key (a)=(secret) already exists.',
            Symptom("23505", constraint="t_key"),
        ),
        ("permission denied for table t", Symptom("42501", table="t")),
        (
            'new row violates row-level security policy (USING expression) for table "t"',
            Symptom("42501", table="t", policy=True),
        ),
        ("ON CONFLICT does not support deferrable unique constraints as arbiters", Symptom("55000")),
        ("SQLSTATE[42P10]", Symptom("42P10")),
    ],
)
def test_each_message_is_read_with_its_names(text: str, symptom: Symptom) -> None:
    assert read_symptom(text) == symptom


@pytest.mark.parametrize("text", ["", "\0", "all is well", "[" * 100_000, "x" * 1_000_000, '{"code": "23514"}'])
def test_a_text_without_an_error_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="no error that is known"):
        read_symptom(text)

"""Texts that know where their characters come from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.sql.traced import Edit, Traced


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text("abcdefgh", min_size=1, max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(start, end, draw(st.text("XYZ", max_size=4))) for start, end in pairs]


@given(edited(), st.data())
def test_every_kept_character_knows_its_origin(case: tuple[str, list[Edit]], data: st.DataObject) -> None:
    text, edits = case
    traced = Traced.of(text).edited(edits)
    start = data.draw(st.integers(0, len(traced.text)))
    end = data.draw(st.integers(start, len(traced.text)))
    part = traced.part(start, end)
    assert part.text == traced.text[start:end]
    for position, character in enumerate(part.text):
        origin = part.at(position)
        if character.islower():
            assert text[origin] == character
            assert part.end_at(position + 1) == origin + 1
        else:
            assert any(edit.start == origin or edit.start <= origin < edit.end for edit in edits)


def test_what_was_put_in_ends_where_the_replaced_text_ended() -> None:
    traced = Traced.of("abcdef").edited([Edit(2, 5, "X")])
    assert traced.text == "abXf"
    assert (traced.at(2), traced.end_at(3), traced.at(3)) == (2, 5, 5)

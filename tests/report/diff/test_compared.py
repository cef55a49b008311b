"""Lines and words of two texts, side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.report.diff.compared import Line, Piece, line_diff, word_diff

BODY = "\n".join(f"line {number}" for number in range(20))


def test_lines_far_from_a_change_are_counted_and_not_shown() -> None:
    assert line_diff(BODY, BODY.replace("line 9", "line nine")) == (
        Line("…", "6 unchanged lines"),
        *(Line(" ", f"line {number}") for number in (6, 7, 8)),
        Line("-", "line 9"),
        Line("+", "line nine"),
        *(Line(" ", f"line {number}") for number in (10, 11, 12)),
        Line("…", "7 unchanged lines"),
    )


def test_texts_that_are_alike_have_no_lines_but_those_left_out() -> None:
    assert line_diff(BODY, BODY) == (Line("…", "20 unchanged lines"),)


@given(st.text("ab\n", max_size=40), st.text("ab\n", max_size=40))
def test_every_line_of_both_texts_is_shown_or_counted(old: str, new: str) -> None:
    lines = line_diff(old, new)
    left_out = sum(int(line.text.split()[0]) for line in lines if line.sign == "…")
    for sign, text in (("-", old), ("+", new)):
        shown = [line.text for line in lines if line.sign in (sign, " ")]
        assert len(shown) + left_out == len(text.strip("\n").split("\n"))


def test_only_the_words_that_differ_are_marked() -> None:
    old, new = word_diff("total numeric(12,2) NOT NULL", "total numeric(14,2) NOT NULL")
    assert old == (
        Piece("total numeric(", changed=False),
        Piece("12", changed=True),
        Piece(",2) NOT NULL", changed=False),
    )
    assert [piece.text for piece in new if piece.changed] == ["14"]


def test_texts_that_have_little_in_common_are_marked_whole() -> None:
    assert word_diff("USING (a > 1)", "SELECT b FROM c") == (
        (Piece("USING (a > 1)", changed=True),),
        (Piece("SELECT b FROM c", changed=True),),
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_put_together_are_the_text(old: str, new: str) -> None:
    before, after = word_diff(old, new)
    assert "".join(piece.text for piece in before) == old
    assert "".join(piece.text for piece in after) == new

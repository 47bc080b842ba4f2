from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import clip, day_in_words, listed, nearest, number_in_words, strip_controls


@given(st.text(), st.integers(min_value=0, max_value=50))
def test_a_clipped_text_fits_and_says_that_it_was_cut(text: str, limit: int) -> None:
    short = clip(text, limit)

    assert len(short) <= limit
    assert short == text if len(text) <= limit else limit == 0 or short.endswith("…")


def test_direction_marks_and_zero_width_spaces_go_and_joined_emoji_stay() -> None:
    assert strip_controls("a\u202eb\u200bc\ufeff\u2066d\x00\x1b") == "abcd"
    assert strip_controls("👩\u200d💻\n\tمی\u200cخواهم") == "👩\u200d💻\n\tمی\u200cخواهم"


@pytest.mark.parametrize(
    ("word", "meant"), [("lsit", "list"), ("REPROT", "report"), ("xyz", None), ("", None)]
)
def test_a_slip_of_the_finger_finds_the_word_that_was_meant(word: str, meant: str | None) -> None:
    assert nearest(word, ["list", "show", "edit", "report"]) == meant


def test_days_and_small_numbers_are_said_in_words() -> None:
    assert day_in_words(date(2026, 3, 3)) == "Tuesday 3 March"
    assert [number_in_words(n) for n in (0, 2, 11)] == ["no", "two", "11"]
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"

"""The labelled set is what it says, and the rule does on it what it promises."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.hint import LONGEST, find_hint
from tests.listening.labelled_set import HALVES, messages, score


def test_the_set_is_as_large_as_it_must_be() -> None:
    everything = [one for half in HALVES for one in messages(half)]

    assert len(everything) >= 200
    assert len({one.text for one in everything}) == len(everything)
    assert sum(not one.is_hint for one in everything) >= 100
    assert all(sum(one.is_hint for one in messages(half)) >= 45 for half in HALVES)


@pytest.mark.parametrize("half", HALVES)
def test_nine_of_ten_offers_are_right_and_most_that_are_said_are_found(half: str) -> None:
    scored = score(half)

    assert scored.precision >= 0.9
    assert scored.recall >= 0.8


_PIECES = [one.text for half in HALVES for one in messages(half)]


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=4).map(" ".join)))
@example("I assume " + "a" * LONGEST)
@example("as long as " * 100)
@example("“" * 700 + "I assume the list is sorted")
def test_any_text_is_read_and_what_is_offered_has_words_and_a_reason(text: str) -> None:
    hint = find_hint(text)

    if hint is not None:
        assert hint.statement.strip()
        assert all(hint.reasons)


@pytest.mark.parametrize(
    ("said", "statement", "reason"),
    [
        (
            "ok, I assume that the API is live by March 3. Bye",
            "The API is live by March 3",
            "says “i assume that”",
        ),
        ("Hi!\nWe're counting on <@U0BO> to sign", "We're counting on <@U0BO> to sign", "counting"),
        ("presumably v1.2 of the SDK is out", "V1.2 of the SDK is out", "presumably"),
    ],
)
def test_the_sentence_alone_is_offered_with_its_reason(
    said: str, statement: str, reason: str
) -> None:
    hint = find_hint(said)

    assert hint is not None
    assert hint.statement == statement
    assert reason in hint.reasons[0]


@pytest.mark.parametrize("mark", ["?", " :joy:", ' she said "no"'])
def test_a_question_a_joke_or_a_quotation_is_left_alone(mark: str) -> None:
    assert find_hint("I assume that the API is live by March 3") is not None
    assert find_hint(f"I assume that the API is live by March 3{mark}") is None

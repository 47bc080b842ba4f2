import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import UserId
from bot.domain.reply import Declined, PassedOn, Said, split_key, understand
from bot.domain.validation import Answer
from tests.make import key

WORDS = st.text(alphabet="abcdefghij,.!:;-'’? \n<>@|é", max_size=60)
EVIDENCE = st.lists(
    st.sampled_from(["the", "vendor", "called", "on", "Tuesday", "at", "14:05", "Li’s", "team"]),
    min_size=1,
    max_size=8,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "answer", "evidence"),
    [
        ("yes", Answer.HOLDS, ""),
        ("Yes!", Answer.HOLDS, ""),
        ("yep, I called them", Answer.HOLDS, "I called them"),
        ("yes - saw it live", Answer.HOLDS, "saw it live"),
        ("still true", Answer.HOLDS, ""),
        ("Yes, it's still true: see the log", Answer.HOLDS, "see the log"),
        ("yes, it is", Answer.HOLDS, ""),
        ("That’s correct.", Answer.HOLDS, ""),
        ("no", Answer.FAILS, ""),
        ("no, the vendor slipped", Answer.FAILS, "the vendor slipped"),
        ("Nope. They cancelled", Answer.FAILS, "They cancelled"),
        ("not true, they moved to May", Answer.FAILS, "they moved to May"),
        ("No, it isn’t: they moved", Answer.FAILS, "they moved"),
        ("no longer true", Answer.FAILS, ""),
        ("it depends on the load test", Answer.UNSURE, "the load test"),
        ("Depends: two suppliers", Answer.UNSURE, "two suppliers"),
        ("it depends", Answer.UNSURE, ""),
        ("yes, line one\nline  two", Answer.HOLDS, "line one\nline  two"),
    ],
)
def test_an_answer_is_understood_with_what_was_added(
    text: str, answer: Answer, evidence: str
) -> None:
    assert understand(text) == Said(answer, evidence)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "thanks!",
        "yes?",
        "yes but only in staging",
        "yes, but only in staging",
        "yes, if they ship in time",
        "yes, I think",
        "yes, probably",
        "yes, although nobody checked",
        "yes and no",
        "yes, no change",
        "yes, it isn't finished",
        "yesterday they said so",
        "no idea",
        "no, still true",
        "no change",
        "no, no change",
        "no problem",
        "no, that is fine",
        "no, maybe later",
        "no, unless they hurry",
        "nobody knows",
        "not sure",
        "not yet",
        "it depends?",
        "what does it depend on",
        "true enough I guess",
        "I would say yes",
        "don't ask <@U1>",
        "ask <@U1> or <@U2>",
        "should I ask <@U1>?",
        "<@U1>",
        "ask bob",
        "ask <!channel>",
        "is it mine",
        "not mine but ask around",
    ],
)
def test_what_could_mean_something_else_is_not_understood(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize("text", ["ask <@U1|bob>", "Please ask <@U1>.", "try <@U1> instead"])
def test_somebody_else_can_be_named(text: str) -> None:
    assert understand(text) == PassedOn(UserId("U1"))


@pytest.mark.parametrize(
    "text", ["not mine", "Not mine.", "Sorry, not my area!", "that's not mine", "wrong person"]
)
def test_it_can_be_declined(text: str) -> None:
    assert understand(text) == Declined()


@given(WORDS)
def test_any_text_gives_a_meaning_or_none_and_evidence_that_was_typed(text: str) -> None:
    meaning = understand(text)

    if isinstance(meaning, Said):
        assert meaning.evidence in text


@given(st.sampled_from(["yes", "no", "it depends", "not true", "still true"]), EVIDENCE)
def test_what_follows_a_comma_is_kept_as_typed(answer: str, evidence: str) -> None:
    meaning = understand(f"{answer}, {evidence}")

    assert isinstance(meaning, Said)
    assert meaning.evidence == evidence


@given(EVIDENCE, st.sampled_from(["maybe", "if", "unless", "probably", "I think", "should", "?"]))
def test_no_yes_and_no_no_hedges(evidence: str, hedge: str) -> None:
    assert understand(f"yes, {evidence} {hedge} {evidence}") is None
    assert understand(f"no, {evidence} {hedge} {evidence}") is None


@given(st.sampled_from(["yes", "no", "depends"]), st.sampled_from("abcxyz"))
def test_a_longer_word_is_not_the_answer_that_it_begins_with(word: str, letter: str) -> None:
    assert understand(f"{word}{letter}") is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("APOLLO-3: yes", "yes"),
        ("apollo-3 no, it slipped", "no, it slipped"),
        ("APOLLO-3, not mine", "not mine"),
    ],
)
def test_a_reply_can_say_which_question_it_answers(text: str, rest: str) -> None:
    assert split_key(text) == (key(3), rest)


def test_a_reply_without_a_key_stays_whole() -> None:
    assert split_key(" yes, as in RFC-2 ") == (None, "yes, as in RFC-2")

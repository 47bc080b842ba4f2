import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import Impact, Quorum
from bot.domain.ids import UserId
from bot.domain.quick_form import QuickForm, parse

U1, U2, U3 = UserId("U1"), UserId("U2"), UserId("U3")


def read(options: str) -> QuickForm:
    form = parse(f"It is live | {options}")
    assert form is not None
    return form


def test_a_whole_line_is_read() -> None:
    form = parse(
        "The API is live by March 3 | ask <@U1|bob> by friday impact:high confidence:70 "
        "tag:launch service:checkout backup:<@U3>"
    )

    assert form == QuickForm(
        statement="The API is live by March 3",
        ask=(U1,),
        backup=U3,
        by_words="friday",
        impact=Impact.HIGH,
        confidence_percent=70,
        tags=("launch",),
        services=("checkout",),
    )


@pytest.mark.parametrize(
    "options",
    [
        "ask <@U1> and <@U2>",
        "ask <@U1>, <@U2>",
        "ask <@U1>,<@U2|bo bo>",
        "<@U1> <@U2>",
        "ask:<@U1> <@U2> <@U1>",
        "asks: <@U1> & <@U2>",
        "ask <@U1> ask <@U2>",
    ],
)
def test_several_people_are_named_as_people_write(options: str) -> None:
    assert (read(options).ask, read(options).problems) == ((U1, U2), ())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("by end of month impact:high", "end of month"),
        ("by in 3 working days ask <@U1>", "in 3 working days"),
        ("by 17:00 friday", "17:00 friday"),
        ("by:friday", "friday"),
        ("due: eod friday", "eod friday"),
    ],
)
def test_by_takes_every_word_up_to_the_next_option(options: str, words: str) -> None:
    assert (read(options).by_words, read(options).problems) == (words, ())


def test_options_take_spaces_after_the_colon_and_lists_with_commas() -> None:
    form = read("Impact: HIGH tags:a,b tag:c,a confidence:70% quorum:all backup <@U2>")

    assert form == QuickForm(
        statement="It is live",
        impact=Impact.HIGH,
        tags=("a", "b", "c"),
        confidence_percent=70,
        quorum=Quorum.ALL,
        backup=U2,
    )


def test_only_the_last_bar_outside_of_angles_begins_the_options() -> None:
    several = parse("a | b | <@U1|x | y>")

    assert several == QuickForm(statement="a | b", ask=(U1,))
    assert parse("meet at <!date^1^{time}|a | b>") is None
    assert parse("a|b ||c") is None
    assert parse("It is live |") == QuickForm(statement="It is live")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("impakt:high", "I do not know the option “impakt:high”. Did you mean impact?"),
        ("by friday impakt:high", "I do not know the option “impakt:high”."),
        ("whatever else", "I do not know the option “whatever else”. The options are ask, by,"),
        ("impact:hgih", "not “hgih”. Did you mean impact:high?"),
        ("impact:", "Impact is low, medium, high or critical, not “”."),
        ("confidence:101", "Confidence is a whole number from 0 to 100, not “101”."),
        ("confidence:0.7", "write it as confidence:70"),
        ("quorum:both", "Quorum is any or all, not “both”."),
        ("impact:low impact:high", "Give impact once, not 2 times."),
        ("ask @bob", "I do not know who @bob is."),
        ("ask <!subteam^S1|@team>", "I can ask people, not groups or channels."),
        ("ask <!channel>", "I can ask people, not groups or channels."),
        ("backup:<@U1> backup:<@U2>", "Name one person as backup."),
        ("ask <@U1> backup:<@U1>", "The backup is asked anyway."),
        ("tag:", "Write the tag after the colon"),
        (f"tags:{','.join('abcdefghijk')}", "Give at most 10 tags, not 11."),
        (f"service:a,{'b' * 51}", "Keep each of the services under 51 characters"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(options: str, problem: str) -> None:
    problems = read(options).problems

    assert len(problems) == 1
    assert problem.casefold() in problems[0].casefold()


def test_a_line_without_a_statement_says_so() -> None:
    form = parse(" | ask <@U1>")

    assert form is not None
    assert form.problems == ("Write what you assume before the | sign.",)


_words = st.text(min_size=1).filter(lambda text: text.strip() and not set(text) & set("|<>"))


@given(_words, st.sampled_from(Impact), st.integers(0, 100))
def test_any_statement_comes_through_as_typed(statement: str, impact: Impact, sure: int) -> None:
    form = parse(f"{statement} | impact:{impact} confidence:{sure} <@U1>")

    assert form == QuickForm(
        statement=statement.strip(), impact=impact, confidence_percent=sure, ask=(U1,)
    )


@given(st.text())
def test_any_text_gives_a_form_or_none_and_every_problem_is_a_sentence(text: str) -> None:
    form = parse(f"{text} | {text}")

    if form is None:
        assert "<" in text  # the bar stands between angles
    else:
        assert all(
            problem[0].isupper() and problem.endswith((".", "?")) for problem in form.problems
        )

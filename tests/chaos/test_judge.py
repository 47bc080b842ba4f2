"""The checker finds faults that were planted."""

from dataclasses import replace

from bot.domain.outbox import MessageKey, MessageKind, MessageState
from tests.chaos.judge import Recorded, Reworded, judge, outdated
from tests.chaos.slack import Post, Update

KEY = MessageKey(kind=MessageKind.SETBACK, about="1", to="U1")
OTHER = replace(KEY, about="2")
POST = Post(key=KEY, token="xoxb-1", channel="D1", ts="1.1", is_marked=False, at=1.0)
SENT = Recorded(MessageState.SENT, "1.1")
AGAIN = Reworded(words="look 2", at=2.0)
DRAWN = Update(
    key=KEY, token="xoxb-1", channel="D1", ts="1.1", shown='[{"text": "look 2"}]', at=3.0
)


def test_what_was_wanted_posted_and_recorded_is_clean() -> None:
    verdict = judge({KEY}, [POST], {KEY: SENT})

    assert verdict.is_clean
    assert not verdict.repeated


def test_what_slack_never_took_is_lost() -> None:
    assert judge({KEY, OTHER}, [POST], {KEY: SENT}).lost == {OTHER}


def test_what_the_outbox_does_not_call_sent_is_lost() -> None:
    waiting = replace(SENT, state=MessageState.PENDING)
    unclear = replace(SENT, state=MessageState.UNKNOWN)
    given_up = replace(SENT, state=MessageState.DEAD)

    assert judge({KEY}, [POST], {KEY: waiting}).lost == {KEY}
    assert judge({KEY}, [POST], {KEY: unclear}).lost == {KEY}
    assert judge({KEY}, [POST], {KEY: given_up}).lost == {KEY}


def test_a_second_post_without_a_mark_is_doubled() -> None:
    second = replace(POST, ts="1.2", at=2.0)

    assert judge({KEY}, [POST, second], {KEY: SENT}).doubled == {KEY}


def test_a_mark_on_the_first_of_two_does_not_excuse_the_second() -> None:
    first, second = replace(POST, is_marked=True), replace(POST, ts="1.2", at=2.0)

    assert judge({KEY}, [second, first], {KEY: SENT}).doubled == {KEY}


def test_a_third_post_is_doubled_though_it_is_marked() -> None:
    more = [replace(POST, ts=f"1.{n}", at=float(n), is_marked=True) for n in (2, 3)]

    assert judge({KEY}, [POST, *more], {KEY: SENT}).doubled == {KEY}


def test_one_repeat_with_a_mark_is_counted_and_allowed() -> None:
    second = replace(POST, ts="1.2", at=2.0, is_marked=True)

    verdict = judge({KEY}, [POST, second], {KEY: replace(SENT, ts="1.2")})

    assert verdict.is_clean
    assert verdict.repeated == {KEY}


def test_a_post_that_nobody_decided_is_unwanted() -> None:
    assert judge(set(), [POST], {}).unwanted == {KEY}


def test_a_place_that_slack_does_not_know_is_forged() -> None:
    assert judge({KEY}, [POST], {KEY: replace(SENT, ts="9.9")}).forged == {KEY}


def test_what_was_drawn_last_with_the_newest_words_in_its_place_is_shown() -> None:
    older = replace(DRAWN, shown="look 1", at=2.5)

    assert outdated({KEY: AGAIN}, [POST], [DRAWN, older]) == set()


def test_an_update_that_never_came_is_noticed() -> None:
    assert outdated({KEY: AGAIN}, [POST], []) == {KEY}
    assert outdated({KEY: AGAIN}, [POST], [replace(DRAWN, key=OTHER)]) == {KEY}


def test_an_update_of_before_is_no_answer_to_the_last_rewording() -> None:
    assert outdated({KEY: AGAIN}, [POST], [replace(DRAWN, at=1.9)]) == {KEY}


def test_older_words_that_come_last_are_noticed() -> None:
    late = replace(DRAWN, shown="look 1", at=4.0)

    assert outdated({KEY: AGAIN}, [POST], [DRAWN, late]) == {KEY}


def test_an_update_in_another_place_is_noticed() -> None:
    assert outdated({KEY: AGAIN}, [POST], [replace(DRAWN, ts="9.9")]) == {KEY}
    assert outdated({KEY: AGAIN}, [POST], [replace(DRAWN, channel="D9")]) == {KEY}

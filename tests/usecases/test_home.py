"""What one person's Home says, and when it is published anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.assumption import Impact
from bot.domain.home import FOLLOWED_FOR, GATHERED_FOR, HomePlace
from bot.domain.ids import ChannelId, UserId
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Role
from bot.domain.validation import Answer
from bot.store import outbox as stored_outbox
from bot.usecases import outbox
from bot.usecases.channel import left
from bot.usecases.contents import HomeContent
from bot.usecases.home import open_home, turn_home
from bot.usecases.member import remember
from bot.usecases.ports import NotSent
from bot.usecases.setback import record_setback
from bot.usecases.trace import name_trace
from bot.usecases.validation import undo_answer
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team


def homes_of(team: Team, user: UserId) -> list[HomeContent]:
    """What was published to the person so far, the first as well as what replaced it."""
    return [
        content
        for message, content in team.said
        if message.key.to == user and isinstance(content, HomeContent)
    ]


def changes_of(team: Team) -> int:
    """How often Bo's Home was wanted so far."""
    key = MessageKey(kind=MessageKind.HOME, about="", to=BO)
    home = stored_outbox.get(team.tx, WORKSPACE, key)
    assert home is not None
    return home.revision


def opened(team: Team, user: UserId) -> HomeContent:
    """Open the person's Home and look at it."""
    open_home(team.tx, WORKSPACE, user, now=team.now)
    team.work()
    return homes_of(team, user)[-1]


def test_changes_within_seconds_are_one_publication_to_each_who_looks(team: Team) -> None:
    first, second = team.log(asked=(BO, CY)), team.log("The budget is approved", asked=(BO, CY))
    for user in (ANA, BO):
        opened(team, user)
    team.said.clear()

    for key in (first, second):
        team.answer(key, Answer.HOLDS, by=BO)
    team.work()
    assert (len(homes_of(team, BO)), len(homes_of(team, ANA))) == (1, 0)
    assert homes_of(team, BO)[0].asked == ()

    team.now += GATHERED_FOR
    team.work()
    assert (len(homes_of(team, BO)), len(homes_of(team, ANA))) == (1, 1)
    assert homes_of(team, CY) == []  # never opened theirs


def test_looking_again_writes_nothing_while_home_is_about_to_be_drawn(team: Team) -> None:
    open_home(team.tx, WORKSPACE, BO, now=team.now)
    before = changes_of(team)

    open_home(team.tx, WORKSPACE, BO, now=team.now)
    claimed = outbox.claim_messages(team.tx, now=team.now, limit=10, lease=DAY)
    open_home(team.tx, WORKSPACE, BO, now=team.now)
    assert changes_of(team) == before

    away = NotSent("timeout", retry_after=timedelta(minutes=15))
    outbox.not_accepted(team.tx, claimed[0], away, now=team.now)
    open_home(team.tx, WORKSPACE, BO, now=team.now)
    assert outbox.next_due(team.tx) == team.now  # they look at it just now


def test_a_home_that_nobody_followed_is_drawn_for_whoever_comes_back(team: Team) -> None:
    opened(team, BO)
    open_home(team.tx, WORKSPACE, BO, now=team.now)  # waits …
    before = changes_of(team)
    team.now += FOLLOWED_FOR  # … for so long that changes did not count

    open_home(team.tx, WORKSPACE, BO, now=team.now)

    assert changes_of(team) == before + 1


def test_what_was_just_logged_comes_into_the_homes_that_show_it(team: Team) -> None:
    opened(team, ANA)

    key = team.log()
    team.work()  # its card is posted, which makes the Homes due
    team.work()

    assert [one.key for one in homes_of(team, ANA)[-1].owned] == [key]


def test_a_home_that_nobody_has_opened_for_a_week_is_left_alone(team: Team) -> None:
    key = team.log()
    opened(team, ANA)
    team.said.clear()
    team.now += FOLLOWED_FOR

    team.answer(key, Answer.HOLDS)
    team.now += GATHERED_FOR
    team.work()

    assert homes_of(team, ANA) == []


def test_a_home_is_asked_what_its_message_would_ask(team: Team) -> None:
    depends = team.log("It holds", asked=(BO,))
    critical = team.log("It bears everything", asked=(BO, CY), impact=Impact.CRITICAL)
    low = team.log("It hardly matters", asked=(BO,), impact=Impact.LOW)
    first = opened(team, BO)
    assert [one.assumption.key for one in first.asked] == [critical, depends, low]
    assert [one.requires_evidence for one in first.asked] == [True, False, False]

    team.answer(depends, Answer.UNSURE)
    team.answer(critical, Answer.HOLDS, by=CY)
    assert [one.assumption.key for one in opened(team, BO).asked] == [low]

    team.pass_time(team.now + 8 * DAY)
    again = {one.assumption.key: one.round for one in opened(team, BO).asked}
    assert again == {depends: 2, low: 1}


def test_an_answer_can_be_taken_back_at_home_for_ten_minutes(team: Team) -> None:
    key, other = team.log(asked=(BO, CY)), team.log("It holds", asked=(BO, CY))
    team.answer(key, Answer.FAILS)
    team.answer(other, Answer.HOLDS, by=CY)
    [(about, given)] = opened(team, BO).answered
    assert (about.key, given.answer) == (key, Answer.FAILS)

    undo_answer(team.tx, WORKSPACE, key, by=BO, seq=given.seq, now=team.now, cadence=team.cadence)
    assert opened(team, BO).answered == ()
    assert key in [one.assumption.key for one in opened(team, BO).asked]

    team.answer(key, Answer.UNSURE)
    team.now += timedelta(minutes=11)
    assert opened(team, BO).answered == ()


def test_a_home_counts_what_one_owns_and_how_the_projects_do(team: Team) -> None:
    true, false = team.log("True"), team.log("False", impact=Impact.CRITICAL)
    bearing = team.log("Bears", impact=Impact.CRITICAL)
    team.answer(true, Answer.HOLDS)
    team.answer(false, Answer.FAILS)

    shown = opened(team, ANA)

    assert (shown.counts.open, shown.counts.unvalidated, shown.counts.refuted) == (2, 1, 1)
    [health] = shown.projects
    assert (health.counts.open, health.counts.bearing) == (2, 1)
    assert [one.key for one in health.bearing] == [bearing]
    assert [one.key for one in shown.owned] == [bearing, true]

    turn_home(team.tx, WORKSPACE, ANA, HomePlace(filter="refuted"), now=team.now)
    team.work()
    assert [one.key for one in homes_of(team, ANA)[-1].owned] == [false]
    assert homes_of(team, CY) == []


def test_what_was_said_in_a_private_channel_is_in_no_outsiders_home(team: Team) -> None:
    team.log(asked=(BO,))
    team.close_channel(CHANNEL, ANA)
    setback = SetbackDraft(
        kind=SetbackKind.DELAY,
        text="Late",
        started_at=team.now,
        channel=CHANNEL,
        project=team.project.key,
    )
    record_setback(team.tx, WORKSPACE, setback, by=ANA, now=team.now)

    bos = opened(team, BO)

    assert len(bos.asked) == 1  # whoever is asked sees what they are asked
    assert (bos.projects, bos.setbacks) == ((), ())


def test_who_reads_a_channel_no_more_loses_it_from_home_without_opening_it(team: Team) -> None:
    team.log(asked=(BO, CY))
    team.close_channel(CHANNEL, ANA, BO, CY)
    for user in (BO, CY):
        assert len(opened(team, user).projects) == 1

    left(team.tx, WORKSPACE, CHANNEL, BO, now=team.now)  # Slack told at once
    team.close_channel(CHANNEL, ANA)  # Slack was asked
    team.now += GATHERED_FOR
    team.work()

    assert [homes_of(team, user)[-1].projects for user in (BO, CY)] == [(), ()]

    team.open_channel(CHANNEL)
    team.now += GATHERED_FOR
    team.work()

    assert [len(homes_of(team, user)[-1].projects) for user in (BO, CY)] == [1, 1]


def test_setbacks_that_one_may_not_see_push_none_out_of_home(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.usecases.home._SETBACKS_READ", 3)
    secret = ChannelId("C0SECRET")
    team.close_channel(secret, ANA)
    team.log(asked=(BO,))
    for where in (CHANNEL, secret, secret, secret):
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text="Late",
            started_at=team.now,
            channel=where,
            project=team.project.key,
        )
        record_setback(team.tx, WORKSPACE, draft, by=ANA, now=team.now)

    assert [one.number for one in opened(team, BO).setbacks] == [1]


def test_a_setback_waits_for_its_trace_where_it_is_somebodys(team: Team) -> None:
    key = team.log()
    team.now += timedelta(hours=1)
    draft = SetbackDraft(
        kind=SetbackKind.DELAY,
        text="Late",
        started_at=team.now,
        channel=CHANNEL,
        project=team.project.key,
    )
    recorded = record_setback(team.tx, WORKSPACE, draft, by=CY, now=team.now)
    assert recorded is not None
    for user, waiting in ((CY, 1), (ANA, 1), (BO, 1)):
        assert len(opened(team, user).setbacks) == waiting

    name_trace(team.tx, WORKSPACE, 1, key, by=CY, role=Role.CAUSED, now=team.now)
    team.now += GATHERED_FOR
    team.work()

    assert homes_of(team, ANA)[-1].setbacks == ()
    assert not any(m.key.kind is MessageKind.HOME for m, _ in team.said if m.key.to == CHANNEL)


def test_who_becomes_a_guest_is_shown_no_project_any_more(team: Team) -> None:
    team.log()
    opened(team, BO)
    team.now += GATHERED_FOR
    team.work()
    before = homes_of(team, BO)[-1]

    remember(team.tx, replace(team.people[BO], is_guest=True, seen_at=team.now))
    team.now += GATHERED_FOR
    team.work()

    assert [len(one.projects) for one in (before, homes_of(team, BO)[-1])] == [1, 0]

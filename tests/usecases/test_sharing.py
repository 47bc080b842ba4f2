"""What happens where another company reads a project's channel."""

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft
from bot.domain.channel import Channel
from bot.domain.errors import HomeIsSharedError
from bot.domain.ids import AssumptionKey, ChannelId, UserId
from bot.domain.validation import Answer
from bot.usecases.assumption import log_assumption
from bot.usecases.channel import describe_channel
from bot.usecases.contents import RefutedContent, UnansweredContent
from bot.usecases.owner import owner_or_successor, reassign_owner
from bot.usecases.stakeholder import ask_instead
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

DI = UserId("U0DI")


def share(team: Team, channel: ChannelId = CHANNEL) -> None:
    shared = Channel(
        workspace=WORKSPACE, id=channel, is_private=False, is_shared=True, seen_at=team.now
    )
    describe_channel(team.tx, shared, now=team.now)


def log(team: Team, *, unless_shared: bool) -> AssumptionKey | None:
    return log_assumption(
        team.tx,
        AssumptionDraft(statement="The API is live", owner=ANA, channel=CHANNEL),
        project=team.project,
        by=ANA,
        asked=(),
        now=team.now,
        cadence=team.cadence,
        unless_shared=unless_shared,
    )


def test_nothing_is_logged_into_a_shared_channel_before_the_person_was_told(
    tx: Connection, team: Team
) -> None:
    before = log(team, unless_shared=True)
    share(team)

    savepoint = tx.begin_nested()
    with pytest.raises(HomeIsSharedError):
        log(team, unless_shared=True)
    savepoint.rollback()
    told = log(team, unless_shared=False)

    assert before is not None
    assert told is not None


def test_who_left_the_channel_before_the_message_went_out_is_not_told(team: Team) -> None:
    key = team.log()
    team.pass_time(team.now + 4 * DAY)
    team.answer(key, Answer.HOLDS, by=BO)
    ask_instead(
        team.tx,
        WORKSPACE,
        key,
        by=ANA,
        instead_of=BO,
        to=team.people[CY],
        now=team.now,
        cadence=team.cadence,
    )
    team.answer(key, Answer.FAILS, by=CY)  # Bo believed it, and may still read the channel

    team.close_channel(CHANNEL, ANA, CY)
    team.work()

    told = {m.key.to for m, said in team.said if isinstance(said, RefutedContent)}
    assert told == {ANA, CHANNEL}


def test_silence_goes_past_a_lead_who_may_not_see_what_nobody_answered(team: Team) -> None:
    team.meet(DI)
    key = team.log(by=BO)
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now)
    team.close_channel(CHANNEL, DI, BO)

    team.pass_time(team.now + 30 * DAY)

    told = [m.key.to for m, said in team.said if isinstance(said, UnansweredContent)]
    assert told == [DI, CHANNEL]


def test_who_stands_in_for_the_owner_may_see_it(team: Team) -> None:
    team.meet(DI)
    key = team.log(by=BO)
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now)
    team.meet(DI, is_deactivated=True)
    open_one = owner_or_successor(team.tx, team.get(key))

    team.close_channel(CHANNEL, BO)

    assert open_one == ANA
    assert owner_or_successor(team.tx, team.get(key)) == CHANNEL

"""What happens where another company reads a project's channel."""

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft
from bot.domain.channel import Channel
from bot.domain.errors import HomeIsSharedError
from bot.domain.ids import AssumptionKey, ChannelId
from bot.usecases.assumption import log_assumption
from bot.usecases.channel import describe_channel
from tests.usecases.team import ANA, CHANNEL, WORKSPACE, Team


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

"""What happens where another company reads a project's channel."""

from typing import TypeVar

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft
from bot.domain.channel import Channel
from bot.domain.errors import HomeIsSharedError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId
from bot.domain.outbox import NOTHING_TO_SAY, MessageKind, MessageState
from bot.domain.permission import OPERATOR
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.validation import Answer
from bot.slack.views.project import shared as drawn_shared
from bot.store import outbox
from bot.store.tables import outbox as outbox_table
from bot.usecases.assumption import log_assumption
from bot.usecases.channel import describe_channel, follow_new_id, hide_channel
from bot.usecases.contents import (
    RefutedContent,
    SetbackContent,
    SharedContent,
    UnansweredContent,
    WithdrawnContent,
)
from bot.usecases.dependency import depend_on
from bot.usecases.outbox import claim_messages, not_accepted
from bot.usecases.owner import owner_or_successor, reassign_owner
from bot.usecases.ports import Refused
from bot.usecases.project import create_project
from bot.usecases.setback import record_setback
from bot.usecases.stakeholder import ask_instead
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, LEASE, WORKSPACE, Team

C = TypeVar("C")
VAULT = ChannelId("C0VAULT")
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


def told_to(team: Team, kind: type[C], to: str) -> list[C]:
    return [said for m, said in team.said if isinstance(said, kind) and m.key.to == to]


def test_the_lead_hears_once_what_another_company_can_read_now(team: Team) -> None:
    team.log()
    team.log()
    team.work()
    posted = len(team.said)

    for _ in range(3):
        share(team)
        team.work()
    team.open_channel(CHANNEL)  # the company is gone, and comes back on another day
    team.now += DAY
    share(team)
    team.work()

    told = [(m.key.to, said) for m, said in team.said[posted:] if isinstance(said, SharedContent)]
    assert told == [(ANA, SharedContent(project=team.project, cards=2, setbacks=0))] * 2
    assert "2 cards and 0 setbacks" in str(drawn_shared(told[0][1]))


def test_where_the_lead_has_left_the_owners_hear_it(team: Team) -> None:
    team.meet(DI)
    key = team.log(by=BO)
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now)
    team.meet(ANA, is_deactivated=True)

    share(team)
    team.work()

    assert [m.key.to for m, said in team.said if isinstance(said, SharedContent)] == [DI]


def test_a_project_begun_in_a_shared_channel_tells_nobody_twice(team: Team) -> None:
    share(team, VAULT)
    create_project(
        team.tx,
        workspace=WORKSPACE,
        key=ProjectKey("VAULT"),
        name="Vault",
        channel=VAULT,
        lead=BO,
        now=team.now,
    )
    share(team, VAULT)
    team.work()

    assert not told_to(team, SharedContent, BO)


def test_what_turns_private_is_taken_back_where_others_were_told(team: Team) -> None:
    home = team.project
    team.project = create_project(
        team.tx,
        workspace=WORKSPACE,
        key=ProjectKey("VAULT"),
        name="Vault",
        channel=VAULT,
        lead=BO,
        now=team.now,
    )
    team.open_channel(VAULT)
    vault = team.log("The payments vault holds", channel=VAULT)
    team.project = home
    apollo = team.log("The payments vault is ours")
    depend_on(team.tx, WORKSPACE, apollo, vault, reader=OPERATOR, now=team.now)
    setback = SetbackDraft(
        kind=SetbackKind.BUG,
        text="the payments vault broke",
        started_at=team.now,
        channel=CHANNEL,
        project=home.key,
    )
    record_setback(team.tx, WORKSPACE, setback, by=ANA, now=team.now)
    team.now += 3 * DAY
    team.work()
    team.answer(vault, Answer.FAILS)
    team.work()
    shown = [str(one.traces) for one in told_to(team, SetbackContent, CHANNEL)]
    before = len(team.said)

    team.close_channel(VAULT, BO)
    team.work()

    later = [said for m, said in team.said[before:] if m.key.to == CHANNEL]
    assert "VAULT" in shown[-1]
    assert WithdrawnContent() in later
    assert any(isinstance(one, SetbackContent) for one in later)
    assert "VAULT" not in str(later)


def test_a_card_that_was_deleted_where_another_company_reads_is_not_posted_anew(
    team: Team,
) -> None:
    team.log()
    team.work()
    share(team)
    team.tx.execute(outbox_table.update().values(state=MessageState.PENDING, due_at=team.now))
    (card,) = [
        one
        for one in claim_messages(team.tx, now=team.now, limit=9, lease=LEASE)
        if one.item.key.kind is MessageKind.CARD
    ]

    not_accepted(team.tx, card, Refused(cause="message_not_found"), now=team.now)

    after = outbox.get(team.tx, WORKSPACE, card.item.key)
    assert after is not None
    assert (after.state, after.error) == (MessageState.DEAD, NOTHING_TO_SAY)


def test_a_shared_channel_that_slack_hides_tells_nothing_again(team: Team) -> None:
    share(team)
    team.work()

    for _ in range(3):
        hide_channel(team.tx, WORKSPACE, CHANNEL, now=team.now)
        team.work()

    assert len(told_to(team, SharedContent, ANA)) == 1


def test_an_owner_who_may_not_see_the_project_hears_nothing_of_it(team: Team) -> None:
    team.meet(DI)
    key = team.log(by=BO)
    reassign_owner(team.tx, WORKSPACE, key, to=team.people[DI], by=ANA, now=team.now)
    team.meet(ANA, is_deactivated=True)
    team.close_channel(CHANNEL, BO)

    shared = Channel(
        workspace=WORKSPACE,
        id=CHANNEL,
        is_shared=True,
        members=frozenset({BO}),
        seen_at=team.now,
    )
    describe_channel(team.tx, shared, now=team.now)
    team.work()

    assert not told_to(team, SharedContent, DI)


def test_the_lead_hears_it_too_where_slack_told_of_the_new_id_first(team: Team) -> None:
    team.log()
    team.work()

    share(team, VAULT)
    follow_new_id(team.tx, WORKSPACE, CHANNEL, VAULT, now=team.now)
    team.work()

    (told,) = told_to(team, SharedContent, ANA)
    assert told.project.channel == VAULT

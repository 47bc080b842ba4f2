"""What a project's channel hears by itself, and that it hears it once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bot.domain.assumption import Impact
from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey, UserId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.validation import Answer
from bot.slack.messenger import render
from bot.slack.names import CommandNames
from bot.store import notice as notices
from bot.usecases.contents import Content, CycleStartContent, DigestContent, RetrospectiveContent
from bot.usecases.cycle import plan_notice, shift_cycles
from bot.usecases.notice import give_notice, next_notice
from bot.usecases.outbox import read_message
from bot.usecases.project import create_project, get_project
from bot.usecases.setback import record_setback
from tests.make import CADENCE
from tests.usecases.team import ANA, BO, CHANNEL, DAY, WORKSPACE, Team

_NOTICES = (DigestContent, CycleStartContent, RetrospectiveContent)

# Team begins on Monday 2 March 2026, ten o'clock; so does the project's first cycle.
WEEK = 7 * DAY


def live(team: Team, until: datetime) -> None:
    """Let time pass with the notices too."""
    while (due := next_notice(team.tx)) is not None and due <= until:
        team.pass_time(due)
        give_notice(team.tx, now=team.now, limit=50)
        team.work()
    team.pass_time(until)


def heard(team: Team, kind: MessageKind) -> list[Content]:
    return team.heard(kind, to=CHANNEL)


def test_a_week_in_which_something_happened_is_told_on_monday(tx: Connection) -> None:
    team = Team(tx=tx)
    team.answer(team.log(), Answer.HOLDS)

    live(team, team.now + 3 * WEEK)

    digests = heard(team, MessageKind.DIGEST)
    assert len(digests) == 1  # the two quiet weeks say nothing
    assert isinstance(digests[0], DigestContent)
    assert digests[0].account.report.logged == 1
    sent = next(m for m, c in team.said if c is digests[0])
    assert datetime.fromisoformat(sent.key.occasion) == datetime(2026, 3, 9, 9, tzinfo=UTC)
    drawn = str(render(sent, digests[0], CommandNames(stilltrue="/still-true")))
    assert "1 logged" in drawn
    assert "`/still-true report week`" in drawn


def test_a_week_in_which_people_were_only_asked_is_quiet_and_an_expiry_is_news(
    tx: Connection,
) -> None:
    team = Team(tx=tx)
    key = team.log()
    live(team, team.now + 2 * WEEK)  # asked on Wednesday, reminded the week after
    assert len(heard(team, MessageKind.DIGEST)) == 1

    team.answer(key, Answer.HOLDS)
    expires = team.get(key).valid_until
    assert expires is not None
    before, until = expires - DAY, expires + DAY
    assert notices.has_news(tx, WORKSPACE, key.project, since=before, until=until)
    assert not notices.has_news(tx, WORKSPACE, key.project, since=before - DAY, until=before)


def test_after_a_pause_of_the_bot_a_digest_comes_once(tx: Connection) -> None:
    team = Team(tx=tx)
    team.log()
    team.now += 5 * WEEK

    given = [give_notice(tx, now=team.now, limit=50) for _ in range(2)]
    team.work()

    assert given == [1, 0]
    (digest,) = heard(team, MessageKind.DIGEST)
    assert isinstance(digest, DigestContent)
    assert digest.account.period.words == "the week of Monday 2 March"
    assert next_notice(tx) is not None
    assert next_notice(tx) > team.now  # type: ignore[operator]


def test_a_cycle_starts_with_what_is_load_bearing_and_not_confirmed(tx: Connection) -> None:
    team = Team(tx=tx)
    live(team, team.now + 7 * WEEK)
    loose, firm = team.log(impact=Impact.CRITICAL, asked=()), team.log(impact=Impact.CRITICAL)
    team.log(impact=Impact.HIGH, asked=())
    live(team, team.now + 6 * DAY)
    team.answer(firm, Answer.HOLDS, by=BO)

    live(team, datetime(2026, 4, 28, tzinfo=UTC))

    (start,) = heard(team, MessageKind.CYCLE_START)
    assert isinstance(start, CycleStartContent)
    assert (start.cycle.number, start.bearing) == (2, 2)
    assert [one.key for one in start.unconfirmed] == [loose]
    sent = next(m for m, c in team.said if c is start)
    assert "1 of 2" in str(render(sent, start))


def test_the_cooldown_begins_with_the_retrospective_of_the_cycle(tx: Connection) -> None:
    team = Team(tx=tx)
    draft = SetbackDraft(
        kind=SetbackKind.DELAY,
        text="we waited",
        started_at=team.now,
        project=ProjectKey("APOLLO"),
        channel=CHANNEL,
    )
    record_setback(tx, WORKSPACE, draft, by=ANA, now=team.now)

    live(team, datetime(2026, 4, 14, tzinfo=UTC))

    (told,) = heard(team, MessageKind.RETROSPECTIVE)
    assert isinstance(told, RetrospectiveContent)
    assert told.cycle.number == 1
    assert told.account.report.setbacks == 1
    sent = next(m for m, c in team.said if c is told)
    drawn = str(render(sent, told))
    assert "cycle 1" in drawn
    assert "APOLLO|cycle 1" in drawn


def test_nobody_but_the_projects_channel_reads_its_notices(tx: Connection) -> None:
    team = Team(tx=tx)
    team.log(impact=Impact.CRITICAL)
    live(team, team.now + 9 * WEEK)
    told = [m for m, c in team.said if isinstance(c, _NOTICES)]

    elsewhere = [
        read_message(tx, replace(m, key=replace(m.key, to=to)), now=team.now, cadence=CADENCE)
        for m in told
        for to in ("C0ELSEWHERE", "U0NOBODY")
    ]

    assert {m.key.kind for m in told} == {
        MessageKind.DIGEST,
        MessageKind.CYCLE_START,
        MessageKind.RETROSPECTIVE,
    }
    assert set(elsewhere) == {None}


@pytest.mark.parametrize(
    ("by", "first_day", "told"),
    [(BO, date(2026, 3, 9), "Only the lead"), (ANA, date(2062, 3, 9), "within two years")],
)
def test_cycles_stay_where_somebody_may_not_shift_them_or_mistypes(
    tx: Connection, by: UserId, first_day: date, told: str
) -> None:
    team = Team(tx=tx)

    with pytest.raises(UserFixableError, match=told):
        shift_cycles(tx, WORKSPACE, ProjectKey("APOLLO"), first_day, by=by, now=team.now)

    assert get_project(tx, WORKSPACE, ProjectKey("APOLLO"), reader=OPERATOR).cycle_start == date(
        2026, 3, 2
    )


def test_shifted_cycles_move_what_is_planned(tx: Connection) -> None:
    team = Team(tx=tx)

    shift_cycles(tx, WORKSPACE, ProjectKey("APOLLO"), date(2026, 3, 9), by=ANA, now=team.now)
    live(team, datetime(2026, 4, 21, tzinfo=UTC))

    assert len(heard(team, MessageKind.CYCLE_START)) == 1
    (told,) = heard(team, MessageKind.RETROSPECTIVE)
    sent = next(m for m, c in team.said if c is told)
    assert datetime.fromisoformat(sent.key.occasion).date() == date(2026, 4, 20)


def test_a_notice_that_fails_holds_up_no_other_and_is_tried_again(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team(tx=tx)
    team.log()
    bora = ProjectKey("BORA")
    create_project(
        tx,
        workspace=WORKSPACE,
        key=bora,
        name="Bora",
        channel=ChannelId("C0BORA"),
        lead=ANA,
        now=team.now,
    )
    team.now += WEEK

    def fail_for_bora(tx: Connection, project: Project, *rest: Any, **more: Any) -> None:
        plan_notice(tx, project, *rest, **more)
        if project.key == bora:
            raise LookupError("a row that nobody expected")

    with monkeypatch.context() as patch, capture_logs() as lines:
        patch.setattr("bot.usecases.notice.plan_notice", fail_for_bora)
        give_notice(tx, now=team.now, limit=50)
        left = give_notice(tx, now=team.now, limit=50)
    failed = {line["project"] for line in lines if line["event"] == "notice.failed"}
    given = {line["project"] for line in lines if line["event"] == "notice.given"}

    assert (failed, given, left) == ({bora}, {team.project.key}, 0)
    assert give_notice(tx, now=team.now + timedelta(hours=1), limit=50) > 0

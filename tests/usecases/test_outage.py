"""Time in which the bot was down: nothing expires, no silence counts, nobody is flooded."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bot.domain.assumption import Impact
from bot.domain.history import OutageCounted, as_of
from bot.domain.ids import WorkspaceId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.validation import Answer
from bot.domain.workspace import Workspace
from bot.store import prompt
from bot.usecases import assumption, assumption_show, outage
from bot.usecases.workspace import remember_workspace
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE

HOUR = timedelta(hours=1)


@pytest.fixture
def team(team: Team) -> Team:
    here = Workspace(id=WORKSPACE, name="Team", bot_user=BO, bot_id="B0", installed_at=team.now)
    remember_workspace(team.tx, here)
    outage.look_back(team.tx, now=team.now)
    return team


def live(team: Team, until: datetime) -> None:
    """Let time pass with the bot up."""
    team.pass_time(until)
    outage.beat(team.tx, now=team.now)


def be_down(team: Team, gap: timedelta) -> int:
    team.now += gap
    return outage.look_back(team.tx, now=team.now)


def test_a_short_gap_is_no_outage(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)
    before = team.get(key).valid_until

    assert be_down(team, timedelta(minutes=15)) == 0
    assert team.get(key).valid_until == before


@pytest.mark.parametrize("gap", [HOUR, DAY, 7 * DAY])
def test_an_answer_lives_longer_by_the_time_that_was_lost(team: Team, gap: timedelta) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)
    before = team.get(key).valid_until
    assert before is not None

    assert be_down(team, gap) == 1
    assert be_down(team, timedelta(0)) == 0

    assert team.get(key).valid_until == before + gap
    assumption.refold(team.tx, team.get(key))
    assert team.get(key).valid_until == before + gap  # the history says the same


def test_nothing_expires_during_an_outage_nor_looks_as_if_it_had(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.answer(key, Answer.HOLDS)
    valid_until = team.get(key).valid_until
    assert valid_until is not None
    live(team, valid_until - HOUR)

    be_down(team, 7 * DAY)
    events = assumption_show.show_assumption(team.tx, WORKSPACE, key, reader=OPERATOR).events

    assert not team.get(key).is_stale(team.now)
    assert not as_of(events, valid_until + DAY).is_stale
    assert [type(e.what) for e in events].count(OutageCounted) == 1
    team.pass_time(team.now + HOUR / 2)
    assert team.heard(MessageKind.STALE) == []


def test_what_had_expired_before_stays_expired(team: Team) -> None:
    key = team.log(impact=Impact.CRITICAL)
    team.answer(key, Answer.HOLDS)
    live(team, team.now + 15 * DAY)
    before = team.get(key).valid_until

    be_down(team, DAY)

    assert team.get(key).valid_until == before


def ladder_to_the_last_reminder(team: Team) -> None:
    """Ask a critical question and pass the time until only its escalation is left."""
    team.log(impact=Impact.CRITICAL)
    while [p.key.kind for p in prompt.planned_for(team.tx, WORKSPACE, BO)] != [PromptKind.ESCALATE]:
        live(team, team.now + HOUR)


def test_no_silence_is_counted_for_the_time_that_was_lost(team: Team) -> None:
    ladder_to_the_last_reminder(team)
    (told,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    live(team, told.due_at - HOUR)

    be_down(team, 2 * HOUR)
    team.work()
    heard_at_once = len(team.heard(MessageKind.UNANSWERED))
    team.pass_time(team.now + 4 * DAY)

    assert heard_at_once == 0
    assert len(team.heard(MessageKind.UNANSWERED, to=ANA)) >= 1


def test_a_night_that_was_lost_moves_nobody_s_morning(team: Team) -> None:
    ladder_to_the_last_reminder(team)
    (before,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    night = team.now.replace(hour=20, minute=0)
    live(team, night)

    be_down(team, 8 * HOUR)

    (after,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    assert after.due_at == before.due_at


def test_after_a_week_there_is_one_message_with_the_most_harmful_first(team: Team) -> None:
    low = [team.log(f"Low {n}", impact=Impact.LOW) for n in range(10)]
    high = team.log("High", impact=Impact.HIGH)

    be_down(team, 9 * DAY)
    assert team.now == datetime(2026, 3, 11, 10, tzinfo=UTC)
    team.work()
    (first,) = team.asked(BO)
    team.pass_time(team.now + DAY)

    assert first[0] == high
    assert len(first) == 8
    assert set(team.asked(BO)[1]) == {*low} - {*first}


def test_a_question_that_a_later_one_replaced_is_skipped_with_the_reason(team: Team) -> None:
    key = team.log(impact=Impact.HIGH)
    team.answer(key, Answer.UNSURE, evidence="on the load test")
    old = PromptKey(assumption=key, stakeholder=BO, round=1, kind=PromptKind.REMIND, attempt=1)
    due_at = team.now + 10 * DAY
    prompt.plan(team.tx, WORKSPACE, Planned(key=old, due_at=due_at, reason="reminder 1 of 3"))

    team.pass_time(due_at + HOUR)

    assert team.get(key).stakeholders[0].round == 2
    outcomes = {p.key: p.outcome for p in prompt.of_assumption(team.tx, WORKSPACE, key)}
    assert outcomes[old] == "a later question came in its place"


def test_moving_the_clock_on_purpose_is_no_outage(team: Team) -> None:
    key = team.log()
    team.answer(key, Answer.HOLDS)
    before = team.get(key).valid_until

    outage.beat(team.tx, now=team.now + 30 * DAY)

    assert be_down(team, 30 * DAY) == 0
    assert team.get(key).valid_until == before


def test_an_answer_given_during_an_outage_lives_longer_by_the_rest_of_it(team: Team) -> None:
    key = team.log()
    team.now += 2 * DAY
    team.answer(key, Answer.HOLDS)
    given = team.get(key).valid_until

    be_down(team, 5 * DAY)

    assert given is not None
    assert team.get(key).valid_until == given + 5 * DAY
    planned = prompt.of_assumption(team.tx, WORKSPACE, key)
    notices = [one for one in planned if one.is_planned and one.key.kind is PromptKind.STALE]
    assert [one.due_at for one in notices] == [given + 5 * DAY]


def test_a_workspace_where_it_fails_holds_up_no_other(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = WorkspaceId("T0AAA")  # before the other
    remember_workspace(
        team.tx,
        Workspace(id=elsewhere, name="Else", bot_user=BO, bot_id="B0", installed_at=team.now),
    )
    outage.look_back(team.tx, now=team.now)
    catch_up = outage._catch_up

    def fail_elsewhere(tx: Connection, workspace: WorkspaceId, **when: datetime) -> None:
        if workspace == elsewhere:
            raise LookupError("a row that nobody expected")
        catch_up(tx, workspace, **when)

    monkeypatch.setattr(outage, "_catch_up", fail_elsewhere)

    with capture_logs() as lines:
        assert be_down(team, HOUR) == 1

    [failed] = [line for line in lines if line["event"] == "outage.uncounted"]
    assert failed["workspace"] == elsewhere

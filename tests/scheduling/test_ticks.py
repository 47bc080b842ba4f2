"""The scheduler, its jobs, and the clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot.domain.assumption import Impact
from bot.domain.errors import OperatorFixableError, RetryableError
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.workspace import Workspace
from bot.scheduling.channel import ChannelTick
from bot.scheduling.clock import MovableClock
from bot.scheduling.forgetting import ForgettingTick
from bot.scheduling.job import run_job
from bot.scheduling.notice import NoticeTick
from bot.scheduling.ticks import Counts, Ticks, next_due
from bot.usecases.ports import Ambiguous, NotSent
from bot.usecases.workspace import remember_workspace
from tests.scheduling.office import Office
from tests.usecases.team import BO, WORKSPACE, Team

TICK = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class AwayChannels:
    """A Slack that says nothing of channels just now."""

    async def refresh(self, workspace: WorkspaceId, channel: ChannelId, *, news: str = "") -> None:
        raise RetryableError(f"no word of {workspace} {channel}")


def ticks_of(office: Office) -> Ticks:
    notices = NoticeTick(db=office.db, clock=office.time)
    return Ticks(
        prompts=office.prompts(),
        notices=notices,
        channels=ChannelTick(db=office.db, channels=AwayChannels(), clock=office.time),
        sender=office.sender(),
        forgetting=ForgettingTick(db=office.db, clock=office.time),
        tick=TICK,
    )


def log_critical(team: Team) -> None:
    team.log(impact=Impact.CRITICAL, asked=[BO])


async def test_all_due_work_is_done_and_counted(office: Office) -> None:
    await office.team(log_critical)
    await office.time.sleep(3600)
    ticks = ticks_of(office)

    done, nothing_left = await ticks.run_due(), await ticks.run_due()

    assert done == Counts(prompts=1, messages=2)  # the card, the question
    assert nothing_left == Counts(0, 0)


async def test_the_next_moment_is_the_earliest_of_any_kind(office: Office) -> None:
    assert await office.db.read(next_due) is None
    await office.team(lambda team: team.log(impact=Impact.MEDIUM))

    with_card = await office.db.read(next_due)
    await office.sender().run()
    without = await office.db.read(next_due)

    assert with_card == office.time.now() - timedelta(seconds=office.time.passed)
    assert without is not None
    assert without > with_card


async def test_the_scheduler_starts_with_what_became_due_before(office: Office) -> None:
    await office.want(["C1"])
    ticks = ticks_of(office)

    ticks.start()
    await office.slack.began["C1"].wait()

    await ticks.stop()
    assert len(office.slack.sent) == 1


async def test_a_stop_waits_for_the_call_under_way(office: Office) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1"])
    ticks = ticks_of(office)
    ticks.start()
    await office.slack.began["C1"].wait()

    stopping = asyncio.create_task(ticks.stop())
    await asyncio.sleep(0)
    is_waiting = not stopping.done()
    office.slack.held["C1"].set()
    await stopping

    assert is_waiting
    assert len(office.slack.sent) == 1


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (RetryableError("The database is locked."), "job.postponed"),
        (OperatorFixableError("No token.", fix="Set it.", check="doctor"), "job.blocked"),
        (KeyError("a bug"), "job.failed"),
    ],
)
async def test_a_job_that_fails_is_logged_and_ends(error: Exception, event: str) -> None:
    async def fail() -> int:
        raise error

    with capture_logs() as lines:
        result = await run_job("prompts", fail, otherwise=-1)

    assert result == -1
    assert [(line["event"], line["job"]) for line in lines] == [(event, "prompts")]


def test_a_moved_clock_runs_on_from_there() -> None:
    clock = MovableClock()
    then = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    clock.move_to(then)

    assert timedelta(0) <= clock.now() - then < timedelta(minutes=5)
    assert clock.now().tzinfo is UTC


def test_the_clock_is_the_real_one_until_it_is_moved() -> None:
    assert abs(MovableClock().now() - datetime.now(UTC)) < timedelta(minutes=5)


async def install(office: Office) -> None:
    here = Workspace(
        id=WORKSPACE, name="Team", bot_user=BO, bot_id="B0", installed_at=office.time.now()
    )
    await office.db.write(remember_workspace, here)


@pytest.mark.parametrize("answers", [False, True])
async def test_time_in_which_slack_was_away_counts_as_an_outage(
    office: Office, *, answers: bool
) -> None:
    await install(office)
    ticks = ticks_of(office)
    await ticks.look()
    office.slack.reaction, office.slack.answers = lambda _: Ambiguous("timeout"), answers
    await office.want(["C1"])
    await ticks.run_due()
    for _ in range(12):
        await office.time.sleep(300)
        await ticks.look()
    office.slack.answers = True

    with capture_logs() as logged:
        await ticks.look()

    counted = [one["event"] for one in logged if one["event"] == "outage.counted"]
    assert counted == ([] if answers else ["outage.counted"])


async def test_the_scheduler_counts_an_outage_and_work_by_hand_does_not(office: Office) -> None:
    await install(office)
    found = []
    for by_hand in (False, True, False, False):
        await office.time.sleep(3600)
        with capture_logs() as logged:
            if by_hand:
                await ticks_of(office).run_due()
            else:
                await office.prompts().look_back()
        found.append([one["event"] for one in logged if one["event"] == "outage.counted"])

    assert found == [[], [], ["outage.counted"], ["outage.counted"]]


async def test_what_was_put_off_by_a_clock_that_was_ahead_is_due_work_once_it_is_right(
    office: Office,
) -> None:
    await office.want(["C1"])
    office.slack.reaction = lambda _message: NotSent("ratelimited", retry_after=MINUTE)
    office.time.ahead = timedelta(hours=1)
    await office.sender().run()
    office.slack.reaction = lambda _message: None
    office.time.ahead = timedelta(0)
    await office.end_the_leases()

    done = await ticks_of(office).run_due()

    assert done.messages == 1


async def test_notices_are_given_also_where_a_question_goes_out_at_the_same_look(
    office: Office,
) -> None:
    await office.team(log_critical)
    await office.time.sleep(8 * 24 * 3600)
    await office.prompts().beat()

    with capture_logs() as lines:
        await ticks_of(office).look()

    assert "notice.given" in {line["event"] for line in lines}

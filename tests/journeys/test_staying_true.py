"""What the bot does while nobody acts: reminders, escalation, refresh, expiry."""

from bot.demo.people import APOLLO, BO
from bot.demo.words import buttons
from bot.domain.assumption import Status
from bot.domain.history import StakeholderReleased, WentUnanswered
from bot.domain.prompt import PromptKind, PromptState
from tests.journeys.journey import MONDAY, OVER_HTTP_ALONE, Journey

pytestmark = OVER_HTTP_ALONE


async def test_silence_is_reminded_counted_and_told_to_more_and_more_people(
    journey: Journey,
) -> None:
    await journey.log("The payments API is live | ask @bo impact:low")
    ask = await journey.asked(journey.bo, "first question")  # Monday 9 March
    reminder = await journey.asked(journey.bo, "reminder 1 of 1", "last asked on Monday 9 March")
    folded = await journey.bo.reads(ask, "asked again further down")
    assert not list(buttons(folded))

    await journey.workspace.move(advance_seconds=7 * 24 * 3600 + 3600)  # ten o'clock in Lisbon
    await journey.ana.sees(None, "Still not confirmed.", "I asked @bo 2 times", "You own it")
    silences = [what for what in await journey.happened() if isinstance(what, WentUnanswered)]
    assert [silence.stakeholder for silence in silences] == [BO]
    await journey.workspace.move(preset="week")
    await journey.ana.sees(APOLLO, "Still not confirmed.", "Can somebody here tell")

    await journey.bo.press(await journey.bo.again(reminder), "Still true")
    await journey.bo.reads(ask, "You said: still true")
    await journey.bo.reads(reminder, "You said: still true")
    assert (await journey.assumption()).status is Status.VALIDATED


async def test_a_refresh_comes_before_the_answer_expires(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    await journey.bo.reads(ask, "You said: still true")
    first = await journey.assumption()

    refresh = await journey.asked(journey.bo, "asked again before the last answer expires")

    assert first.valid_until is not None
    assert await journey.workspace.now() < first.valid_until
    await journey.bo.press(refresh, "Still true")
    await journey.bo.reads(refresh, "You said: still true")
    renewed = await journey.assumption()
    assert renewed.valid_until is not None
    assert renewed.valid_until > first.valid_until


async def test_an_answer_that_nobody_renews_expires_and_its_owner_hears_once(
    journey: Journey,
) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    await journey.bo.reads(ask, "You said: still true")
    answered = await journey.assumption()
    assert answered.valid_until is not None

    await journey.workspace.move(to=answered.valid_until.isoformat())
    await journey.workspace.move(preset="next_working_morning", **{"as": journey.ana.id})

    await journey.ana.sees(None, "Nobody has confirmed APOLLO-1 again, so its answer has expired")
    assert (await journey.assumption()).is_stale(await journey.workspace.now())
    notices = [p for p in await journey.prompts() if p.key.kind is PromptKind.STALE]
    assert [p.state for p in notices] == [PromptState.SENT]
    await journey.ana.say(APOLLO, "/assume list stale")
    await journey.ana.sees(APOLLO, "Expired answers", "the answer has expired")


async def test_a_question_never_comes_at_night_or_on_a_weekend(journey: Journey) -> None:
    await journey.workspace.move(to="2026-03-06T16:30:00+00:00")  # Friday evening in Berlin
    await journey.log("The payments API is live | ask @bo impact:critical")

    await journey.workspace.move(to="2026-03-09T07:59:00+00:00")
    assert await journey.bo.messages(None) == []
    await journey.workspace.move(to="2026-03-09T08:30:00+00:00")

    await journey.bo.sees(None, "is relying on this being true")


async def test_somebody_who_left_meanwhile_is_replaced_by_the_backup(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo backup @dev")
    await journey.workspace.patch(f"people/{BO}", deleted=True)

    await journey.workspace.move(preset="week")

    await journey.dev.sees(None, "The payments API is live")
    gone = [what for what in await journey.happened() if isinstance(what, StakeholderReleased)]
    assert [(what.stakeholder, what.reason) for what in gone] == [
        (BO, "this account is deactivated")
    ]


async def test_the_clock_of_the_bot_is_the_one_of_the_page(journey: Journey) -> None:
    kept = await journey.log("The payments API is live | ask @bo")

    assert (kept.logged_at - MONDAY).total_seconds() < 60

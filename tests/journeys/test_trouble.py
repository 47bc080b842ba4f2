"""Slack is away, slow or says everything twice; somebody asks about what is not theirs."""

import pytest

from bot.demo.people import APOLLO
from bot.domain.assumption import AssumptionDraft, Status
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.slack import ids
from bot.usecases.assumption import log_assumption
from bot.usecases.project import create_project
from bot.usecases.setback import get_setback
from tests.journeys.journey import FIRST, PROJECT, Journey

OTHER = WorkspaceId("T0OTHER")


@pytest.mark.parametrize("kind", ["5xx", "reset_before", "429"])
async def test_while_slack_is_away_the_answer_is_stored_and_the_messages_go_out_later(
    journey: Journey, kind: str
) -> None:
    await journey.log("The payments API is live | ask @bo")
    card = await journey.caro.sees(APOLLO, "Nobody has confirmed this yet")
    ask = await journey.asked(journey.bo)
    for method in ("chat.update", "chat.postMessage"):
        await journey.workspace.post("faults", method=method, kind=kind, times=1000)

    await journey.answer(journey.bo, ask, "Not true", "Not before May")

    assert (await journey.assumption()).status is Status.REFUTED
    assert "Nobody has confirmed" in journey.caro.read(await journey.caro.again(card))
    await journey.workspace.delete("faults")
    await journey.workspace.move(preset="hour")
    await journey.caro.reads(card, "APOLLO-1  ·  ❌ Not true")
    await journey.bo.reads(ask, "You said: not true")
    await journey.ana.sees(None, "Not true, says @bo", "Not before May")
    notices = [
        m for m in await journey.ana.messages(None) if "Not true, says" in journey.ana.read(m)
    ]
    assert len(notices) == 1


async def test_a_question_that_slack_got_although_it_did_not_say_so_is_not_sent_again(
    journey: Journey,
) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.workspace.post("faults", method="chat.postMessage", kind="reset_after", times=1)

    for _ in range(2):  # a medium impact is asked about on the second working day
        await journey.workspace.move(preset="next_working_morning")
    await journey.workspace.move(preset="hour")

    questions = [
        journey.bo.read(m)
        for m in await journey.bo.messages(None)
        if "first question" in journey.bo.read(m)
    ]
    assert len(questions) == 1


@pytest.mark.parametrize("pressed", ["Still true", "Not mine"])
async def test_a_question_that_slack_did_not_say_it_has_shows_what_was_pressed_in_it(
    journey: Journey, pressed: str
) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.caro.sees(APOLLO, "Nobody has confirmed this yet")
    for method, kind in (("chat.postMessage", "reset_after"), ("conversations.history", "5xx")):
        await journey.workspace.post("faults", method=method, kind=kind, times=1000)
    ask = await journey.asked(journey.bo)

    await journey.bo.press(ask, pressed)

    await journey.workspace.move(preset="hour")
    shown = {"Still true": "You said: still true", "Not mine": "You are not asked"}
    await journey.bo.reads(ask, shown[pressed])


async def test_a_command_that_comes_twice_logs_once(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    again = await journey.last_delivery("command")

    await journey.deliver("command", again)

    with pytest.raises(NotFoundError):
        await journey.assumption(AssumptionKey(PROJECT, 2))
    assert len(await journey.happened()) == 1


async def test_a_form_that_comes_twice_logs_once(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/assume The payments API is live")
    await journey.ana.submit(await journey.ana.form("What do you rely on?"))
    await journey.ana.sees(APOLLO, "APOLLO-1")

    await journey.deliver("view", await journey.last_delivery("view"))

    with pytest.raises(NotFoundError):
        await journey.assumption(AssumptionKey(PROJECT, 2))


async def test_a_setback_that_comes_twice_is_recorded_once(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    await journey.ana.sees(APOLLO, "Delay #1")

    await journey.deliver("command", await journey.last_delivery("command"))

    with pytest.raises(NotFoundError):
        await journey.stored(get_setback, 2, reader=OPERATOR)


async def test_events_that_come_twice_publish_the_same_home(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.workspace.post("faults", method="delivery", kind="duplicate", times=1)

    home = await journey.ana.home(journey.stage.app, "The payments API is live")

    assert journey.ana.read(home).count("The payments API is live") == 1


@pytest.mark.parametrize("verb", ["show", "edit", "retire"])
async def test_the_key_of_another_workspace_answers_like_one_that_is_missing(
    journey: Journey, verb: str
) -> None:
    now = await journey.workspace.now()
    project = await journey.stage.write(
        create_project,
        workspace=OTHER,
        key=ProjectKey("SECRET"),
        name="Secret",
        channel=ChannelId("C0OTHER"),
        lead=UserId("U0OTHER"),
        now=now,
    )
    draft = AssumptionDraft(
        statement="Nobody knows", owner=UserId("U0OTHER"), channel=ChannelId("C0OTHER")
    )
    await journey.stage.write(
        log_assumption,
        draft,
        project=project,
        by=UserId("U0OTHER"),
        asked=(),
        now=now,
        cadence=journey.stage.bot.settings.tuning.cadence,
    )

    await journey.ana.say(APOLLO, f"/assume {verb} SECRET-1")

    await journey.ana.sees(APOLLO, "I know no SECRET-1 here")


async def test_a_retired_one_takes_no_answer(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "It depends")
    form = await journey.bo.form("It depends")
    await journey.ana.say(APOLLO, f"/assume retire {FIRST} we dropped it")
    await journey.ana.sees(APOLLO, "🗃️ No longer tracked")

    refused = await journey.bo.submit(form, **{ids.EVIDENCE: "On the vendor"})

    assert "retired" in refused["errors"][ids.EVIDENCE]
    assert (await journey.assumption()).status is Status.RETIRED

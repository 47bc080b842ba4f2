import pytest

from bot.demo.people import APOLLO
from bot.domain.assumption import Status
from bot.domain.history import Answered, AnswerUndone
from bot.domain.prompt import PromptKind, PromptState
from bot.domain.validation import Answer
from bot.slack import ids
from tests.journeys.journey import OVER_HTTP_ALONE, Journey

HIGH = "The payments API is live | ask @bo by March 20 impact:high"
MEDIUM = "The payments API is live | ask @bo"


def answers(happened: list[object]) -> list[Answer]:
    return [what.answer for what in happened if isinstance(what, Answered)]


@OVER_HTTP_ALONE
async def test_the_question_comes_in_the_working_morning_of_the_one_who_is_asked(
    journey: Journey,
) -> None:
    await journey.log(HIGH)

    ask = await journey.asked(journey.bo, "The payments API is live")

    assert f"{await journey.workspace.now():%Y-%m-%d %H:%M}" == "2026-03-03 08:20"  # Berlin 9:20
    words = journey.bo.read(ask)
    assert "@ana is relying on this being true" in words
    assert "needed by Friday 20 March" in words
    assert "[Still true]  [Not true]  [It depends]  [Not mine]" in words
    assert (await journey.prompts())[0].state is PromptState.SENT


async def test_still_true_asks_how_one_knows_and_the_card_follows(journey: Journey) -> None:
    await journey.log(HIGH)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    form = await journey.bo.form("Still true", "How do you know?")
    refused = await journey.bo.submit(form, **{ids.EVIDENCE: ""})
    assert ids.EVIDENCE in refused["errors"]

    await journey.bo.submit(form, **{ids.EVIDENCE: "I called it a minute ago"})

    await journey.bo.reads(ask, "You said: still true", "I called it a minute ago", "[Undo]")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ✅ Confirmed until", "I called it a minute ago")
    kept = await journey.assumption()
    assert kept.status is Status.VALIDATED
    assert kept.valid_until is not None
    assert (kept.valid_until - await journey.workspace.now()).days == 29


@OVER_HTTP_ALONE
async def test_still_true_is_one_click_where_no_evidence_is_needed(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await journey.bo.press(ask, "Still true")

    await journey.bo.reads(ask, "You said: still true")
    assert (await journey.assumption()).status is Status.VALIDATED


async def test_not_true_tells_the_owner_and_the_channel_at_once(journey: Journey) -> None:
    await journey.log(HIGH)
    ask = await journey.asked(journey.bo)

    await journey.answer(journey.bo, ask, "Not true", "It goes live on April 7")

    await journey.bo.reads(ask, "You said: not true", "It goes live on April 7")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ❌ Not true")
    await journey.ana.sees(None, "Not true, says @bo", "It goes live on April 7", "You own it")
    await journey.ana.sees(APOLLO, "Not true, says bo", "What changes now?")
    assert (await journey.assumption()).status is Status.REFUTED


@OVER_HTTP_ALONE
async def test_it_depends_says_on_what_and_the_question_comes_again(journey: Journey) -> None:
    await journey.log(HIGH)
    ask = await journey.asked(journey.bo)

    await journey.answer(journey.bo, ask, "It depends", "On the security review")

    await journey.bo.reads(ask, "You said: it depends")
    await journey.ana.sees(None, "It depends, says @bo", "On the security review", "[Reword it]")
    assert (await journey.assumption()).status is Status.UNVALIDATED
    again = await journey.asked(
        journey.bo, "asked again after “it depends”: On the security review"
    )
    assert again["ts"] > ask["ts"]


@OVER_HTTP_ALONE
async def test_not_mine_gives_it_back_to_its_owner(journey: Journey) -> None:
    await journey.log(HIGH)
    ask = await journey.asked(journey.bo)

    await journey.bo.press(ask, "Not mine")

    await journey.bo.reads(ask, "You are not asked about this any more")
    await journey.ana.sees(None, "@bo will not answer about APOLLO-1", "Nobody is asked about it")
    kept = await journey.assumption()
    assert [person.is_released for person in kept.stakeholders] == [True]
    assert kept.status is Status.UNVALIDATED

    await journey.bo.press(await journey.bo.again(ask), "Undo")

    await journey.bo.reads(ask, "[Still true]")
    await journey.ana.sees(None, "@bo took it back and is asked about APOLLO-1 as before")


async def test_the_question_can_be_passed_on_but_not_in_a_circle(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Ask someone else")
    form = await journey.bo.form("Ask someone else")
    await journey.bo.submit(form, **{ids.WHO: journey.dev.id})
    await journey.bo.reads(ask, "You are not asked about this any more")

    passed_on = await journey.asked(journey.dev, "The payments API is live")
    await journey.dev.press(passed_on, "Ask someone else")
    back = await journey.dev.submit(
        await journey.dev.form("Ask someone else"), **{ids.WHO: journey.bo.id}
    )

    assert "has been asked about APOLLO-1 already" in back["errors"][ids.WHO]


@OVER_HTTP_ALONE
async def test_a_reminder_can_be_put_off(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)  # Wednesday
    await journey.bo.press(ask, "Remind me later")
    form = await journey.bo.form("Remind me later")
    await journey.bo.submit(form, **{ids.WHEN: "monday"})

    reminder = await journey.asked(journey.bo, "you asked to be reminded now")

    assert reminder["ts"] > ask["ts"]
    assert f"{await journey.workspace.now():%A}" == "Monday"


@OVER_HTTP_ALONE
async def test_a_question_to_the_owner_is_brought_there_and_the_reply_back(
    journey: Journey,
) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Ask the owner")
    form = await journey.bo.form("Ask the owner", "to @ana")
    await journey.bo.submit(form, **{ids.TEXT: "Which of the two APIs?"})
    await journey.bo.form("@ana has your question")

    question = await journey.ana.sees(
        None, "@bo has a question before answering", "Which of the two"
    )
    await journey.ana.press(question, "Reply")
    form = await journey.ana.form("@bo asks about APOLLO-1", "Which of the two APIs?")
    await journey.ana.submit(form, **{ids.TEXT: "The one for refunds"})

    await journey.ana.reads(question, "You replied: The one for refunds", "[Reply again]")
    reply = await journey.bo.sees(None, "@ana replied about APOLLO-1", "The one for refunds")
    await journey.bo.closes_all()
    await journey.bo.press(reply, "Answer")
    form = await journey.bo.form("Is it true?")
    await journey.bo.submit(form, **{ids.ANSWERED: "holds", ids.EVIDENCE: "Refunds are live"})
    await journey.bo.reads(ask, "You said: still true")


@OVER_HTTP_ALONE
async def test_an_owner_who_is_asked_cannot_ask_themselves(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @ana")
    ask = await journey.asked(journey.ana)
    await journey.ana.press(ask, "Ask the owner")

    refused = await journey.ana.submit(
        await journey.ana.form("Ask the owner"), **{ids.TEXT: "Is it?"}
    )

    assert "You own this one yourself" in refused["errors"][ids.TEXT]


@OVER_HTTP_ALONE
async def test_somebody_can_stop_being_asked_about_it(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await journey.bo.press(ask, "Stop asking me about this")

    await journey.bo.reads(ask, "You are not asked about this any more")
    assert all(p.state is not PromptState.PLANNED for p in await journey.prompts())


async def test_an_answer_can_be_taken_back_for_ten_minutes(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.answer(journey.bo, ask, "Not true", "It goes live on April 7")
    answered = await journey.bo.reads(ask, "You said: not true")
    await journey.ana.sees(None, "Not true, says @bo")
    await journey.workspace.move(advance_seconds=9 * 60)

    await journey.bo.press(answered, "Undo")

    await journey.bo.reads(ask, "[Still true]")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ⏳ Nobody has confirmed this yet")
    await journey.ana.sees(None, "@bo took back “not true”")
    assert (await journey.assumption()).status is Status.UNVALIDATED
    kinds = [type(what) for what in await journey.happened()]
    assert kinds[-2:] == [Answered, AnswerUndone]
    reminders = [p for p in await journey.prompts() if p.key.kind is PromptKind.REMIND]
    assert [p.state for p in reminders] == [PromptState.PLANNED]


@OVER_HTTP_ALONE
async def test_after_ten_minutes_an_answer_is_replaced_instead(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    answered = await journey.bo.reads(ask, "You said: still true")
    await journey.workspace.move(advance_seconds=11 * 60)

    await journey.bo.press(answered, "Undo")
    await journey.bo.sees(None, "too late to undo")
    assert (await journey.assumption()).status is Status.VALIDATED

    await journey.bo.press(await journey.bo.again(ask), "Change my answer")
    form = await journey.bo.form("Change my answer")
    await journey.bo.submit(form, **{ids.ANSWERED: "fails", ids.EVIDENCE: "The vendor is late"})
    await journey.bo.reads(ask, "You said: not true", "The vendor is late")
    assert answers([*await journey.happened()]) == [Answer.HOLDS, Answer.FAILS]
    assert (await journey.assumption()).status is Status.REFUTED


@OVER_HTTP_ALONE
async def test_a_second_click_says_who_answered_and_changes_nothing(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    await journey.bo.reads(ask, "You said: still true")
    before = await journey.happened()

    click = await journey.last_delivery("action")
    await journey.deliver("action", {**click, "trigger_id": "1.2.3"} | _clicked_again(click))

    await journey.bo.sees(None, "You answered this already", "Nothing was changed")
    assert await journey.happened() == before


def _clicked_again(click: dict[str, object]) -> dict[str, object]:
    """The same button on an old copy of the message, a moment later."""
    actions = click["actions"]
    assert isinstance(actions, list)
    return {"actions": [{**actions[0], "action_ts": "1772526000.000001"}]}


async def test_the_same_click_delivered_twice_is_one_answer(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    await journey.bo.reads(ask, "You said: still true")
    before = await journey.happened()

    await journey.deliver("action", await journey.last_delivery("action"))

    assert await journey.happened() == before


async def test_a_click_by_somebody_who_was_not_asked_is_told_so_privately(
    journey: Journey,
) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Ask the owner")  # a click, for its payload
    click = await journey.last_delivery("action")
    stranger = {**click["user"], "id": journey.caro.id, "name": "caro", "username": "caro"}
    holds = {
        "type": "button",
        "block_id": click["actions"][0]["block_id"],
        "action_id": ids.HOLDS,
        "action_ts": "1772526000.000002",
        "text": {"type": "plain_text", "text": "Still true"},
        "value": "APOLLO-1|1|",
    }
    before = await journey.happened()

    await journey.deliver("action", {**click, "user": stranger, "actions": [holds]})

    assert await journey.happened() == before
    assert (await journey.assumption()).status is Status.UNVALIDATED


@OVER_HTTP_ALONE
async def test_the_first_yes_is_enough_and_the_others_see_it(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo @caro")
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    await journey.bo.reads(ask, "You said: still true")

    planned = [p for p in await journey.prompts() if p.state is PromptState.PLANNED]

    assert {p.key.kind for p in planned} == {PromptKind.REFRESH, PromptKind.STALE}
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ✅ Confirmed until")


@OVER_HTTP_ALONE
async def test_when_all_must_confirm_one_yes_is_not_enough(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo @dev quorum:all")
    first = await journey.asked(journey.dev)
    await journey.dev.press(first, "Still true")
    await journey.dev.reads(first, "You said: still true")
    assert (await journey.assumption()).status is Status.UNVALIDATED

    second = await journey.asked(journey.bo)
    await journey.bo.press(second, "Still true")

    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ✅ Confirmed until")
    assert (await journey.assumption()).status is Status.VALIDATED


@OVER_HTTP_ALONE
async def test_answers_that_differ_are_shown_as_such(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @dev @bo quorum:all")
    first = await journey.asked(journey.dev)
    await journey.dev.press(first, "Still true")
    await journey.dev.reads(first, "You said: still true")
    second = await journey.asked(journey.bo)

    await journey.answer(journey.bo, second, "Not true", "Only in staging")

    await journey.ana.sees(APOLLO, "⚖️ Answers differ:", "ana decides")
    await journey.dev.sees(None, "Not true, says @bo", "You had confirmed it")
    assert (await journey.assumption()).status is Status.REFUTED


async def test_questions_due_together_come_as_one_message(journey: Journey) -> None:
    for number in range(1, 4):
        await journey.ana.say(
            APOLLO, f"/assume Vendor {number} delivers in time, as agreed | ask @bo"
        )
    await journey.ana.sees(APOLLO, "APOLLO-3")

    digest = await journey.asked(journey.bo, "3 things that others rely on")

    await journey.bo.press(digest, "Still true", number=2)
    await journey.bo.reads(digest, "2 answers to go", "You said: still true")


@OVER_HTTP_ALONE
@pytest.mark.parametrize("label", ["Still true", "Not true", "It depends"])
async def test_an_owner_may_be_asked_and_the_answer_is_marked(journey: Journey, label: str) -> None:
    await journey.log("The payments API is live | ask @ana")
    ask = await journey.asked(journey.ana)

    await journey.answer(journey.ana, ask, label, "" if label == "Still true" else "I asked around")

    await journey.ana.sees(APOLLO, "ana: ", "about their own")

"""Answers that people type in the thread of a question."""

import pytest

from bot.demo.people import APOLLO
from bot.demo.person import Person
from bot.demo.words import Json
from bot.domain.assumption import Status
from bot.domain.prompt import PromptState
from tests.journeys.journey import OVER_HTTP_ALONE, Journey

pytestmark = OVER_HTTP_ALONE

HIGH = "The payments API is live | ask @bo impact:high"
MEDIUM = "The payments API is live | ask @bo"


async def says(who: Person, ask: Json, text: str) -> None:
    await who.say(ask["channel"], text, thread=ask["ts"])


async def hears(who: Person, ask: Json, *words: str) -> Json:
    """Wait for what the thread says back."""

    async def look() -> Json | None:
        for message in reversed(await who.messages(ask["channel"], thread=ask["ts"])):
            if message["ts"] != ask["ts"] and all(word in who.read(message) for word in words):
                return message
        return None

    async def seen() -> str:
        thread = await who.messages(ask["channel"], thread=ask["ts"])
        return "\n---\n".join(who.read(message) for message in thread)

    return await who.workspace.until(look, expected=f"a reply with {words}", seen=seen)


async def test_a_no_with_its_reason_is_stored_and_can_be_taken_back(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await says(journey.bo, ask, "no, the vendor slipped & so did we")

    told = await hears(journey.bo, ask, "Understood as not true", "the vendor slipped & so did we")
    await journey.bo.reads(ask, "You said: not true")
    await journey.ana.sees(None, "Not true, says @bo", "the vendor slipped")
    assert (await journey.assumption()).status is Status.REFUTED

    await journey.bo.press(told, "Undo")
    await hears(journey.bo, ask, "Taken back")
    await journey.bo.reads(ask, "[Still true]")
    assert (await journey.assumption()).status is Status.UNVALIDATED


async def test_a_yes_is_asked_how_one_knows_where_that_matters(journey: Journey) -> None:
    await journey.log(HIGH)
    ask = await journey.asked(journey.bo)

    await says(journey.bo, ask, "yes")
    await hears(journey.bo, ask, "How do you know?")
    assert (await journey.assumption()).status is Status.UNVALIDATED

    await says(journey.bo, ask, "yes, I called it just now")
    await hears(journey.bo, ask, "Understood as still true", "I called it just now")
    await journey.ana.sees(APOLLO, "✅ Confirmed until", "I called it just now")


@pytest.mark.parametrize("typed", ["yes, if they ship", "no idea", "what is this?", "thanks"])
async def test_what_is_not_surely_an_answer_gets_help_and_stores_nothing(
    journey: Journey, typed: str
) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    before = await journey.happened()

    await says(journey.bo, ask, typed)

    await hears(journey.bo, ask, "I stored nothing", "yes, I called them")
    assert await journey.happened() == before


async def test_it_depends_in_words_says_on_what(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await says(journey.bo, ask, "it depends on the load test")

    await hears(journey.bo, ask, "Understood as it depends", "the load test")
    await journey.ana.sees(None, "It depends, says @bo", "the load test")


async def test_somebody_else_named_in_words_is_asked_until_that_is_undone(
    journey: Journey,
) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await says(journey.bo, ask, "ask @dev")
    told = await hears(journey.bo, ask, "I ask @dev about APOLLO-1 instead of you")
    await journey.bo.reads(ask, "You are not asked about this any more")

    await journey.bo.press(told, "Undo")
    await hears(journey.bo, ask, "is open again")
    await journey.bo.reads(ask, "[Still true]")
    planned = [p for p in await journey.prompts() if p.state is PromptState.PLANNED]
    assert {p.key.stakeholder for p in planned} == {journey.bo.id}


async def test_not_mine_in_words_gives_it_back_until_that_is_undone(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await says(journey.bo, ask, "Sorry, not mine.")
    told = await hears(journey.bo, ask, "APOLLO-1 is not yours")
    notice = await journey.ana.sees(None, "@bo will not answer about APOLLO-1")

    await journey.bo.press(told, "Undo")
    await journey.ana.reads(notice, "took it back and is asked about APOLLO-1 as before")


async def test_in_a_digest_the_question_is_named(journey: Journey) -> None:
    for number in (1, 2):
        await journey.ana.say(
            APOLLO, f"/assume Vendor {number} delivers in time, as agreed | ask @bo"
        )
    await journey.ana.sees(APOLLO, "APOLLO-2")
    ask = await journey.asked(journey.bo, "2 things that others rely on")

    await says(journey.bo, ask, "yes")
    await hears(journey.bo, ask, "Which one?", "APOLLO-1")
    await says(journey.bo, ask, "apollo-2: yes, they told me")

    await hears(journey.bo, ask, "Understood as still true for APOLLO-2")
    await journey.bo.reads(ask, "one answer to go")


async def test_an_event_that_comes_twice_is_one_answer_and_one_reply(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await says(journey.bo, ask, "yes, I called them")
    await hears(journey.bo, ask, "Understood as still true")
    before = await journey.happened()
    thread = await journey.bo.messages(ask["channel"], thread=ask["ts"])

    entries = (await journey.workspace.get("traffic", since="0"))["entries"]
    typed = [
        entry["request"]
        for entry in entries
        if entry["kind"] == "event" and entry["request"]["event"].get("user") == journey.bo.id
    ]
    await journey.deliver("event", typed[-1])

    assert await journey.happened() == before
    assert len(await journey.bo.messages(ask["channel"], thread=ask["ts"])) == len(thread)


async def test_the_owner_can_reply_to_a_question_in_its_thread(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Ask the owner")
    form = await journey.bo.form("Ask the owner")
    await journey.bo.submit(form, text="Which API?")
    question = await journey.ana.sees(None, "@bo has a question before answering")
    await journey.workspace.move(advance_seconds=60)  # a person needs a moment to type

    await says(journey.ana, question, "The one for refunds")

    await hears(journey.ana, question, "@bo has your reply")
    await journey.bo.sees(None, "@ana replied about APOLLO-1", "The one for refunds")


async def test_words_outside_of_a_thread_are_pointed_to_one(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)

    await journey.bo.say(ask["channel"], "hello there")

    await journey.bo.sees(None, "reply in its thread")

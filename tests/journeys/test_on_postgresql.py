"""Stories whose state is kept in PostgreSQL: the parts that differ are claims and full text."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.people import APOLLO
from bot.demo.stage import stage
from bot.domain.assumption import Status
from bot.domain.permission import OPERATOR
from bot.domain.trace import TraceState
from bot.slack import ids
from bot.usecases.setback import show_setback
from tests.haste import HASTE
from tests.journeys.journey import MONDAY, Journey

pytestmark = pytest.mark.parametrize("engine_kind", ["postgresql"])


@pytest.fixture
async def journey(database_url: str) -> AsyncIterator[Journey]:
    async with stage(now=MONDAY, database_url=database_url, limits=HASTE) as built:
        made = Journey(built)
        await made.start_project()
        yield made


async def test_an_assumption_is_asked_refuted_and_traced(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo impact:high")
    ask = await journey.asked(journey.bo)
    await journey.answer(journey.bo, ask, "Not true", "Not before May")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ❌ Not true", "Not before May")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1", "APOLLO-1", "[Caused it]")

    await journey.ana.press(posted, "Caused it")

    await journey.ana.reads(posted, "Caused by APOLLO-1")
    trace, assumption = (await journey.stored(show_setback, 1, reader=OPERATOR)).traces[0]
    assert trace.state is TraceState.CONFIRMED
    assert assumption.status is Status.REFUTED


async def test_an_answer_is_given_taken_back_and_renewed(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Still true")
    answered = await journey.bo.reads(ask, "You said: still true")
    await journey.bo.press(answered, "Undo")
    await journey.bo.reads(ask, "[Still true]")
    assert (await journey.assumption()).status is Status.UNVALIDATED
    await journey.bo.press(await journey.bo.again(ask), "Still true")
    await journey.bo.reads(ask, "You said: still true")

    refresh = await journey.asked(journey.bo, "asked again before the last answer expires")
    await journey.bo.press(refresh, "Still true")

    await journey.bo.reads(refresh, "You said: still true")
    assert (await journey.assumption()).status is Status.VALIDATED


async def test_a_near_duplicate_is_found_and_joined(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.caro.say(APOLLO, "/assume The payments API is live by March")
    form = await journey.caro.form("What do you rely on?")
    await journey.caro.submit(form, **{ids.ASKED: [journey.dev.id]})

    offer = await journey.caro.form("Is it one of these?", "APOLLO-1")
    await journey.caro.press(offer, "Join this one")

    await journey.caro.form("Joined", "APOLLO-1")
    asked = [person.user for person in (await journey.assumption()).stakeholders]
    assert asked == [journey.bo.id, journey.dev.id]

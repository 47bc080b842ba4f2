"""What an owner does about an answer, or about none; and what everybody sets for themselves."""

from datetime import UTC, datetime

from bot.demo.people import APOLLO, APP
from bot.demo.words import buttons
from bot.domain.assumption import Status
from bot.domain.history import StakeholderReleased
from bot.domain.ids import AssumptionKey, UserId
from bot.slack import ids
from bot.usecases.due import due_for
from tests.journeys.journey import FIRST, OVER_HTTP_ALONE, PROJECT, Journey

pytestmark = OVER_HTTP_ALONE

MEDIUM = "The payments API is live | ask @bo"


async def test_what_depends_is_split_in_two_and_the_whole_says_what_became_of_it(
    journey: Journey,
) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.answer(journey.bo, ask, "It depends", "Refunds need a second API")
    notice = await journey.ana.sees(None, "It depends, says @bo", "[Split it in two]")

    await journey.ana.press(notice, "Split it in two")
    form = await journey.ana.form("Split it in two", "It depends on: Refunds need a second API")
    same = await journey.ana.submit(form, **{ids.FIRST_HALF: "One", ids.SECOND_HALF: "One"})
    assert "differ" in same["errors"][ids.SECOND_HALF]
    await journey.ana.submit(
        form, **{ids.FIRST_HALF: "Payments are live", ids.SECOND_HALF: "Refunds are live"}
    )

    await journey.ana.form("APOLLO-1 is now APOLLO-2 and APOLLO-3")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  🗃️ No longer tracked")
    await journey.ana.sees(APOLLO, "APOLLO-3", "Refunds are live", "Asked: bo")
    assert (await journey.assumption()).status is Status.RETIRED
    second = await journey.assumption(AssumptionKey(PROJECT, 2))
    assert [p.user for p in second.stakeholders] == [journey.bo.id]
    await journey.ana.closes_all()
    await journey.ana.say(APOLLO, "/assume show APOLLO-1")
    await journey.ana.sees(APOLLO, "retired it (split into APOLLO-2 and APOLLO-3)")
    await journey.ana.say(APOLLO, "/assume show APOLLO-3")
    await journey.ana.sees(APOLLO, "split it off APOLLO-1")


async def test_the_owner_chooses_somebody_else_when_it_is_given_back(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Not mine")
    notice = await journey.ana.sees(None, "@bo will not answer about APOLLO-1")

    await journey.ana.press(notice, "Choose someone else")
    form = await journey.ana.form("Choose someone else", "I stop asking @bo")
    await journey.ana.submit(form, **{ids.WHO: journey.dev.id})

    await journey.ana.sees(APOLLO, "Asked: dev")
    await journey.asked(journey.dev, "The payments API is live")


async def test_a_person_sets_their_hours_and_what_is_planned_follows(journey: Journey) -> None:
    await journey.log(MEDIUM)
    before = (await journey.stored(due_for, UserId(journey.bo.id), now=_now()))[0].at
    await journey.bo.say(APOLLO, "/stilltrue me")
    form = await journey.bo.form("When may I ask you?", "Europe/Berlin")

    refused = await journey.bo.submit(form, **{ids.STARTS: "17:00", ids.ENDS: "09:00"})
    assert "must end after it begins" in refused["errors"][ids.ENDS]
    hours = {ids.STARTS: "13:00", ids.ENDS: "16:00"}
    refused = await journey.bo.submit(form, **hours, **{ids.COUNTRY: "QQ"})
    assert "QQ" in refused["errors"][ids.COUNTRY]
    await journey.bo.submit(form, **hours, **{ids.COUNTRY: "DE"})

    after = (await journey.stored(due_for, UserId(journey.bo.id), now=_now()))[0].at
    assert before.date() == after.date()
    assert after.hour == before.hour + 4
    await journey.bo.home(APP, "13:00 to 16:00, Monday to Friday (Europe/Berlin)")


def _now() -> datetime:
    return datetime(2026, 3, 2, 10, tzinfo=UTC)


async def test_somebody_away_is_asked_when_they_are_back(journey: Journey) -> None:
    await journey.log(MEDIUM)
    page = await journey.bo.home(APP, "When I may ask you", "09:00 to 17:00")
    await journey.bo.press(page, "Change")
    form = await journey.bo.form("When may I ask you?")
    await journey.bo.submit(form, **{ids.AWAY: "2026-03-16"})
    await journey.bo.home(APP, "You are away: nothing comes before Monday 16 March 2026")

    await journey.asked(journey.bo, "The payments API is live")

    assert f"{await journey.workspace.now():%Y-%m-%d %H:%M}" == "2026-03-16 08:20"


async def test_due_says_when_and_why_in_ones_own_zone(journey: Journey) -> None:
    await journey.log(MEDIUM)

    await journey.bo.say(APOLLO, "/stilltrue due")

    await journey.bo.sees(
        APOLLO,
        "What I am about to ask you  ·  1 in all",
        "Wednesday 4 March 2026 at 09:20 (Europe/Berlin)",
        "APOLLO-1  “The payments API is live”",
        "@ana relies on it",
        "first question, two working days after it was logged",
    )
    await journey.dev.say(APOLLO, "/stilltrue due")
    await journey.dev.sees(APOLLO, "Nothing: I have no question for you")


async def test_the_page_of_one_says_what_happens_next(journey: Journey) -> None:
    await journey.log(MEDIUM)

    await journey.ana.say(APOLLO, f"/assume show {FIRST}")

    await journey.ana.sees(APOLLO, "Next: ", "ask @bo", "two working days after it was logged")


async def test_passing_on_keeps_the_chain_in_sight(journey: Journey) -> None:
    await journey.log(MEDIUM)
    ask = await journey.asked(journey.bo)
    await journey.bo.press(ask, "Ask someone else")
    await journey.bo.submit(await journey.bo.form("Ask someone else"), **{ids.WHO: journey.dev.id})
    second = await journey.asked(journey.dev, "passed on by @bo")
    await journey.dev.press(second, "Ask someone else")
    form = await journey.dev.form("Ask someone else")
    await journey.dev.submit(form, **{ids.WHO: journey.caro.id})

    third = await journey.asked(journey.caro, "passed on by @bo, then @dev")

    back = await _pass_on(journey, third)
    assert "has been asked about APOLLO-1 already" in back
    gone = [what for what in await journey.happened() if isinstance(what, StakeholderReleased)]
    assert [what.stakeholder for what in gone] == [journey.bo.id, journey.dev.id]


async def _pass_on(journey: Journey, ask: dict[str, object]) -> str:
    """Let Caro try to pass it back to Bo; return what is said beside the field."""
    await journey.caro.press(ask, "Ask someone else")
    form = await journey.caro.form("Ask someone else")
    answer = await journey.caro.submit(form, **{ids.WHO: journey.bo.id})
    return str(answer["errors"][ids.WHO])


async def test_an_owner_lives_with_a_risk_until_it_comes_back(journey: Journey) -> None:
    await journey.log(MEDIUM)
    card = await journey.ana.sees(APOLLO, "APOLLO-1  ·  ⏳")
    await journey.ana.press(card, "Accept the risk")
    form = await journey.ana.form("Accept the risk", "Why can you live with it?")
    late = {ids.UNTIL: "2026-03-02", ids.REASON: "We can launch without it"}
    refused = await journey.ana.submit(form, **late)
    assert "from tomorrow" in refused["errors"][ids.UNTIL]

    await journey.ana.submit(form, **{**late, ids.UNTIL: "2026-03-16"})

    await journey.ana.reads(
        card, "the risk is accepted until Monday 16 March 2026", "We can launch without it"
    )
    kept = await journey.assumption()
    assert kept.is_open
    ask = await journey.asked(journey.bo, "its risk was accepted until Monday 16 March")
    assert f"{await journey.workspace.now():%Y-%m-%d}" == "2026-03-16"
    await journey.bo.press(ask, "Still true")
    await journey.ana.reads(card, "✅ Confirmed until")


async def test_only_who_has_a_say_may_accept_a_risk(journey: Journey) -> None:
    await journey.log(MEDIUM)
    card = await journey.dev.sees(APOLLO, "APOLLO-1  ·  ⏳")
    await journey.dev.press(card, "Accept the risk")
    form = await journey.dev.form("Accept the risk")

    refused = await journey.dev.submit(form, **{ids.UNTIL: "2026-03-16", ids.REASON: "Why not"})

    assert "Only the owner" in next(iter(refused["errors"].values()))
    assert (await journey.assumption()).accepted is None


async def test_where_answers_differ_the_owner_decides(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @dev @bo quorum:all")
    first = await journey.asked(journey.dev)
    await journey.dev.press(first, "Still true")
    await journey.dev.reads(first, "You said: still true")
    second = await journey.asked(journey.bo)
    await journey.answer(journey.bo, second, "Not true", "Only in staging")
    notice = await journey.ana.sees(None, "Not true, says @bo", "You own it, so you decide")

    await journey.ana.press(notice, "Decide")
    form = await journey.ana.form("Decide", "What counts?")
    await journey.ana.submit(
        form, **{ids.ANSWERED: "holds", ids.REASON: "Bo looked at the wrong one"}
    )

    await journey.ana.reads(notice, "The owner decided since: still true", "the wrong one")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ✅ Confirmed until")
    assert (await journey.assumption()).status is Status.VALIDATED


async def test_a_figure_is_expected_and_its_owner_says_what_it_came_to(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/assume The migration costs less than 3 engineer-weeks")
    form = await journey.ana.form("What do you rely on?")
    refused = await journey.ana.submit(form, **{ids.FIGURE: "a few"})
    assert set(refused["errors"]) == {ids.FIGURE, ids.UNIT, ids.CHECK_ON}
    await journey.ana.submit(
        form,
        **{ids.FIGURE: "3", ids.UNIT: "engineer-weeks", ids.CHECK_ON: "2026-03-13"},
    )
    card = await journey.ana.sees(
        APOLLO, "Expected: 3 engineer-weeks, checked on Friday 13 March 2026"
    )

    await journey.workspace.move(to="2026-03-13T11:00:00+00:00")
    question = await journey.ana.sees(None, "What did APOLLO-1 come to?")
    await journey.ana.press(question, "Say what it came to")
    form = await journey.ana.form("What did it come to?", "in engineer-weeks")
    refused = await journey.ana.submit(form, **{ids.ACTUAL: "more"})
    assert "plain number" in refused["errors"][ids.ACTUAL]
    await journey.ana.submit(form, **{ids.ACTUAL: "4,5", ids.REASON: "Two schemas"})

    await journey.ana.reads(question, "Actual: 4.5 engineer-weeks", "[Correct the figure]")
    await journey.ana.reads(card, "Actual: 4.5 engineer-weeks")


async def test_a_lead_changes_when_people_are_asked_in_a_project(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/stilltrue settings")
    page = await journey.ana.form("When I ask", "Critical", "in the next working hour")
    await journey.ana.press(page, "Change", number=3)
    form = await journey.ana.form("Medium impact", "How many reminders")
    refused = await journey.ana.submit(form, **{ids.FIRST_ASK: "soon", ids.LIFETIME: "0"})
    assert set(refused["errors"]) == {ids.FIRST_ASK, ids.LIFETIME}

    await journey.ana.submit(form, **{ids.FIRST_ASK: "1", ids.LIFETIME: "21"})

    await journey.ana.form("When I ask", "(changed here)", "An answer counts for 21 days")
    await journey.ana.closes_all()
    await journey.log(MEDIUM)
    await journey.asked(journey.bo, "one working day after it was logged")
    assert f"{await journey.workspace.now():%Y-%m-%d}" == "2026-03-03"


async def test_others_see_when_people_are_asked_and_cannot_change_it(journey: Journey) -> None:
    await journey.bo.say(APOLLO, "/stilltrue settings")

    page = await journey.bo.form("When I ask", "lead and workspace admins can change this")

    assert not list(buttons(page))


async def test_who_does_not_answer_is_spared_and_the_owner_can_ask_another(
    journey: Journey,
) -> None:
    for number in (1, 2, 3):
        await journey.ana.say(
            APOLLO, f"/assume Vendor {number} delivers in time, as agreed | ask @bo impact:critical"
        )
    await journey.ana.sees(APOLLO, "APOLLO-3")
    for _ in range(10):
        await journey.workspace.move(preset="next_working_morning", **{"as": journey.bo.id})

    notice = await journey.ana.sees(None, "@bo left several questions unanswered")
    await journey.ana.press(notice, "Choose someone else")
    form = await journey.ana.form("Choose someone else", "I stop asking @bo")
    await journey.ana.submit(form, **{ids.WHO: journey.dev.id})

    await journey.ana.sees(APOLLO, "Asked: dev")


async def test_a_full_day_says_what_waits_and_the_rest_comes_the_next(journey: Journey) -> None:
    for number in range(1, 11):
        await journey.ana.say(
            APOLLO, f"/assume Vendor {number} delivers in time, as agreed | ask @bo"
        )
    await journey.ana.sees(APOLLO, "APOLLO-10")

    first = await journey.asked(journey.bo, "8 things that others rely on", "8 answers to go")
    await journey.bo.reads(first, "2 more questions wait for your next working day")
    second = await journey.asked(journey.bo, "2 things that others rely on")

    assert second["ts"] > first["ts"]
    assert f"{await journey.workspace.now():%A}" == "Thursday"

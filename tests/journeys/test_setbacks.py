from datetime import timedelta
from decimal import Decimal

import pytest

from bot.demo.people import APOLLO
from bot.domain.assumption import Status
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey
from bot.domain.permission import OPERATOR
from bot.domain.setback import SetbackKind, Severity
from bot.domain.trace import Role, TraceState
from bot.slack import ids
from bot.usecases.setback import get_setback, show_setback
from bot.usecases.setback_list import read_setback
from tests.journeys.journey import FIRST, MONDAY, OVER_HTTP_ALONE, PROJECT, Journey


@OVER_HTTP_ALONE
@pytest.mark.parametrize(
    ("line", "kind", "text", "shown"),
    [
        (
            "delay 3d waiting for the payments API",
            SetbackKind.DELAY,
            "waiting for the payments API",
            "3 working days",
        ),
        (
            "incident 45m checkout down since 09:05 sev:2 service:checkout",
            SetbackKind.INCIDENT,
            "checkout down",
            "45 minutes down",
        ),
        (
            "bug refunds fail for gift cards",
            SetbackKind.BUG,
            "refunds fail for gift cards",
            "Bug that surprised #1",
        ),
        (
            "scope change no refunds in the first release",
            SetbackKind.SCOPE_CHANGE,
            "no refunds in the first release",
            "Scope change #1",
        ),
    ],
    ids=["delay", "incident", "bug", "scope change"],
)
async def test_each_kind_is_recorded_with_one_line(
    journey: Journey, line: str, kind: SetbackKind, text: str, shown: str
) -> None:
    await journey.ana.say(APOLLO, f"/setback {line}")

    await journey.bo.sees(APOLLO, "#1", text, shown)
    kept = await journey.stored(get_setback, 1, reader=OPERATOR)
    assert (kept.kind, kept.text) == (kind, text)
    if kind is SetbackKind.DELAY:
        assert kept.cost.working_days_slipped == Decimal(3)
    if kind is SetbackKind.INCIDENT:
        assert kept.cost.minutes_down == 45
        assert kept.severity is Severity.SEV2
        assert kept.services == ("checkout",)
        assert f"{kept.started_at:%H:%M}" == "09:05"


@OVER_HTTP_ALONE
async def test_a_start_before_slack_can_show_it_stays_in_the_text(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/setback incident down since 1 january 0001")

    await journey.bo.sees(APOLLO, "#1", "down since 1 january 0001")
    kept = await journey.stored(get_setback, 1, reader=OPERATOR)
    assert kept.started_at >= MONDAY


async def test_the_form_records_every_field(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/setback")
    form = await journey.ana.form("What went wrong?")
    await journey.ana.submit(
        form,
        **{
            ids.KIND: "incident",
            ids.TEXT: "Checkout was down",
            ids.STARTED: "today 08:00",
            ids.ENDED: "today 08:45",
            ids.MINUTES: "45",
            ids.MONEY: "1200 EUR",
            ids.SEVERITY: "sev1",
            ids.SERVICES: "checkout",
        },
    )

    await journey.bo.sees(APOLLO, "Incident #1", "45 minutes down", "1,200 EUR", "SEV1")
    kept = await journey.stored(get_setback, 1, reader=OPERATOR)
    assert kept.ended_at is not None
    assert kept.ended_at - kept.started_at == timedelta(minutes=45)
    assert kept.cost.money is not None
    assert kept.cost.money.amount == Decimal(1200)


@OVER_HTTP_ALONE
@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        (ids.STARTED, "tomorrow", "future"),
        (ids.STARTED, "when pigs fly", ""),
        (ids.DAYS, "many", ""),
        (ids.MONEY, "lots", ""),
        (ids.ENDED, "two weeks ago", "before it began"),
    ],
)
async def test_a_field_that_cannot_be_read_says_so_beside_it(
    journey: Journey, field: str, value: str, part: str
) -> None:
    await journey.ana.say(APOLLO, "/setback")
    form = await journey.ana.form("What went wrong?")

    answer = await journey.ana.submit(form, **{ids.TEXT: "It slipped", field: value})

    assert answer["response_action"] == "errors"
    assert part in answer["errors"][field]
    with pytest.raises(NotFoundError):
        await journey.stored(get_setback, 1, reader=OPERATOR)


async def test_candidates_come_with_reasons_and_a_confirmed_one_shows_on_both_sides(
    journey: Journey,
) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.log("The office stays open | ask @bo", key=AssumptionKey(PROJECT, 2))
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "What was underneath it?", "APOLLO-1")
    words = journey.ana.read(posted)
    assert "not validated when this began" in words
    assert "payments" in words
    assert "APOLLO-2" not in words

    await journey.bo.press(posted, "Contributed")

    await journey.ana.reads(posted, "Contributed: APOLLO-1", "says bo")
    await journey.ana.sees(APOLLO, "Contributed to delay #1: “waiting for the payments API”")
    trace, _ = (await journey.stored(show_setback, 1, reader=OPERATOR)).traces[0]
    assert (trace.state, trace.role) == (TraceState.CONFIRMED, Role.CONTRIBUTED)
    assert trace.as_of.status is Status.UNVALIDATED


@OVER_HTTP_ALONE
async def test_at_most_three_are_shown_and_the_rest_are_a_click_away(journey: Journey) -> None:
    for number, thing in enumerate(("live", "fast", "cheap", "safe"), start=1):
        line = f"The payments API is {thing} | ask @bo"
        await journey.log(line, key=AssumptionKey(PROJECT, number))
    await journey.log("Payments need no license | ask @bo", key=AssumptionKey(PROJECT, 5))
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1", "What was underneath it?")
    assert len([b for b in posted["blocks"] if b["type"] == "actions"]) == 4

    await journey.bo.press(posted, "More candidates")
    more = await journey.bo.form("More candidates", "APOLLO-5", "shares: payments")
    shown = journey.bo.read(more)
    (left,) = (key for key in (f"APOLLO-{n}" for n in range(1, 5)) if key in shown)
    await journey.bo.press(
        more, "Contributed", number=1 + (shown.index("APOLLO-5") < shown.index(left))
    )

    await journey.ana.reads(posted, f"Contributed: {left}", "says bo")
    await journey.bo.form("More candidates", f"Contributed: {left}", "APOLLO-5")
    again = (await journey.bo.views())[-1]
    await journey.bo.press(again, "Not related")
    await journey.bo.form("More candidates", "Not related: APOLLO-5", "nothing more that shares")
    await journey.ana.reads(posted, "Not related: APOLLO-5")


@OVER_HTTP_ALONE
async def test_what_happens_later_does_not_change_the_status_when_it_began(
    journey: Journey,
) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1", "APOLLO-1")
    ask = await journey.asked(journey.bo)
    await journey.answer(journey.bo, ask, "Not true", "Not before May")

    await journey.ana.press(posted, "Caused it")

    await journey.ana.reads(posted, "Caused by APOLLO-1", "It was unvalidated when this began")


@OVER_HTTP_ALONE
async def test_a_candidate_can_be_rejected_and_that_can_be_changed(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1", "APOLLO-1")

    await journey.ana.press(posted, "Not related")

    await journey.ana.reads(posted, "Not related: APOLLO-1")
    trace, _ = (await journey.stored(show_setback, 1, reader=OPERATOR)).traces[0]
    assert trace.state is TraceState.REJECTED


@OVER_HTTP_ALONE
async def test_something_that_nobody_wrote_down_is_logged_as_found_late(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1")

    await journey.ana.press(posted, "Something we never wrote down")
    form = await journey.ana.form("Never written down")
    await journey.ana.submit(form, **{ids.STATEMENT: "The vendor answers within a day"})

    await journey.ana.reads(posted, "Caused by APOLLO-1", "Nobody had logged it when this began")
    trace, assumption = (await journey.stored(show_setback, 1, reader=OPERATOR)).traces[0]
    assert trace.is_unlogged
    assert assumption.key == FIRST


async def test_a_refuted_assumption_leads_to_a_delay_in_two_clicks(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    await journey.answer(journey.bo, ask, "Not true", "Not before May")
    told = await journey.ana.sees(None, "Not true, says @bo")

    await journey.ana.press(told, "Record a delay")
    form = await journey.ana.form("What went wrong?")
    await journey.ana.submit(form, **{ids.DAYS: "3"})

    await journey.ana.sees(APOLLO, "Delay #1", "3 working days")


async def test_a_message_can_become_a_setback(journey: Journey) -> None:
    await journey.bo.say(APOLLO, "We are waiting for the vendor again")
    said = await journey.ana.sees(APOLLO, "waiting for the vendor")

    await journey.ana.shortcut(ids.SETBACK_SHORTCUT, said)
    await journey.ana.submit(await journey.ana.form("What went wrong?"), **{ids.DAYS: "1"})

    await journey.ana.sees(APOLLO, "Delay #1", "where it was said")
    assert (await journey.stored(get_setback, 1, reader=OPERATOR)).permalink == said["permalink"]


@OVER_HTTP_ALONE
async def test_one_that_was_recorded_is_corrected_closed_and_opened_again(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback incident payments API down since 10:30 sev:2")
    posted = await journey.ana.sees(APOLLO, "Incident #1", "not validated when this began")

    await journey.bo.press(posted, "Edit")
    form = await journey.bo.form("Edit #1")
    await journey.bo.submit(form, **{ids.STARTED: "2026-03-02 10:50", ids.SERVICES: "payments"})
    await journey.ana.sees(APOLLO, "Incident #1", "start was corrected", "services: payments")
    await journey.bo.press(await journey.ana.sees(APOLLO, "Incident #1"), "It is over")
    form = await journey.bo.form("#1 is over")
    refused = await journey.bo.submit(form, **{ids.ENDED: "yesterday"})
    await journey.bo.submit(form, **{ids.ENDED: "11:20"})
    closed = await journey.bo.sees(APOLLO, "Incident #1", "30 minutes down", "ended")
    await journey.ana.say(APOLLO, "/setback reopen #1")

    opened = await journey.ana.sees(APOLLO, "Incident #1", "Began")
    assert "before it began" in refused["errors"][ids.ENDED]
    assert opened["ts"] == closed["ts"] == posted["ts"]
    kept = await journey.stored(get_setback, 1, reader=OPERATOR)
    assert (kept.ended_at, kept.cost.minutes_down, kept.severity) == (None, None, Severity.SEV2)
    await journey.ana.say(APOLLO, "/setback close 1 at 10:20")
    await journey.ana.sees(APOLLO, "Incident #1", "30 minutes down")
    await journey.ana.say(APOLLO, "/setback close contacts with the vendor were lost")
    await journey.ana.form("What went wrong?")


@OVER_HTTP_ALONE
async def test_what_was_recorded_twice_becomes_one(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback incident payments API is down")
    await journey.bo.say(APOLLO, "/setback incident nobody reaches the payments API")
    second = await journey.bo.sees(APOLLO, "Incident #2", "APOLLO-1")
    await journey.bo.press(second, "Caused it")
    second = await journey.bo.sees(APOLLO, "Incident #2", "Caused by")

    await journey.bo.press(second, "Same as another one")
    form = await journey.bo.form("Same as another one")
    await journey.bo.submit(form, **{ids.REPEATS: "1"})

    await journey.ana.sees(APOLLO, "Incident #1", "Caused by", "Also told as", "nobody reaches")
    left = await journey.ana.sees(APOLLO, "Incident #2", "is part of #1 now")
    assert left["ts"] == second["ts"]
    await journey.ana.say(APOLLO, "/setback merge 2 into 1")  # again: nothing changes
    assert [
        one.number
        for one in (await journey.stored(read_setback, 1, now=MONDAY, reader=OPERATOR)).parts
    ] == [2]
    await journey.ana.say(APOLLO, "/setback list")
    listed = await journey.ana.sees(APOLLO, "All setbacks", "#1")
    assert "#2" not in " ".join(journey.ana.read(listed))

from datetime import date

import pytest

from bot.demo.people import APOLLO, CALENDAR, EVE, GENERAL, LEADS, PAYMENTS
from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey, ProjectKey, UserId
from bot.domain.permission import OPERATOR
from bot.slack import ids
from bot.usecases.project import get_project, projects_of
from tests.journeys.journey import FIRST, OVER_HTTP_ALONE, PROJECT, Journey

SECOND = AssumptionKey(PROJECT, 2)


async def test_the_form_stores_each_field_and_shows_the_card(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/assume The payments API is live")
    form = await journey.ana.form("What do you rely on?")
    await journey.ana.submit(
        form,
        **{
            ids.STATEMENT: "The payments API is live in staging",
            ids.ASKED: [journey.bo.id, journey.caro.id],
            ids.IMPACT: "critical",
            ids.VALIDATE_BY: "2026-03-20",
            ids.CONSEQUENCE: "The launch slips",
            ids.CONFIDENCE: "70",
            ids.BACKUP: journey.dev.id,
            ids.QUORUM: "all",
            ids.SERVICES: "checkout, payments-api",
            ids.TAGS: "vendor",
        },
    )

    card = await journey.caro.sees(APOLLO, "APOLLO-1", "The payments API is live in staging")
    words = journey.caro.read(card)
    assert "Nobody has confirmed this yet" in words
    assert "critical: load-bearing" in words
    assert "needed by Friday 20 March" in words
    assert "The launch slips" in words
    kept = await journey.assumption()
    assert kept.owner == journey.ana.id
    assert kept.impact is Impact.CRITICAL
    assert kept.quorum is Quorum.ALL
    assert kept.validate_by == date(2026, 3, 20)
    assert kept.confidence_percent == 70
    assert kept.services == ("checkout", "payments-api")
    assert kept.tags == ("vendor",)
    assert [(p.user, p.is_backup) for p in kept.stakeholders] == [
        (journey.bo.id, False),
        (journey.caro.id, False),
        (journey.dev.id, True),
    ]


@OVER_HTTP_ALONE
@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("friday", date(2026, 3, 6)),
        ("march 20", date(2026, 3, 20)),
        ("end of month", date(2026, 3, 31)),
        ("in 3 working days", date(2026, 3, 5)),
        ("tomorrow", date(2026, 3, 3)),
        ("2026-04-01", date(2026, 4, 1)),
    ],
)
async def test_the_quick_form_reads_dates_in_words(journey: Journey, words: str, day: date) -> None:
    kept = await journey.log(f"The API is live | ask @bo by {words} impact:high confidence:70")

    assert kept.validate_by == day
    assert kept.statement == "The API is live"
    assert kept.impact is Impact.HIGH
    assert kept.confidence_percent == 70
    assert [person.user for person in kept.stakeholders] == [journey.bo.id]


async def test_a_statement_may_begin_with_a_word_that_is_also_a_command(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/assume list of vendors is final")

    form = await journey.ana.form("What do you rely on?")
    await journey.ana.submit(form)
    await journey.ana.sees(APOLLO, "list of vendors is final")
    assert (await journey.assumption()).statement == "list of vendors is final"


async def test_the_first_one_in_a_channel_starts_a_project_and_what_was_typed_is_kept(
    empty: Journey,
) -> None:
    await empty.ana.say(PAYMENTS, "/assume Refunds stay manual | ask @bo impact:low")
    form = await empty.ana.form("Start a project here", "no project yet")
    await empty.ana.submit(form)

    await empty.ana.sees(PAYMENTS, "PAYMENTS-1", "Refunds stay manual")
    project = await empty.stored(get_project, ProjectKey("PAYMENTS"), reader=OPERATOR)
    assert (project.channel, project.lead) == (PAYMENTS, empty.ana.id)
    kept = await empty.assumption(AssumptionKey(ProjectKey("PAYMENTS"), 1))
    assert kept.impact is Impact.LOW
    assert [person.user for person in kept.stakeholders] == [empty.bo.id]


async def test_a_key_that_is_none_is_refused_beside_its_field(empty: Journey) -> None:
    await empty.ana.say(APOLLO, "/assume The API is live | ask @bo")
    form = await empty.ana.form("Start a project here")

    answer = await empty.ana.submit(form, **{ids.KEY: "1-x"})

    assert answer["response_action"] == "errors"
    assert "begin with a letter" in answer["errors"][ids.KEY]
    assert await empty.stored(projects_of, reader=OPERATOR) == []


async def test_somebody_who_logs_the_same_is_offered_to_join(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.caro.say(APOLLO, "/assume The payments API is live by March")
    form = await journey.caro.form("What do you rely on?")
    await journey.caro.submit(form, **{ids.ASKED: [journey.dev.id]})

    offer = await journey.caro.form("Is it one of these?", "APOLLO-1", "The payments API is live")
    await journey.caro.press(offer, "Join this one")

    await journey.caro.form("Joined", "APOLLO-1")
    kept = await journey.assumption()
    assert [person.user for person in kept.stakeholders] == [journey.bo.id, journey.dev.id]
    with pytest.raises(NotFoundError):
        await journey.assumption(SECOND)


async def test_the_same_can_be_logged_anyway(journey: Journey) -> None:
    await journey.log("The payments API is live by March 20 | ask @bo")
    await journey.caro.say(APOLLO, "/assume The payments API is live by March")
    await journey.caro.submit(await journey.caro.form("What do you rely on?"))

    offer = await journey.caro.form("Is it one of these?")
    await journey.caro.submit(offer)

    await journey.caro.sees(APOLLO, "APOLLO-2")
    assert (await journey.assumption(SECOND)).owner == journey.caro.id


async def test_a_message_can_be_logged_with_a_link_to_it(journey: Journey) -> None:
    await journey.bo.say(APOLLO, "The vendor answers within a day, I would say")
    said = await journey.ana.sees(APOLLO, "The vendor answers within a day")

    await journey.ana.shortcut(ids.LOG_SHORTCUT, said)
    await journey.ana.submit(await journey.ana.form("What do you rely on?"))

    await journey.ana.sees(APOLLO, "APOLLO-1", "where it was said")
    kept = await journey.assumption()
    assert kept.statement == "The vendor answers within a day, I would say"
    assert kept.permalink == said["permalink"]


async def test_the_shortcut_from_anywhere_asks_which_project(journey: Journey) -> None:
    await journey.ana.shortcut(ids.LOG_GLOBAL)
    form = await journey.ana.form("What do you rely on?", "Project")
    await journey.ana.submit(form, **{ids.STATEMENT: "Nobody is on leave", ids.PROJECT: "APOLLO"})

    await journey.ana.sees(APOLLO, "APOLLO-1", "Nobody is on leave")
    assert (await journey.assumption()).status is Status.UNVALIDATED


async def test_the_home_tab_logs_too_and_lists_what_one_relies_on(journey: Journey) -> None:
    home = await journey.ana.home(journey.stage.app, "Log what you rely on")
    await journey.ana.press(home, "Log what you rely on")
    form = await journey.ana.form("What do you rely on?")
    await journey.ana.submit(form, **{ids.STATEMENT: "Nobody is on leave", ids.PROJECT: "APOLLO"})
    await journey.ana.sees(APOLLO, "APOLLO-1")

    await journey.ana.home(journey.stage.app, "What you rely on", "Nobody is on leave")
    assert (await journey.assumption()).owner == journey.ana.id


@OVER_HTTP_ALONE
@pytest.mark.parametrize(
    ("who", "why"),
    [(CALENDAR, "is a bot"), (EVE, "has left this workspace")],
    ids=["a bot", "deactivated"],
)
async def test_somebody_who_cannot_answer_is_refused_beside_the_field(
    journey: Journey, who: str, why: str
) -> None:
    await journey.ana.say(APOLLO, "/assume The API is live")
    form = await journey.ana.form("What do you rely on?")

    answer = await journey.ana.submit(form, **{ids.ASKED: [who]})

    assert answer["response_action"] == "errors"
    assert why in answer["errors"][ids.ASKED]
    with pytest.raises(NotFoundError):
        await journey.assumption()


@OVER_HTTP_ALONE
@pytest.mark.parametrize("name", ["calendar", "eve"])
async def test_the_quick_form_refuses_somebody_who_cannot_answer(
    journey: Journey, name: str
) -> None:
    await journey.ana.say(APOLLO, f"/assume The API is live | ask @{name}")

    told = await journey.ana.sees(APOLLO, f"{name} ", "Choose")
    assert told["ephemeral"]
    with pytest.raises(NotFoundError):
        await journey.assumption()


@OVER_HTTP_ALONE
@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("The API is live | ask @bo by someday soonish", "someday soonish"),
        ("The API is live | ask @bo by 2026-02-02", "has passed"),
        ("The API is live | ask @bo impact:hgih", "Did you mean impact:high?"),
        ("The API is live | ask @bo confidence:170", "0 to 100"),
        ("The API is live | ask @nobody", "I do not know who @nobody is"),
        ("| ask @bo", "Write what you assume"),
    ],
)
async def test_a_line_that_cannot_be_read_is_answered_with_what_to_mend(
    journey: Journey, line: str, part: str
) -> None:
    await journey.ana.say(APOLLO, f"/assume {line}")

    told = await journey.ana.sees(APOLLO, part)
    assert told["ephemeral"]
    with pytest.raises(NotFoundError):
        await journey.assumption()


async def test_a_date_that_has_passed_is_refused_beside_its_field(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/assume The API is live")
    form = await journey.ana.form("What do you rely on?")

    answer = await journey.ana.submit(form, **{ids.VALIDATE_BY: "2026-02-27"})

    assert "has passed" in answer["errors"][ids.VALIDATE_BY]
    with pytest.raises(NotFoundError):
        await journey.assumption()


@OVER_HTTP_ALONE
@pytest.mark.parametrize("verb", ["show", "edit", "retire"])
async def test_a_key_that_nobody_knows_is_said_to_the_person_alone(
    journey: Journey, verb: str
) -> None:
    await journey.ana.say(APOLLO, f"/assume {verb} APOLLO-99")

    told = await journey.ana.sees(APOLLO, "I know no APOLLO-99 here")
    assert told["ephemeral"]
    assert await journey.bo.messages(APOLLO) == []


async def test_a_list_can_be_filtered_and_each_row_acted_on(journey: Journey) -> None:
    await journey.log("The API is live | ask @bo")
    await journey.log("The terms are final | ask @caro", key=SECOND)
    await journey.ana.say(APOLLO, "/assume list")
    shown = await journey.ana.sees(APOLLO, "Everything open", "The API is live", "The terms")

    await journey.ana.press(shown, "Retire", number=2)
    await journey.ana.submit(await journey.ana.form("Retire APOLLO-"))

    statuses = {(await journey.assumption(key)).status for key in (FIRST, SECOND)}
    assert statuses == {Status.RETIRED, Status.UNVALIDATED}


async def test_an_edit_asks_whom_it_adds_and_no_longer_whom_it_leaves_out(
    journey: Journey,
) -> None:
    await journey.log("The API is live | ask @bo")
    await journey.ana.say(APOLLO, "/assume edit APOLLO-1")
    form = await journey.ana.form("Edit APOLLO-1")

    await journey.ana.submit(
        form, **{ids.STATEMENT: "The API is live in staging", ids.ASKED: [journey.caro.id]}
    )

    await journey.ana.sees(APOLLO, "The API is live in staging", "Asked: caro")
    kept = await journey.assumption()
    asked = [person.user for person in kept.stakeholders if not person.is_released]
    assert asked == [UserId(journey.caro.id)]


@OVER_HTTP_ALONE
async def test_an_edit_that_says_something_else_is_asked_anew_unless_one_says_it_means_the_same(
    journey: Journey,
) -> None:
    await journey.log("The API is live | ask @bo impact:medium")
    await journey.answer(journey.bo, await journey.asked(journey.bo), "Still true")
    await journey.ana.say(APOLLO, "/assume edit APOLLO-1")
    form = await journey.ana.form("Edit APOLLO-1", "If you change the text")
    typo = {ids.STATEMENT: "The API is live.", ids.SAME_MEANING: ["same"]}
    await journey.ana.submit(form, **typo)
    await journey.ana.sees(APOLLO, "Confirmed until", "The API is live.")

    await journey.ana.say(APOLLO, "/assume edit APOLLO-1")
    form = await journey.ana.form("Edit APOLLO-1", "If you change the text")
    await journey.ana.submit(form, **{ids.STATEMENT: "The API is live in staging"})

    await journey.ana.sees(APOLLO, "Nobody has confirmed", "The API is live in staging")
    assert (await journey.assumption()).status is Status.UNVALIDATED


async def test_where_the_bot_is_no_member_it_says_so_and_the_card_comes_once_it_is_invited(
    empty: Journey,
) -> None:
    await empty.ana.say(GENERAL, "/assume The office stays open | ask @bo")
    await empty.ana.submit(await empty.ana.form("Start a project here"))

    await empty.ana.sees(GENERAL, "/invite")
    kept = await empty.assumption(AssumptionKey(ProjectKey("GENERAL"), 1))
    assert kept.statement == "The office stays open"
    await empty.workspace.post(f"channels/{GENERAL}/members", user=empty.workspace.bot)
    await empty.workspace.move(preset="hour")
    await empty.ana.sees(GENERAL, "GENERAL-1  ·  ", "The office stays open")


async def test_a_private_channel_can_have_a_project_once_the_bot_is_in_it(empty: Journey) -> None:
    await empty.workspace.post(f"channels/{LEADS}/members", user=empty.workspace.bot)
    await empty.ana.say(LEADS, "/assume The budget holds | ask @caro")
    form = await empty.ana.form("Start a project here")
    await empty.ana.submit(form, **{ids.KEY: "leads", ids.NAME: "Apollo leads"})

    await empty.caro.sees(LEADS, "LEADS-1", "The budget holds")

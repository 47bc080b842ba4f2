from dataclasses import replace

from bot.demo.people import APOLLO
from bot.domain.assumption import Status
from bot.domain.history import Answered
from bot.domain.ids import AssumptionKey
from bot.domain.validation import Answer
from bot.slack import ids
from tests.journeys.journey import FIRST, OVER_HTTP_ALONE, PROJECT, WORKSPACE, Journey

SECOND, THIRD = AssumptionKey(PROJECT, 2), AssumptionKey(PROJECT, 3)


async def test_an_answer_from_home_is_stored_and_every_home_that_shows_it_follows(
    journey: Journey,
) -> None:
    app = journey.stage.app
    await journey.log("The payments API is live | ask @bo impact:critical")
    anas = await journey.ana.home(app, "What you rely on (1)", "Nobody has confirmed this yet")
    assert "1 load-bearing, not confirmed" in journey.ana.read(anas)
    bos = await journey.bo.home(app, "Waiting for your answer (1)", "The payments API is live")

    await journey.bo.press(bos, "Still true")
    form = await journey.bo.form("Still true")
    await journey.bo.submit(form, evidence="I called it this morning")
    await journey.bo.sees_at_home(app, "You said: still true", "[Undo]", without="relying on")
    await journey.workspace.move(advance_seconds=5)

    await journey.ana.sees_at_home(app, "Confirmed until", without="not confirmed")
    given = [one for one in await journey.happened() if isinstance(one, Answered)]
    assert [(one.answer, one.evidence) for one in given] == [
        (Answer.HOLDS, "I called it this morning")
    ]


@OVER_HTTP_ALONE
async def test_several_are_retired_at_once_and_what_is_anothers_is_told(journey: Journey) -> None:
    await journey.caro.say(APOLLO, "/assume The vendor answers within a day | ask @bo")
    await journey.ana.sees(APOLLO, f"{FIRST}  ·  ")
    await journey.log("Nobody is on leave | ask @bo", key=SECOND)
    await journey.caro.say(APOLLO, "/assume The budget is approved | ask @bo impact:high")
    await journey.ana.sees(APOLLO, f"{THIRD}  ·  ")
    await journey.caro.say(APOLLO, "/assume list by harm")
    shown = await journey.caro.sees(APOLLO, "Everything open in APOLLO", "The budget is approved")
    text = journey.caro.read(shown)
    assert text.index(str(THIRD)) < text.index(str(FIRST))

    await journey.caro.press(shown, "Change several")
    form = await journey.caro.form("Change several", "Which of them?")
    ticked = {f"{ids.ROWS}.0": [str(FIRST), str(SECOND), str(THIRD)]}
    await journey.caro.submit(form, **ticked, **{ids.REASON: "The project moved on"})

    told = await journey.caro.form("Change several", "2 retired")
    assert f"{SECOND} is @ana's: ask them." in journey.caro.read(told)
    kept = [await journey.assumption(key) for key in (FIRST, SECOND, THIRD)]
    assert [one.status for one in kept] == [Status.RETIRED, Status.UNVALIDATED, Status.RETIRED]
    await journey.caro.sees(APOLLO, "Everything open in APOLLO", "Nobody is on leave")


@OVER_HTTP_ALONE
async def test_a_list_over_home_follows_what_is_done_with_one_of_its_rows(
    journey: Journey,
) -> None:
    await journey.log("Nobody is on leave | ask @bo")
    home = await journey.ana.home(journey.stage.app, "Nobody is on leave", "1 open")
    await journey.ana.press(home, "See the list")
    listed = await journey.ana.form("Assumptions", "Nobody is on leave")

    await journey.ana.press(listed, "Retire")
    form = await journey.ana.form("Retire")
    await journey.ana.submit(form, **{ids.REASON: "The holidays are over"})

    await journey.ana.form("Assumptions", "Nothing here.")
    await journey.ana.sees_at_home(journey.stage.app, "0 open", without="Nobody is on leave")


@OVER_HTTP_ALONE
async def test_a_list_comes_as_a_file_or_as_text_where_files_are_not_allowed(
    journey: Journey,
) -> None:
    await journey.log("=1+1 is two | ask @bo")
    await journey.ana.say(APOLLO, "/assume list")
    shown = await journey.ana.sees(APOLLO, "Everything open in APOLLO")

    await journey.ana.press(shown, "Export")
    await journey.ana.sees(None, "Everything open in APOLLO: 1 row, as a file for a spreadsheet.")
    await journey.ana.sees(APOLLO, "I send you the file directly")

    installations = journey.stage.bot.installations
    [allowed] = [one for one in (installations.get(WORKSPACE),) if one is not None]
    installations.put(replace(allowed, scopes=frozenset({"chat:write"})))
    await journey.ana.press(shown, "Export")
    told = await journey.ana.sees(APOLLO, "as text to copy", "stilltrue manifest --pictures")
    assert "APOLLO-1,APOLLO,'=1+1 is two,unvalidated" in journey.ana.read(told)

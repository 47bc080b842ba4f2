import pytest

from bot.demo.people import APOLLO
from tests.journeys.journey import OVER_HTTP_ALONE, Journey

pytestmark = OVER_HTTP_ALONE


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("/assume help", "Write down what you rely on"),
        ("/setback help", "Record what went wrong"),
        ("/stilltrue help", "Is this still true?"),
        ("/stilltrue", "Is this still true?"),
        ("/stilltrue assume help", "Write down what you rely on"),
    ],
)
async def test_help_is_for_the_one_who_asks(journey: Journey, typed: str, part: str) -> None:
    await journey.ana.say(APOLLO, typed)

    shown = await journey.ana.sees(APOLLO, part)
    assert shown["ephemeral"]
    assert len(journey.ana.read(shown)) < 1200


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("/stilltrue reprot", "report"),
        ("/stilltrue halp", "help"),
        ("/assume lst", "list"),
        ("/setback hlep", "help"),
    ],
)
async def test_an_unknown_subcommand_says_the_nearest_one(
    journey: Journey, typed: str, nearest: str
) -> None:
    await journey.ana.say(APOLLO, typed)

    await journey.ana.sees(APOLLO, f"{nearest}")


async def test_what_is_about_to_be_asked_can_be_seen_before(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")

    await journey.bo.say(APOLLO, "/stilltrue due")

    await journey.bo.sees(APOLLO, "APOLLO-1")


async def test_everything_is_reachable_through_the_main_command(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/stilltrue assume The payments API is live | ask @bo")
    await journey.ana.sees(APOLLO, "APOLLO-1")
    await journey.ana.say(APOLLO, "/stilltrue setback delay 1d waiting for the payments API")

    await journey.ana.sees(APOLLO, "Delay #1")


async def test_the_report_says_each_share_with_its_denominator(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.workspace.move(preset="hour")
    await journey.ana.say(APOLLO, "/setback delay 3d waiting for the payments API")
    posted = await journey.ana.sees(APOLLO, "Delay #1", "APOLLO-1")
    await journey.ana.press(posted, "Caused it")
    await journey.ana.reads(posted, "Caused by APOLLO-1")

    await journey.ana.say(APOLLO, "/stilltrue report")

    report = await journey.ana.sees(APOLLO, "1 of 1")
    assert report["ephemeral"]


async def test_a_report_about_an_unknown_project_says_so(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/stilltrue report NOPE")

    await journey.ana.sees(APOLLO, "NOPE")

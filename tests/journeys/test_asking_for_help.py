from dataclasses import replace

import pytest

from bot.demo.people import APOLLO
from bot.demo.words import Json
from tests.journeys.journey import OVER_HTTP_ALONE, WORKSPACE, Journey

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


async def test_a_report_names_the_last_day_that_it_is_about(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/stilltrue report january 2026")

    await journey.ana.sees(APOLLO, "2026-01-01 to 2026-01-31")


async def test_a_report_about_an_unknown_project_says_so(journey: Journey) -> None:
    await journey.ana.say(APOLLO, "/stilltrue report NOPE")

    await journey.ana.sees(APOLLO, "NOPE")


async def test_a_report_is_shared_with_its_pictures(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.ana.say(APOLLO, "/stilltrue report 7 days")
    report = await journey.ana.sees(APOLLO, "what was underneath, the last 7 days")

    await journey.ana.press(report, "Share here, with pictures")

    async def shared() -> Json | None:
        messages = await journey.ana.messages(APOLLO)
        return next((one for one in messages if one.get("files")), None)

    async def seen() -> str:
        return "no message with files"

    found = await journey.workspace.until(shared, expected="pictures", seen=seen, patience=60)
    assert [(file["name"], file["mimetype"]) for file in found["files"]] == [
        ("status.png", "image/png")
    ]
    assert "by status" in found["files"][0]["alt_txt"]
    assert "what was underneath" in journey.ana.read(found)
    assert not found.get("ephemeral")


async def test_a_bot_that_may_not_upload_shares_the_text_and_says_why(journey: Journey) -> None:
    known = journey.stage.bot.installations.get(WORKSPACE)
    assert known is not None
    journey.stage.bot.installations.put(
        replace(known, scopes=frozenset({"commands", "chat:write"}))
    )
    await journey.log("The payments API is live | ask @bo")
    await journey.ana.say(APOLLO, "/stilltrue report")
    report = await journey.ana.sees(APOLLO, "Pictures are off", "files:write")

    await journey.ana.press(report, "Share here")
    await journey.ana.press(report, "As a document")

    await journey.bo.sees(APOLLO, "what was underneath")
    await journey.ana.sees(
        APOLLO, "I may not send files here", "stilltrue report --project APOLLO", "--format md"
    )


async def test_a_report_comes_as_a_file_to_the_one_who_asks(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    await journey.ana.say(APOLLO, "/stilltrue report 7 days")
    report = await journey.ana.sees(APOLLO, "what was underneath, the last 7 days")

    for label in ("As a document", "For a spreadsheet"):
        await journey.ana.press(report, label)

    async def sent() -> list[str] | None:
        messages = await journey.ana.messages(None)
        names = sorted(file["name"] for one in messages for file in one.get("files", ()))
        return names if len(names) == 2 else None

    async def seen() -> str:
        return "fewer files"

    found = await journey.workspace.until(sent, expected="two files", seen=seen)
    assert found == ["report-apollo.csv", "report-apollo.md"]
    assert not any(one.get("files") for one in await journey.bo.messages(APOLLO))

"""Asking the bot in words, and being offered to log what one said."""

from bot.demo.people import APOLLO, GENERAL, LEADS
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.slack import ids
from tests.journeys.journey import FIRST, OVER_HTTP_ALONE, Journey

BOT = "@stilltrue"
LEADS_FIRST = AssumptionKey(ProjectKey("LEADS"), 1)


async def test_a_question_to_the_bot_is_answered_to_the_one_who_asked(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")

    await journey.caro.say(APOLLO, f"{BOT} what is unvalidated in Apollo?")

    await journey.caro.sees(
        APOLLO, "I looked for: unvalidated in APOLLO", "APOLLO-1", "The payments API is live"
    )
    others = [journey.dev.read(m) for m in await journey.dev.messages(APOLLO)]
    assert not any("I looked for" in words for words in others)

    await journey.caro.say(APOLLO, f"hey {BOT}, who is asked about APOLLO-1?")
    await journey.caro.sees(APOLLO, "who is asked about APOLLO-1", "I ask @bo", "@ana relies on it")

    await journey.caro.say(APOLLO, f"{BOT} retire APOLLO-1 now")
    await journey.caro.sees(APOLLO, "Did you mean show APOLLO-1?", "list stale")


async def test_what_is_written_to_the_bot_directly_is_answered_there(journey: Journey) -> None:
    await journey.log("The payments API is live | ask @bo")
    ask = await journey.asked(journey.bo)
    dm = ask["channel"]

    await journey.bo.say(dm, "show apollo-1")
    await journey.bo.sees(dm, "I looked for: show APOLLO-1", "The payments API is live")
    await journey.bo.say(dm, "what will I be asked?")
    await journey.bo.sees(dm, "I looked for: what will I be asked")
    await journey.bo.say(dm, "report for apollo, last month")
    await journey.bo.sees(dm, "I looked for: report in APOLLO last month", "No setbacks")
    await journey.bo.say(dm, "what broke in Hermes?")
    await journey.bo.sees(dm, "I know no project “hermes”. I know APOLLO.")

    await journey.bo.say(dm, "log: we assume nobody is on leave")
    offered = await journey.bo.sees(dm, "I need a click", "nobody is on leave")
    await journey.bo.press(offered, "Log it")
    form = await journey.bo.form("What do you rely on?", "Project")
    await journey.bo.submit(form, **{ids.PROJECT: "APOLLO"})
    await journey.ana.sees(APOLLO, "APOLLO-2", "nobody is on leave")


@OVER_HTTP_ALONE
async def test_a_mention_logs_and_an_event_that_comes_twice_logs_once(journey: Journey) -> None:
    await journey.ana.say(APOLLO, f"{BOT} log: we assume the vendor signs | ask @bo impact:high")
    await journey.ana.sees(APOLLO, "Logged as APOLLO-1", "I ask @bo")
    await journey.ana.sees(APOLLO, "APOLLO-1  ·  ")
    before = len(await journey.ana.messages(APOLLO))

    entries = (await journey.workspace.get("traffic", since="0"))["entries"]
    mention = next(
        entry["request"]
        for entry in entries
        if entry["kind"] == "event" and entry["request"]["event"]["type"] == "app_mention"
    )
    await journey.deliver("event", mention)

    assert (await journey.assumption()).statement == "the vendor signs"
    assert len(await journey.ana.messages(APOLLO)) == before


async def test_whoever_says_what_they_rely_on_is_offered_to_log_it(journey: Journey) -> None:
    await journey.bo.say(APOLLO, "I assume the payments API is live by March 3.")
    await journey.bo.say(APOLLO, "/stilltrue listen on")
    await journey.bo.sees(APOLLO, "Only the project's lead and the workspace's admins")
    await journey.ana.say(APOLLO, "/stilltrue listen on")
    await journey.dev.sees(APOLLO, "Listening is on in this channel", "Turned on by ana")
    await journey.ana.sees(APOLLO, "Listening is on here")

    await journey.bo.say(APOLLO, "So I assume the payments API is live by March 3. Lunch?")

    offer = await journey.bo.sees(
        APOLLO, "sounds like something you rely on", "The payments API is live by March 3"
    )
    read_by_dev = [journey.dev.read(m) for m in await journey.dev.messages(APOLLO)]
    assert not any("sounds like something" in words for words in read_by_dev)
    await journey.bo.press(offer, "Log it")
    await journey.bo.submit(await journey.bo.form("What do you rely on?"))
    card = await journey.ana.sees(APOLLO, str(FIRST), "where it was said")
    assert card["ts"]
    assert (await journey.assumption()).owner == journey.bo.id

    await journey.caro.say(APOLLO, "we're counting on legal to sign off this week")
    offer = await journey.caro.sees(APOLLO, "sounds like something you rely on")
    await journey.caro.press(offer, "Not in this channel")
    await journey.caro.reads(offer, "I offer you this no more in this channel")
    offers = [m for m in await journey.bo.messages(APOLLO) if "sounds like" in journey.bo.read(m)]
    assert len(offers) == 1


async def test_a_message_where_the_bot_is_not_is_logged_and_the_person_told(
    journey: Journey,
) -> None:
    await journey.start_project(channel=LEADS, key="LEADS")
    await journey.caro.say(LEADS, "The board agrees to the date")
    said = (await journey.caro.messages(LEADS))[-1]

    await journey.ana.shortcut(ids.LOG_SHORTCUT, said)
    form = await journey.ana.form("What do you rely on?", "I am not in this channel", "/invite")
    await journey.ana.submit(form)

    asked = {person.user for person in (await journey.assumption(LEADS_FIRST)).stakeholders}
    assert asked == {journey.caro.id}

    await journey.bo.say(GENERAL, "The canteen is open")
    said = (await journey.bo.messages(GENERAL))[-1]
    await journey.ana.shortcut(ids.SETBACK_SHORTCUT, said)
    await journey.ana.form("What went wrong?", "I am not in this channel")

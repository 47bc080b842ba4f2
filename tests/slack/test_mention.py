"""Who is answered in words, and who is offered something; the rest says and costs nothing."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.ids import ChannelId, UserId
from bot.slack.names import CommandNames
from bot.slack.views.mention import not_understood
from bot.usecases.listening import turn_listening
from bot.usecases.member import remember
from tests.make import ANA, BO, HOME, NOON, WORKSPACE
from tests.slack.conftest import BOT, ROBOT, Wire, make_installation

HINT = "I assume the payments API is live by March 3."
_NUMBERS = itertools.count(1)


def event(text: str, /, **fields: Any) -> dict[str, Any]:
    """Bo writes `text` in #apollo."""
    ts = f"1772539200.{next(_NUMBERS):06}"
    said = {"type": "message", "channel_type": "channel", "channel": HOME, "user": BO, "ts": ts}
    return {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event_id": f"Ev{next(_NUMBERS)}",
        "event_time": 1772539200,
        "event": said | {"text": text, "team": WORKSPACE} | fields,
    }


async def whispered(wire: Wire, user: UserId = BO, channel: ChannelId = HOME) -> list[str]:
    """What the bot has shown to that person alone."""
    await wire.app.tools.tasks.drain()
    seen = await wire.seen("messages", **{"as": user, "channel": channel})
    return [m["text"] for m in seen["messages"] if m["user"] == BOT]


async def listening(wire: Wire) -> None:
    await wire.start_project()
    await wire.db.inner.write(turn_listening, WORKSPACE, HOME, is_on=True, by=ANA, now=NOON)


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B9", "user": ROBOT},
        {"user": BOT},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"hidden": True},
        {"user_team": "T9ELSEWHERE"},
        {"parent_user_id": BOT, "thread_ts": "1.1"},
        {"text": f"<@{BOT}> {HINT}"},
        {"text": f"<@{BOT}|stilltrue> {HINT}"},
        {"text": f"&gt; {HINT}"},
        {"text": "I assume " + "the list is sorted and " * 90},
    ],
)
async def test_what_is_not_for_listening_asks_the_database_nothing(
    wire: Wire, fields: dict[str, Any]
) -> None:
    await listening(wire)

    answer = await wire.deliver(event(HINT, **fields))

    assert answer.status == 200
    assert await whispered(wire) == []
    assert wire.db.reads == []
    assert wire.db.writes == []


async def test_a_hint_where_nobody_turned_it_on_stores_nothing(wire: Wire) -> None:
    await wire.start_project()

    await wire.deliver(event(HINT))

    assert await whispered(wire) == []
    assert wire.db.writes == []


@pytest.mark.parametrize(
    ("scopes", "text", "told"),
    [
        ({"chat:write"}, "listen on", "the scope channels:history is missing"),
        (set(), "listen maybe", "listen on, or off"),
        ({"channels:history"}, "listen", "Listening is off here"),
    ],
)
async def test_listening_is_refused_where_nothing_would_be_heard(
    wire: Wire, scopes: set[str], text: str, told: str
) -> None:
    await wire.start_project()
    wire.installations.put(replace(make_installation(), scopes=frozenset(scopes)))

    reply = await wire.command(text, name="/stilltrue")

    assert told in reply["text"]
    assert "turn_listening" not in wire.db.writes


async def test_one_offer_a_day_however_often_it_is_said_or_delivered(wire: Wire) -> None:
    await listening(wire)
    said = event(HINT)

    for payload in (said, said, event(HINT), event("We're counting on Bo to sign this week.")):
        await wire.deliver(payload)

    assert len(await whispered(wire)) == 1
    assert await whispered(wire, ANA) == []


async def test_an_outsider_whom_only_the_directory_knows_is_offered_nothing(wire: Wire) -> None:
    await listening(wire)
    bo = await wire.app.tools.directory.member(WORKSPACE, BO)
    assert bo is not None
    await wire.db.inner.write(remember, replace(bo, is_stranger=True))

    await wire.deliver(event(HINT))

    assert await whispered(wire) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B9", "user": ROBOT},
        {"user": BOT},
        {"subtype": "bot_message", "user": ""},
        {"user": "USLACKBOT"},  # `/remind #apollo "@stilltrue list stale" every Monday`
    ],
)
async def test_a_bot_is_not_answered(wire: Wire, fields: dict[str, Any]) -> None:
    await wire.deliver(event(f"<@{BOT}> list", type="app_mention", **fields))

    assert await whispered(wire) == []
    assert wire.db.writes == []


async def test_somebody_of_another_company_learns_nothing_and_logs_nothing(wire: Wire) -> None:
    await wire.start_project()

    for text in ("list", "log: the vendor signs"):
        mention = event(f"<@{BOT}> {text}", type="app_mention", user_team="T9ELSEWHERE")
        await wire.deliver(mention)

    told = await whispered(wire)
    assert len(told) == 2
    assert all("Only members of the workspace" in text for text in told)
    assert "log_assumption" not in wire.db.writes


async def test_a_mention_is_answered_once_and_repeats_nobody_s_markup(wire: Wire) -> None:
    await wire.start_project()

    await wire.deliver(event(f"<@{BOT}> stale?", type="app_mention"))
    await wire.deliver(event(f"<@{BOT}> <!channel> <@{ANA}>", type="app_mention"))

    told = await whispered(wire)
    assert len(told) == 2
    assert any("Expired answers" in text for text in told)
    assert not any("<!channel>" in text or f"<@{ANA}>" in text for text in told)


@pytest.mark.parametrize(
    ("words", "title", "order"),
    [
        ("what is load-bearing?", "Load-bearing, not confirmed", "Newest first"),
        ("what should we validate next?", "Everything open", "Most harmful first"),
    ],
)
async def test_what_matters_most_is_listed_when_asked_for_in_words(
    wire: Wire, words: str, title: str, order: str
) -> None:
    await wire.start_project()

    await wire.deliver(event(f"<@{BOT}> {words}", type="app_mention"))

    await wire.app.tools.tasks.drain()
    seen = await wire.seen("messages", **{"as": BO, "channel": HOME})
    [told] = [m for m in seen["messages"] if m["user"] == BOT]
    assert title in told["text"]
    menu = next(
        element
        for block in told["blocks"]
        for element in block.get("elements", ())
        if element.get("type") == "static_select"
    )
    assert menu["initial_option"]["text"]["text"] == order


def test_what_may_have_been_meant_is_shown_as_it_was_typed_and_never_parsed() -> None:
    told = not_understood("log: <!channel> is `up`", names=CommandNames(), is_direct=False)

    shown = told["blocks"][0]["text"]["text"]
    assert "`log: &lt;!channel&gt; is 'up'`" in shown


async def test_a_statement_in_any_script_fits_behind_the_button_that_logs_it(wire: Wire) -> None:
    statement = "Платёжный сервис готов к марту, и поставщик это подтвердил. " * 12

    await wire.deliver(event(f"<@{BOT}> log: {statement}", type="app_mention"))

    assert await whispered(wire) == ["I need a click to open the form for this."]

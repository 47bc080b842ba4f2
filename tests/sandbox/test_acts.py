"""What people do, and what the app is sent for it."""

from typing import Any

import pytest

from bot.sandbox.limits import Limits
from tests.sandbox.conftest import (
    GENEROUS,
    IMPATIENT,
    Stage,
    make_app,
    make_seed,
    open_stage,
)

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "button", "text": plain("Yes"), "action_id": "yes", "value": "7"}
MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": plain("Later"), "value": "later"}],
}
LINK = {"type": "button", "text": plain("Docs"), "action_id": "docs", "url": "https://x.y"}
CARD: list[Block] = [
    {"type": "actions", "block_id": "row", "elements": [BUTTON, MENU, LINK]},
    {
        "type": "input",
        "block_id": "note",
        "label": plain("Note"),
        "element": {"type": "plain_text_input", "action_id": "n"},
    },
]


async def card(stage: Stage, channel: str = "C0APOLLO") -> dict[str, str]:
    sent = await stage.slack.chat_postMessage(channel=channel, text="card", blocks=CARD)
    return {"channel": sent["channel"], "ts": sent["ts"]}


async def test_a_command_arrives_as_a_form_with_everything_slack_sends(stage: Stage) -> None:
    answer = await stage.hands.post(
        "compose", channel="C0APOLLO", text="/hello ask @bo & see #general, @nobody <x>"
    )

    assert answer == {"ok": True, "kind": "command"}
    sent = stage.app.last()
    assert sent["text"] == ("ask <@U0BO|bo> &amp; see <#C0GENERAL|general>, @nobody &lt;x&gt;")
    assert (sent["command"], sent["channel_name"], sent["user_id"]) == (
        "/hello",
        "apollo",
        "U0ANA",
    )
    assert sent["is_enterprise_install"] == "false"


async def test_a_command_without_should_escape_arrives_as_typed(stage: Stage) -> None:
    await stage.hands.post("compose", channel="C0APOLLO", text="/raw ask @bo & <x>")

    assert stage.app.last()["text"] == "ask @bo & <x>"


@pytest.mark.parametrize(
    ("answer", "user", "expected"),
    [
        ("Done", "U0ANA", ["Done"]),
        ("Done", "U0BO", []),
        ({"text": "All", "response_type": "in_channel"}, "U0BO", ["All"]),
        (None, "U0ANA", []),
    ],
)
async def test_the_acknowledgement_of_a_command_is_shown(
    stage: Stage, answer: Any, user: str, expected: list[str]
) -> None:
    stage.app.answer = lambda body: answer

    await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    shown = await stage.hands.messages("C0APOLLO", user)
    assert [one["text"] for one in shown] == expected


async def test_an_unknown_command_is_answered_by_slackbot_alone(stage: Stage) -> None:
    answer = await stage.hands.post("compose", channel="C0APOLLO", text="/nothing here")

    assert answer["error"] == "unknown_command"
    (line,) = await stage.hands.messages("C0APOLLO")
    assert (line["user"], line["ephemeral"]) == ("USLACKBOT", True)
    assert stage.app.received == []


async def test_a_command_is_not_for_threads(stage: Stage) -> None:
    root = await stage.hands.post("compose", channel="C0APOLLO", text="root")

    answer = await stage.hands.post(
        "compose", channel="C0APOLLO", text="/hello", thread_ts=root["ts"]
    )

    assert answer["error"] == "not_supported_in_threads"


@pytest.mark.parametrize(
    ("limits", "status", "delay", "error"),
    [(GENEROUS, 500, 0.0, "dispatch_failed"), (IMPATIENT, 200, 0.5, "operation_timeout")],
)
async def test_a_command_that_fails_says_so(
    limits: Limits, status: int, delay: float, error: str
) -> None:
    async with open_stage(limits=limits) as stage:
        stage.app.status, stage.app.delay = status, delay
        answer = await stage.hands.post("compose", channel="C0APOLLO", text="/hello")
        lines = await stage.hands.messages("C0APOLLO")

    assert answer["error"] == error
    assert [one["text"] for one in lines] == [f'/hello failed with the error "{error}"']
    assert len(stage.app.received) <= 1  # commands are never retried


async def test_a_message_reaches_the_app_with_its_text_escaped(stage: Stage) -> None:
    await stage.hands.post("compose", channel="C0APOLLO", text="Hi @sample_bot, 1 < 2 @here")
    await stage.sandbox.settle()

    (event,) = [one["event"] for one in stage.app.of_type("message")]
    assert event["text"] == "Hi <@U0BOT>, 1 &lt; 2 <!here>"
    assert event["channel_type"] == "channel"
    parts = event["blocks"][0]["elements"][0]["elements"]
    assert parts == [
        {"type": "text", "text": "Hi "},
        {"type": "user", "user_id": "U0BOT"},
        {"type": "text", "text": ", 1 < 2 "},
        {"type": "broadcast", "range": "here"},
    ]
    (mention,) = [one["event"] for one in stage.app.of_type("app_mention")]
    assert mention["text"] == event["text"]


async def test_a_direct_message_is_a_message_im(stage: Stage) -> None:
    opened = await stage.hands.post("im", **{"with": "U0BOT"})

    await stage.hands.post("compose", channel=opened["channel"], text="hello")
    await stage.sandbox.settle()

    (event,) = [one["event"] for one in stage.app.of_type("message")]
    assert (event["channel_type"], event["channel"]) == ("im", opened["channel"])


async def test_what_is_said_where_the_bot_is_not_never_reaches_it(stage: Stage) -> None:
    await stage.hands.post("compose", channel="C0BOARD", text="about @sample_bot")
    await stage.sandbox.settle()

    assert stage.app.received == []


async def test_a_pressed_button_arrives_with_the_message_and_a_response_url(
    stage: Stage,
) -> None:
    where = await card(stage)
    stage.app.received.clear()

    answer = await stage.hands.post(
        "action",
        user="U0BO",
        **where,
        block_id="row",
        action_id="yes",
        state={"note": {"n": "because"}},
    )

    assert answer == {"ok": True}
    (sent,) = stage.app.of_type("block_actions")
    assert sent["user"]["id"] == "U0BO"
    assert sent["message"]["ts"] == where["ts"]
    assert sent["container"] == {
        "type": "message",
        "message_ts": where["ts"],
        "channel_id": "C0APOLLO",
        "is_ephemeral": False,
    }
    (done,) = sent["actions"]
    assert (done["type"], done["block_id"], done["value"]) == ("button", "row", "7")
    assert sent["state"]["values"]["note"]["n"]["value"] == "because"


async def test_an_overflow_and_a_link_are_actions_too(stage: Stage) -> None:
    where = await card(stage)

    await stage.hands.post("action", **where, block_id="row", action_id="more", value="later")
    await stage.hands.post("action", **where, block_id="row", action_id="docs")

    menu, link = (one["actions"][0] for one in stage.app.of_type("block_actions"))
    assert menu["selected_option"]["value"] == "later"
    assert link["url"] == "https://x.y"


async def test_an_action_in_an_ephemeral_message_carries_no_message(stage: Stage) -> None:
    sent = await stage.slack.chat_postEphemeral(
        channel="C0APOLLO", user="U0ANA", text="card", blocks=CARD
    )

    await stage.hands.post(
        "action", channel="C0APOLLO", ts=sent["message_ts"], block_id="row", action_id="yes"
    )

    (pressed,) = stage.app.of_type("block_actions")
    assert "message" not in pressed
    assert pressed["container"]["is_ephemeral"] is True
    refused = await stage.hands.refused(
        "action",
        user="U0BO",
        channel="C0APOLLO",
        ts=sent["message_ts"],
        block_id="row",
        action_id="yes",
    )
    assert refused == "message_not_found"


async def test_a_response_url_is_ephemeral_by_default_and_good_for_five_uses(
    stage: Stage,
) -> None:
    where = await card(stage)
    await stage.hands.post("action", **where, block_id="row", action_id="yes")
    url = stage.app.of_type("block_actions")[0]["response_url"]

    statuses = []
    for number in range(6):
        async with stage.session.post(url, json={"text": str(number)}) as got:
            statuses.append(got.status)

    assert statuses == [200] * 5 + [404]
    mine = await stage.hands.messages("C0APOLLO")
    others = await stage.hands.messages("C0APOLLO", "U0BO")
    assert [one["text"] for one in mine] == ["card", "0", "1", "2", "3", "4"]
    assert [one["text"] for one in others] == ["card"]


async def test_a_response_url_replaces_and_deletes_the_original(stage: Stage) -> None:
    where = await card(stage)
    await stage.hands.post("action", **where, block_id="row", action_id="yes")
    url = stage.app.of_type("block_actions")[0]["response_url"]

    await stage.session.post(url, json={"text": "new", "replace_original": True})
    replaced = await stage.hands.messages("C0APOLLO")
    await stage.session.post(url, json={"delete_original": True})

    assert [(one["text"], one["blocks"]) for one in replaced] == [("new", [])]
    assert await stage.hands.messages("C0APOLLO") == []


async def test_a_response_url_takes_no_bad_blocks(stage: Stage) -> None:
    await stage.hands.post("compose", channel="C0APOLLO", text="/hello")
    url = stage.app.last()["response_url"]

    async with stage.session.post(url, json={"blocks": [{"type": "sparkle"}]}) as got:
        assert got.status == 400
        assert (await got.json())["error"] == "invalid_blocks"


async def test_shortcuts_arrive_with_the_message_or_without_a_channel(stage: Stage) -> None:
    typed = await stage.hands.post("compose", channel="C0BOARD", text="in private")

    await stage.hands.post("shortcut", callback_id="keep", channel="C0BOARD", ts=typed["ts"])
    await stage.hands.post("shortcut", callback_id="start")

    (kept,) = stage.app.of_type("message_action")
    assert kept["message"]["text"] == "in private"
    assert kept["channel"] == {"id": "C0BOARD", "name": "privategroup"}
    (started,) = stage.app.of_type("shortcut")
    assert "channel" not in started
    assert "response_url" not in started


async def test_a_person_acts_only_where_they_could_in_slack(stage: Stage) -> None:
    hands = stage.hands

    assert await hands.refused("compose", user="U0EVE", channel="C0GENERAL", text="x") == (
        "user_deactivated"
    )
    assert await hands.refused("compose", user="U0BOT", channel="C0GENERAL", text="x") == (
        "user_is_bot"
    )
    assert await hands.refused("compose", user="U0BO", channel="C0BOARD", text="x") == (
        "channel_not_found"
    )
    assert await hands.refused("compose", user="U0DEV", channel="C0APOLLO", text="x") == (
        "not_in_channel"
    )
    assert await hands.refused("compose", channel="C0APOLLO", text="  ") == "no_text"
    assert await hands.refused("shortcut", callback_id="none") == "shortcut_not_found"
    assert await hands.refused("action", channel="C0APOLLO", ts="1.2") == "message_not_found"


async def test_the_state_shows_what_one_person_sees(stage: Stage) -> None:
    await stage.slack.chat_postMessage(channel="U0BO", text="psst")
    await stage.slack.chat_postMessage(channel="C0APOLLO", text="hi")

    ana, bo = await stage.hands.get("state"), await stage.hands.get("state", user="U0BO")

    assert {one["name"] for one in ana["channels"]} == {"general", "apollo", "board"}
    kinds = {one["kind"]: one for one in bo["channels"]}
    assert set(kinds) == {"channel", "im"}
    assert (kinds["im"]["with"], kinds["im"]["unread"]) == ("U0BOT", 1)
    await stage.hands.messages(kinds["im"]["id"], "U0BO")
    again = await stage.hands.get("state", user="U0BO")
    assert all(one["unread"] == 0 for one in again["channels"] if one["kind"] == "im")


async def test_people_and_members_come_and_change_and_the_app_hears(stage: Stage) -> None:
    made = await stage.hands.post("people", id="U0FAY", name="fay", real_name="Fay Lund")
    _, changed = await stage.hands.call("PATCH", "people/U0FAY", {"deleted": True})
    await stage.hands.call("POST", "channels/C0APOLLO/members", {"user": "U0FAY"})
    await stage.sandbox.settle()

    assert made["person"]["real_name"] == "Fay Lund"
    assert changed["person"]["deleted"] is True
    (joined,) = stage.app.of_type("team_join")
    assert joined["event"]["user"]["id"] == "U0FAY"
    (change,) = stage.app.of_type("user_change")
    assert change["event"]["user"]["deleted"] is True
    (member,) = stage.app.of_type("member_joined_channel")
    assert (member["event"]["user"], member["event"]["channel"]) == ("U0FAY", "C0APOLLO")


async def test_of_two_apps_with_one_command_the_later_one_answers() -> None:
    first = make_app()
    later = make_app(
        app_id="A0LATER",
        name="Later",
        bot_user_id="U0LATER",
        bot_id="B0LATER",
        bot_token="xoxb-later",
        app_token="xapp-later",
    )
    seed = make_seed(app=first)
    async with open_stage(seed) as stage:
        stage.sandbox.world.add_app(later)
        await stage.hands.call("PATCH", "apps/A0LATER", {"request_url": stage.app.url})

        await stage.hands.post("compose", channel="C0APOLLO", text="/hello")

    assert stage.app.last()["api_app_id"] == "A0LATER"


async def test_a_custom_step_is_run_and_finished_once(stage: Stage) -> None:
    run = await stage.hands.post(
        "function", app_id="A0SAMPLE", callback_id="step", inputs={"a": "b"}
    )

    event = stage.app.of_type("function_executed")[0]["event"]
    finish = {"function_execution_id": run["function_execution_id"], "outputs": {}}
    token = event["bot_access_token"]
    first = await stage.api("functions.completeSuccess", finish, token=token)
    second = await stage.api("functions.completeSuccess", finish, token=token)
    assert event["inputs"] == {"a": "b"}
    assert first["ok"]
    assert second["error"] == "execution_not_in_running_state"


async def test_an_uninstalled_app_hears_it_and_loses_its_token(stage: Stage) -> None:
    await stage.hands.post("apps/A0SAMPLE/uninstall")

    answer = await stage.api("auth.test")
    assert answer["error"] == "account_inactive"
    assert len(stage.app.of_type("app_uninstalled")) == 1
    assert stage.app.of_type("tokens_revoked")[0]["event"]["tokens"]["bot"] == ["U0BOT"]

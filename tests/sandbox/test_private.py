"""Private channels, becoming private, and what a token must have to hear and ask of them."""

from typing import Any

import pytest

from bot.sandbox import App
from tests.sandbox.conftest import Stage, make_app, make_seed, open_stage

BOARD = "C0BOARD"


async def invite(stage: Stage, user: str, *, by: str = "U0ANA", channel: str = BOARD) -> Any:
    body = {"user": user, "as": by}
    return (await stage.hands.call("POST", f"channels/{channel}/members", body))[1]


def without(*scopes: str) -> App:
    full = make_app()
    return make_app(scopes=tuple(scope for scope in full.scopes if scope not in scopes))


async def test_a_bot_hears_of_a_private_channel_while_it_is_in_it(stage: Stage) -> None:
    await stage.hands.post("compose", channel=BOARD, text="before")
    await invite(stage, "U0BOT")
    await invite(stage, "U0BO")
    await stage.hands.post("compose", channel=BOARD, text="hi @sample_bot")
    members = (await stage.slack.conversations_members(channel=BOARD))["members"]
    info = (await stage.slack.conversations_info(channel=BOARD))["channel"]
    await stage.hands.call("DELETE", f"channels/{BOARD}/members/U0BO?as=U0ANA", {})
    await stage.hands.call("DELETE", f"channels/{BOARD}/members/U0BOT?as=U0ANA", {})
    await stage.hands.post("compose", channel=BOARD, text="after")
    await stage.sandbox.settle()

    joined = [one["event"] for one in stage.app.of_type("member_joined_channel")]
    left = [one["event"] for one in stage.app.of_type("member_left_channel")]
    assert [one["user"] for one in joined] == ["U0BOT", "U0BO"]
    assert {one["channel_type"] for one in (*joined, *left)} == {"G"}
    assert joined[0]["inviter"] == "U0ANA"
    assert [one["user"] for one in left] == ["U0BO", "U0BOT"]
    assert stage.app.of_type("group_left")[0]["event"]["actor_id"] == "U0ANA"
    (said,) = stage.app.of_type("message")
    assert (said["event"]["channel_type"], said["event"]["text"]) == ("group", "hi <@U0BOT>")
    assert stage.app.of_type("app_mention")
    assert "U0BOT" in members
    assert (info["is_private"], info["is_group"], info["is_member"]) == (True, True, True)
    gone = await stage.api("conversations.info", {"channel": BOARD})
    assert gone["error"] == "channel_not_found"


async def test_only_a_member_adds_to_a_private_channel_or_makes_it_public(stage: Stage) -> None:
    outsider = await invite(stage, "U0BO", by="U0BO")
    convert = await stage.hands.refused(f"channels/{BOARD}/convert", user="U0BO", private=False)

    assert (outsider["error"], convert) == ("channel_not_found", "channel_not_found")


async def test_a_channel_that_becomes_private_says_so_by_a_message(stage: Stage) -> None:
    await stage.hands.post("channels/C0APOLLO/convert", private=True)
    again = await stage.hands.refused("channels/C0APOLLO/convert", private=True)
    seen = await stage.hands.get("state", user="U0DEV")
    await stage.hands.post("channels/C0APOLLO/convert", private=False)
    await stage.sandbox.settle()

    events = [one["event"] for one in stage.app.of_type("message")]
    assert again == "bad_value"
    assert "C0APOLLO" not in {one["id"] for one in seen["channels"]}
    assert [(one["subtype"], one["channel_type"], one["user"]) for one in events] == [
        ("channel_convert_to_private", "group", "U0ANA"),
        ("channel_convert_to_public", "channel", "U0ANA"),
    ]


@pytest.mark.parametrize(
    ("missing", "method", "body", "needed"),
    [
        ("groups:read", "conversations.info", {"channel": BOARD}, "groups:read"),
        ("groups:read", "conversations.members", {"channel": BOARD}, "groups:read"),
        ("channels:read", "conversations.info", {"channel": "C0APOLLO"}, "channels:read"),
        ("groups:read", "conversations.list", {"types": "private_channel"}, "groups:read"),
        ("groups:read", "users.conversations", {"types": "private_channel"}, "groups:read"),
        ("groups:history", "conversations.history", {"channel": BOARD}, "groups:history"),
    ],
)
async def test_a_scope_that_is_missing_is_named(
    missing: str, method: str, body: dict[str, str], needed: str
) -> None:
    async with open_stage(make_seed(app=without(missing))) as stage:
        await invite(stage, "U0BOT")
        answer = await stage.api(method, body)

    assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
    assert missing not in answer["provided"].split(",")


async def test_a_token_without_any_of_the_read_scopes_learns_of_no_channel() -> None:
    bare = without("channels:read", "groups:read", "im:read")
    async with open_stage(make_seed(app=bare)) as stage:
        answer = await stage.api("conversations.info", {"channel": "C0NOWHERE"})

    assert (answer["error"], answer["needed"]) == (
        "missing_scope",
        "channels:read,groups:read,im:read",
    )


async def test_nothing_is_delivered_that_the_token_may_not_read() -> None:
    bare = without("channels:history", "groups:read", "app_mentions:read")
    async with open_stage(make_seed(app=bare)) as stage:
        await invite(stage, "U0BOT")
        await stage.hands.post("compose", channel="C0APOLLO", text="hi @sample_bot")
        await invite(stage, "U0DEV", channel="C0APOLLO")
        await stage.sandbox.settle()

        kinds = [one.body["event"]["type"] for one in stage.app.received]
    assert kinds == ["member_joined_channel"]


async def test_a_shortcut_works_where_the_bot_is_not(stage: Stage) -> None:
    typed = await stage.hands.post("compose", channel=BOARD, text="we assume it holds")
    await stage.hands.post("shortcut", callback_id="keep", channel=BOARD, ts=typed["ts"])
    asked = stage.app.last()
    async with stage.session.post(asked["response_url"], json={"text": "kept"}) as got:
        assert got.status == 200

    assert asked["channel"] == {"id": BOARD, "name": "privategroup"}
    assert asked["message"]["text"] == "we assume it holds"
    said = await stage.hands.messages(BOARD)
    assert (said[-1]["text"], said[-1]["ephemeral"]) == ("kept", True)
    assert [one["text"] for one in await stage.hands.messages(BOARD, user="U0DEV")] == [
        "we assume it holds"
    ]

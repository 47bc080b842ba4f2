"""Who and what there is: users.*, conversations.*, team, bots, installation."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox import Person
from tests.sandbox.conftest import Stage, make_app, make_seed, open_stage


async def test_a_persons_zone_and_locale_are_known(stage: Stage) -> None:
    plain = (await stage.slack.users_info(user="U0CARO"))["user"]
    full = (await stage.slack.users_info(user="U0CARO", include_locale=True))["user"]

    assert (plain["tz"], full["locale"]) == ("America/New_York", "en-US")
    assert plain["tz_offset"] in (-18_000, -14_400)
    assert plain["profile"]["email"] == "caro@sample-works.example.com"
    assert "locale" not in plain


async def test_a_deactivated_person_has_no_zone(stage: Stage) -> None:
    user = (await stage.slack.users_info(user="U0EVE"))["user"]

    assert user["deleted"] is True
    assert "tz" not in user


async def test_an_email_needs_its_scope() -> None:
    async with open_stage(make_seed(app=make_app(scopes=("users:read",)))) as stage:
        user = (await stage.slack.users_info(user="U0BO"))["user"]

    assert "email" not in user["profile"]


async def test_people_come_in_pages_with_slackbot_among_them(stage: Stage) -> None:
    found: list[Any] = []
    cursor = ""
    while True:
        page = await stage.slack.users_list(limit=3, cursor=cursor)
        found += page["members"]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break

    by_id = {one["id"]: one for one in found}
    assert len(by_id) == len(found) == 7
    assert by_id["USLACKBOT"]["is_bot"] is False
    assert by_id["U0BOT"]["is_bot"] is True


async def test_a_person_is_found_by_email(stage: Stage) -> None:
    found = await stage.slack.users_lookupByEmail(email="BO@sample-works.example.com")

    assert found["user"]["id"] == "U0BO"
    with pytest.raises(SlackApiError, match="users_not_found"):
        await stage.slack.users_lookupByEmail(email="eve@sample-works.example.com")


async def test_a_private_channel_is_unknown_to_a_bot_outside_it(stage: Stage) -> None:
    everything = await stage.slack.conversations_list(types="public_channel,private_channel")

    assert {one["name"] for one in everything["channels"]} == {"general", "apollo"}
    for method in ("conversations.info", "conversations.members", "conversations.history"):
        answer = await stage.api(method, {"channel": "C0BOARD"})
        assert answer["error"] == "channel_not_found"


async def test_a_bot_joins_and_then_reads(stage: Stage) -> None:
    await stage.hands.post("channels", id="C0OPEN", name="open", members=["U0ANA"])
    before = await stage.api("conversations.history", {"channel": "C0OPEN"})

    await stage.slack.conversations_join(channel="C0OPEN")

    after = await stage.api("conversations.history", {"channel": "C0OPEN"})
    mine = await stage.slack.users_conversations()
    assert before["error"] == "not_in_channel"
    assert after["ok"]
    assert "open" in {one["name"] for one in mine["channels"]}
    members = await stage.slack.conversations_members(channel="C0OPEN")
    assert members["members"] == ["U0ANA", "U0BOT"]


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U0NOBODY", "user_not_found"),
        ("U0EVE", "user_disabled"),
        ("U0BOT", "cannot_dm_bot"),
        ("U0BO,U0CARO", "invalid_user_combination"),
        (",".join(f"U{number}" for number in range(9)), "too_many_users"),
        ("U0FAR", "user_not_found"),
    ],
)
async def test_a_conversation_that_cannot_be_opened_is_refused(users: str, error: str) -> None:
    stranger = Person(id="U0FAR", name="far", real_name="Far Away", is_stranger=True)
    async with open_stage(make_seed(people=(stranger,))) as stage:
        answer = await stage.api("conversations.open", {"users": users})

    assert answer["error"] == error


async def test_a_conversation_is_opened_once(stage: Stage) -> None:
    first = await stage.slack.conversations_open(users="U0BO")
    again = await stage.slack.conversations_open(users=["U0BO"], return_im=True)

    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["channel"]["user"] == "U0BO"


async def test_a_reaction_counts_once_and_is_an_event(stage: Stage) -> None:
    typed = await stage.hands.post("compose", channel="C0APOLLO", text="x")
    where = {"channel": "C0APOLLO", "timestamp": typed["ts"], "name": "eyes"}

    await stage.slack.reactions_add(**where)
    await stage.sandbox.settle()

    again = await stage.api("reactions.add", where)
    assert again["error"] == "already_reacted"
    (shown,) = await stage.hands.messages("C0APOLLO")
    assert shown["reactions"] == [{"name": "eyes", "users": ["U0BOT"], "count": 1}]
    assert stage.app.of_type("reaction_added")[0]["event"]["item"]["ts"] == typed["ts"]


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
async def test_a_token_is_checked(stage: Stage, token: str, error: str) -> None:
    answer = await stage.api("auth.test", token=token)

    assert answer["error"] == error


async def test_a_token_in_a_form_is_taken_and_one_in_json_is_not(stage: Stage) -> None:
    url = f"{stage.url}/api/auth.test"
    fields = {"token": "xoxb-sandbox-sample-bot"}
    async with stage.session.post(url, data=fields) as form:
        assert (await form.json())["ok"] is True
        assert "chat:write" in form.headers["x-oauth-scopes"]
        assert form.headers["x-slack-req-id"]
    async with stage.session.post(url, json=fields) as body:
        assert (await body.json())["error"] == "not_authed"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid_json"),
        (b'{"text": "\\ud83d"}', "invalid_json"),
        (b'{"text": "\xed\xa0\xbd"}', "invalid_json"),
        (b"[]", "json_not_object"),
    ],
    ids=["broken", "half a pair, escaped", "half a pair, raw", "a list"],
)
async def test_a_body_that_is_no_json_object_is_refused(
    stage: Stage, body: bytes, error: str
) -> None:
    headers = {"Content-Type": "application/json"}
    async with stage.session.post(f"{stage.url}/api/auth.test", data=body, headers=headers) as got:
        assert (await got.json())["error"] == error


async def test_half_a_surrogate_pair_inside_a_form_s_blocks_is_refused(stage: Stage) -> None:
    blocks = r'[{"type": "section", "text": {"type": "plain_text", "text": "\ud83d"}}]'
    fields = {"token": "xoxb-sandbox-sample-bot", "channel": "C0APOLLO", "blocks": blocks}

    async with stage.session.post(f"{stage.url}/api/chat.postMessage", data=fields) as got:
        assert (await got.json())["error"] == "invalid_blocks_format"


async def test_an_unknown_method_says_so(stage: Stage) -> None:
    answer = await stage.api("chat.shout")

    assert answer == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


async def test_the_team_and_the_bot_introduce_themselves(stage: Stage) -> None:
    team = await stage.slack.team_info()
    bot = await stage.slack.bots_info(bot="B0BOT")
    me = await stage.slack.auth_test()

    assert team["team"]["id"] == me["team_id"] == "T0SANDBOX"
    assert bot["bot"]["user_id"] == me["user_id"] == "U0BOT"
    assert (await stage.slack.usergroups_list())["usergroups"] == []
    assert (await stage.slack.api_test(foo="bar"))["args"] == {"foo": "bar"}

"""Two workspaces in one sandbox: what each has alone, and what a shared channel brings."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.conftest import NORTH, NORTH_TOKEN, Stage, open_stage, two_workspaces
from tests.sandbox.test_acts import CARD
from tests.sandbox.test_views import TEXT, field, modal

HOME = "T0SANDBOX"


@pytest.fixture
async def pair() -> AsyncIterator[Stage]:
    """The app is in both."""
    async with open_stage(two_workspaces(app_in_north=True)) as opened:
        yield opened


@pytest.fixture
async def alone() -> AsyncIterator[Stage]:
    """The app is in the first alone."""
    async with open_stage(two_workspaces()) as opened:
        yield opened


async def test_each_token_answers_for_its_own_workspace(pair: Stage) -> None:
    async def both(method: str, **body: Any) -> tuple[Any, Any]:
        return (
            await pair.api(method, body),
            await pair.api(method, body, token=NORTH_TOKEN),
        )

    teams = [one["team_id"] for one in await both("auth.test")]
    infos = [one["team"]["domain"] for one in await both("team.info")]
    channels = [
        {one["name"] for one in answer["channels"]} for answer in await both("conversations.list")
    ]
    people = [{one["id"] for one in answer["members"]} for answer in await both("users.list")]
    foreign = await pair.api("conversations.info", {"channel": "C0APOLLO"}, token=NORTH_TOKEN)
    fjord = await pair.api("chat.postMessage", {"channel": "C0FJORD", "text": "x"})
    post = await pair.api("views.publish", {"user_id": "U0NIA", "view": modal() | {"type": "home"}})

    assert teams == [HOME, NORTH.id]
    assert infos == ["sample-works", "northwind"]
    assert channels == [{"general", "apollo", "shared"}, {"fjord", "shared"}]
    assert "U0NIA" not in people[0]
    assert people[1] == {"USLACKBOT", "U0NIA", "U0NBO", "U0NBOT"}
    assert (foreign["error"], fjord["error"]) == ("channel_not_found", "channel_not_found")
    assert post["error"] == "invalid_arguments"


async def test_what_people_do_reaches_the_app_as_of_their_workspace(pair: Stage) -> None:
    await pair.hands.post("compose", user="U0NIA", channel="C0FJORD", text="/hello @bo #fjord")
    command = pair.app.last()
    await pair.hands.post("shortcut", user="U0NIA", callback_id="start")
    shortcut = pair.app.last()
    await pair.hands.post("home/open", user="U0NIA", app_id="A0SAMPLE", tab="home")
    home = pair.app.last()
    state = await pair.hands.get("state", user="U0NIA")
    first = await pair.hands.get("state", user="", team=NORTH.id)

    assert (command["team_id"], command["team_domain"]) == (NORTH.id, "northwind")
    assert command["text"] == "<@U0NBO|bo> <#C0FJORD|fjord>"
    assert (shortcut["team"]["id"], shortcut["user"]["team_id"]) == (NORTH.id, NORTH.id)
    assert (home["team_id"], home["authorizations"][0]["user_id"]) == (NORTH.id, "U0NBOT")
    assert home["is_ext_shared_channel"] is False
    assert [team["id"] for team in state["teams"]] == [HOME, NORTH.id]
    rooms = [one["name"] for one in state["channels"] if one["kind"] != "im"]
    assert sorted(rooms) == ["fjord", "shared"]
    assert {"U0ANA", "U0NIA"} <= {one["id"] for one in state["people"]}
    assert "U0CARO" not in {one["id"] for one in state["people"]}
    assert first["as"] == "U0NIA"


async def test_a_shared_channel_is_one_channel_with_two_sides(alone: Stage) -> None:
    sent = await alone.slack.chat_postMessage(channel="C0SHARED", text="x", blocks=CARD)
    await alone.hands.post("compose", user="U0NIA", channel="C0SHARED", text="hi @sample_bot")
    await alone.sandbox.settle()
    seen = await alone.hands.messages("C0SHARED", user="U0NIA")
    info = (await alone.slack.conversations_info(channel="C0SHARED"))["channel"]
    members = await alone.slack.conversations_members(channel="C0SHARED")
    plain = (await alone.slack.conversations_info(channel="C0APOLLO"))["channel"]

    assert seen[0]["ts"] == sent["ts"]
    assert (info["is_ext_shared"], info["is_shared"], info["is_org_shared"]) == (True, True, False)
    assert info["connected_team_ids"] == [NORTH.id]
    assert info["conversation_host_id"] == HOME
    assert (plain["is_ext_shared"], plain["shared_team_ids"]) == (False, [HOME])
    assert "U0NIA" in members["members"]
    (mention,) = alone.app.of_type("app_mention")
    assert mention["is_ext_shared_channel"] is True
    assert (mention["team_id"], mention["context_team_id"]) == (NORTH.id, HOME)
    assert mention["authorizations"][0]["team_id"] == HOME
    assert (mention["event"]["team"], mention["event"]["user_team"]) == (NORTH.id, NORTH.id)


async def test_somebody_from_outside_is_shown_with_less(alone: Stage) -> None:
    async def shown(user: str) -> Any:
        answer = await alone.api("users.info", {"user": user, "include_locale": True})
        return answer.get("user", answer.get("error"))

    member, stranger = await shown("U0NIA"), await shown("U0NBO")
    reach = await alone.api("chat.postMessage", {"channel": "U0NIA", "text": "x"})
    apart = await alone.api("chat.postMessage", {"channel": "U0NBO", "text": "x"})
    alone.sandbox.world.rooms["C0SHARED"].teams.remove(NORTH.id)
    unknown = await shown("U0NBO")

    assert (member["team_id"], member["is_stranger"], stranger["is_stranger"]) == (
        NORTH.id,
        False,
        True,
    )
    assert not {"tz", "tz_offset", "locale"} & {*member, *stranger}
    assert "email" not in member["profile"]
    assert (reach["ok"], apart["error"], unknown) == (True, "channel_not_found", "user_not_found")


async def test_an_outsider_presses_and_submits_but_commands_nothing(alone: Stage) -> None:
    sent = await alone.slack.chat_postMessage(channel="C0SHARED", text="x", blocks=CARD)
    here = {"user": "U0NIA", "channel": "C0SHARED"}
    command = await alone.hands.post("compose", text="/hello", **here)
    shortcut = await alone.hands.refused("shortcut", callback_id="keep", ts=sent["ts"], **here)
    glob = await alone.hands.refused("shortcut", user="U0NIA", callback_id="start")
    await alone.hands.post("action", ts=sent["ts"], block_id="row", action_id="yes", **here)
    press = alone.app.last()
    view = modal(field("b", TEXT))
    opened = await alone.slack.views_open(trigger_id=press["trigger_id"], view=view)
    await alone.hands.post(
        "view/submit", user="U0NIA", view_id=opened["view"]["id"], values={"b": {"a": "x"}}
    )
    submitted = alone.app.last()

    assert command["error"] == "unknown_command"
    assert (shortcut, glob) == ("shortcut_not_found", "shortcut_not_found")
    assert (press["user"]["team_id"], press["team"]["id"]) == (NORTH.id, HOME)
    assert submitted["type"] == "view_submission"
    assert (submitted["team"]["id"], submitted["user"]["team_id"]) == (NORTH.id, NORTH.id)
    assert submitted["view"]["team_id"] == NORTH.id
    assert submitted["view"]["app_installed_team_id"] == HOME


async def test_of_two_installations_in_one_channel_one_hears_and_each_edits_its_own(
    pair: Stage,
) -> None:
    await pair.hands.call("POST", "channels/C0SHARED/members", {"user": "U0NBOT", "as": "U0NIA"})
    await pair.sandbox.settle()
    (joined,) = pair.app.of_type("member_joined_channel")
    own = await pair.api("chat.postMessage", {"channel": "C0SHARED", "text": "a", "blocks": CARD})
    other = await pair.api(
        "chat.update", {"channel": "C0SHARED", "ts": own["ts"], "text": "b"}, token=NORTH_TOKEN
    )
    pair.app.received.clear()
    await pair.hands.post("compose", user="U0NIA", channel="C0SHARED", text="hi @sample_bot")
    await pair.sandbox.settle()

    (event,) = pair.app.of_type("message")
    known = await pair.api(
        "apps.event.authorizations.list",
        {"event_context": event["event_context"]},
        token="xapp-sandbox-sample-app",
    )
    wrong = await pair.api(
        "apps.event.authorizations.list",
        {"event_context": "no"},
        token="xapp-sandbox-sample-app",
    )
    assert joined["authorizations"][0]["team_id"] == NORTH.id
    assert other["error"] == "cant_update_message"
    assert event["authorizations"][0]["team_id"] == NORTH.id  # where it was written
    assert [one["team_id"] for one in known["authorizations"]] == [NORTH.id, HOME]
    assert wrong["error"] == "invalid_event_context"
    # Nia names her own workspace's bot, since both have the same handle
    assert [one["authorizations"][0]["user_id"] for one in pair.app.of_type("app_mention")] == [
        "U0NBOT"
    ]


async def test_a_trigger_and_a_response_url_belong_to_one_installation(pair: Stage) -> None:
    await pair.hands.post("compose", user="U0NIA", channel="C0SHARED", text="/hello")
    command = pair.app.last()
    view = modal(field("b", TEXT))
    foreign = await pair.api("views.open", {"trigger_id": command["trigger_id"], "view": view})
    async with pair.session.post(
        command["response_url"], json={"text": "to all", "response_type": "in_channel"}
    ) as got:
        assert got.status == 200

    said = (await pair.hands.messages("C0SHARED"))[-1]
    assert foreign["error"] == "invalid_trigger_id"
    assert (said["user"], said["bot_id"]) == ("U0NBOT", "B0NBOT")


async def test_a_workspace_is_made_with_its_first_person(pair: Stage) -> None:
    made = await pair.hands.post("teams", name="Fjord & Co", admin="Ida Lie")
    state = await pair.hands.get("state", user=made["person"]["id"])
    taken = await pair.hands.refused("teams", name="x", id=NORTH.id)

    assert made["team"]["domain"] == "fjord-co"
    assert (made["person"]["is_admin"], made["person"]["name"]) == (True, "ida")
    assert [one["name"] for one in state["channels"]] == ["general"]
    assert taken == "bad_value"


async def test_people_and_channels_come_into_the_workspace_of_whoever_adds_them(
    pair: Stage,
) -> None:
    made = await pair.hands.post("people", user="U0NIA", name="ola", real_name="Ola Dahl")
    room = await pair.hands.post("channels", user="U0NIA", name="general", members=["U0NIA"])
    where = f"channels/{room['channel']}"
    stranger = await pair.hands.refused(f"{where}/members", user="U0NIA", someone="x")
    _, ana = await pair.hands.call("POST", f"{where}/members", {"user": "U0ANA", "as": "U0NIA"})
    await pair.hands.post(f"{where}/share", user="U0NIA", team=HOME)
    status, _ = await pair.hands.call("POST", f"{where}/members", {"user": "U0ANA", "as": "U0NIA"})

    assert made["person"]["team_id"] == NORTH.id
    assert stranger == "missing"
    assert ana["error"] == "user_not_in_workspace"
    assert status == 200
    assert await pair.hands.refused("people", user="U0NIA", name="x", team_id="T0NO") == "bad_value"

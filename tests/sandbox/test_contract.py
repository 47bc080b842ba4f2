"""The sandbox's payloads have the fields that Slack's true ones have.

`STILLTRUE_SLACK_SAMPLES` names a folder of samples: `bolt-python-tests/*.json` (payloads from
Slack's own tests) and `slack-api-specs/*.json` (answers of the Web API, from 2021).
"""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Stage
from tests.sandbox.test_acts import CARD
from tests.sandbox.test_views import TEXT, field, modal, trigger

FOLDER = os.environ.get("STILLTRUE_SLACK_SAMPLES", "")  # noqa: TID251 no setting of the bot's

pytestmark = pytest.mark.skipif(
    not FOLDER or not Path(FOLDER).is_dir(),
    reason="STILLTRUE_SLACK_SAMPLES names no folder with Slack's samples",
)

# fields of a sample that a sandbox's payload rightly lacks
ABSENT = {
    "enterprise_id",  # a sandbox is one workspace and no organisation
    "enterprise_name",
    "authed_users",  # Slack stopped sending these in 2021
    "authed_teams",
    "inviter",
    "response_urls",
}


def sample(name: str) -> Any:
    return json.loads((Path(FOLDER) / name).read_text())


def missing(wanted: Any, given: Any, path: str = "") -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(given, dict):
        for key, value in wanted.items():
            if key in ABSENT:
                continue
            if key not in given:
                yield f"{path}/{key}"
            elif key not in ("values", "blocks"):  # what the app itself put there
                yield from missing(value, given[key], f"{path}/{key}")
    elif isinstance(wanted, list) and isinstance(given, list) and wanted and given:
        yield from missing(wanted[0], given[0], f"{path}/0")


async def command(stage: Stage) -> Any:
    await stage.hands.post("compose", channel="C0APOLLO", text="/hello Hi")
    return stage.app.last()


async def block_actions(stage: Stage) -> Any:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="x", blocks=CARD)
    await stage.hands.post(
        "action", channel="C0APOLLO", ts=sent["ts"], block_id="row", action_id="yes"
    )
    return stage.app.of_type("block_actions")[0]


async def opened(stage: Stage) -> str:
    element = {"type": "external_select"}
    view = modal(field("es_b", element, optional=True), field("hspI", TEXT), notify_on_close=True)
    answer = await stage.slack.views_open(trigger_id=await trigger(stage), view=view)
    return str(answer["view"]["id"])


async def view_submission(stage: Stage) -> Any:
    view_id = await opened(stage)
    await stage.hands.post("view/submit", view_id=view_id, values={"hspI": {"a": "x"}})
    return stage.app.of_type("view_submission")[0]


async def view_closed(stage: Stage) -> Any:
    await stage.hands.post("view/close", view_id=await opened(stage))
    return stage.app.of_type("view_closed")[0]


async def block_suggestion(stage: Stage) -> Any:
    await stage.hands.post(
        "options", view_id=await opened(stage), block_id="es_b", action_id="a", value="search"
    )
    return stage.app.of_type("block_suggestion")[0]


async def shortcut(stage: Stage) -> Any:
    await stage.hands.post("shortcut", callback_id="start")
    return stage.app.last()


async def message_action(stage: Stage) -> Any:
    typed = await stage.hands.post("compose", channel="C0APOLLO", text="@bo test")
    await stage.hands.post("shortcut", callback_id="keep", channel="C0APOLLO", ts=typed["ts"])
    return stage.app.of_type("message_action")[0]


async def message_event(stage: Stage) -> Any:
    await stage.hands.post("compose", channel="C0APOLLO", text="Hello @sample_bot")
    await stage.sandbox.settle()
    return stage.app.of_type("message")[0]


async def app_mention(stage: Stage) -> Any:
    await message_event(stage)
    return stage.app.of_type("app_mention")[0]


async def message_changed(stage: Stage) -> Any:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a", blocks=CARD)
    await stage.slack.chat_update(channel="C0APOLLO", ts=sent["ts"], text="b", blocks=CARD)
    await stage.sandbox.settle()
    return stage.app.last()


async def message_deleted(stage: Stage) -> Any:
    sent = await stage.slack.chat_postMessage(channel="C0APOLLO", text="a")
    await stage.slack.chat_delete(channel="C0APOLLO", ts=sent["ts"])
    await stage.sandbox.settle()
    return stage.app.last()


async def bot_message(stage: Stage) -> Any:
    await stage.slack.chat_postMessage(channel="C0APOLLO", text="a")
    await stage.sandbox.settle()
    return stage.app.last()


async def joined(stage: Stage) -> Any:
    await stage.hands.call("POST", "channels/C0APOLLO/members", {"user": "U0DEV", "as": "U0ANA"})
    await stage.sandbox.settle()
    return stage.app.last()


async def left(stage: Stage) -> Any:
    await stage.hands.call("DELETE", "channels/C0APOLLO/members/U0CARO", {})
    await stage.sandbox.settle()
    return stage.app.last()


async def gone(stage: Stage) -> Any:
    await stage.hands.post("apps/A0SAMPLE/uninstall")
    return stage.app.of_type("app_uninstalled")[0]


async def revoked(stage: Stage) -> Any:
    await stage.hands.post("apps/A0SAMPLE/uninstall")
    return stage.app.of_type("tokens_revoked")[0]


async def function_executed(stage: Stage) -> Any:
    await stage.hands.post(
        "function", app_id="A0SAMPLE", callback_id="step", inputs={"stringToReverse": "x"}
    )
    return stage.app.last()


PAYLOADS: dict[str, Callable[[Stage], Awaitable[Any]]] = {
    "slash_command__slash_command_body__form": command,
    "payload_utils__slash_command_body": command,
    "block_actions__body": block_actions,
    "view_submission__body": view_submission,
    "view_closed__body": view_closed,
    "block_suggestion__body": block_suggestion,
    "shortcut__global_shortcut_body": shortcut,
    "shortcut__message_shortcut_body": message_action,
    "message__message_body": message_event,
    "app__app_mention_event_body": app_mention,
    "events_shared_channels__valid_event_body": app_mention,
    "message_changed__event_payload": message_changed,
    "message_deleted__event_payload": message_deleted,
    "message_bot__bot_message_event_payload": bot_message,
    "events__join_event_body": joined,
    "events_shared_channels__left_event_body": left,
    "events_shared_channels__app_uninstalled_body": gone,
    "events_shared_channels__tokens_revoked_body": revoked,
    "view_submission__connect_channel_payload": view_submission,
    "function__function_body": function_executed,
}


@pytest.mark.parametrize("name", PAYLOADS)
async def test_a_payload_has_the_fields_of_a_true_one(stage: Stage, name: str) -> None:
    true = sample(f"bolt-python-tests/{name}.json")

    ours = await PAYLOADS[name](stage)

    assert list(missing(true, ours)) == []


async def post(stage: Stage, **content: Any) -> Any:
    return await stage.api("chat.postMessage", {"channel": "C0APOLLO", "text": "a"} | content)


async def answer_to(stage: Stage, method: str) -> Any:
    """Our own answer to a call that goes well."""
    sent = await post(stage)
    where = {"channel": "C0APOLLO", "ts": sent["ts"]}
    view = modal(field("a_block_id", TEXT))
    calls: dict[str, dict[str, Any]] = {
        "chat.postMessage": {"channel": "C0APOLLO", "text": "a"},
        "chat.update": where | {"text": "b"},
        "chat.delete": where,
        "chat.postEphemeral": {"channel": "C0APOLLO", "user": "U0ANA", "text": "a"},
        "chat.getPermalink": {"channel": "C0APOLLO", "message_ts": sent["ts"]},
        "conversations.info": {"channel": "C0APOLLO"},
        "conversations.list": {},
        "conversations.members": {"channel": "C0APOLLO"},
        "conversations.open": {"users": "U0BO"},
        "conversations.history": {"channel": "C0APOLLO"},
        "conversations.replies": where,
        "users.info": {"user": "U0BO"},
        "users.list": {},
        "users.lookupByEmail": {"email": "bo@sample-works.example.com"},
        "team.info": {},
        "bots.info": {"bot": "B0BOT"},
        "auth.test": {},
        "views.open": {"view": view},
        "views.publish": {"user_id": "U0BO", "view": {"type": "home", "blocks": CARD[:1]}},
    }
    arguments = calls[method]
    if method == "views.open":
        arguments["trigger_id"] = await trigger(stage)
    return await stage.api(method, arguments)


# fields of the specification's examples that depend on what was posted, or on a user's token
OTHERS = {
    "/message/attachments", "/message/subtype", "/message/username",
    "/messages/0/reply_count", "/messages/0/thread_ts",
    "/channel/last_read", "/channel/locale", "/channel/is_read_only",
    "/messages/0/subscribed", "/messages/0/last_read", "/messages/0/unread_count",
    "/response_metadata",  # only where there is a next page
    "/user/profile/image_original",  # only with a picture of one's own
    "/members/0/profile/email",  # the first member is Slackbot
}  # fmt: skip
METHODS = (
    "chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral", "chat.getPermalink",
    "conversations.info", "conversations.list", "conversations.members", "conversations.open",
    "conversations.history", "conversations.replies", "users.info", "users.list",
    "users.lookupByEmail", "team.info", "bots.info", "auth.test", "views.open", "views.publish",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
async def test_an_answer_has_the_fields_of_a_true_one(stage: Stage, method: str) -> None:
    true = sample(f"slack-api-specs/{method}.json")["responses"]["200"]["example"]

    ours = await answer_to(stage, method)

    assert ours["ok"], ours
    assert [path for path in missing(true, ours) if path not in OTHERS] == []

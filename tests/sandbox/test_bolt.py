"""A whole app of Bolt's over HTTP, as the bot is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.server import listen, served
from tests.sandbox.conftest import Stage, open_stage


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Form"),
    "submit": plain("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": plain("What"),
            "element": {"type": "plain_text_input", "action_id": "a"},
        }
    ],
}


def make_bolt(stage: Stage) -> AsyncApp:
    app = AsyncApp(
        client=stage.slack, signing_secret="sandbox-signing-secret", process_before_response=True
    )

    @app.command("/hello")
    async def open_form(ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=FORM)

    @app.view("form")
    async def submit(
        ack: AsyncAck, view: dict[str, Any], body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        text = view["state"]["values"]["what"]["a"]["value"]
        if text == "wrong":
            await ack(response_action="errors", errors={"what": "Not that."})
            return
        await ack()
        press = {"type": "button", "text": plain("Yes"), "action_id": "yes", "value": text}
        await client.chat_postMessage(
            channel=body["user"]["id"],
            text=text,
            blocks=[{"type": "actions", "elements": [press]}],
        )

    @app.action("yes")
    async def yes(ack: AsyncAck, action: dict[str, Any], respond: Any) -> None:
        await ack()
        await respond(f"You said yes to {action['value']}", replace_original=True)

    return app


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    handler = AsyncSlackRequestHandler(make_bolt(stage))

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    site = Starlette(routes=[Route("/slack", endpoint, methods=["POST"])])
    async with served(site, listen("127.0.0.1", 0)) as url:
        await stage.hands.call("PATCH", "apps/A0SAMPLE", {"request_url": f"{url}/slack"})
        yield


async def test_a_command_opens_a_form_whose_answer_becomes_a_message_with_a_button() -> None:
    async with open_stage() as stage, running(stage):
        command = await stage.hands.post("compose", channel="C0APOLLO", text="/hello")
        (form,) = (await stage.hands.get("state"))["views"]
        wrong = await stage.hands.post(
            "view/submit", view_id=form["id"], values={"what": {"a": "wrong"}}
        )
        right = await stage.hands.post(
            "view/submit", view_id=form["id"], values={"what": {"a": "the thing"}}
        )
        state = await stage.hands.get("state")
        (direct,) = [one["id"] for one in state["channels"] if one["kind"] == "im"]
        (message,) = await stage.hands.messages(direct)
        pressed = await stage.hands.post(
            "action",
            channel=direct,
            ts=message["ts"],
            block_id=message["blocks"][0]["block_id"],
            action_id="yes",
        )
        (after,) = await stage.hands.messages(direct)

    assert "error" not in command
    assert wrong["errors"] == {"what": "Not that."}
    assert right["response_action"] is None
    assert state["views"] == []
    assert pressed == {"ok": True}
    assert after["text"] == "You said yes to the thing"


async def test_two_sandboxes_live_in_one_process_without_meeting() -> None:
    async with open_stage() as one, open_stage() as other:
        await one.slack.chat_postMessage(channel="C0APOLLO", text="only here")
        elsewhere = await other.hands.messages("C0APOLLO")

    assert elsewhere == []

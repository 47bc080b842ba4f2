"""A local Slack as a process of its own, with one person who acts through its control API."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.figures.processes import free_port, process

BOT_TOKEN = "xoxb-sample-token"
APP_TOKEN = "xapp-sample-token"
SIGNING_SECRET = "sample-signing-secret"
TEAM, APP, CHANNEL, ANA, BO = "T0SAMPLE", "A0SAMPLE", "C0APOLLO", "U0ANA", "U0BO"

SEED = {
    "team_id": TEAM,
    "team_name": "Sample",
    "team_domain": "sample",
    "people": [
        {"id": ANA, "name": "ana", "real_name": "Ana Silva"},
        {"id": BO, "name": "bo", "real_name": "Bo Chen"},
        {"id": "U0BOT", "name": "stilltrue", "real_name": "Still True?", "is_bot": True},
    ],
    "channels": [{"id": CHANNEL, "name": "apollo", "members": [ANA, BO, "U0BOT"]}],
    "apps": [
        {
            "app_id": APP,
            "name": "Still True?",
            "bot_user_id": "U0BOT",
            "bot_id": "B0BOT",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "client_id": "1.1",
            "client_secret": "sample",
            "verification_token": "sample",
            "commands": [
                {"command": "/assume"},
                {"command": "/setback"},
                {"command": "/stilltrue"},
            ],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class LocalSlack:
    url: str
    client: httpx.AsyncClient

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    async def call(self, path: str, **body: Any) -> dict[str, Any]:
        """Do what a person does; `body` uses `as_` for the control API's `as`."""
        fields = {("as" if name == "as_" else name): value for name, value in body.items()}
        answer = await self.client.post(f"{self.url}/_sandbox/{path}", json=fields)
        found: dict[str, Any] = answer.json()
        if not found.get("ok") or found.get("error"):
            raise RuntimeError(f"{path}: {found}")
        return found

    async def open_view(self, person: str) -> str:
        """Return the id of the form that the bot opens for the person, once it is there."""
        async with asyncio.timeout(5):
            while not (views := await self._views(person)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
        return str(views[-1]["id"])

    async def _views(self, person: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"{self.url}/_sandbox/state", params={"as": person})
        views: list[dict[str, Any]] = answer.json()["views"]
        return views


@contextlib.asynccontextmanager
async def local_slack(*, deliver_to: int) -> AsyncIterator[LocalSlack]:
    """Run the sandbox; it delivers to the bot on port `deliver_to`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    seed = json.loads(json.dumps(SEED))
    seed["apps"][0]["request_url"] = f"http://127.0.0.1:{deliver_to}/slack/events"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.json"
        path.write_text(json.dumps(seed), encoding="utf-8")
        arguments = ("-m", "bot.sandbox", "--port", str(port), "--seed", str(path))
        async with (
            process(*arguments, env={}, ready=f"{url}/"),
            httpx.AsyncClient(timeout=10) as client,
        ):
            yield LocalSlack(url, client)


async def start_project(slack: LocalSlack) -> None:
    """Start the project of the channel, as a person does: the first command offers it."""
    await slack.call("compose", as_=ANA, channel=CHANNEL, text="/assume The sample is small")
    view = await slack.open_view(ANA)
    submitted = await slack.call("view/submit", as_=ANA, view_id=view, values={})
    await slack.call("view/close", as_=ANA, view_id=submitted.get("view_id") or view)

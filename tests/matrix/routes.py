"""Asks every HTTP route as everybody who should learn nothing, by name and without a proof."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.routing import Route

from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.slack.http import HttpRequests
from bot.slack.interaction import Command
from bot.usecases.webhook import get_endpoint
from bot.web.app import create_app
from bot.web.health import Check
from bot.web.install import InstallPages
from bot.web.webhooks.endpoint import Webhooks
from bot.web.webhooks.generic import TOOL
from tests.matrix.judge import Verdict, plain, written
from tests.matrix.recipes import RECIPES
from tests.matrix.world import FAR_TEAM, FOREIGN, HOME_TEAM, READERS, Actor, Clock, Ids, World

_SIGNING_SECRET = "a secret"
_METHODS = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent, as if whoever sends it knew the ids of what is there."""

    path: str
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()


Maker = Callable[[Actor, Ids, WebhookEndpoint], Iterator[Request]]


def _to(path: str) -> Maker:
    def make(_actor: Actor, ids: Ids, _theirs: WebhookEndpoint) -> Iterator[Request]:
        yield Request(path=path.format(ids=ids))

    return make


def _events(actor: Actor, ids: Ids, _theirs: WebhookEndpoint) -> Iterator[Request]:
    """What Slack itself says of them, and the same with a signature of somebody else's."""
    for payload in RECIPES[Command, "/assume"].make(actor, ids)[:1]:  # the rest is the dispatcher's
        sent = {name: value for name, value in payload.items() if value is not None}
        body = urlencode(sent).encode()
        for secret in (_SIGNING_SECRET, "another"):
            at = str(int(time.time()))
            signed = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
            yield Request(
                path="/slack/events",
                body=body,
                headers=(
                    ("content-type", "application/x-www-form-urlencoded"),
                    ("x-slack-request-timestamp", at),
                    ("x-slack-signature", f"v0={signed.hexdigest()}"),
                ),
            )


def _webhooks(actor: Actor, ids: Ids, theirs: WebhookEndpoint) -> Iterator[Request]:
    """The id under one's own workspace, and under the true one with a token that is not its own."""
    owner = theirs.workspace
    hook = ids.hook.replace("-", "")
    addresses = {f"{owner}-{hook}-{'0' * len(theirs.token)}"}
    if actor.team != owner:
        addresses.add(f"{actor.team}-{hook}-{theirs.token}")
    for address in sorted(addresses):
        for source in WebhookSource:
            yield Request(
                path=f"/webhooks/{source}/{address}", body=TOOL.sample, headers=_signed(theirs)
            )


def _signed(theirs: WebhookEndpoint) -> tuple[tuple[str, str], ...]:
    headers = TOOL.signed(theirs.secrets[0].value, TOOL.sample, time.time())
    return tuple(headers.items())


ASKED: dict[str, Maker] = {
    "/": _to("/?project={ids.project}"),
    "/slack/events": _events,
    "/healthz": _to("/healthz?project={ids.project}"),
    "/readyz": _to("/readyz?project={ids.project}"),
    "/metrics": _to("/metrics?project={ids.project}"),
    "/webhooks/{source}/{address}": _webhooks,
    "/slack/install": _to("/slack/install?project={ids.project}"),
    "/slack/oauth_redirect": _to("/slack/oauth_redirect?state={ids.hook}&code={ids.project}"),
}
_OWN = ("/slack/events", "/slack/install")  # where a person may write what is their own
_COUNTS_BY_ITSELF = "/metrics"  # so that no two answers are the same


class NoInstaller:
    """*Add to Slack* that sends people to an address and takes nobody back."""

    def address(self, state: str) -> str:
        return "https://slack.com/oauth"

    async def install(self, code: str) -> None:
        raise AssertionError("nobody came back with a state of ours")


async def _ready() -> list[Check]:
    return [Check(name="database", is_well=True)]


def app_of(world: World) -> Any:
    """Everything that a process serves."""
    return create_app(
        readiness=_ready,
        slack=HttpRequests(world.app.bolt),
        signing_secrets=(_SIGNING_SECRET,),
        webhooks=Webhooks(world.db, Clock()),
        install=InstallPages(NoInstaller(), world.db, is_secure=True),  # type: ignore[arg-type]
    )


def paths_of(app: Any) -> list[str]:
    return [route.path for route in app.routes if isinstance(route, Route)]


async def judge_routes(world: World, case: str) -> Verdict:
    """Ask every route as one of those who should learn nothing.

    Raises:
        KeyError: There is one that nobody said how to ask.
    """
    actor, named = READERS[case]
    ids = world.ids["FOREIGN" if named is FOREIGN else "PRIVATE"]
    owner = FAR_TEAM if named is FOREIGN else HOME_TEAM
    theirs = await world.db.read(get_endpoint, owner, ids.hook)
    verdict, app = Verdict(), app_of(world)
    before = await world.rows()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bot"
    ) as client:
        for path in paths_of(app):
            verdict.entries.add(path)
            for method in _METHODS:
                verdict.cases += 1
                version, leaks = await world.version(), list[str]()
                asked = ASKED[path](actor, ids, theirs)
                controls = ASKED[path](actor, world.ids["MISSING"], theirs)
                for one, control in zip(asked, controls, strict=True):
                    told = await _answer(world, client, method, one)
                    expected = await _answer(world, client, method, control)
                    leaks += [f"reads {text[:300]}" for text in told if ids.canary in text]
                    if path == _COUNTS_BY_ITSELF:
                        told, expected = told[:1], expected[:1]
                    said, control_said = plain(told, ids), plain(expected, world.ids["MISSING"])
                    if said != control_said:
                        leaks.append(f"differs {said} {control_said}"[:900])
                if await world.version() != version:
                    after, is_own = await world.rows(), path in _OWN
                    leaks += written(before, after, names_nothing=is_own, actor=actor, ids=ids)
                    before = after
                verdict.leaks += [f"{case}: {method} {path}: {leak}" for leak in leaks]
    return verdict


async def _answer(
    world: World, client: httpx.AsyncClient, method: str, asked: Request
) -> list[str]:
    """Return the answer's status, the rest of it, and what Slack was told because of it."""
    world.api.said.clear()
    headers = dict(asked.headers)
    answer = await client.request(method, asked.path, content=asked.body, headers=headers)
    await world.app.tools.tasks.drain()
    return [f"{answer.status_code}", answer.text, *world.api.said]

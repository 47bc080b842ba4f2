"""Socket Mode breaks in each way that Slack and networks know; how soon is the bot back."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.herd import Child
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.links import Link
from tests.chaos.poll import until
from tests.chaos.slack import TEAM

AT_ONCE = 10  # processes, each with a connection that breaks
_ANSWER_SECONDS = 3.0
_DISABLED_SECONDS = 3.0

Break = Callable[[Link], Awaitable[None]]


async def _refresh(link: Link) -> None:
    await link.refresh("refresh_requested")


async def _close(link: Link) -> None:
    await link.socket.close()


async def _abort(link: Link) -> None:
    link.abort()


async def _mute(link: Link) -> None:
    link.is_mute = True


async def _disable(link: Link) -> None:
    await link.refresh("link_disabled")
    await link.socket.close()


BREAKS: dict[str, tuple[Break, float]] = {
    "refresh_requested": (_refresh, 2.0),
    "server close": (_close, 2.0),
    "TCP abort": (_abort, 10.0),
    "half-open": (_mute, 60.0),
    "link_disabled": (_disable, 60.0),
}
"""What is done, and the seconds after which there has to be another connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    kind: str
    times: int
    slowest: float  # seconds until the next connection; of a disabled link, since it is allowed
    deaf: int  # new connections on which a command was not answered
    within: float

    @property
    def holds(self) -> bool:
        return self.deaf == 0 and self.slowest <= self.within


async def break_links(lane: Lane, kind: str, *, times: int) -> Broken:
    """Break `times` connections, those of several processes at once."""
    apps = [f"xapp-{number}" for number in range(min(times, AT_ONCE))]
    children = [await _start(lane, app) for app in apps]
    rounds = -(-times // len(apps))
    found = await asyncio.gather(*(_break_again(lane, app, kind, rounds) for app in apps))
    await asyncio.gather(*(child.stop() for child in children))
    return Broken(
        kind=kind,
        times=rounds * len(apps),
        slowest=max(seconds for one in found for seconds, _ in one),
        deaf=sum(not hears for one in found for _, hears in one),
        within=BREAKS[kind][1],
    )


async def _start(lane: Lane, app: str) -> Child:
    child = await lane.spawn("web", SLACK_APP_TOKEN=app)
    await child.answers("/readyz")
    return child


async def _break_again(lane: Lane, app: str, kind: str, rounds: int) -> list[tuple[float, bool]]:
    return [await _break_once(lane, app, kind) for _ in range(rounds)]


async def _break_once(lane: Lane, app: str, kind: str) -> tuple[float, bool]:
    """Return the seconds until the next connection, and whether a command is answered on it."""
    links, (do, within) = lane.slack.links, BREAKS[kind]
    before = links.count(app)
    if kind == "link_disabled":
        links.disabled.add(app)
    await do(links.newest(app))
    if kind == "link_disabled":
        await asyncio.sleep(_DISABLED_SECONDS)
        links.disabled.discard(app)
    began = time.monotonic()

    async def is_back() -> bool:
        return links.count(app) > before

    await until(is_back, within=2 * within)
    seconds = time.monotonic() - began
    return seconds, await links.deliver(app, _command(app, before), seconds=_ANSWER_SECONDS)


def _command(app: str, number: int) -> dict[str, str]:
    return {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "channel_name": "apollo",
        "user_id": ANA,
        "command": "/assume",
        "text": "help",
        "is_enterprise_install": "false",
        "trigger_id": f"{app}.{number}",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    code: int | None
    said: str

    @property
    def holds(self) -> bool:
        return bool(self.code) and "SLACK_APP_TOKEN" in self.said


async def start_with_a_wrong_token(lane: Lane) -> Refused:
    """Start the real program where Slack refuses the app-level token."""
    lane.slack.fail("xapp-wrong", "apps.connections.open", "invalid_auth", 1)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "web"),
        env={**lane.env, "SLACK_APP_TOKEN": "xapp-wrong", "PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(child.communicate(), 60)
    return Refused(code=child.returncode, said=said.decode(errors="replace"))

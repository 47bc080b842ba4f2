"""How long Slack waits for its answer while everything behind the front door is slow."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.ids import UserId
from tests.chaos.deliveries import command
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.figures.load import signed, signed_command

CONNECTIONS = 40  # to PostgreSQL: 50 a second for 200 ms each keep ten busy, work has half
_GIVE_UP_SECONDS = 30.0


@dataclass(kw_only=True)
class Acked:
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)  # 0: no answer

    def share(self, part: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != 200)


async def ack_under_load(lane: Lane, *, seconds: float, per_second: float, slow: float) -> Acked:
    """Send that many requests a second, whether the ones before were answered or not.

    Slack answers nothing meanwhile, and each transaction takes `slow` seconds.
    """
    web = await lane.spawn(
        "run",
        lease=30,
        CHAOS_DATABASE_SECONDS=str(slow),
        CHAOS_PATIENCE="0",  # Slack hangs, and the bot has to give up by itself
        STILLTRUE_DATABASE_CONNECTIONS=str(CONNECTIONS),
    )
    await web.answers("/readyz")
    acked, numbers = Acked(), itertools.count(1)
    await _ask(web.port, command(next(numbers), web.port), Acked())  # its people are known now
    lane.slack.hangs = True
    requests, began = _mixed(web.port, numbers), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * per_second)):
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            group.create_task(_ask(web.port, next(requests), acked))
    lane.slack.hangs = False
    await web.stop()
    return acked


async def _ask(port: int, request: bytes, acked: Acked) -> None:
    began, status = time.monotonic(), 0
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            line = await reader.readline()
            writer.close()
            status = int(line.split()[1]) if line else 0
    except (TimeoutError, OSError):
        pass
    acked.seconds.append(time.monotonic() - began)
    acked.statuses[status] += 1


def _mixed(port: int, numbers: Iterator[int]) -> Iterator[bytes]:
    """Assumptions logged in one line, forms opened, Home looked at."""
    for number in numbers:
        match number % 5:
            case 0:
                yield _form(number, port)
            case 1:
                yield home_opened(number, port)
            case _:
                yield command(number, port)


def _form(number: int, port: int) -> bytes:
    return signed_command(
        {
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "channel_name": "apollo",
            "user_id": ANA,
            "command": "/assume",
            "text": "",
            "is_enterprise_install": "false",
            "trigger_id": f"{number}.form",
        },
        secret=SIGNING_SECRET,
        port=port,
    )


def home_opened(number: int, port: int, *, by: UserId = ANA) -> bytes:
    """The event of a person who looks at Home."""
    event = {"type": "app_home_opened", "user": by, "tab": "home", "channel": "D0ANA"}
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": f"Ev{number}",
        "event_time": 1,
        "event": event,
        "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
    }
    return signed(json.dumps(body).encode(), "application/json", secret=SIGNING_SECRET, port=port)

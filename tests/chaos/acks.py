"""How long Slack waits for its answer while everything behind the front door is slow."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.ids import UserId
from tests.chaos.deliveries import changes, command, event_of, is_apology, statement_of
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.figures.load import read_answer, signed_command

CONNECTIONS = 40  # to PostgreSQL: 50 a second for 200 ms each keep ten busy, work has half
_GIVE_UP_SECONDS = 30.0
HUNG = frozenset({"views.open", "views.publish", "chat.postMessage"})  # what follows of the load


@dataclass(kw_only=True)
class Acked:
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)  # 0: no answer
    apologies: int = 0  # acknowledged, and told that it was not done
    sent: Counter[str] = field(default_factory=Counter)  # what was to be stored
    accepted: Counter[str] = field(default_factory=Counter)  # of it, what was said to be stored
    stored: Counter[str] = field(default_factory=Counter)
    hung: Counter[str] = field(default_factory=Counter)  # calls to Slack meanwhile, by method

    def hear(self, asked: "Asked", status: int, body: bytes, seconds: float) -> None:
        is_sorry = is_apology(body.decode())
        self.seconds.append(seconds)
        self.statuses[status] += 1
        self.apologies += is_sorry
        if asked.stores:
            self.sent[asked.stores] += 1
            self.accepted[asked.stores] += status == 200 and not is_sorry

    def share(self, part: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def refused(self) -> int:
        return self.statuses.total() - self.statuses[200] + self.apologies

    @property
    def missing(self) -> Counter[str]:
        return self.accepted - self.stored

    @property
    def extra(self) -> Counter[str]:
        return self.stored - self.sent

    @property
    def is_kept(self) -> bool:
        """Whether what was said to be stored is there, once, and Slack hung for all kinds of it."""
        return not (self.missing or self.extra) and self.hung.keys() >= HUNG


@dataclass(frozen=True, slots=True)
class Asked:
    request: bytes
    stores: str = ""


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
    first = Asked(command(next(numbers), web.port))
    await send(web.port, first, Acked())  # its people are known now
    before = await lane.db.read(changes)
    lane.slack.hung.clear()
    lane.slack.hangs = True
    requests, began = mixed(web.port, numbers), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * per_second)):
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            group.create_task(send(web.port, next(requests), acked))
    lane.slack.hangs = False
    await web.stop()
    acked.hung = lane.slack.hung.copy()
    acked.stored = await lane.db.read(changes) - before
    return acked


async def send(port: int, asked: Asked, acked: Acked) -> None:
    began, status, body = time.monotonic(), 0, b""
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked.request)
            status, body = await read_answer(reader)
            writer.close()
    except (TimeoutError, OSError, EOFError):
        pass
    acked.hear(asked, status, body, time.monotonic() - began)


def mixed(port: int, numbers: Iterator[int]) -> Iterator[Asked]:
    """Assumptions logged in one line, forms opened, Home looked at."""
    for number in numbers:
        match number % 5:
            case 0:
                yield Asked(_form(number, port))
            case 1:
                yield Asked(home_opened(number, port))
            case _:
                yield Asked(command(number, port), stores=statement_of(number))


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
    return event_of(event, f"Ev{number}", port, at=1)

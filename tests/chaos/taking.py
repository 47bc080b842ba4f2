"""A front process dies with a delivery in its hands; the sender tries the same again."""

import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, select

from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.webhook import WebhookSource
from bot.store.tables import assumption, history, setback
from bot.usecases.webhook import OpenedEndpoint
from bot.web.webhooks.endpoint import TOOLS
from tests.chaos.asked import log_asked
from tests.chaos.asking import Asked
from tests.chaos.deliveries import BO, click, command
from tests.chaos.judge import judge
from tests.chaos.kill import Deaths, Killed, status_of
from tests.chaos.lane import HERE, Lane
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.chaos.steps import Step
from tests.figures.load import signed
from tests.web.webhooks.tools import open_endpoint

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Parcel:
    request: bytes
    leaves: str  # what it has to leave, once, among what is `stored`


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that delivers."""

    name: str
    make: Callable[[Lane, int], Awaitable[Parcel]]
    stored: Callable[[Connection], Counter[str]]
    accepts: int = 200


async def kill_while_taking(
    lane: Lane, step: Step, source: Source, *, times: int, numbers: Iterator[int]
) -> Killed:
    """Let the front process die with a delivery in its hands; the sender tries the same again.

    Each has to leave its own trace, once, and what follows of them has to be said once.
    """
    deaths, refused, delivered = Deaths(), 0, Counter[str]()
    before, said = await lane.db.read(source.stored), set(await lane.outbox())
    for _ in range(times):
        delivery = await source.make(lane, next(numbers))
        delivered[delivery.leaves] += 1
        born = time.monotonic()
        victim = await lane.spawn("web", step=step)
        await victim.answers("/readyz")
        answers = await _ask_until_it_dies(victim.port, delivery.request)
        assert len(answers) < _TRIES, (answers, lane.herd.said)
        died = await deaths.death(victim, step, born=born)
        follower = await lane.spawn("web")
        await follower.answers("/readyz")
        refused += await status_of(follower.port, delivery.request) != source.accepts
        deaths.well_again(time.monotonic() - died)
        await follower.stop()
    lost, doubled = difference(delivered, await lane.db.read(source.stored) - before)
    unsaid, said_twice = await _wrongly_said(lane, said)
    return Killed(
        step=step,
        of=source.name,
        times=times,
        injected=deaths.injected,
        lost=lost + refused + unsaid,
        doubled=doubled + said_twice,
        repeated=0,
        slowest=deaths.slowest,
        start_up=deaths.start_up,
    )


def difference(wanted: Counter[str], stored: Counter[str]) -> tuple[int, int]:
    """How many are missing, and how many are there too often: one makes up for no other."""
    return (wanted - stored).total(), (stored - wanted).total()


async def _wrongly_said(lane: Lane, before: set[MessageKey]) -> tuple[int, int]:
    """How many messages were lost and doubled since; the front process sends, too.

    One that died while it sent leaves a repeat with a mark, as anywhere.
    """
    await lane.settle()
    rows = {
        key: row
        for key, row in (await lane.outbox()).items()
        if key not in before and key.kind is not MessageKind.HOME
    }
    posts = [post for post in lane.slack.posts if post.key not in before]
    verdict = judge(set(rows), posts, rows)
    return len(verdict.lost | verdict.forged), len(verdict.doubled | verdict.unwanted)


async def _ask_until_it_dies(port: int, request: bytes) -> list[int]:
    """Ask again where a machine that is too busy made it give up in time; return its answers."""
    answers: list[int] = []
    while len(answers) < _TRIES and (status := await status_of(port, request)) is not None:
        answers.append(status)
    return answers


def commands() -> Source:
    async def make(_lane: Lane, number: int) -> Parcel:
        return Parcel(command(number, 0), f"Part {number} is never late")

    return Source(name="a command", make=make, stored=_counts(assumption.c.statement))


def clicks() -> Source:
    """Each answers a question of its own."""

    async def make(lane: Lane, number: int) -> Parcel:
        [key] = await lane.db.write(log_asked, 1, asked=(BO,))
        return Parcel(click(key, number, lane.slack.url, 0), str(key))

    return Source(name="a click", make=make, stored=_answered)


def replies(asked: Iterator[Asked]) -> Source:
    """Events: each answers, in words, a question that Slack has shown."""

    async def make(_lane: Lane, number: int) -> Parcel:
        question = next(asked)
        event = {
            "type": "message",
            "channel_type": "im",
            "channel": question.channel,
            "user": question.person,
            "text": "yes",
            "ts": f"{1_900_000_000 + number}.000100",
            "thread_ts": question.ts,
        }
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"EvReply{number}",
            "event_time": 1,
            "event": event,
            "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
        }
        raw = json.dumps(body).encode()
        request = signed(raw, "application/json", secret=SIGNING_SECRET, port=0)
        return Parcel(request, str(question.key))

    return Source(name="an event", make=make, stored=_answered)


async def webhooks(lane: Lane) -> Source:
    door = await lane.db.write(open_endpoint, WebhookSource.GENERIC, HERE)

    async def make(_lane: Lane, number: int) -> Parcel:
        words = f"Service {number} is down"
        told = {"id": f"OPS-{number}", "updated_at": datetime.now(UTC).isoformat(), "text": words}
        return Parcel(_webhook(door, json.dumps(told).encode()), words)

    stored = _counts(setback.c.text)
    return Source(name="a webhook", make=make, stored=stored, accepts=202)


def _webhook(door: OpenedEndpoint, body: bytes) -> bytes:
    assert door.secret is not None
    proof = TOOLS[door.endpoint.source].signed(door.secret, body, time.time())
    given = {"Host": "127.0.0.1", "Content-Type": "application/json"} | dict(proof)
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    head = f"POST {door.endpoint.path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _counts(column: Column[str]) -> Callable[[Connection], Counter[str]]:
    def stored(tx: Connection) -> Counter[str]:
        return Counter(tx.scalars(select(column)))

    return stored


def _answered(tx: Connection) -> Counter[str]:
    keys = tx.scalars(select(history.c.assumption).where(history.c.kind == "answered"))
    return Counter(str(key) for key in keys)

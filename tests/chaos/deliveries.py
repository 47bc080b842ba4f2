"""What Slack delivers twice, late, out of order or at once, to web processes over HTTP."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random

from sqlalchemy import Connection, select

from bot.domain.ids import AssumptionKey, UserId
from bot.domain.validation import Answer
from bot.slack import ids
from bot.store.tables import assumption, history
from tests.chaos.asked import log_asked
from tests.chaos.lane import ANA, CHANNEL, Lane
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.figures.load import run, signed, signed_command

BO = UserId("U0BO")
CONNECTIONS = 32
LATE = 2 * 60 * 60  # seconds
_EACH = 1000  # at once in a transaction
_RETRIES = ("http_timeout", "http_error", "connection_failed")
# What the bot says where something went wrong: such a delivery is acknowledged and not done.
APOLOGIES = ("Something went wrong", "Nothing was stored", "Try again")

Make = Callable[[int, int], bytes]  # the number of the copy and a port: the request, signed now


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    kind: str
    changes: str  # what it has to change, once; empty: nothing
    make: Make
    is_late: bool = False  # its last copy comes after everything else


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    kinds: Counter[str]  # deliveries, copies too
    distinct: int
    refused: Counter[int]  # answers other than 2xx, by status
    apologies: int
    missing: Counter[str]  # changes that were meant, and did not come to be
    extra: Counter[str]  # changes that were not meant, or came once more than that

    @property
    def deliveries(self) -> int:
        return self.kinds.total()

    @property
    def lost(self) -> int:
        return self.missing.total()

    @property
    def doubled(self) -> int:
        return self.extra.total()

    @property
    def holds(self) -> bool:
        return not (self.refused or self.apologies or self.missing or self.extra)


@dataclass(slots=True)
class Heard:
    """What the bot answered."""

    refused: Counter[int] = field(default_factory=Counter)
    apologies: int = 0

    def hear(self, status: int, body: bytes) -> None:
        if not 200 <= status < 300:
            self.refused[status] += 1
        self.apologies += is_apology(body.decode())


def is_apology(said: str) -> bool:
    return any(words in said for words in APOLOGIES)


def judge_deliveries(
    wanted: Iterable[Delivery],
    before: Counter[str],
    after: Counter[str],
    *,
    kinds: Counter[str],
    heard: Heard,
) -> Delivered:
    """Compare each change by its own name: two of one make no other good."""
    known = list(wanted)
    meant = before + Counter(one.changes for one in known if one.changes)
    return Delivered(
        kinds=kinds,
        distinct=len(known),
        refused=heard.refused,
        apologies=heard.apologies,
        missing=meant - after,
        extra=after - meant,
    )


@asynccontextmanager
async def webs_on(lane: Lane) -> AsyncIterator[Sequence[int]]:
    """Run two web processes, or one on SQLite, which is for one; give their ports."""
    children = [await lane.spawn("web") for _ in range(1 if lane.db.kind == "sqlite" else 2)]
    for child in children:
        await child.answers("/readyz")
    yield [child.port for child in children]
    await asyncio.gather(*(child.stop() for child in children))


async def deliver_again(
    lane: Lane, ports: Sequence[int], *, deliveries: int, numbers: Iterator[int], seed: int = 1
) -> Delivered:
    """Deliver one to four copies of everything, shuffled, to any of the processes, many at once."""
    random = Random(seed)  # noqa: S311 - a run that can be repeated
    wanted = await _deliveries(lane, -(-2 * deliveries // 5), numbers)
    before, calls_before = await lane.db.read(changes), len(lane.slack.calls)
    copies = [(one, copy) for one in wanted for copy in range(random.randint(1, 4))]
    late = [(one, 4) for one in wanted if one.is_late]
    random.shuffle(copies)
    heard = Heard()
    for some in (copies, late):
        parts = [some[nth :: len(ports)] for nth in range(len(ports))]
        await asyncio.gather(
            *(
                run(
                    port,
                    (one.make(copy, port) for one, copy in part),
                    connections=CONNECTIONS // len(ports),
                    hear=heard.hear,
                )
                for port, part in zip(ports, parts, strict=True)
            )
        )
    calls = lane.slack.calls[calls_before:]
    heard.apologies += sum(is_apology(json.dumps(dict(call.body))) for call in calls)
    kinds = Counter(one.kind for one, _ in copies + late)
    after = await lane.db.read(changes)
    return judge_deliveries(wanted, before, after, kinds=kinds, heard=heard)


async def _deliveries(lane: Lane, count: int, numbers: Iterator[int]) -> list[Delivery]:
    """Make `count` of them, of all kinds in turn."""
    questions = await _questions(lane, count)
    makers = cycle((_typed, _happened, _pressed, _submitted, _happened_late, _typed, _unknown))
    some = islice(numbers, count)
    return [make(number, questions, lane.slack.url) for number, make in zip(some, makers)]  # noqa: B905 - the makers go round


async def _questions(lane: Lane, count: int) -> Iterator[AssumptionKey]:
    keys: list[AssumptionKey] = []
    needed = 2 * (count // 7 + 1)
    while len(keys) < needed:
        some = min(_EACH, needed - len(keys))
        keys += await lane.db.write(log_asked, some, asked=(BO,))
    return iter(keys)


def _typed(number: int, _questions: Iterator[AssumptionKey], _url: str) -> Delivery:
    def make(_copy: int, port: int) -> bytes:
        return command(number, port)

    return Delivery(kind="command", changes=statement_of(number), make=make)


def _happened(
    number: int, _questions: Iterator[AssumptionKey], _url: str, *, seconds_ago: int = 1
) -> Delivery:
    happened_at = int(time.time()) - seconds_ago

    def make(copy: int, port: int) -> bytes:
        return mention(number, port, at=happened_at, copy=copy)

    return Delivery(
        kind="event" if seconds_ago < LATE else "late event",
        changes=statement_of(number),
        make=make,
        is_late=seconds_ago >= LATE,
    )


def _happened_late(number: int, questions: Iterator[AssumptionKey], url: str) -> Delivery:
    return _happened(number, questions, url, seconds_ago=LATE)


def _pressed(number: int, questions: Iterator[AssumptionKey], url: str) -> Delivery:
    key = next(questions)

    def make(_copy: int, port: int) -> bytes:
        return click(key, number, url, port)

    return Delivery(kind="click", changes=_answer(key, Answer.HOLDS), make=make)


def _submitted(number: int, questions: Iterator[AssumptionKey], url: str) -> Delivery:
    key = next(questions)

    def make(_copy: int, port: int) -> bytes:
        return submission(key, number, url, port, answer=Answer.FAILS)

    return Delivery(kind="form", changes=_answer(key, Answer.FAILS), make=make, is_late=True)


def _unknown(number: int, _questions: Iterator[AssumptionKey], _url: str) -> Delivery:
    def make(copy: int, port: int) -> bytes:
        event = {"type": "stars_will_shine", "user": ANA, "item": {"number": number}}
        return event_of(event, f"EvX{number}", port, at=int(time.time()), copy=copy)

    return Delivery(kind="unknown event", changes="", make=make)


def statement_of(number: int) -> str:
    return f"Part {number} is never late"


def _answer(key: AssumptionKey, answer: Answer) -> str:
    return f"{key} answered {answer}"


def command(number: int, port: int) -> bytes:
    """A signed command that stores an assumption."""
    return signed_command(
        {
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "channel_name": "apollo",
            "user_id": ANA,
            "command": "/assume",
            "text": f"{statement_of(number)} | ask <@{BO}> impact:low",
            "is_enterprise_install": "false",
            "trigger_id": f"{number}.chaos",
        },
        secret=SIGNING_SECRET,
        port=port,
    )


def mention(number: int, port: int, *, at: int, copy: int = 0) -> bytes:
    """The event of somebody who names the bot in a channel and has it log an assumption."""
    event = {
        "type": "app_mention",
        "user": ANA,
        "text": f"<@U0BOT> log: {statement_of(number)} | ask <@{BO}> impact:low",
        "channel": CHANNEL,
        "ts": f"{at}.{number:06}",
        "event_ts": f"{at}.{number:06}",
    }
    return event_of(event, f"EvM{number}", port, at=at, copy=copy)


def event_of(
    event: Mapping[str, object], event_id: str, port: int, *, at: int, copy: int = 0
) -> bytes:
    """An event as Slack delivers it; a further copy says that it is one, and why."""
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": event_id,
        "event_time": at,
        "event": event,
        "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
    }
    again = (
        f"X-Slack-Retry-Num: {copy}\r\nX-Slack-Retry-Reason: {_RETRIES[copy % len(_RETRIES)]}\r\n"
    )
    return signed(
        json.dumps(body).encode(),
        "application/json",
        secret=SIGNING_SECRET,
        port=port,
        headers=again if copy else "",
    )


def click(
    key: AssumptionKey,
    number: int,
    slack: str,
    port: int,
    *,
    by: UserId = BO,
    asked_round: int = 1,
    place: tuple[str, str] = ("D0BO", "1.1"),
) -> bytes:
    """A click on *Still true*; what is said to the person goes to `respond-<number>`.

    `place` is the channel and the ts of the message with the button.
    """
    channel, ts = place
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": by, "team_id": TEAM},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel},
        "channel": {"id": channel, "name": "directmessage"},
        "trigger_id": f"{number}.click",
        "response_url": f"{slack}respond-{number}",
        "actions": [
            {
                "action_id": ids.HOLDS,
                "block_id": "b",
                "value": str(ids.QuestionRef(key, asked_round)),
                "action_ts": f"{number}.0",
            }
        ],
    }
    return signed_command({"payload": json.dumps(payload)}, secret=SIGNING_SECRET, port=port)


def submission(
    key: AssumptionKey, number: int, slack: str, port: int, *, answer: Answer, by: UserId = BO
) -> bytes:
    """The form in which somebody answers and says how they know."""
    told_at = f"{slack}respond-{number}"
    said = {"q": str(ids.QuestionRef(key, 1)), "a": answer.value, "u": told_at}
    payload = {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": by, "team_id": TEAM},
        "trigger_id": f"{number}.submit",
        "view": {
            "id": f"V{number}",
            "hash": f"{number}.hash",
            "type": "modal",
            "callback_id": ids.ANSWER,
            "private_metadata": json.dumps(said),
            "blocks": [],
            "state": {"values": {ids.EVIDENCE: {ids.INPUT: {"value": "It was tried."}}}},
        },
    }
    return signed_command({"payload": json.dumps(payload)}, secret=SIGNING_SECRET, port=port)


def changes(tx: Connection) -> Counter[str]:
    """Count each assumption by its words, and each answer by whose it is."""
    found = Counter(tx.execute(select(assumption.c.statement)).scalars())
    answers = select(history.c.assumption, history.c.data).where(history.c.kind == "answered")
    for key, data in tx.execute(answers):
        found[_answer(key, Answer(data["answer"]))] += 1
    return found

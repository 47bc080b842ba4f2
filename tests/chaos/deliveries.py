"""What Slack delivers twice, late, out of order or at once, to a web process over HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from sqlalchemy import Connection, Table, func, select

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.permission import OPERATOR
from bot.settings import default_config_dir, read_tuning
from bot.slack import ids
from bot.store.tables import assumption, history
from bot.usecases.assumption import log_assumption
from bot.usecases.project import get_project
from tests.chaos.lane import ANA, APOLLO, CHANNEL, HERE, Lane
from tests.chaos.poll import until
from tests.chaos.slack import SIGNING_SECRET, TEAM
from tests.figures.load import run, signed_command

BO = UserId("U0BO")
DI = UserId("U0DI")  # asked nothing
CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    distinct: int
    deliveries: int
    refused: int  # answers other than 200
    stored: int

    @property
    def holds(self) -> bool:
        return self.refused == 0 and self.stored == self.distinct


async def deliver_again(
    lane: Lane, *, deliveries: int, numbers: Iterator[int], seed: int = 1
) -> Delivered:
    """Deliver commands one to four times each, shuffled, many at once."""
    random = Random(seed)  # noqa: S311 - a run that can be repeated
    before = await lane.db.read(_count, assumption)
    web = await lane.spawn("web")
    await web.answers("/readyz")
    requests: list[bytes] = []
    distinct = 0
    while len(requests) < deliveries:
        distinct += 1
        requests += [command(next(numbers), web.port)] * random.randint(1, 4)
    random.shuffle(requests)
    measured = await run(web.port, requests, connections=CONNECTIONS)
    await web.stop()
    return Delivered(
        distinct=distinct,
        deliveries=len(requests),
        refused=measured.failed,
        stored=await lane.db.read(_count, assumption) - before,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    pairs: int
    refused: int
    answers: int  # rows of history that hold an answer
    told: int  # people who were told that it was answered already

    @property
    def holds(self) -> bool:
        return self.refused == 0 and self.answers == self.told == self.pairs


async def click_at_once(lane: Lane, *, pairs: int, other: UserId = BO) -> Clicked:
    """Let two different clicks on each question arrive at the same moment, Bo's and another."""
    before = sum(1 for call in lane.slack.calls if call.method.startswith("respond-"))
    keys = [await lane.db.write(_log, number) for number in range(pairs)]
    answers_before, told_before = await lane.db.read(_count_answers), _told(lane)
    web = await lane.spawn("web")
    await web.answers("/readyz")
    requests = [
        click(key, before + 2 * number + copy, lane.slack.url, web.port, by=who)
        for number, key in enumerate(keys)
        for copy, who in enumerate((BO, other))
    ]
    measured = await run(web.port, requests, connections=CONNECTIONS)

    async def all_told() -> bool:
        return _told(lane) - told_before >= pairs

    try:
        await until(all_told)
    finally:
        await web.stop()
    return Clicked(
        pairs=pairs,
        refused=measured.failed,
        answers=await lane.db.read(_count_answers) - answers_before,
        told=_told(lane) - told_before,
    )


def _told(lane: Lane) -> int:
    return sum(call.method.startswith("respond-") for call in lane.slack.calls)


def _log(tx: Connection, number: int) -> AssumptionKey:
    project = get_project(tx, HERE, APOLLO, reader=OPERATOR)
    key = log_assumption(
        tx,
        AssumptionDraft(
            statement=f"Part {number} is never late",
            owner=ANA,
            channel=CHANNEL,
            impact=Impact.LOW,
            stakeholders=(Stakeholder(user=BO),),
        ),
        project=project,
        by=ANA,
        asked=(),
        now=datetime.now(UTC),
        cadence=read_tuning(default_config_dir()).cadence,
    )
    assert key is not None
    return key


def command(number: int, port: int) -> bytes:
    """A signed command that stores an assumption."""
    return signed_command(
        {
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "channel_name": "apollo",
            "user_id": ANA,
            "command": "/assume",
            "text": f"Part {number} is never late | ask <@{BO}> impact:low",
            "is_enterprise_install": "false",
            "trigger_id": f"{number}.chaos",
        },
        secret=SIGNING_SECRET,
        port=port,
    )


def click(key: AssumptionKey, number: int, slack: str, port: int, *, by: UserId = BO) -> bytes:
    """A click on *Still true*; what is said to the person goes to `respond-<number>`."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": by, "team_id": TEAM},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0BO"},
        "channel": {"id": "D0BO", "name": "directmessage"},
        "trigger_id": f"{number}.click",
        "response_url": f"{slack}respond-{number}",
        "actions": [
            {
                "action_id": ids.HOLDS,
                "block_id": "b",
                "value": str(ids.QuestionRef(key, 1)),
                "action_ts": f"{number}.0",
            }
        ],
    }
    return signed_command({"payload": json.dumps(payload)}, secret=SIGNING_SECRET, port=port)


def _count(tx: Connection, table: Table) -> int:
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


def _count_answers(tx: Connection) -> int:
    answered = select(func.count()).select_from(history).where(history.c.kind == "answered")
    return tx.execute(answered).scalar_one()

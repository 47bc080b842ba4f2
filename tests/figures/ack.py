"""`ack`: a signed command that stores an assumption, against a bare Bolt that only acks.

Both run as processes of their own and take turns, so that what the machine does meanwhile is
shared fairly. Promised: our median at one connection at most a fifth of Bolt's, and at 32
connections at least a quarter of its requests a second, on SQLite and on PostgreSQL.
"""

import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median

from tests.figures.figure import Figure, Value
from tests.figures.load import Measured, run, signed_command
from tests.figures.postgres import postgres_url
from tests.figures.processes import free_port, process
from tests.figures.slack import (
    ANA,
    APP,
    BO,
    BOT_TOKEN,
    CHANNEL,
    SIGNING_SECRET,
    TEAM,
    local_slack,
    start_project,
)

ROUNDS = 5
ONE = 300  # requests of a round at one connection
MANY = 1500  # requests of a round at 32 connections
WARM_UP = 200
MEDIAN_SHARE = 0.2  # of bare Bolt's
RATE_SHARE = 0.25  # of bare Bolt's


async def measure() -> Figure:
    lines, values = [], []
    with postgres_url() as postgres, tempfile.TemporaryDirectory() as folder:
        databases = {
            "SQLite": f"sqlite:///{Path(folder) / 'ack.db'}",
            "PostgreSQL": postgres,
        }
        for name, url in databases.items():
            async with _both(url) as (ours, bare):
                rows, found = await _compare(name, ours, bare)
            lines += rows
            values += found
    return Figure(lines=tuple(lines), values=tuple(values))


@contextlib.asynccontextmanager
async def _both(database_url: str) -> AsyncIterator[tuple[int, int]]:
    """Start our web process and a bare Bolt on one local Slack; give their ports."""
    ours, bare = free_port(), free_port()
    async with local_slack(deliver_to=ours) as slack:
        env = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "DATABASE_URL": database_url,
            "STILLTRUE_HOST": "127.0.0.1",
            "STILLTRUE_LOG_LEVEL": "warning",
            "PORT": str(ours),
        }
        async with process("-m", "bot", "db", "upgrade", env=env, ready=None) as upgrade:
            if await upgrade.wait() != 0:
                raise RuntimeError("`stilltrue db upgrade` failed")
        async with (
            process("-m", "bot", "web", env=env, ready=f"http://127.0.0.1:{ours}/readyz"),
            process(
                "-m",
                "tests.figures.bare_bolt",
                str(bare),
                env=env,
                ready=f"http://127.0.0.1:{bare}/healthz",
            ),
        ):
            await start_project(slack)
            yield ours, bare


async def _compare(name: str, ours: int, bare: int) -> tuple[list[str], list[Value]]:
    numbers = itertools.count(1)
    for port in (ours, bare):
        await run(port, _requests(port, WARM_UP, numbers), connections=8)
    alone: dict[int, list[Measured]] = {ours: [], bare: []}
    crowd: dict[int, list[Measured]] = {ours: [], bare: []}
    for _ in range(ROUNDS):
        for port in (ours, bare):
            requests = _requests(port, ONE, numbers)
            alone[port].append(await run(port, requests, connections=1))
        for port in (ours, bare):
            requests = _requests(port, MANY, numbers)
            crowd[port].append(await run(port, requests, connections=32))
    failed = sum(m.failed for runs in (alone, crowd) for ms in runs.values() for m in ms)
    ours_ms, bare_ms = (median(m.median_ms for m in alone[port]) for port in (ours, bare))
    ours_rate, bare_rate = (median(m.per_second for m in crowd[port]) for port in (ours, bare))
    shares = ours_ms / bare_ms, ours_rate / bare_rate
    lines = [
        f"{name}: 1 connection, median: ours {ours_ms:.2f} ms, bare Bolt {bare_ms:.2f} ms, "
        f"{shares[0]:.2f} of it",
        f"{name}: 32 connections: ours {ours_rate:,.0f}/s, bare Bolt {bare_rate:,.0f}/s, "
        f"{shares[1]:.2f} of it",
    ]
    slug = name.lower()
    values = [
        _share(f"ack_median_{slug}", shares[0], holds=shares[0] <= MEDIAN_SHARE),
        _share(f"ack_rate_{slug}", shares[1], holds=shares[1] >= RATE_SHARE),
        Value(name=f"ack_failed_{slug}", value=failed, unit="requests", holds=failed == 0),
    ]
    return lines, values


def _share(name: str, value: float, *, holds: bool) -> Value:
    return Value(name=name, value=round(value, 3), unit="of bare Bolt", holds=holds)


def _requests(port: int, count: int, numbers: Iterator[int]) -> list[bytes]:
    """Each is a command of its own: a person names a statement, a stakeholder and an impact."""
    return [
        signed_command(
            {
                "token": "sandbox",
                "team_id": TEAM,
                "team_domain": "sample",
                "channel_id": CHANNEL,
                "channel_name": "apollo",
                "user_id": ANA,
                "user_name": "ana",
                "command": "/assume",
                "text": f"The payments API answers within {n} ms | ask <@{BO}> impact:high",
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": f"http://127.0.0.1:{port}/nowhere",
                "trigger_id": f"{n}.1.ack",
            },
            secret=SIGNING_SECRET,
            port=port,
        )
        for n in itertools.islice(numbers, count)
    ]

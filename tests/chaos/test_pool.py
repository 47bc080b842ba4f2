"""More processes than the server has connections for: PgBouncer is what lets them all work."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from bot.domain.errors import RetryableError
from bot.store import postgres as store
from bot.store.database import open_database
from tests.chaos.bouncer import bouncer, program
from tests.chaos.poll import PATIENCE
from tests.figures.postgres import Postgres, postgres

MAX_CONNECTIONS, PROCESSES, POOL = 12, 3, 10


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres() as opened:
        opened.run(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS}")
        opened.restart(0)
        yield opened


def hold(tx: Connection, seconds: float) -> int:
    tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
    return int(tx.execute(text("SELECT 1")).scalar_one())


async def work_at_once(url: str, *, seconds: float) -> list[int | BaseException]:
    """Let each of the processes' pools hold all of its connections for that long."""
    pools = [open_database(url, connections=POOL) for _ in range(PROCESSES)]
    done = await asyncio.gather(
        *(pool.write(hold, seconds) for pool in pools for _ in range(POOL)), return_exceptions=True
    )
    for pool in pools:
        await pool.close()
    return done


@pytest.mark.skipif(program() is None, reason="PgBouncer is not installed here")
async def test_pools_that_exhaust_the_server_work_through_pgbouncer(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_CONNECT_SECONDS", PATIENCE)

    directly = await work_at_once(server.url, seconds=2)  # long enough for all to come
    async with bouncer(server.url, pool_size=MAX_CONNECTIONS // 2) as url:
        pooled = await work_at_once(url, seconds=0.2)

    refused = [one for one in directly if one != 1]
    assert refused
    assert all(isinstance(one, RetryableError) for one in refused)
    assert pooled == [1] * (PROCESSES * POOL)

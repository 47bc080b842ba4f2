"""Whose token the environment has, from the start of a process on."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.domain.errors import RetryableError
from bot.slack.installation import Installations
from bot.slack.keeper import InstallationKeeper
from tests.make import WORKSPACE
from tests.slack.conftest import TOKEN, CountingDatabase, Wire

P = ParamSpec("P")
R = TypeVar("R")


class BusyDatabase(CountingDatabase):
    """Another process is writing, for longer than anybody waits."""

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        raise RetryableError(f"no {unit.__name__}: another process is writing")


async def test_a_start_while_another_process_writes_knows_whose_token_it_has(wire: Wire) -> None:
    installations = Installations()
    keeper = InstallationKeeper(
        installations,
        BusyDatabase(wire.db.inner),
        wire.clock,
        bot_token=TOKEN,
        base_url=f"{wire.slack}/api/",
    )

    await keeper.start()

    await keeper.stop()
    known = installations.get(WORKSPACE)
    assert known is not None
    assert known.bot_token == TOKEN
    assert not keeper.is_waiting_for_slack

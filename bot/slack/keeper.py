"""Keeping up with where the bot is installed, from the start of a process to its end."""

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import BotError, FatalError, RetryableError
from bot.domain.installation import Installation
from bot.slack.installation import Installations, identify
from bot.usecases.installation import install, installation_state
from bot.usecases.ports import Clock, Database
from bot.usecases.workspace import all_workspaces

log = structlog.get_logger()

_IDENTIFY_SECONDS = 8.0
_IDENTIFY_AGAIN = 8  # looks into the database between two questions to Slack
_LOOK_SECONDS = 2.0


class InstallationKeeper:
    """Learns whose token the environment has, or which ones are stored, and what became of them."""

    def __init__(
        self,
        installations: Installations,
        db: Database,
        clock: Clock,
        *,
        bot_token: str | None,
        base_url: str,
    ) -> None:
        """Args: `bot_token` None: the database has the tokens of all who installed the bot."""
        self._installations = installations
        self._db = db
        self._clock = clock
        self._bot_token = bot_token
        self._base_url = base_url
        self._is_identified = bot_token is None
        installations.is_waiting = bot_token is not None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learn it, or go on trying where Slack does not answer.

        Raises:
            FatalError: Slack refuses the token, or no stored one can be opened.
        """
        if self._bot_token is None:
            await self._installations.refresh()
        else:
            await self._identify(self._bot_token)
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping

    @property
    def problem(self) -> str:
        """Why nothing can be done in Slack; empty while something can, or nobody has installed."""
        if self._bot_token is None or self._installations:
            return ""
        if not self._is_identified:
            return "Slack has not said yet whose token this is"
        return "the bot was removed: install it again, set its new SLACK_BOT_TOKEN and restart"

    @property
    def unreadable(self) -> int:
        """How many workspaces wait for a new install: their stored token cannot be opened."""
        return self._installations.unreadable

    @property
    def is_waiting_for_slack(self) -> bool:
        return not (self._is_identified or self._installations)

    async def _keep(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            looks += 1
            try:
                await self._look(asks_slack=looks % _IDENTIFY_AGAIN == 0)
            except (BotError, SQLAlchemyError, OSError) as error:
                log.warning("installations.unread", cause=_first_line(error))

    async def _look(self, *, asks_slack: bool) -> None:
        if self._bot_token is not None and not self._is_identified and asks_slack:
            await self._identify(self._bot_token)
        await self._installations.refresh()

    async def _identify(self, token: str) -> None:
        """Learn which workspace the token belongs to; where Slack is away, from last time."""
        try:
            async with asyncio.timeout(_IDENTIFY_SECONDS):
                found = await identify(token, base_url=self._base_url, now=self._clock.now())
        except (RetryableError, TimeoutError) as error:
            await self._remember(token, cause=_first_line(error))
            return
        try:
            installed = await self._db.write(install, found, keeps_token=False, is_alive=True)
        except RetryableError as error:  # no reason to end: it works meanwhile, and asks again
            log.warning("installation.not_written", cause=_first_line(error))
            self._installations.put(found)
            return
        if installed is None:
            raise FatalError("The token was taken back at the moment of the start. Start again.")
        self._installations.put(installed)
        self._is_identified = True
        self._installations.is_waiting = False

    async def _remember(self, token: str, *, cause: str) -> None:
        known = await self._db.read(all_workspaces)
        log.warning("slack.unreachable", cause=cause, known=len(known))
        if len(known) != 1:
            return
        state = await self._db.read(installation_state, known[0].id)
        if state is None or state.is_installed:
            self._installations.put(Installation(workspace=known[0], bot_token=token))


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]

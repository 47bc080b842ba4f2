"""The composition root: reads nothing by itself, knows everything, builds what a process needs."""

import asyncio
import contextlib
import signal
import zoneinfo
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import FatalError, RetryableError
from bot.health import Health, first_line
from bot.logs import configure_logging
from bot.scheduling.background import Background
from bot.scheduling.channel import ChannelTick
from bot.scheduling.clock import MovableClock
from bot.scheduling.forgetting import ForgettingTick
from bot.scheduling.notice import NoticeTick
from bot.scheduling.outbox import OutboxSender
from bot.scheduling.prompt import PromptTick
from bot.scheduling.ticks import Counts, Ticks, next_due
from bot.settings import Settings, load_settings, logs_to_console, require_slack
from bot.slack.api import SlackApi
from bot.slack.app import SlackApp
from bot.slack.directory import SlackDirectory
from bot.slack.http import HttpRequests
from bot.slack.installation import Installations
from bot.slack.keeper import InstallationKeeper
from bot.slack.messenger import SlackMessenger
from bot.slack.names import CommandNames
from bot.slack.oauth import OAuth
from bot.slack.scopes import BOT_SCOPES
from bot.slack.socket_mode import SocketMode
from bot.stopping import CLOSE_SECONDS, STOP_SECONDS, end_at_the_latest, ends_within
from bot.store import schema
from bot.store.backup import copy_sqlite, restore_sqlite
from bot.store.cipher import Cipher, new_key
from bot.store.database import SQLITE_READERS, Database, open_database
from bot.store.erase import scrub_sqlite
from bot.store.postgres import WAIT_SECONDS
from bot.usecases.installation import check_keys
from bot.web.app import create_app, create_worker_app
from bot.web.health import Check
from bot.web.install import REDIRECT, InstallPages
from bot.web.server import serving
from bot.web.webhooks.endpoint import Webhooks
from bot.web.webhooks.trial import Trial

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger()

_EVENT_WAIT_SECONDS = 2.0  # for a connection to PostgreSQL, where Slack waits 3 s for the answer
# Of the time that is left at a stop: what is cut off then still gets its apology out in the rest.
_SHARE_OF_TASKS = 0.7


@dataclass(kw_only=True)
class Bot:
    """One process of the bot, built and not yet started."""

    settings: Settings
    db: Database
    clock: MovableClock
    installations: Installations
    keeper: InstallationKeeper
    api: SlackApi
    slack: SlackApp
    socket: SocketMode | None  # None: events come by HTTP
    sender: OutboxSender
    ticks: Ticks
    health: Health
    port: int = 0  # where HTTP listens, once it does
    stops_by: float | None = None  # by the event loop's time; None: nobody asked it to stop

    async def start(self, *, takes_events: bool, works: bool) -> None:
        """Learn where the bot is installed, then begin.

        Args:
            takes_events: Whether Socket Mode is opened, where its token is set.
            works: Whether due work is looked for.

        Raises:
            FatalError: Slack refuses a token, or a key is missing.
        """
        await self.db.read(check_keys)
        await self.api.start()
        await self.keeper.start()
        if takes_events and self.socket is not None:
            await self.socket.start()
        if works:
            self.ticks.start()
        log.info("process.started", port=self.port, works=works, takes_events=takes_events)

    def claim_no_more(self) -> float:
        """Begin no more work; return by when what is under way has to end (the loop's time)."""
        self.ticks.claim_no_more()
        if self.stops_by is None:
            self.stops_by = asyncio.get_running_loop().time() + STOP_SECONDS
        return self.stops_by

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, close; what hangs is cut off in time."""
        left = self.claim_no_more() - asyncio.get_running_loop().time()
        try:
            if not await ends_within(left, self._finish(left)):
                log.warning("process.stop_cut_short", seconds=STOP_SECONDS)
        finally:
            if await ends_within(CLOSE_SECONDS, self._close()):
                log.info("process.stopped")
            else:
                log.warning("process.left_open", seconds=CLOSE_SECONDS)

    async def _finish(self, seconds: float) -> None:
        parts = [self.slack.tools.tasks.drain(seconds * _SHARE_OF_TASKS), self.ticks.stop()]
        if self.socket is not None:  # which waits for Slack to say goodbye
            parts.append(ends_within(seconds * _SHARE_OF_TASKS, self.socket.close()))
        await asyncio.gather(*parts)

    async def _close(self) -> None:
        await self.keeper.stop()
        await self.api.close()
        await self.db.close()

    async def run_due(self) -> Counts:
        """Do all work that is due now, once."""
        return await self.ticks.run_due()

    async def next_due(self) -> datetime | None:
        """Return when there is something to do next; None: nothing is planned."""
        return await self.db.read(next_due)


def _use_pinned_zones() -> None:
    """Read time zones from the pinned tzdata alone: machines differ, and a prompt must not."""
    zoneinfo.reset_tzpath(to=())


def build(
    settings: Settings, db: Database, *, takes_events: bool = False, speed: float = 1.0
) -> Bot:
    """Put one process together. Nothing runs yet, and nobody is called."""
    _use_pinned_zones()
    clock, cadence = MovableClock(), settings.tuning.cadence
    installations = Installations(db=db, has_stored_tokens=settings.is_distributed)
    names = CommandNames(
        assume=settings.assume_command,
        setback=settings.setback_command,
        stilltrue=settings.main_command,
    )
    api = SlackApi(installations, base_url=str(settings.slack_api_url))
    directory = SlackDirectory(api, db, clock)
    at_work = _leaving_connections(settings, db) if takes_events else db
    sender = OutboxSender(
        db=at_work,
        messenger=SlackMessenger(api, names),
        clock=clock,
        cadence=cadence,
        lease=settings.lease,
        speed=speed,
    )
    installations.on_return = sender.resume
    prompts = PromptTick(
        db=at_work, directory=directory, clock=clock, cadence=cadence, lease=settings.lease
    )
    secrets, bot_token = settings.signing_secrets, settings.slack_bot_token
    public = settings.public_url
    trial = Trial(
        None if public is None else str(public),
        shows_own_port=settings.is_slack_local,
        port=lambda: bot.port,
    )
    slack = SlackApp(
        db=_Announcing(db, sender.kick),
        api=api,
        directory=directory,
        installations=installations,
        clock=clock,
        cadence=cadence,
        names=names,
        signing_secret=secrets[0] if secrets else "",
        webhook_trial=trial,
    )
    keeper = InstallationKeeper(
        installations,
        db,
        clock,
        bot_token=None if bot_token is None else bot_token.get_secret_value(),
        base_url=str(settings.slack_api_url),
    )
    socket = _socket_mode(settings, slack)
    bot = Bot(
        settings=settings,
        db=db,
        clock=clock,
        installations=installations,
        keeper=keeper,
        api=api,
        slack=slack,
        socket=socket,
        sender=sender,
        health=Health(db=db, clock=clock, keeper=keeper, socket=socket),
        ticks=Ticks(
            prompts=prompts,
            notices=NoticeTick(db=db, clock=clock),
            channels=ChannelTick(db=db, channels=slack.tools.channels, clock=clock),
            sender=sender,
            forgetting=ForgettingTick(db=db, clock=clock),
            tick=settings.tick,
        ),
    )
    return bot


def _install_pages(settings: Settings, bot: Bot) -> InstallPages | None:
    client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
    if client_id is None or client_secret is None:
        return None
    public = settings.public_url

    def redirect_uri() -> str:
        base = str(public) if public is not None else f"http://127.0.0.1:{bot.port}"
        return base.rstrip("/") + REDIRECT

    oauth = OAuth(
        api=bot.api,
        db=bot.db,
        clock=bot.clock,
        installations=bot.installations,
        client_id=client_id,
        client_secret=client_secret.get_secret_value(),
        scopes=settings.install_scopes or frozenset(BOT_SCOPES),
        redirect_uri=redirect_uri,
    )
    is_secure = public is not None and public.scheme == "https"
    return InstallPages(oauth, bot.db, is_secure=is_secure)


def _leaving_connections(settings: Settings, db: Database) -> Background:
    """Half of the connections are for work, where Slack waits for the other half."""
    is_file = db.kind == "sqlite"
    connections = SQLITE_READERS if is_file else settings.database_connections
    return Background(db, most=max(1, connections // 2), shares_commits=is_file)


def _socket_mode(settings: Settings, slack: SlackApp) -> SocketMode | None:
    if settings.slack_app_token is None:
        return None
    return SocketMode(
        slack.bolt,
        app_token=settings.slack_app_token.get_secret_value(),
        base_url=str(settings.slack_api_url),
    )


class _Announcing:
    """The database as the listeners see it: what they commit is sent at once, not at a tick."""

    def __init__(self, db: Database, announce: Callable[[], None]) -> None:
        self._db = db
        self._announce = announce
        self.read = db.read
        self.close = db.close

    async def write(
        self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        result = await self._db.write(unit, *args, **kwargs)
        self._announce()
        return result


async def open_checked(settings: Settings, *, wait_seconds: float = WAIT_SECONDS) -> Database:
    """Open the database and check its schema; `wait_seconds` is for a connection, at most.

    Raises:
        FatalError: It is not there, refuses us, or its schema is of another version.
        RetryableError: It does not answer.
    """
    path = sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        raise FatalError(f"There is no database {path} yet. Run `stilltrue db upgrade`.")
    db = open_database(
        settings.database_url,
        connections=settings.database_connections,
        wait_seconds=wait_seconds,
        cipher=_cipher(settings),
    )
    try:
        await db.read(schema.check)
    except BaseException as error:
        await db.close()
        if isinstance(error, SQLAlchemyError | OSError):
            raise FatalError(
                f"DATABASE_URL: the database refuses us: {first_line(error).rstrip('.')}. "
                f"{_fix_of(path)}"
            ) from error
        raise
    return db


def _cipher(settings: Settings) -> Cipher:
    keys = settings.encryption_keys
    return Cipher.from_text("" if keys is None else keys.get_secret_value())


def _fix_of(path: Path | None) -> str:
    if path is not None:
        return f"Check that {path} is a SQLite file that this account may read and write."
    return "Check the name, the password and the database in DATABASE_URL."


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL; None for any other database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def describe_database(url: str) -> str:
    """Return where the data is, without the password."""
    return make_url(url).render_as_string(hide_password=True)


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, takes_events: bool = True, works: bool = True, speed: float = 1.0
) -> AsyncIterator[Bot]:
    """Run one process of the bot while the block runs.

    Args:
        settings: `port` 0 takes any free port; `Bot.port` says which.
        takes_events: Whether Slack's events come to this process.
        works: Whether it does what is due.
        speed: How many times as fast as Slack allows it may send, where Slack runs here.
    """
    by_http = takes_events and settings.slack_app_token is None
    require_slack(settings, http=by_http)
    wait_seconds = _EVENT_WAIT_SECONDS if takes_events else WAIT_SECONDS
    db = await open_checked(settings, wait_seconds=wait_seconds)
    bot = build(settings, db, takes_events=takes_events, speed=speed)

    async def readiness() -> list[Check]:
        return await bot.health.readiness(takes_events=takes_events, works=works)

    if takes_events:
        port, variable = settings.port, "PORT"
        app = create_app(
            readiness=readiness,
            measure=bot.health.measure,
            slack=HttpRequests(bot.slack.bolt) if by_http else None,
            signing_secrets=settings.signing_secrets,
            main_command=settings.main_command,
            webhooks=Webhooks(_Announcing(bot.db, bot.sender.kick), bot.clock),
            install=_install_pages(settings, bot),
        )
    else:
        port, variable = settings.health_port, "STILLTRUE_HEALTH_PORT"
        app = create_worker_app(readiness=readiness, measure=bot.health.measure)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(bot.stop)
        listening = serving(app, host=settings.host, port=port, variable=variable)
        bot.port = await stack.enter_async_context(listening)
        stack.callback(bot.claim_no_more)  # first of all: requests under way are waited for next
        await bot.start(takes_events=takes_events, works=works)
        yield bot


async def serve(settings: Settings, *, takes_events: bool, works: bool, speed: float = 1.0) -> None:
    """Run one process until SIGTERM or SIGINT; `speed` as for `running`."""
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not asked_to_stop.is_set():
            end_at_the_latest()
            asked_to_stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with running(settings, takes_events=takes_events, works=works, speed=speed):
        await asked_to_stop.wait()
        log.info("process.stopping")


async def run_all(settings: Settings) -> None:
    await serve(settings, takes_events=True, works=True)


async def run_web(settings: Settings) -> None:
    await serve(settings, takes_events=True, works=False)


async def run_worker(settings: Settings) -> None:
    await serve(settings, takes_events=False, works=True)


async def tick(settings: Settings, *, now: datetime | None = None) -> Counts:
    """Do all due work once.

    Args:
        settings: As read.
        now: Let it be this moment, aware; only where Slack runs on this machine.

    Raises:
        FatalError: `now` was given for a Slack that people use.
    """
    if now is not None and not settings.is_slack_local:
        raise FatalError(
            "--now moves time, so it works only where SLACK_API_URL is on this machine "
            "(127.0.0.1 or localhost): people would be asked on the wrong day."
        )
    require_slack(settings, http=False)
    bot = build(settings, await open_checked(settings))
    if now is not None:
        bot.clock.move_to(now)
    try:
        await bot.start(takes_events=False, works=False)
        if bot.keeper.is_waiting_for_slack:
            raise RetryableError("Slack does not answer, so nothing was sent. Try again later.")
        return await bot.run_due()
    finally:
        await bot.stop()


def read_settings() -> Settings:
    """Read every setting, and let each line of this process come out in one format from now on."""
    settings = load_settings()
    configure_logging(
        console=logs_to_console(settings),
        level=settings.log_level.value,
        secrets=settings.secrets,
    )
    return settings


def upgrade(settings: Settings) -> str:
    """Bring the database to this version's schema; return its revision."""
    path = sqlite_path(settings.database_url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database_url)
    return schema.head()


def downgrade(settings: Settings, revision: str) -> None:
    schema.downgrade(settings.database_url, revision)


def backup(settings: Settings, target: Path) -> int:
    """Copy the SQLite database to `target`; return the bytes of the copy."""
    path = sqlite_path(settings.database_url)
    if path is None:
        raise FatalError("This copies SQLite only. For PostgreSQL use pg_dump.")
    return copy_sqlite(path, target)


def restore(settings: Settings, copy: Path) -> str:
    """Put a copy in the place of the SQLite database; return the revision of its schema."""
    path = sqlite_path(settings.database_url)
    if path is None:
        raise FatalError("This restores SQLite only. For PostgreSQL use pg_restore.")
    return restore_sqlite(copy, path)


def count_keys(settings: Settings) -> int:
    """Return how many encryption keys are set.

    Raises:
        FatalError: One of them is no key.
    """
    return _cipher(settings).key_count


def make_key() -> str:
    return new_key()


def scrub(settings: Settings) -> bool:
    """Take what was deleted out of the SQLite file too; False where that has to wait."""
    path = sqlite_path(settings.database_url)
    return path is None or scrub_sqlite(path)


def run_in_loop(work: Coroutine[Any, Any, R]) -> R:
    """Run `work` to its end in an event loop, the fast one where there is one."""
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


async def revision(settings: Settings) -> str | None:
    """Return the revision that the database is at; None for one without tables."""
    db = open_database(settings.database_url)
    try:
        return await db.read(schema.revision)
    finally:
        await db.close()


def needed_revision() -> str:
    """Return the revision that this version works with."""
    return schema.head()

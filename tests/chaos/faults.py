"""A Slack that fails in every way it can, and what becomes of the messages meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.workspace import Workspace
from bot.scheduling.clock import MovableClock
from bot.scheduling.outbox import OutboxSender
from bot.settings import default_config_dir, read_tuning
from bot.slack.api import SlackApi
from bot.slack.installation import Installations
from bot.slack.messenger import SlackMessenger
from bot.store import outbox
from bot.store.database import Database, open_database
from bot.store.tables import outbox as table
from bot.usecases.home import open_home
from bot.usecases.setback import record_setback
from tests.chaos.judge import Recorded, Verdict, judge
from tests.chaos.poll import until
from tests.chaos.slack import RETRY_AFTER, Call, Update, WitnessSlack, witness_slack

FAILING, OTHER = WorkspaceId("T0FAILING"), WorkspaceId("T0OTHER")
TOKENS = {FAILING: "xoxb-failing", OTHER: "xoxb-other"}
LOOK_UPS = ("conversations.open", "conversations.history")
METHODS = ("chat.postMessage", "chat.update", "views.publish", *LOOK_UPS)
WAITS = (0, 1, 30, 120)  # seconds that Slack asks to wait, beside the usual ones
_WAIT_LEAST = 1.0  # seconds: who asks for no wait at all is not called in a loop
PARKS = "a_code_of_tomorrow"
ENDED_WITHIN = 600.0  # seconds
SPEED = 10.0  # times as fast as Slack's pace, which the drains are measured with
OTHER_SECONDS = 1.0  # what another workspace may have to wait meanwhile
_SCOPES = frozenset({"im:history", "im:write"})  # with which a message can be looked up
_IN_FLIGHT = 0.5  # seconds after a refusal in which calls arrive that were made before it was known
_ENDED = frozenset({MessageState.SENT, MessageState.DEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    fault: str
    method: str
    wait: int  # seconds that Slack asks for in a refusal
    times: int
    injected: int
    lost: int
    parked: int  # with a reason, for the operator
    doubled: int  # shown again without a mark
    repeated: int  # shown once more, with a mark
    unwanted: int  # shown, and nobody decided it
    too_early: int  # calls of that method and workspace before Retry-After had ended
    recovered: float  # seconds until all was well
    other_waited: float  # seconds that another workspace's message took meanwhile

    @property
    def is_right(self) -> bool:
        is_look_up = self.method in LOOK_UPS
        may_park = self.fault == PARKS and self.method in METHODS and not is_look_up
        may_repeat = self.fault == PARKS or not is_look_up  # else it is found
        return (
            self.injected == self.times
            and not (self.lost or self.doubled or self.unwanted or self.too_early)
            and self.parked == (self.times if may_park else 0)
            and (may_repeat or not self.repeated)
        )

    @property
    def holds(self) -> bool:
        return self.is_right and self.other_waited < OTHER_SECONDS


@dataclass
class Office:
    """A sender between two workspaces and a Slack that can be told to fail."""

    db: Database
    api: SlackApi
    sender: OutboxSender
    slack: WitnessSlack

    async def want(self, workspace: WorkspaceId, places: list[str]) -> list[MessageKey]:
        return await self.db.write(_record_all, workspace, places)

    async def until_ended(self, workspace: WorkspaceId) -> float:
        """Send whatever is due until nothing of the workspace waits; return the moment."""

        async def has_ended() -> bool:
            self.sender.kick()
            rows = await self.db.read(_rows, workspace)
            return all(row.state in _ENDED for row in rows.values())

        await until(has_ended, within=ENDED_WITHIN, every=0.1)
        return time.monotonic()


@asynccontextmanager
async def office(
    url: str, *, speed: float = SPEED, can_look_up: bool = False
) -> AsyncIterator[Office]:
    scopes = _SCOPES if can_look_up else frozenset()
    async with witness_slack() as slack:
        db = open_database(url)
        installed = [_installation(workspace, scopes) for workspace in TOKENS]
        api = SlackApi(Installations(installed), base_url=slack.url)
        await api.start()
        sender = OutboxSender(
            db=db,
            messenger=SlackMessenger(api),
            clock=MovableClock(),
            cadence=read_tuning(default_config_dir()).cadence,
            lease=timedelta(seconds=30),
            speed=speed,
        )
        yield Office(db, api, sender, slack)
        await sender.stop()
        await api.close()
        await db.close()


async def try_fault(
    office: Office,
    fault: str,
    method: str,
    *,
    times: int,
    places: Iterator[str],
    wait: int = RETRY_AFTER,
    among: int | None = None,
) -> Faulted:
    """Let `times` calls of the method fail, among so many messages; None: as many.

    Where Slack asks to wait, only few calls are under way by then, so that each refusal that
    comes after takes a wait of its own.
    """
    slack, token = office.slack, TOKENS[FAILING]
    slack.retry_after, first_post = wait, len(slack.posts)
    keys = await _prepare(office, method, [next(places) for _ in range(among or times)])
    first_call, began = len(slack.calls), time.monotonic()
    slack.fail(token, method, fault, times)
    await office.db.write(_make_due, keys)
    working = asyncio.create_task(office.until_ended(FAILING))

    async def has_begun() -> bool:
        return any(call.fault and call.method == method for call in slack.calls[first_call:])

    await until(has_begun)
    asked = time.monotonic()
    (others_key,) = await office.want(OTHER, [next(places)])
    other_waited = await office.until_ended(OTHER) - asked
    recovered = await working - began
    rows = await office.db.read(_rows, FAILING)
    parked = {key for key in keys if key in rows and rows[key].state is MessageState.DEAD}
    wanted = set(keys) - parked
    calls = [
        call for call in slack.calls[first_call:] if (call.token, call.method) == (token, method)
    ]
    posts = slack.posts[first_post:]
    others = judge(
        {others_key},
        [post for post in posts if post.token == TOKENS[OTHER]],
        _only(await office.db.read(_rows, OTHER), {others_key}),
    )
    ours = judge(wanted, [post for post in posts if post.token == token], _only(rows, wanted))
    lost = _missing(ours)
    if method == "views.publish":
        lost = frozenset(not_published(wanted, calls, rows))
    elif method == "chat.update":
        updates = [update for update in slack.updates if update.token == token]
        lost |= not_drawn_anew(wanted, updates, rows, since=began)
    return Faulted(
        fault=fault,
        method=method,
        wait=wait,
        times=times,
        injected=sum(bool(call.fault) for call in calls),
        lost=len(lost | _missing(others)),
        parked=len(parked),
        doubled=len(ours.doubled | others.doubled),
        repeated=len(ours.repeated),
        unwanted=len((ours.unwanted - set(keys)) | others.unwanted),
        too_early=too_early(calls, wait=max(wait, _WAIT_LEAST)),
        recovered=recovered,
        other_waited=other_waited,
    )


async def _prepare(office: Office, method: str, places: list[str]) -> list[MessageKey]:
    """Want what will call the method: a message for each place, posted or not, or a Home."""
    people = [f"U{place[1:]}" for place in places]
    match method:
        case "views.publish":
            return await office.db.write(_open_homes, people)
        case "conversations.open":
            places = people  # a person's conversation has to be opened first
        case _:
            pass
    if method in LOOK_UPS:  # what nobody knows to be posted is looked up
        office.slack.fail(TOKENS[FAILING], "chat.postMessage", "reset after", len(places))
    keys = await office.want(FAILING, places)
    if method == "chat.update":
        await office.until_ended(FAILING)
    return keys


def not_drawn_anew(
    keys: Iterable[MessageKey],
    updates: Iterable[Update],
    rows: Mapping[MessageKey, Recorded],
    *,
    since: float,
) -> set[MessageKey]:
    """Those of which Slack took no update, where they stand, after `since` (time.monotonic)."""
    drawn = {(update.key, update.ts) for update in updates if update.at > since}
    return {key for key in keys if key not in rows or (key, rows[key].ts) not in drawn}


def not_published(
    keys: Iterable[MessageKey], calls: Iterable[Call], rows: Mapping[MessageKey, Recorded]
) -> set[MessageKey]:
    """Those whose Home Slack did not take, or of which the outbox does not know it."""
    taken = {call.body["user_id"] for call in calls if call.fault in {"", "reset after"}}
    return {
        key
        for key in keys
        if key.to not in taken or key not in rows or rows[key].state is not MessageState.SENT
    }


def too_early(calls: Iterable[Call], *, wait: float = RETRY_AFTER) -> int:
    """Count the calls of one method made while Slack had asked to wait, refused or not.

    What comes right after a refusal was made before the refusal was known.
    """
    made = list(calls)
    refused = [call.at for call in made if call.fault == "429"]
    return sum(any(at + _IN_FLIGHT < call.at < at + wait for at in refused) for call in made)


def _missing(verdict: Verdict) -> frozenset[MessageKey]:
    return verdict.lost | verdict.forged


def _only(rows: Mapping[MessageKey, Recorded], keys: set[MessageKey]) -> dict[MessageKey, Recorded]:
    return {key: row for key, row in rows.items() if key in keys}


def _installation(workspace: WorkspaceId, scopes: frozenset[str]) -> Installation:
    return Installation(
        workspace=Workspace(
            id=workspace,
            name="Sample",
            bot_user=UserId("U0BOT"),
            bot_id="B0BOT",
            installed_at=datetime.now(UTC),
        ),
        bot_token=TOKENS[workspace],
        scopes=scopes,
    )


def _record_all(tx: Connection, workspace: WorkspaceId, places: list[str]) -> list[MessageKey]:
    keys, now = [], datetime.now(UTC)
    for place in places:
        draft = SetbackDraft(
            kind=SetbackKind.DELAY,
            text="waiting for the payments API",
            started_at=now,
            channel=ChannelId(place),
        )
        reporter = UserId(place if place[0] == "U" else "U0ANA")  # who may read it
        setback = record_setback(tx, workspace, draft, by=reporter, now=now)
        assert setback is not None
        keys.append(
            MessageKey(kind=MessageKind.SETBACK, about=str(setback.number), to=ChannelId(place))
        )
    return keys


def _open_homes(tx: Connection, people: list[str]) -> list[MessageKey]:
    for person in people:
        open_home(tx, FAILING, UserId(person), now=datetime.now(UTC))
    return [MessageKey(kind=MessageKind.HOME, about="", to=person) for person in people]


def _make_due(tx: Connection, keys: list[MessageKey]) -> None:
    """Let what is sent already be drawn anew; the rest is due."""
    sent = {key for key, row in _rows(tx, FAILING).items() if row.state is MessageState.SENT}
    for key in sent.intersection(keys):
        outbox.want(tx, FAILING, key, now=datetime.now(UTC))


def _rows(tx: Connection, workspace: WorkspaceId) -> dict[MessageKey, Recorded]:
    columns = table.c.kind, table.c.about, table.c.recipient, table.c.occasion
    rows = tx.execute(
        select(*columns, table.c.state, table.c.ts).where(table.c.workspace == workspace)
    )
    return {
        MessageKey(kind=kind, about=about, to=to, occasion=occasion): Recorded(state, ts)
        for kind, about, to, occasion, state, ts in rows
    }

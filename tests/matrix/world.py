"""Two workspaces in one database, each with a secret, and everybody who should not learn it."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import Connection, make_url, select, update
from sqlalchemy import text as sql

from bot.domain.assumption import AssumptionDraft, Expected, Impact, Stakeholder
from bot.domain.channel import Channel
from bot.domain.errors import OperatorFixableError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import Message, MessageKey
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Role
from bot.domain.webhook import WebhookSource
from bot.domain.workspace import Workspace
from bot.slack.api import Payload, SlackApi
from bot.slack.app import SlackApp
from bot.slack.directory import SlackDirectory
from bot.slack.installation import Installations
from bot.slack.scopes import BOT_SCOPES
from bot.store.database import Database, open_database
from bot.store.tables import metadata, setback
from bot.store.tables import outbox as outbox_table
from bot.usecases.assumption import log_assumption
from bot.usecases.channel import describe_channel
from bot.usecases.draft import keep_draft
from bot.usecases.outbox import read_message
from bot.usecases.project import create_project
from bot.usecases.relay import ask_owner
from bot.usecases.setback import record_setback
from bot.usecases.trace import decide_trace
from bot.usecases.webhook_admin import add_webhook
from bot.usecases.workspace import remember_workspace
from bot.web.webhooks.trial import Trial
from tests.make import CADENCE, NOON, make_member

HOME_TEAM, FAR_TEAM, GONE_TEAM = WorkspaceId("T1"), WorkspaceId("T2"), WorkspaceId("T3")
ANA, BO, GUEST, OUTSIDER, ZED, GONE = (
    UserId(name) for name in ("U1ANA", "U2BO", "U3GUEST", "U4OUT", "U8ZED", "U9GONE")
)
BOT = UserId("U0BOT")
OPEN, OTHER, SHARED, SECRET, FAR, NOWHERE = (
    ChannelId(name) for name in ("C1OPEN", "C2OTHER", "C3SHARED", "C4SECRET", "C8FAR", "C9NOWHERE")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What a request names."""

    project: ProjectKey
    canary: str  # a word that is said there and nowhere else
    number: int  # of the setback
    channel: ChannelId
    seq: int = 2  # of an event in the history
    hook: str = "no-such-hook"  # where an incident tool tells its setbacks
    drafts: dict[UserId, str] = field(default_factory=dict)

    @property
    def key(self) -> AssumptionKey:
        return AssumptionKey(self.project, 1)

    def hide(self, text: str) -> str:
        """Let what was named look the same whatever it was."""
        for name, stand_in in (
            (self.channel, "CHANNEL"),  # before the project, whose name is a part of it
            (self.project, "PROJECT"),
            (self.project.lower(), "PROJECT"),  # as a person may type it
            (str(self.number), "NUMBER"),
            *((draft, "DRAFT") for draft in self.drafts.values()),
            (self.hook, "HOOK"),
        ):
            text = text.replace(name, stand_in)
        return text


PRIVATE = Ids(project=ProjectKey("SECRET"), canary="quokka", number=900_001, channel=SECRET)
FOREIGN = Ids(project=ProjectKey("FARAWAY"), canary="numbat", number=950_001, channel=FAR)
MISSING = Ids(project=ProjectKey("NOWHERE"), canary="unsaid", number=970_001, channel=NOWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and where."""

    user: UserId
    team: WorkspaceId  # to which the request belongs
    here: ChannelId
    own_team: WorkspaceId | None = None  # another company's, for an outsider


CASES: dict[str, tuple[Actor, Ids]] = {
    "foreign workspace": (Actor(user=ZED, team=FAR_TEAM, here=ChannelId("C8ZED")), PRIVATE),
    "foreign row": (Actor(user=BO, team=HOME_TEAM, here=OTHER), FOREIGN),
    "guest": (Actor(user=GUEST, team=HOME_TEAM, here=OTHER), PRIVATE),
    "outsider": (
        Actor(user=OUTSIDER, team=HOME_TEAM, here=SHARED, own_team=WorkspaceId("T7")),
        PRIVATE,
    ),
    "not a member": (Actor(user=BO, team=HOME_TEAM, here=OTHER), PRIVATE),
    "uninstalled": (Actor(user=GONE, team=GONE_TEAM, here=ChannelId("C9GONE")), PRIVATE),
}

# Who may see what is secret stands for a leak: the judge has to report nearly all they are told.
A_MEMBER = "a member"
READERS = {**CASES, A_MEMBER: (Actor(user=ANA, team=HOME_TEAM, here=SECRET), PRIVATE)}


class Clock:
    def now(self) -> datetime:
        return NOON


class HearingApi(SlackApi):
    """Keeps what the bot says to Slack, and answers as Slack would."""

    def __init__(self, installations: Installations) -> None:
        super().__init__(installations, base_url="http://127.0.0.1:1/")
        self.said: list[str] = []

    async def call(
        self, workspace: WorkspaceId, method: str, payload: Payload, *, as_form: bool = False
    ) -> Payload:
        if self.installation(workspace) is None:
            raise OperatorFixableError("not installed", fix="install it", check="doctor")
        match method:
            case "users.info":
                return {"user": _user(UserId(payload["user"]))}
            case "conversations.info":
                return {"channel": {"id": payload["channel"], "is_private": False}}
            case _:
                self.said.append(json.dumps([workspace, method, payload], default=str))
                return {"view": {"id": "V0"}, "ts": "1.1", "channel": "C0", "files": []}

    async def respond(
        self, response_url: str, message: Any, *, replace_original: bool = False
    ) -> None:
        self.said.append(json.dumps(["respond", message], default=str))

    async def _upload(self, workspace: WorkspaceId, file: Any) -> Payload:
        self.said.append(f"upload {file.name} {file.content!r}")
        return {"id": "F1"}


def _user(user: UserId) -> dict[str, Any]:
    team = {ZED: FAR_TEAM, OUTSIDER: "T7", GONE: GONE_TEAM}.get(user, HOME_TEAM)
    return {"id": user, "team_id": team, "tz": "Etc/UTC", "is_restricted": user == GUEST}


@dataclass
class World:
    db: Database
    app: SlackApp
    api: HearingApi
    installations: Installations
    ids: dict[str, Ids]
    watch: sqlite3.Connection | None  # None on PostgreSQL

    async def version(self) -> int:
        """A number that changes with each commit of the bot's."""
        if self.watch is None:
            return await self.db.read(_last_writer)
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    async def send(self, payload: dict[str, Any]) -> list[str]:
        """Deliver one request; return all that anybody was told because of it."""
        self.api.said.clear()
        answer = await self.app.bolt.async_dispatch(
            AsyncBoltRequest(mode="socket_mode", body=payload)
        )
        await self.app.tools.tasks.drain()
        return [f"{answer.status} {answer.body}", *self.api.said]

    async def rows(self) -> dict[str, list[str]]:
        """Every row of every table, but for the deliveries that were noted."""
        return await self.db.read(all_rows)

    async def to_be_said(self) -> list[str]:
        """What each message says that waits for a reader who should not learn the secret."""
        return await self.db.read(_to_be_said)

    def install(self) -> None:
        for team in (HOME_TEAM, FAR_TEAM):
            self.installations.put(_installation(team))


def _last_writer(tx: Connection) -> int:
    """The number of the newest transaction that writes, of the whole server."""
    newest = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
    return int(tx.execute(sql(newest)).scalar_one())


def all_rows(tx: Connection) -> dict[str, list[str]]:
    """Every row of every table, but for the deliveries that were noted."""
    return {
        table.name: sorted(map(repr, tx.execute(select(table)).all()))
        for table in metadata.sorted_tables
        if table.name != "inbox"
    }


def _to_be_said(tx: Connection) -> list[str]:
    told = []
    for row in tx.execute(select(outbox_table)).all():
        if (row.workspace, row.recipient) in _MAY_LEARN:
            continue
        key = MessageKey(kind=row.kind, about=row.about, to=row.recipient, occasion=row.occasion)
        message = Message(
            workspace=row.workspace,
            key=key,
            revision=row.revision,
            state=row.state,
            wanted_at=row.wanted_at,
            due_at=row.due_at,
            attempts=0,
            channel=None,
            ts=None,
            is_repeat=False,
            error="",
        )
        told.append(repr(read_message(tx, message, now=NOON, cadence=CADENCE)))
    return told


_MAY_LEARN = {(HOME_TEAM, ANA), (HOME_TEAM, SECRET), (FAR_TEAM, ANA), (FAR_TEAM, FAR)}


def _installation(team: WorkspaceId) -> Installation:
    return Installation(
        workspace=Workspace(id=team, name=team, bot_user=BOT, bot_id="B1", installed_at=NOON),
        bot_token=f"xoxb-{team}",
        scopes=frozenset(BOT_SCOPES),  # no files: what would be uploaded is told as text
    )


@asynccontextmanager
async def world_at(url: str) -> AsyncIterator[World]:
    """A world of its own in the migrated database at `url`."""
    db = open_database(url)
    installations = Installations()
    api = HearingApi(installations)
    ids = await db.write(settle)
    app = SlackApp(
        db=db,
        clock=Clock(),
        cadence=CADENCE,
        directory=SlackDirectory(api, db, Clock()),
        api=api,
        installations=installations,
        webhook_trial=Trial("https://bot.example", shows_own_port=False, port=lambda: 0),
    )
    file = make_url(url)
    watch = sqlite3.connect(str(file.database)) if file.drivername == "sqlite" else None
    world = World(db=db, app=app, api=api, installations=installations, ids=ids, watch=watch)
    world.install()
    try:
        for user in (ANA, BO, GUEST, OUTSIDER):
            await app.tools.directory.member(HOME_TEAM, user)
        await app.tools.directory.member(FAR_TEAM, ZED)
        yield world
    finally:
        if watch is not None:
            watch.close()
        await db.close()


def settle(tx: Connection) -> dict[str, Ids]:
    """Make what is in the world; return what a request can name."""
    for team in (HOME_TEAM, FAR_TEAM):
        remember_workspace(tx, _installation(team).workspace)
    for team, id_, members in (
        (HOME_TEAM, OPEN, ()),
        (HOME_TEAM, OTHER, ()),
        (HOME_TEAM, SHARED, ()),
        (HOME_TEAM, SECRET, (ANA,)),
        (FAR_TEAM, FAR, ()),
    ):
        known = Channel(
            workspace=team,
            id=id_,
            is_private=bool(members),
            is_shared=id_ == SHARED,
            members=frozenset(members),
            seen_at=NOON,
        )
        describe_channel(tx, known, now=NOON)
    _log(tx, HOME_TEAM, ProjectKey("APOLLO"), OPEN, "The vault API holds")
    _log(tx, HOME_TEAM, ProjectKey("ALLIED"), SHARED, "The vault is theirs")
    anas_draft = {
        "PRIVATE": _draft(tx, ANA, PRIVATE, says=PRIVATE.canary),
        "FOREIGN": _draft(tx, ANA, FOREIGN, says=FOREIGN.canary, team=FAR_TEAM),
        "MISSING": "no-such-draft",
    }
    named = {
        "PRIVATE": replace(PRIVATE, hook=_tell(tx, HOME_TEAM, PRIVATE)),
        "FOREIGN": replace(FOREIGN, hook=_tell(tx, FAR_TEAM, FOREIGN)),
        "MISSING": MISSING,
    }
    people = (BO, GUEST, OUTSIDER, ZED)
    return {
        name: replace(
            ids, drafts={user: _draft(tx, user, ids) for user in people} | {ANA: anas_draft[name]}
        )
        for name, ids in named.items()
    }


def _log(
    tx: Connection, team: WorkspaceId, key: ProjectKey, channel: ChannelId, statement: str
) -> None:
    project = create_project(
        tx, workspace=team, key=key, name=f"{key}", channel=channel, lead=ANA, now=NOON
    )
    draft = AssumptionDraft(
        statement=statement,
        owner=ANA,
        impact=Impact.CRITICAL,
        services=("vault",),
        channel=channel,
        stakeholders=(Stakeholder(user=ANA), Stakeholder(user=UserId("U6CY"))),
        expected=Expected(figure=Decimal(3), unit="days", check_on=NOON.date()),
    )
    asked = [make_member(ANA, workspace=team), make_member(UserId("U6CY"), workspace=team)]
    log_assumption(tx, draft, project=project, by=ANA, asked=asked, now=NOON, cadence=CADENCE)


def _tell(tx: Connection, team: WorkspaceId, ids: Ids) -> str:
    """Log what nobody else may learn, ask something about it, and let it hurt.

    Returns the id of a webhook that tells more of it.
    """
    _log(tx, team, ids.project, ids.channel, f"The {ids.canary} vault API holds")
    text = f"Is it the {ids.canary}?"
    ask_owner(tx, team, ids.key, by=UserId("U6CY"), text=text, now=NOON)
    harmless = SetbackDraft(
        kind=SetbackKind.BUG, text="the kitchen burnt", started_at=NOON, channel=ids.channel
    )
    first = record_setback(tx, team, harmless, by=ANA, now=NOON)
    assert first is not None
    numbered = (setback.c.workspace == team, setback.c.number == first.number)
    tx.execute(update(setback).where(*numbered).values(number=ids.number - 1))
    hurt = replace(
        harmless, text=f"the {ids.canary} vault broke", services=("vault",), project=ids.project
    )
    recorded = record_setback(tx, team, hurt, by=ANA, now=NOON)
    assert recorded is not None
    assert recorded.number == ids.number
    decide_trace(tx, team, ids.number, ids.key, by=ANA, role=Role.CAUSED, now=NOON)
    opened = add_webhook(tx, team, ids.project, WebhookSource.GENERIC, by=ANA, now=NOON)
    return opened.endpoint.id


def _draft(
    tx: Connection, user: UserId, ids: Ids, *, says: str = "It is so", team: WorkspaceId = HOME_TEAM
) -> str:
    """A form that this person was shown, as if it had been of that project."""
    values = {"statement": {"value": {"value": says}}}
    text = json.dumps({"values": values, "facts": {"p": ids.project, "c": ids.channel}})
    where = FAR_TEAM if user == ZED else team
    return keep_draft(tx, where, by=user, text=text, channel=ids.channel, now=NOON)

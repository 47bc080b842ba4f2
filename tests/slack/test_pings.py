"""Whom each kind of message may notify by a mention; everybody else is named."""

import re
from dataclasses import replace
from typing import Any, cast, get_args

from sqlalchemy import Connection

from bot.domain.assumption import Impact
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.outbox import MessageKey, MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Role
from bot.domain.validation import Answer
from bot.slack.messenger import render
from bot.store import outbox
from bot.usecases.channel import is_person
from bot.usecases.contents import (
    Content,
    HomeContent,
    SetbackContent,
    StepContent,
    UnansweredContent,
)
from bot.usecases.dependency import depend_on
from bot.usecases.project import create_project
from bot.usecases.setback import record_setback
from bot.usecases.trace import name_trace
from tests.slack.surfaces import contents, make_message
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

VAULT = ChannelId("C0VAULT")
NOBODY = "nobody"
OWNER = "the owner, who has to act"
SERVICE = "the owners of the services, whom to call while it goes on"
ASKED = "who was asked, of whom it tells: the project's channel stands in for an owner who left"
READER = "its reader alone: to one person a mention notifies nobody else"

# Where it can be read in a channel.
MAY_PING: dict[MessageKind, str] = {
    MessageKind.CARD: NOBODY,
    MessageKind.ASK: READER,
    MessageKind.REFUTED: NOBODY,
    MessageKind.STALE: NOBODY,
    MessageKind.UNANSWERED: OWNER,
    MessageKind.SETBACK: SERVICE,
    MessageKind.HANDED_BACK: ASKED,
    MessageKind.DEPENDS: ASKED,
    MessageKind.OWNER_ASKED: ASKED,
    MessageKind.OWNER_REPLIED: READER,
    MessageKind.MEASURE: NOBODY,
    MessageKind.SHAKEN: NOBODY,
    MessageKind.DIGEST: NOBODY,
    MessageKind.CYCLE_START: NOBODY,
    MessageKind.RETROSPECTIVE: NOBODY,
    MessageKind.PAUSED: READER,
    MessageKind.SHARED: NOBODY,
    MessageKind.STEP: NOBODY,
    MessageKind.HOME: NOBODY,
}
_MENTION = re.compile(r"<@(\w+)>|<!(?:here|channel|everyone|subteam)")


def kind_of(content: Content) -> MessageKind | None:
    """Return the kind by its content's name; None for what takes the place of another."""
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(content).__name__.removesuffix("Content")).lower()
    return MessageKind(name) if name in set(MessageKind) else None


def mentioned(drawn: Any) -> list[str]:
    return [one.group(1) or one.group() for one in _MENTION.finditer(str(drawn))]


def test_each_kind_says_whom_it_may_ping() -> None:
    named = {kind_of(object.__new__(one)) for one in get_args(Content)}

    assert MAY_PING.keys() == set(MessageKind)
    assert named == {*MessageKind, None}


def test_who_is_named_is_not_mentioned() -> None:
    shown = set()
    for content in contents("The API is live"):
        if isinstance(content, HomeContent | StepContent):
            continue
        kind = kind_of(content)
        may_ping = MAY_PING[kind] if kind is not None else NOBODY
        called = set(mentioned(render(make_message(is_repeat=False), naming(content))))
        shown.add(kind)

        match content:
            case UnansweredContent():
                assert called == {one.assumption.owner for one in content.questions}
            case SetbackContent():
                assert called <= {one.owner for one in content.services}
            case _:
                assert may_ping in {READER, ASKED} or not called

    assert {MessageKind.CARD, MessageKind.REFUTED, MessageKind.SETBACK} <= shown


def naming(content: Any) -> Content:
    """Return it with a name for everybody in it, where it takes names."""
    if not hasattr(content, "names"):
        return cast(Content, content)
    everybody = re.findall(r"\bU\w+", str(content))
    return cast(Content, replace(content, names=dict.fromkeys(everybody, "Somebody")))


def test_what_a_channel_reads_mentions_nobody_but_who_has_to_act(tx: Connection) -> None:
    team = Team(tx=tx)
    key = team.log("The payments API is live", asked=(BO, CY), impact=Impact.CRITICAL)
    vault = create_project(
        tx,
        workspace=WORKSPACE,
        key=ProjectKey("VAULT"),
        name="Vault",
        channel=VAULT,
        lead=ANA,
        now=team.now,
    )
    team.open_channel(VAULT)
    apollo, team.project = team.project, vault
    on_it = team.log("The vault opens by the payments API", channel=VAULT, asked=())
    team.project = apollo
    depend_on(tx, WORKSPACE, on_it, key, reader=OPERATOR, now=team.now)
    hurt = SetbackDraft(
        kind=SetbackKind.BUG, text="payments broke", started_at=team.now, channel=CHANNEL
    )
    record_setback(tx, WORKSPACE, hurt, by=ANA, now=team.now)
    name_trace(tx, WORKSPACE, 1, key, by=CY, role=Role.CAUSED, now=team.now)
    team.pass_time(team.now + 15 * DAY)  # nobody answers: the channel hears it
    start = MessageKey(
        kind=MessageKind.CYCLE_START, about="APOLLO", to=CHANNEL, occasion=team.now.isoformat()
    )
    outbox.want(tx, WORKSPACE, start, now=team.now)
    team.work()
    team.answer(key, Answer.HOLDS, by=CY)
    team.answer(key, Answer.FAILS, by=BO)
    team.work()

    told: dict[MessageKind, set[str]] = {}
    for message, said in team.said:
        if not is_person(message.key.to):
            told.setdefault(message.key.kind, set()).update(mentioned(render(message, said)))

    assert told == {
        MessageKind.CARD: set(),
        MessageKind.SETBACK: set(),
        MessageKind.REFUTED: set(),
        MessageKind.SHAKEN: set(),
        MessageKind.CYCLE_START: set(),
        MessageKind.UNANSWERED: {ANA},
    }

"""What each unit of the use cases is asked with: one maker for each parameter, by name and type.

A unit with a parameter that no maker makes fails the matrix, unless `NOBODYS` says why it is not
tried.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.assumption import AssumptionDraft, Filter, Impact, Quorum
from bot.domain.delivery import Delivery
from bot.domain.home import HomePlace
from bot.domain.ids import ChannelId, MessageTs, ProjectKey, UserId
from bot.domain.member import OwnHours
from bot.domain.order import Order
from bot.domain.permission import Reader
from bot.domain.request import Where
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Role
from bot.domain.validation import Answer
from bot.domain.webhook import WebhookSource
from bot.usecases.assumption_edit import AssumptionEdit
from bot.usecases.several import Act
from bot.usecases.transfer import ExportFormat
from tests.make import (
    CADENCE,
    DAY,
    NOON,
    make_assumption,
    make_member,
    make_project,
    make_setback,
)
from tests.matrix.units import Unit
from tests.matrix.world import ANA, HOME_TEAM, Actor, Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """By whom, and for what."""

    actor: Actor
    ids: Ids
    reader: Reader

    @property
    def channel(self) -> ChannelId:
        """Where it is asked; Slack itself says so, so that it is a channel of that workspace."""
        return self.actor.here if self.actor.team == HOME_TEAM else self.ids.channel


Maker = Callable[[Asked], Any]


_CY = UserId("U6CY")


def _is(value: Any) -> Maker:
    return lambda _: value


# Of what is asked for by name. A unit with one of these writes nothing at all.
_NAMED: dict[str, Maker] = {
    "assumption:Assumption": lambda a: make_assumption(
        workspace=a.actor.team,
        key=a.ids.key,
        owner=_CY,
        channel=a.ids.channel,
        stakeholders=(),
    ),
    "draft_id": lambda a: a.ids.drafts[ANA],
    "here:ProjectKey": lambda a: a.ids.project,
    "id_": lambda a: a.ids.hook,
    "ids": lambda a: [f"{a.ids.number}"],
    "into": lambda a: a.ids.number - 1,
    "key:AssumptionKey": lambda a: a.ids.key,
    "key:ProjectKey": lambda a: a.ids.project,
    "keys": lambda a: [a.ids.key],
    "number": lambda a: a.ids.number,
    "on": lambda a: a.ids.key,
    "project:Project": lambda a: make_project(
        workspace=a.actor.team, key=a.ids.project, channel=a.ids.channel, lead=_CY
    ),
    "project:ProjectKey": lambda a: a.ids.project,
    "wanted": lambda a: Filter(project=a.ids.project),
    "where": lambda a: Where(words=a.ids.project.lower()),
}

# Of everything else that a person or the operator says.
_SAID: dict[str, Maker] = {
    "act": _is(Act.RETIRE),
    "actual": _is(Decimal(3)),
    "answer": _is(Answer.HOLDS),
    "asked": _is(()),
    "asked_by": lambda a: a.actor.user,
    "asked_round": _is(1),
    "at": _is(NOON + DAY),
    "by": lambda a: a.actor.user,
    "cadence": _is(CADENCE),
    "channel:ChannelId": lambda a: a.channel,
    "channel_name": _is("here"),
    "default": _is(CADENCE),
    "delivery": _is(Delivery(source="slack", key="1")),
    "draft:AssumptionDraft": lambda a: AssumptionDraft(
        statement="It is so", owner=a.actor.user, channel=a.channel, stakeholders=()
    ),
    "draft:SetbackDraft": lambda a: SetbackDraft(
        kind=SetbackKind.BUG,
        text="the vault broke",
        started_at=NOON,
        services=("vault",),
        channel=a.channel,
    ),
    "edit": lambda a: AssumptionEdit(
        statement="It is not so",
        owner=a.actor.user,
        impact=Impact.LOW,
        confidence_percent=None,
        validate_by=None,
        consequence="",
        quorum=Quorum.ANY,
        tags=(),
        services=(),
        stakeholders=(),
        backup=None,
    ),
    "ended_at": _is(NOON),
    "evidence": _is("I looked"),
    "execution": _is("Fx1"),
    "expected": _is(None),
    "first_day": _is(NOON.date()),
    "format": _is(ExportFormat.CSV),
    "here:ChannelId": lambda a: a.channel,
    "holds": _is(True),
    "instead_of": _is(ANA),
    "is_dry_run": _is(False),
    "is_on": _is(True),
    "kind:SetbackKind": _is(None),
    "lead": lambda a: a.actor.user,
    "name": _is("vault"),
    "note": _is("seen"),
    "now": _is(NOON),
    "order": _is(Order.HARM),
    "overrides": _is({}),
    "own": _is(OwnHours()),
    "period": _is("90 days"),
    "place": _is(HomePlace()),
    "problem": _is("it did not work"),
    "reader": lambda a: a.reader,
    "reason": _is("it is over"),
    "role": _is(Role.CAUSED),
    "secret": _is("a" * 40),
    "seq": lambda a: a.ids.seq,
    "setback:Setback": lambda a: make_setback(
        workspace=a.actor.team,
        text="the vault broke",
        services=("vault",),
        project=None,
        channel=a.channel,
        recorded_by=a.actor.user,
    ),
    "since": _is(NOON - 90 * DAY),
    "skips_bad": _is(True),
    "source": _is(WebhookSource.GENERIC),
    "statement": _is("The vault API holds"),
    "statements": _is(("One half", "Another")),
    "text": _is("The vault API holds"),
    "thread": _is(None),
    "to": lambda a: make_member(a.actor.user, workspace=a.actor.team),
    "token": _is("unknown"),
    "ts": _is(MessageTs("1.1")),
    "until:date": _is((NOON + DAY).date()),
    "until:datetime": _is(NOON + timedelta(minutes=1)),
    "user": lambda a: a.actor.user,
    "users": lambda a: [a.actor.user],
    "workspace": lambda a: a.actor.team,
    "zone": _is(ZoneInfo("UTC")),
}

# Where a name means something else than with the others.
_OF_ONE_UNIT: Mapping[str, Mapping[str, Maker]] = MappingProxyType(
    {
        "draft.start_project": {  # it starts all the same where there is no draft of theirs
            "key": _is(ProjectKey("NEWONE")),
            "draft_id": lambda a: a.ids.drafts[ANA],
        },
        "import_log.import_log": {"text": _is("statement\nThe vault API holds\n")},
        "project.create_project": {"key": _is(ProjectKey("NEWONE"))},
        "report.account_for": {"text": lambda a: f"{a.ids.project} 90 days"},
        "report.account_for_reader": {"text": lambda a: f"{a.ids.project} 90 days"},
        "service.import_services": {"text": _is("name,owner\nvault,U2BO\n")},
    }
)

_ALL_WORKSPACES = "the worker's or the operator's own, across workspaces: no person's request"
_TOLD_BY_SLACK = "takes what Slack itself says, of the workspace that it says it of"
NOBODYS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "channel.claim_channels",
            "channel.put_off_channel",
            "dead_letter.held_back",
            "dead_letter.parked_count",
            "dead_letter.troubles",
            "forgetting.forget_deliveries",
            "forgetting.forget_drafts",
            "installation.check_keys",
            "installation.installation_states",
            "installation.installations_of",
            "installation.seal_anew",
            "installation.stored_tokens",
            "installation.unreadable_tokens",
            "notice.give_notice",
            "notice.next_notice",
            "outage.beat",
            "outage.look_back",
            "outbox.accepted",
            "outbox.claim_messages",
            "outbox.claim_suspect",
            "outbox.give_back",
            "outbox.half_recorded",
            "outbox.next_due",
            "outbox.not_accepted",
            "outbox.nothing_to_say",
            "outbox.put_off",
            "outbox.waits_since",
            "outbox.wake",
            "prompt.claim_prompts",
            "prompt.claim_suspects",
            "prompt.hand_over",
            "prompt.let_wait",
            "prompt.next_due",
            "prompt.put_off",
            "prompt.recipients",
            "transfer.import_export",
            "workspace.all_tenants",
            "workspace.all_workspaces",
        ),
        _ALL_WORKSPACES,
    )
    | dict.fromkeys(
        (
            "channel.describe_channel",
            "channel.follow_new_id",
            "installation.install",
            "member.remember",
        ),
        _TOLD_BY_SLACK,
    )
    | dict.fromkeys(
        ("installation.begin_install", "installation.finish_install"),
        "of a browser, before there is a workspace; the matrix of routes tries it",
    )
    | dict.fromkeys(
        ("webhook.note_heard", "webhook.receive"),
        "of an endpoint that the route has found; the matrix of routes tries it",
    )
    | {"outbox.read_to_send": "what it reads by is tried for every kind of message"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A unit, and how it is asked."""

    name: str
    unit: Unit
    makers: Mapping[str, Maker]  # by parameter
    is_personal: bool  # asked by somebody; else it is the operator's, of one workspace
    names_nothing: bool  # it is the person's own act: it may write, if of their own alone

    def arguments(self, asked: Asked, *, with_reader: bool = True) -> dict[str, Any]:
        made = {name: make(asked) for name, make in self.makers.items()}
        if not with_reader:
            del made["reader"]
        return made

    @property
    def can_do_without_reader(self) -> bool:
        """Whether who asks is enough: then what they may see follows from that."""
        parameter = inspect.signature(self.unit).parameters.get("reader")
        return parameter is not None and parameter.default is None

    @property
    def may_be_operators(self) -> bool:
        """Whether the command line asks it too, as the operator of one workspace."""
        return not _BY & self.makers.keys()


_BY = {"by", "asked_by", "user", "users", "lead"}


def query(name: str, unit: Unit) -> Query | list[str]:
    """Return the unit as it is asked, or the parameters that nothing here makes."""
    makers: dict[str, Maker] = {}
    unmade, names_nothing = [], True
    for parameter in list(inspect.signature(unit).parameters.values())[1:]:
        if parameter.default is not parameter.empty and parameter.name != "reader":
            continue
        own = _OF_ONE_UNIT.get(name, {}).get(parameter.name)
        spelled = f"{parameter.name}:{_type(parameter.annotation)}"
        named = _NAMED.get(spelled) or _NAMED.get(parameter.name)
        said = _SAID.get(spelled) or _SAID.get(parameter.name)
        maker = own or named or said
        if maker is None:
            unmade.append(f"{name}({spelled})")
            continue
        makers[parameter.name] = maker
        names_nothing &= own is not None or named is None
    if unmade:
        return unmade
    return Query(
        name=name,
        unit=unit,
        makers=makers,
        is_personal=bool((_BY | {"reader"}) & makers.keys()),
        names_nothing=names_nothing,
    )


def _type(annotation: Any) -> str:
    """The last word of the type's name, without `Optional`."""
    words = re.findall(r"\w+", str(annotation).replace("<class '", "").replace("NoneType", ""))
    return next((word for word in reversed(words) if word != "None"), "")

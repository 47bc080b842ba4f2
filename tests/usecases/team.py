"""A team in a transaction: people do things, the clock moves, and what Slack would hear is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.assumption import (
    Assumption,
    AssumptionDraft,
    Expected,
    Impact,
    Quorum,
    Stakeholder,
)
from bot.domain.cadence import Cadence
from bot.domain.channel import Channel
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message, MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.validation import Answer
from bot.settings import default_config_dir, read_tuning
from bot.usecases import assumption, channel, member, outbox, project, prompt, validation
from bot.usecases.contents import AskContent, Content
from bot.usecases.ports import Accepted
from bot.usecases.validation import AlreadyAnswered, Recorded

WORKSPACE = WorkspaceId("T0TEAM")
CHANNEL = ChannelId("C0APOLLO")
ANA, BO, CY = UserId("U0ANA"), UserId("U0BO"), UserId("U0CY")
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a working hour for everybody in UTC
DAY = timedelta(days=1)
LEASE = timedelta(seconds=30)


def default_cadence() -> Cadence:
    return read_tuning(default_config_dir()).cadence


@dataclass(kw_only=True)
class Team:
    """Ana leads and owns, Bo and Cy are asked; everybody works nine to five in UTC."""

    tx: Connection
    now: datetime = MONDAY
    cadence: Cadence = field(default_factory=default_cadence)
    said: list[tuple[Message, Content]] = field(default_factory=list)
    people: dict[UserId, Member] = field(default_factory=dict)
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        for user in (ANA, BO, CY):
            self.meet(user)
        self.project = project.create_project(
            self.tx,
            workspace=WORKSPACE,
            key=ProjectKey("APOLLO"),
            name="Apollo",
            channel=CHANNEL,
            lead=ANA,
            now=self.now,
        )
        self.open_channel(CHANNEL)

    def open_channel(self, id_: ChannelId) -> None:
        """Let everybody in the workspace read what is said there."""
        described = Channel(workspace=WORKSPACE, id=id_, is_private=False, seen_at=self.now)
        channel.describe_channel(self.tx, described, now=self.now)

    def close_channel(self, id_: ChannelId, *members: UserId) -> None:
        """Let only these read what is said there."""
        described = Channel(
            workspace=WORKSPACE, id=id_, members=frozenset(members), seen_at=self.now
        )
        channel.describe_channel(self.tx, described, now=self.now)

    def meet(
        self,
        user: UserId,
        *,
        zone: str = "UTC",
        is_bot: bool = False,
        is_deactivated: bool = False,
        is_admin: bool = False,
    ) -> Member:
        met = Member(
            workspace=WORKSPACE,
            user=user,
            name=user.title(),
            zone=ZoneInfo(zone),
            is_bot=is_bot,
            is_deactivated=is_deactivated,
            is_admin=is_admin,
            seen_at=self.now,
        )
        self.people[user] = met
        member.remember(self.tx, met)
        return met

    def log(
        self,
        statement: str = "The payments API is live",
        *,
        asked: Iterable[UserId] = (BO,),
        backup: UserId | None = None,
        impact: Impact = Impact.MEDIUM,
        quorum: Quorum = Quorum.ANY,
        by: UserId = ANA,
        services: tuple[str, ...] = (),
        expected: Expected | None = None,
        channel: ChannelId = CHANNEL,
    ) -> AssumptionKey:
        people = [Stakeholder(user=user) for user in asked]
        if backup is not None:
            people.append(Stakeholder(user=backup, is_backup=True))
        draft = AssumptionDraft(
            statement=statement,
            owner=ANA,
            impact=impact,
            quorum=quorum,
            channel=channel,
            stakeholders=tuple(people),
            services=services,
            expected=expected,
        )
        key = assumption.log_assumption(
            self.tx,
            draft,
            project=self.project,
            by=by,
            asked=[self.people[person.user] for person in people],
            now=self.now,
            cadence=self.cadence,
        )
        assert key is not None
        return key

    def get(self, key: AssumptionKey) -> Assumption:
        return assumption.get_assumption(self.tx, WORKSPACE, key, reader=OPERATOR)

    def answer(
        self,
        key: AssumptionKey,
        answer: Answer,
        *,
        by: UserId = BO,
        evidence: str = "seen in the logs",
        asked_round: int | None = None,
        supersede: bool = False,
    ) -> Recorded | AlreadyAnswered:
        if asked_round is None:
            asked_round = next(p.round for p in self.get(key).stakeholders if p.user == by)
        return validation.answer_question(
            self.tx,
            WORKSPACE,
            key,
            by=by,
            asked_round=asked_round,
            answer=answer,
            evidence=evidence,
            now=self.now,
            cadence=self.cadence,
            supersede=supersede,
        )

    def work(self) -> None:
        """Do all that is due now: prompts into the outbox, the outbox to Slack."""
        self.hand_over()
        self._send()

    def hand_over(self) -> None:
        """Put what is due into the outbox; Slack has nothing of it yet."""
        claimed = prompt.claim_prompts(self.tx, now=self.now, limit=100, lease=LEASE)
        prompt.hand_over(
            self.tx,
            claimed,
            people={(WORKSPACE, user): known for user, known in self.people.items()},
            now=self.now,
            cadence=self.cadence,
        )

    def _send(self) -> None:
        for one in outbox.claim_messages(self.tx, now=self.now, limit=100, lease=LEASE):
            if outbox.put_off(self.tx, one, now=self.now):
                continue
            content = outbox.read_message(self.tx, one.item, now=self.now, cadence=self.cadence)
            if content is None:
                outbox.nothing_to_say(self.tx, one)
                continue
            self.said.append((one.item, content))
            ts = one.item.ts or MessageTs(f"{len(self.said)}.000001")
            to = Accepted(channel=ChannelId(one.item.key.to), ts=ts)
            outbox.accepted(self.tx, one, to, now=self.now, cadence=self.cadence)

    def pass_time(self, until: datetime) -> None:
        """Let the clock reach `until`, stopping at every moment at which something is due."""
        while True:
            self.work()
            moments = [prompt.next_due(self.tx), outbox.next_due(self.tx)]
            due = min((m for m in moments if m is not None), default=None)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
        self.now = until

    def heard(self, kind: MessageKind, *, to: str | None = None) -> list[Content]:
        """The new messages of that kind, in the order in which Slack got them; no updates."""
        return [content for message, content in self.new(kind) if to in {None, message.key.to}]

    def new(self, kind: MessageKind) -> list[tuple[Message, Content]]:
        """As `heard`, each with what says to whom it went."""
        return [
            (message, content)
            for message, content in self.said
            if message.key.kind is kind and message.ts is None
        ]

    def asked_at(self, user: UserId) -> list[datetime]:
        """When the person got each question message."""
        return [
            content.now
            for content in self.heard(MessageKind.ASK, to=user)
            if isinstance(content, AskContent)
        ]

    def asked(self, user: UserId) -> list[list[AssumptionKey]]:
        """The keys in each question message that the person got."""
        return [
            [question.assumption.key for question in content.questions]
            for content in self.heard(MessageKind.ASK, to=user)
            if isinstance(content, AskContent)
        ]

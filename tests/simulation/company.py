"""A whole company in a database, and a Slack that keeps what it was sent and when.

People act through the use cases, the worker works as the ticks do, and time is moved. What comes
of it is a log, which `judge` reads without asking the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.assumption import Assumption, AssumptionDraft, Impact, Quorum, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.channel import Channel
from bot.domain.history import Event
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.lease import Claimed
from bot.domain.member import Member, OwnHours
from bot.domain.outbox import Message, MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.prompt import Prompt, PromptKey, PromptKind, PromptState
from bot.domain.validation import Answer
from bot.store import prompt as prompts
from bot.usecases import (
    assumption,
    assumption_show,
    channel,
    member,
    outbox,
    project,
    prompt,
    validation,
    working_time,
)
from bot.usecases.contents import AskContent, Content
from bot.usecases.ports import Accepted
from bot.usecases.validation import AlreadyAnswered, Recorded
from tests.usecases.team import default_cadence

WORKSPACE = WorkspaceId("T0COMPANY")
LEASE = timedelta(seconds=30)
_BATCH = 100
LAST_STEP = 3  # of those told: the owner, the lead, the channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A new message that Slack accepted; updates are not among them."""

    at: datetime
    kind: MessageKind
    to: str
    about: str = ""
    occasion: str = ""
    asks: tuple[PromptKey, ...] = ()  # what it asks that needed an answer at that moment
    tells: tuple[PromptKey, ...] = ()  # the steps of ladders that it tells somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer that was stored as new."""

    at: datetime
    key: AssumptionKey
    by: UserId
    answer: Answer
    round: int
    seq: int


@dataclass(kw_only=True)
class Company:
    tx: Connection
    now: datetime
    cadence: Cadence = field(default_factory=default_cadence)
    people: dict[UserId, Member] = field(default_factory=dict)
    projects: dict[ProjectKey, Project] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    undone: set[tuple[AssumptionKey, int]] = field(default_factory=set)
    outdated: set[tuple[AssumptionKey, int]] = field(default_factory=set)  # about other words
    logged: dict[AssumptionKey, tuple[UserId, ...]] = field(default_factory=dict)
    is_slack_down: bool = False

    def meet(self, user: UserId, zone: str, *, is_deactivated: bool = False) -> Member:
        met = Member(
            workspace=WORKSPACE,
            user=user,
            name=str(user),
            zone=ZoneInfo(zone),
            is_deactivated=is_deactivated,
            seen_at=self.now,
        )
        self.people[user] = member.remember(self.tx, met)
        return self.people[user]

    def found(self, key: str, *, lead: UserId) -> Project:
        created = project.create_project(
            self.tx,
            workspace=WORKSPACE,
            key=ProjectKey(key),
            name=key.title(),
            channel=ChannelId(f"C0{key}"),
            lead=lead,
            now=self.now,
        )
        self.projects[created.key] = created
        described = Channel(
            workspace=WORKSPACE, id=created.channel, is_private=False, seen_at=self.now
        )
        channel.describe_channel(self.tx, described, now=self.now)
        return created

    def log(
        self,
        place: Project,
        *,
        owner: UserId,
        asked: Sequence[UserId],
        backup: UserId | None = None,
        impact: Impact = Impact.MEDIUM,
        quorum: Quorum = Quorum.ANY,
        days_left: int | None = None,
    ) -> AssumptionKey:
        stakeholders = [Stakeholder(user=user) for user in asked]
        if backup is not None:
            stakeholders.append(Stakeholder(user=backup, is_backup=True))
        validate_by = None if days_left is None else (self.now + timedelta(days=days_left)).date()
        draft = AssumptionDraft(
            statement=f"What {len(self.logged)} says is so",
            owner=owner,
            impact=impact,
            quorum=quorum,
            validate_by=validate_by,
            channel=place.channel,
            stakeholders=tuple(stakeholders),
        )
        key = assumption.log_assumption(
            self.tx,
            draft,
            project=place,
            by=owner,
            asked=[self.people[user] for user in asked],
            now=self.now,
            cadence=self.cadence,
        )
        assert key is not None
        self.logged[key] = tuple(asked)
        return key

    def get(self, key: AssumptionKey) -> Assumption:
        return assumption.get_assumption(self.tx, WORKSPACE, key, reader=OPERATOR)

    def prompts(self, key: AssumptionKey) -> tuple[Prompt, ...]:
        return assumption_show.show_assumption(self.tx, WORKSPACE, key, reader=OPERATOR).prompts

    def events(self, key: AssumptionKey) -> tuple[Event, ...]:
        return assumption_show.show_assumption(self.tx, WORKSPACE, key, reader=OPERATOR).events

    def answer(
        self,
        key: AssumptionKey,
        answer: Answer,
        *,
        by: UserId,
        asked_round: int,
        supersede: bool = False,
    ) -> Recorded | AlreadyAnswered:
        said = validation.answer_question(
            self.tx,
            WORKSPACE,
            key,
            by=by,
            asked_round=asked_round,
            answer=answer,
            evidence="looked at it",
            now=self.now,
            cadence=self.cadence,
            supersede=supersede,
        )
        if isinstance(said, Recorded):
            stored = said.validation
            self.given.append(
                Given(
                    at=self.now,
                    key=key,
                    by=by,
                    answer=answer,
                    round=stored.round,
                    seq=stored.seq,
                )
            )
        return said

    def undo(self, key: AssumptionKey, *, by: UserId, seq: int) -> None:
        validation.undo_answer(
            self.tx, WORKSPACE, key, by=by, seq=seq, now=self.now, cadence=self.cadence
        )
        self.undone.add((key, seq))

    def standing_answers(self, key: AssumptionKey) -> list[Given]:
        """Return the answers that were not taken back, in the order of giving."""
        return [one for one in self.given if one.key == key and (key, one.seq) not in self.undone]

    def counting_answers(self, key: AssumptionKey) -> dict[UserId, Given]:
        """Return the last telling answer of each person, unless it is about other words."""
        telling = [one for one in self.standing_answers(key) if one.answer is not Answer.UNSURE]
        latest = {one.by: one for one in telling}
        return {by: one for by, one in latest.items() if (key, one.seq) not in self.outdated}

    def breakers_opened(self) -> int:
        """Count the pauses that owners were told of."""
        paused = (one for one in self.sent if one.kind is MessageKind.PAUSED)
        return len({(one.about, one.occasion) for one in paused})

    def set_hours(self, user: UserId, own: OwnHours) -> None:
        working_time.set_hours(self.tx, WORKSPACE, user, own, now=self.now)

    def next_due(self) -> datetime | None:
        moments = [prompt.next_due(self.tx)]
        if not self.is_slack_down:
            moments.append(outbox.next_due(self.tx))
        return min((moment for moment in moments if moment is not None), default=None)

    def work(self) -> list[Sent]:
        """Do all that is due now, as the ticks do; return the new messages."""
        before = len(self.sent)
        # Questions that came too late to be sent are due anew, and handed over once more.
        while self._hand_over_all() + self._send_all() or _is_due(
            prompt.next_due(self.tx), self.now
        ):
            pass
        return self.sent[before:]

    def _hand_over_all(self) -> int:
        count = 0
        while _is_due(prompt.next_due(self.tx), self.now) and (done := self._hand_over()):
            count += done
        return count

    def _send_all(self) -> int:
        count = 0
        while _is_due(outbox.next_due(self.tx), self.now) and (done := self._send()):
            count += done
        return count

    def _hand_over(self) -> int:
        claimed = prompt.claim_prompts(self.tx, now=self.now, limit=_BATCH, lease=LEASE)
        if claimed:
            people: dict[tuple[WorkspaceId, UserId], Member | None] = {
                who: self.people.get(who[1])
                for those in prompt.recipients(self.tx, claimed)
                for who in those
            }
            prompt.hand_over(self.tx, claimed, people=people, now=self.now, cadence=self.cadence)
        return len(claimed)

    def _send(self) -> int:
        if self.is_slack_down:
            return 0
        claimed = outbox.claim_messages(self.tx, now=self.now, limit=_BATCH, lease=LEASE)
        for one in claimed:
            self._deliver(one)
        return len(claimed)

    def _deliver(self, claimed: Claimed[Message]) -> None:
        message = claimed.item
        if outbox.put_off(self.tx, claimed, now=self.now):
            return
        if message.ts is None:  # what an update says is for other tests
            content = outbox.read_message(self.tx, message, now=self.now, cadence=self.cadence)
            if content is None:
                outbox.nothing_to_say(self.tx, claimed)
                return
            self.sent.append(self._as_sent(message, content))
        ts = message.ts or MessageTs(f"{len(self.sent)}.000001")
        to = Accepted(channel=ChannelId(message.key.to), ts=ts)
        outbox.accepted(self.tx, claimed, to, now=self.now, cadence=self.cadence)

    def _as_sent(self, message: Message, content: Content) -> Sent:
        asks: tuple[PromptKey, ...] = ()
        tells: tuple[PromptKey, ...] = ()
        if isinstance(content, AskContent):
            asks = tuple(q.prompt.key for q in content.questions if not q.closed)
        elif message.key.kind in {MessageKind.UNANSWERED, MessageKind.STALE}:
            tells = tuple(one.key for one in self._carried(message))
        return Sent(
            at=self.now,
            kind=message.key.kind,
            to=message.key.to,
            about=message.key.about,
            occasion=message.key.occasion,
            asks=asks,
            tells=tells,
        )

    def _carried(self, message: Message) -> list[Prompt]:
        return prompts.of_batch(self.tx, message.workspace, message.key.occasion)

    def pass_time(self, until: datetime) -> None:
        """Let the clock reach `until`, stopping at every moment at which something is due."""
        while True:
            self.work()
            due = self.next_due()
            if due is None or due > until:
                break
            assert due > self.now, "what was due is still due after the work"
            self.now = due
        self.now = until

    def lost(self, key: AssumptionKey) -> list[UserId]:
        """Return who must answer about it while nothing will ask or tell anybody any more.

        A ladder ends with the channel; until then its next step is planned, or on its way.
        """
        told = self.get(key)
        if not told.is_open:
            return []
        rows = self.prompts(key)
        return [
            person.user
            for person in told.stakeholders
            if not (person.is_backup or person.is_released)
            and not self.is_settled(told, person)
            and not any(_goes_on(row, person, is_slack_down=self.is_slack_down) for row in rows)
        ]

    def is_settled(self, told: Assumption, person: Stakeholder) -> bool:
        """Whether the person need not answer in their round: they did, or another's word counts."""
        if told.status is Status.VALIDATED and told.quorum is Quorum.ANY:
            return True
        own = self.counting_answers(told.key).get(person.user)
        return own is not None and own.round >= person.round


def _goes_on(row: Prompt, person: Stakeholder, *, is_slack_down: bool) -> bool:
    if row.key.stakeholder != person.user:
        return False
    if row.state is PromptState.PLANNED or is_end(row, person):
        return True
    return is_slack_down and row.state is PromptState.ATTEMPTED


def is_end(row: Prompt, person: Stakeholder) -> bool:
    """Whether the prompt is the last step of the person's round: the channel knows."""
    knows = row.key.attempt == LAST_STEP or str(row.channel).startswith("C")
    is_last = row.key.kind is PromptKind.ESCALATE and knows
    return is_last and (row.key.stakeholder, row.key.round) == (person.user, person.round)


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def planned(prompts: Sequence[Prompt]) -> list[Prompt]:
    return [one for one in prompts if one.state is PromptState.PLANNED]

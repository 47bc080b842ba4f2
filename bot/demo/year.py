"""`stilltrue demo --year`: 48 weeks of three made-up projects, lived through the use cases.

A seed decides who answers, what turns out true and what goes wrong, so that the same year comes
again. Everything in it is marked as sample data. Messages of the year are never in Slack: what
people were asked counts as sent and read, the rest as said.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.demo.people import ANA, APOLLO, BO, CARO, DEV, PAYMENTS, SEARCH, TEAM
from bot.demo.year_words import PROJECTS, Subject
from bot.domain.assumption import AssumptionDraft, Expected, Impact, Stakeholder, Status
from bot.domain.cadence import Cadence
from bot.domain.channel import Channel
from bot.domain.errors import FatalError, UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.outbox import Message, MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.project import Project
from bot.domain.setback import Cost, Money, SetbackDraft, SetbackKind, Severity
from bot.domain.trace import Role
from bot.domain.validation import Answer
from bot.usecases import assumption, member, outbox, prompt, setback, trace, validation
from bot.usecases.actual import record_actual
from bot.usecases.channel import describe_channel
from bot.usecases.contents import AskContent, Question
from bot.usecases.notice import give_notice
from bot.usecases.ports import Accepted
from bot.usecases.project import create_project, projects_of

MARK = "sample data"  # a tag of each assumption, the source of each setback

_WORKSPACE = WorkspaceId(TEAM)
_CHANNELS = {"APOLLO": APOLLO, "PAY": PAYMENTS, "SEARCH": SEARCH}
_ZONES = {
    ANA: "Europe/Lisbon",
    BO: "Europe/Berlin",
    CARO: "America/New_York",
    DEV: "Asia/Kolkata",
}
_PEOPLE = tuple(UserId(user) for user in _ZONES)
_ANSWERS = {ANA: 0.92, BO: 0.85, CARO: 0.6, DEV: 0.4}  # how often a question is answered at all
_LOOKS = (time(6, 45), time(9, 45), time(15, 30))  # UTC; somebody works at each of them
_LEASE = timedelta(minutes=5)
_SATURDAY = 5
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    weeks: int = 48  # six cycles
    assumptions: int = 150
    setbacks: int = 40
    seed: int = 6


def live_a_year(
    tx: Connection, *, now: datetime, cadence: Cadence, size: Size | None = None
) -> None:
    """Let the year before `now` (aware UTC) have happened.

    Raises:
        FatalError: The database is not empty.
    """
    if projects_of(tx, _WORKSPACE, reader=OPERATOR):
        raise FatalError("There is a project already: a year of sample data needs a new file.")
    _Year(tx=tx, now=now, cadence=cadence, size=size or Size()).live()


@dataclass(frozen=True, slots=True)
class _Truth:
    """What nobody knows yet of one assumption."""

    key: AssumptionKey
    subject: Subject
    is_true: bool
    seems_true: bool  # what whoever looks finds; one time in twenty they are mistaken
    logged_at: datetime


@dataclass(kw_only=True)
class _Year:
    tx: Connection
    now: datetime
    cadence: Cadence
    size: Size
    dice: Random = field(init=False)
    members: dict[UserId, Member] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    truths: list[_Truth] = field(default_factory=list)
    agenda: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    messages: int = 0

    def __post_init__(self) -> None:
        self.dice = Random(self.size.seed)  # noqa: S311 - the same year each time

    @property
    def start(self) -> datetime:
        monday = self.now - self.size.weeks * _WEEK - self.now.weekday() * _DAY
        return monday.replace(hour=0, minute=0, second=0, microsecond=0)

    def live(self) -> None:
        self._gather()
        for moment in self._moments():
            while self.agenda and self.agenda[0][0] <= moment:
                _, _, act = heapq.heappop(self.agenda)
                act(moment)
            self._work(moment)
        self._fall_silent()

    def _moments(self) -> Iterator[datetime]:
        day = self.start
        while day <= self.now:
            for look in _LOOKS if day.weekday() < _SATURDAY else ():
                moment = datetime.combine(day.date(), look, day.tzinfo)
                if moment <= self.now:
                    yield moment
            day += _DAY

    def _plan(self, at: datetime, act: Callable[[datetime], object]) -> None:
        heapq.heappush(self.agenda, (at, next(self.numbers), act))

    def _gather(self) -> None:
        """Bring the people together, start the projects, spread the year's work over it."""
        for user in _PEOPLE:
            met = Member(
                workspace=_WORKSPACE,
                user=user,
                name=user.removeprefix("U0").title(),
                zone=ZoneInfo(_ZONES[user]),
                seen_at=self.start,
            )
            self.members[user] = met
            member.remember(self.tx, met)
        for key, words in PROJECTS.items():
            started = create_project(
                self.tx,
                workspace=_WORKSPACE,
                key=ProjectKey(key),
                name=f"{words.name} ({MARK})",
                channel=ChannelId(_CHANNELS[key]),
                lead=UserId(ANA),
                now=self.start,
            )
            self.projects.append(started)
            home = Channel(
                workspace=_WORKSPACE, id=started.channel, is_private=False, seen_at=self.start
            )
            describe_channel(self.tx, home, now=self.start)
            statements = list(words.statements())
            self.dice.shuffle(statements)
            for subject, statement in statements[: self.size.assumptions // len(PROJECTS)]:
                self._plan(self._some_day(busy=True), self._logging(started, subject, statement))
        for _ in range(self.size.setbacks):
            self._plan(self._some_day(after=2 * _WEEK), self._go_wrong)

    def _some_day(self, *, busy: bool = False, after: timedelta = timedelta(0)) -> datetime:
        """Return a moment of the year; a `busy` one mostly in the first half of a cycle."""
        span = self.now - self.start - after - _DAY
        at = self.start + after + span * self.dice.random()
        if busy and ((at - self.start) / _WEEK) % 8 > 4 and self.dice.random() < 0.6:  # noqa: PLR2004
            at -= 3 * _WEEK
        return max(at, self.start)

    def _logging(self, project: Project, subject: Subject, statement: str) -> Callable[..., None]:
        def act(now: datetime) -> None:
            self._log(project, subject, statement, now)

        return act

    def _log(self, project: Project, subject: Subject, statement: str, now: datetime) -> None:
        is_true = self.dice.random() < 0.72  # noqa: PLR2004
        owner, asked = self.dice.sample(_PEOPLE, 2)
        impact = self.dice.choices(list(Impact), weights=(3, 5, 3, 1))[0]
        draft = AssumptionDraft(
            statement=statement,
            owner=owner,
            impact=impact,
            confidence_percent=self._confidence(is_true=is_true),
            validate_by=(now + self.dice.randint(10, 45) * _DAY).date(),
            tags=(MARK,),
            services=subject.services,
            channel=project.channel,
            # One in seven is written down and nobody is asked: it happens.
            stakeholders=(Stakeholder(user=asked),) if self.dice.random() < 0.86 else (),  # noqa: PLR2004
            expected=self._expected(now),
        )
        key = assumption.log_assumption(
            self.tx,
            draft,
            project=project,
            by=owner,
            asked=[self.members[asked]],
            now=now,
            cadence=self.cadence,
        )
        if key is not None:
            truth = _Truth(
                key=key,
                subject=subject,
                is_true=is_true,
                seems_true=is_true == (self.dice.random() < 0.95),  # noqa: PLR2004
                logged_at=now,
            )
            self.truths.append(truth)
            if draft.expected is not None:
                self._plan_to_measure(truth, draft.expected, owner, now)
            if self.dice.random() < 0.6:  # noqa: PLR2004
                over = now + self.dice.uniform(6, 16) * _WEEK
                self._plan(over, lambda later: self._retire(key, later))

    def _confidence(self, *, is_true: bool) -> int | None:
        if self.dice.random() < 0.2:  # noqa: PLR2004
            return None
        middle = 76 if is_true else 58  # owners know a little, and think that they know more
        return min(max(round(self.dice.gauss(middle, 17) / 5) * 5, 5), 95)

    def _expected(self, now: datetime) -> Expected | None:
        if self.dice.random() > 0.06:  # noqa: PLR2004
            return None
        return Expected(
            figure=Decimal(self.dice.randint(2, 9)),
            unit="engineer-weeks",
            check_on=(now + 6 * _WEEK).date(),
        )

    def _plan_to_measure(
        self, truth: _Truth, expected: Expected, owner: UserId, now: datetime
    ) -> None:
        """Decide whether the owner says what it came to, and what: mostly more than expected."""
        dice = Random(f"{self.size.seed} {truth.key}")  # noqa: S311 - the year's own roll as before
        if dice.random() > 0.8:  # noqa: PLR2004
            return
        share = dice.gauss(1.1 if truth.is_true else 1.6, 0.25)
        actual = Decimal(max(1, round(float(expected.figure) * share * 2))) / 2

        def act(later: datetime) -> None:
            found = assumption.get_assumption(self.tx, _WORKSPACE, truth.key, reader=OPERATOR)
            if found.status is not Status.RETIRED:
                record_actual(
                    self.tx, _WORKSPACE, truth.key, by=owner, actual=actual, note="", now=later
                )

        self._plan(now + 6 * _WEEK + dice.uniform(0, 5) * _DAY, act)

    def _work(self, now: datetime) -> None:
        """Do what the worker does, and let people read what they were asked."""
        everybody = {(_WORKSPACE, user): known for user, known in self.members.items()}
        give_notice(self.tx, now=now, limit=500)
        claimed = prompt.claim_prompts(self.tx, now=now, limit=500, lease=_LEASE)
        if claimed:
            prompt.hand_over(self.tx, claimed, people=everybody, now=now, cadence=self.cadence)
        while messages := outbox.claim_messages(self.tx, now=now, limit=500, lease=_LEASE):
            for one in messages:
                if one.item.key.kind is not MessageKind.ASK or one.item.ts is not None:
                    outbox.nothing_to_say(self.tx, one)
                    continue
                content = outbox.read_message(self.tx, one.item, now=now, cadence=self.cadence)
                self.messages += 1
                channel = ChannelId(one.item.key.to.replace("U", "D", 1))
                sent = Accepted(channel=channel, ts=_ts(now, self.messages))
                outbox.accepted(self.tx, one, sent, now=now, cadence=self.cadence)
                self._read(one.item, content, now)

    def _read(self, message: Message, content: object, now: datetime) -> None:
        """Decide, of each new question, whether and when its reader answers it."""
        if not isinstance(content, AskContent):
            return
        reader = UserId(message.key.to)
        for question in content.questions:
            if not question.closed and self.dice.random() < _ANSWERS[reader]:
                wait = self.dice.expovariate(1 / 26) * _HOUR
                self._plan(now + wait, self._answering(reader, question))

    def _answering(self, reader: UserId, question: Question) -> Callable[..., None]:
        def act(now: datetime) -> None:
            self._answer(reader, question, now)

        return act

    def _answer(self, reader: UserId, question: Question, now: datetime) -> None:
        truth = next(one for one in self.truths if one.key == question.assumption.key)
        answer = Answer.HOLDS if truth.seems_true else Answer.FAILS
        if self.dice.random() < 0.1:  # noqa: PLR2004
            answer = Answer.UNSURE
        try:
            validation.answer_question(
                self.tx,
                _WORKSPACE,
                truth.key,
                by=reader,
                asked_round=question.prompt.key.round,
                answer=answer,
                evidence=truth.subject.evidence(answer),
                now=now,
                cadence=self.cadence,
            )
        except UserFixableError:
            return  # it was retired, or passed on, since they read it
        if answer is Answer.FAILS and self.dice.random() < 0.7:  # noqa: PLR2004
            self._plan(now + 4 * _DAY, lambda later: self._retire(truth.key, later))

    def _retire(self, key: AssumptionKey, now: datetime) -> None:
        found = assumption.get_assumption(self.tx, _WORKSPACE, key, reader=OPERATOR)
        if found.status is not Status.RETIRED:
            assumption.retire_assumption(
                self.tx, _WORKSPACE, key, by=found.owner, reason="it no longer matters", now=now
            )

    def _go_wrong(self, now: datetime) -> None:
        """Record a setback: of what was not true, most of all of what nobody had confirmed."""
        chosen = self._culprit(now)
        key = chosen.key.project if chosen else self.dice.choice(self.projects).key
        project = next(one for one in self.projects if one.key == key)
        subject = chosen.subject if chosen else self.dice.choice(PROJECTS[key].subjects)
        kind = self.dice.choices(list(SetbackKind), weights=(3, 4, 3, 2))[0]
        recorded = setback.record_setback(
            self.tx,
            _WORKSPACE,
            self._setback(kind, subject, project, now),
            by=self.dice.choice(_PEOPLE),
            now=now,
        )
        if recorded is not None and self.dice.random() < 0.88:  # noqa: PLR2004
            later = now + self.dice.uniform(4, 60) * _HOUR
            self._plan(later, self._tracing(recorded.number, project, chosen, subject))

    def _culprit(self, now: datetime) -> _Truth | None:
        """Choose an untrue assumption; None: nobody had ever written it down."""
        wrong = [one for one in self.truths if not one.is_true and one.logged_at < now - _DAY]
        if not wrong or self.dice.random() < 0.15:  # noqa: PLR2004
            return None
        weights = [self._danger(one, now) for one in wrong]
        return self.dice.choices(wrong, weights=weights)[0]

    def _danger(self, truth: _Truth, now: datetime) -> float:
        found = assumption.get_assumption(self.tx, _WORKSPACE, truth.key, reader=OPERATOR)
        if found.status is Status.RETIRED:
            return 0.05
        if found.is_stale(now):
            return 2
        return {Status.UNVALIDATED: 4.0, Status.VALIDATED: 1.5, Status.REFUTED: 0.7}[found.status]

    def _setback(
        self, kind: SetbackKind, subject: Subject, project: Project, now: datetime
    ) -> SetbackDraft:
        started_at = now - self.dice.uniform(1, 6) * _HOUR
        days = Decimal(self.dice.randint(1, 16)) / 2
        minutes = min(self.dice.randint(15, 300), (now - started_at) // _MINUTE)
        is_incident = kind is SetbackKind.INCIDENT
        money = None
        if kind is SetbackKind.SCOPE_CHANGE:
            money = Money(amount=Decimal(self.dice.randint(2, 20) * 500), currency="EUR")
        return SetbackDraft(
            kind=kind,
            text=subject.trouble(kind),
            started_at=started_at,
            ended_at=started_at + minutes * _MINUTE if is_incident else None,
            cost=Cost(
                minutes_down=minutes if is_incident else None,
                working_days_slipped=None if is_incident else days,
                money=money,
            ),
            severity=self.dice.choice(list(Severity)) if is_incident else None,
            services=subject.services,
            project=project.key,
            channel=project.channel,
            source=MARK,
        )

    def _tracing(
        self, number: int, project: Project, chosen: _Truth | None, subject: Subject
    ) -> Callable[..., None]:
        def act(now: datetime) -> None:
            self._trace(number, project, chosen, subject, now)

        return act

    def _trace(
        self,
        number: int,
        project: Project,
        chosen: _Truth | None,
        subject: Subject,
        now: datetime,
    ) -> None:
        shown = setback.show_setback(self.tx, _WORKSPACE, number, reader=OPERATOR)
        for found, _ in shown.traces:
            if chosen is None or found.assumption != chosen.key:
                trace.decide_trace(
                    self.tx, _WORKSPACE, number, found.assumption,
                    by=UserId(ANA), role=None, now=now,
                )  # fmt: skip
        if chosen is not None:
            role = Role.CAUSED if self.dice.random() < 0.75 else Role.CONTRIBUTED  # noqa: PLR2004
            trace.name_trace(
                self.tx, _WORKSPACE, number, chosen.key, by=UserId(ANA), role=role, now=now
            )
        elif self.dice.random() < 0.6 or not shown.traces:  # noqa: PLR2004
            missing = AssumptionDraft(
                statement=subject.never_written,
                owner=UserId(ANA),
                tags=(MARK,),
                services=subject.services,
                channel=project.channel,
            )
            trace.log_missing(
                self.tx,
                number,
                missing,
                project=project,
                by=UserId(ANA),
                now=now,
                cadence=self.cadence,
            )

    def _fall_silent(self) -> None:
        """Let nothing of the year wait to be posted now."""
        while left := outbox.claim_messages(self.tx, now=self.now, limit=500, lease=_LEASE):
            for one in left:
                outbox.nothing_to_say(self.tx, one)


def _ts(now: datetime, number: int) -> MessageTs:
    return MessageTs(f"{int(now.timestamp())}.{number % 1_000_000:06}")

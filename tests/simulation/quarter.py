"""A quarter of a company: 200 people in 12 zones, 40 projects, 1,500 assumptions, 13 weeks.

Everybody has a temper; a seed decides the rest, so that the same quarter comes again. Time goes
from one moment at which something is due to the next, in steps of ten minutes.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from random import Random
from statistics import median

from holidays import country_holidays
from sqlalchemy import Connection

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.member import Member, OwnHours
from bot.domain.outbox import MessageKind
from bot.domain.project import Project
from bot.domain.prompt import PromptKey, PromptKind
from bot.domain.validation import Answer
from bot.usecases import assumption, release, reminder, validation
from tests.simulation.company import WORKSPACE, Company, Sent, planned
from tests.simulation.judge import Hours, Verdict, judge

START = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday; the clocks change within the quarter
TICK = timedelta(minutes=10)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
LONGEST_LADDER = 12  # working days, by the cadence
ZONES = {  # of countries whose holidays the judge looks up by itself
    "America/Los_Angeles": "US",
    "America/New_York": "US",
    "America/Sao_Paulo": "BR",
    "America/Toronto": "CA",
    "Europe/London": "GB",
    "Europe/Berlin": "DE",
    "Europe/Warsaw": "PL",
    "Africa/Nairobi": "KE",
    "Asia/Kolkata": "IN",
    "Asia/Tokyo": "JP",
    "Australia/Sydney": "AU",
    "Pacific/Auckland": "NZ",
}


class Temper(StrEnum):
    PROMPT = "prompt"
    SLOW = "slow"
    SILENT = "silent"
    DELEGATING = "delegating"
    ON_LEAVE = "on leave"  # two weeks of it, else prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    people: int = 200
    projects: int = 40
    assumptions: int = 1500
    weeks: int = 13


@dataclass(frozen=True, slots=True)
class Person:
    member: Member
    hours: Hours
    temper: Temper
    leave: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the quarter."""

    verdict: Verdict
    lost: tuple[str, ...]  # open questions without an end of their ladder and without a next step
    unended: tuple[str, ...]  # ladders that had time to end and did not
    stuck: tuple[str, ...]  # prompts that were due a day ago
    questions: int  # statements that people were asked about, reminders included
    per_person_day: tuple[int, ...]  # question messages, sorted, of days with any
    notices_per_person_day: tuple[int, ...]  # the same of what owners and leads are told
    rounds: int  # questions put, reminders not counted again
    answered: int  # of them
    hours_to_answer: tuple[float, ...]  # sorted
    stale: int
    breakers: int
    statuses: Mapping[Status, int]

    def lines(self) -> tuple[str, ...]:
        return (
            f"{self.rounds:,} questions put, {self.questions:,} times with reminders; "
            f"{100 * self.answered / max(self.rounds, 1):.0f} % answered, median "
            f"{median(self.hours_to_answer or (0,)):.1f} h after the question",
            "question messages per person and day with any: "
            f"max {self.per_person_day[-1]}, p95 {percentile(self.per_person_day, 95)}; "
            f"notices: max {self.notices_per_person_day[-1]}, "
            f"p95 {percentile(self.notices_per_person_day, 95)}",
            f"{self.stale} stale at the end, {self.breakers} times a breaker opened",
            ", ".join(f"{count} {status.value}" for status, count in sorted(self.statuses.items())),
            str(self.verdict),
            f"lost {len(self.lost)}, unended {len(self.unended)}, stuck {len(self.stuck)}",
        )


def percentile(ordered: tuple[int, ...], percent: int) -> int:
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


@dataclass(kw_only=True)
class Quarter:
    company: Company
    size: Size
    dice: Random
    people: dict[UserId, Person] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    impacts: dict[AssumptionKey, Impact] = field(default_factory=dict)
    agenda: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def plan(self, at: datetime, act: Callable[[], object]) -> None:
        heapq.heappush(self.agenda, (at, next(self.numbers), act))

    def play(self, *, each_day: Callable[[], object] = lambda: None) -> Outcome:
        self._gather()
        end = START + self.size.weeks * WEEK
        day = START
        while (moment := self._next_moment()) is not None and moment <= end:
            if moment >= day:
                each_day()
                day += DAY
            self._act_until(moment)
            self.company.now = moment
            for sent in self.company.work():
                if sent.kind is MessageKind.ASK:
                    self._react(sent)
        self.company.now = end
        return self._outcome(end)

    def _next_moment(self) -> datetime | None:
        """The next tick at which something is due, later than now."""
        due = self.company.next_due()
        act = self.agenda[0][0] if self.agenda else None
        soonest = min((one for one in (due, act) if one is not None), default=None)
        if soonest is None:
            return None
        earliest = max(soonest, self.company.now + TICK)
        return START + -((START - earliest) // TICK) * TICK

    def _act_until(self, moment: datetime) -> None:
        while self.agenda and self.agenda[0][0] <= moment:
            at, _, act = heapq.heappop(self.agenda)
            self.company.now = max(at, self.company.now)
            try:
                act()
            except UserFixableError:
                continue  # the person is told why, and does something else

    # The company and what it logs

    def _gather(self) -> None:
        self.company.now = START
        for number in range(self.size.people):
            self._hire(number)
        users = list(self.people)
        for number in range(self.size.projects):
            self.projects.append(self.company.found(f"P{number}", lead=self.dice.choice(users)))
        # Some people are asked by many projects, most by few.
        popularity = [1 / (1 + rank / 8) for rank in range(len(users))]
        weeks = self.size.weeks - 2
        for _ in range(self.size.assumptions):
            at = START + self.dice.randrange(weeks * 7 * 24 * 60) * timedelta(minutes=1)
            asked = tuple(dict.fromkeys(self.dice.choices(users, popularity, k=self._crowd())))
            self.plan(at, self._logging(asked))
        for user in self.dice.sample(users, self.size.people // 40):
            self.plan(self._some_day(), partial(self._leave_for_good, user))
        for user in self.dice.sample(users, self.size.people // 40):
            self.plan(self._some_day(), partial(self._move, user))

    def _hire(self, number: int) -> None:
        user = UserId(f"U{number:04}")
        zone = list(ZONES)[number % len(ZONES)]
        temper = self.dice.choices(list(Temper), (40, 25, 15, 10, 10))[0]
        leave = None
        if temper is Temper.ON_LEAVE:
            first = self._some_day()
            leave = (first, first + 2 * WEEK)
        self.people[user] = Person(
            member=self.company.meet(user, zone),
            hours=self._own_hours(user, zone),
            temper=temper,
            leave=leave,
        )

    def _own_hours(self, user: UserId, zone: str) -> Hours:
        """Most work from nine to five; some set hours and days of their own."""
        usual = Hours(zone=zone, holidays=_holidays(ZONES[zone]))
        if self.dice.random() < 0.8:
            return usual
        starts = time(self.dice.randrange(6, 13), self.dice.choice((0, 30)))
        own = replace(
            usual,
            starts=starts,
            ends=time(self.dice.randrange(starts.hour + 2, 22)),
            weekdays=self.dice.choice((frozenset({6, 0, 1, 2, 3}), frozenset({1, 3}))),
        )
        self.company.set_hours(
            user, OwnHours(starts=own.starts, ends=own.ends, weekdays=own.weekdays)
        )
        return own

    def _some_day(self) -> datetime:
        return START + self.dice.randrange(7, self.size.weeks * 7 - 7) * DAY

    def _crowd(self) -> int:
        return self.dice.choices((1, 2, 3), (75, 20, 5))[0]

    def _logging(self, asked: tuple[UserId, ...]) -> Callable[[], object]:
        dice = self.dice
        impact = dice.choices(list(Impact), (25, 40, 25, 10))[0]
        days_left = dice.choice((None, dice.randrange(3, 80)))
        quorum = dice.choices(list(Quorum), (85, 15))[0]
        place = dice.randrange(self.size.projects)
        owner, backup = dice.sample(list(self.people), 2)

        def log() -> None:
            key = self.company.log(
                self.projects[place],
                owner=owner,
                asked=[user for user in asked if self.company.people[user].can_be_asked],
                backup=None if backup in asked else backup,
                impact=impact,
                quorum=quorum,
                days_left=days_left,
            )
            self.impacts[key] = impact
            if dice.random() < 0.04:
                self.plan(self.company.now + dice.randrange(5, 60) * DAY, lambda: self._retire(key))

        return log

    def _retire(self, key: AssumptionKey) -> None:
        assumption.retire_assumption(
            self.company.tx,
            WORKSPACE,
            key,
            by=self.company.get(key).owner,
            reason="no longer matters",
            now=self.company.now,
        )

    def _leave_for_good(self, user: UserId) -> None:
        zone = self.company.people[user].zone.key
        self.company.meet(user, zone, is_deactivated=True)

    def _move(self, user: UserId) -> None:
        if not self.company.people[user].can_be_asked:
            return
        person = self.people[user]
        zone = self.dice.choice(
            [zone for zone, c in ZONES.items() if c == ZONES[person.hours.zone]]
        )
        moved = replace(person.hours, moves=((self.company.now, zone),))
        self.people[user] = Person(
            self.company.meet(user, zone), moved, person.temper, person.leave
        )

    # How people react

    def _react(self, sent: Sent) -> None:
        person = self.people[UserId(sent.to)]
        if person.leave and person.leave[0] <= sent.at < person.leave[1]:
            return
        for key in sent.asks:
            delay = self._delay(person.temper)
            if delay is not None:
                self.plan(sent.at + delay, self._reaction(person, key))

    def _delay(self, temper: Temper) -> timedelta | None:
        dice = self.dice
        minutes = timedelta(minutes=1)
        match temper:
            case Temper.SILENT:
                return dice.randrange(600) * minutes if dice.random() < 0.03 else None
            case Temper.SLOW:
                return dice.randrange(600, 4800) * minutes if dice.random() < 0.7 else None
            case _:
                return dice.randrange(2, 300) * minutes if dice.random() < 0.9 else None

    def _reaction(self, person: Person, key: PromptKey) -> Callable[[], object]:
        dice, by, about = self.dice, person.member.user, key.assumption
        chance = dice.random()
        if person.temper is Temper.DELEGATING and chance < 0.4:
            return lambda: self._pass_on(about, by)
        if chance < 0.03:
            return lambda: self._hand_back(about, by)
        if chance < 0.05:
            return lambda: self._put_off(about, by)
        answer = dice.choices(list(Answer), (88, 4, 8))[0]
        return lambda: self._answer(key, answer, by)

    def _answer(self, key: PromptKey, answer: Answer, by: UserId) -> None:
        said = self.company.answer(key.assumption, answer, by=by, asked_round=key.round)
        if isinstance(said, validation.Recorded) and self.dice.random() < 0.02:
            seq = said.validation.seq
            self.plan(
                self.company.now + self.dice.randrange(1, 15) * timedelta(minutes=1),
                lambda: self._undo(key.assumption, by, seq),
            )

    def _undo(self, key: AssumptionKey, by: UserId, seq: int) -> None:
        self.company.undo(key, by=by, seq=seq)

    def _pass_on(self, key: AssumptionKey, by: UserId) -> None:
        to = self.company.people[self.dice.choice(list(self.people))]
        if to.can_be_asked:
            release.ask_someone_else(
                self.company.tx,
                WORKSPACE,
                key,
                by=by,
                to=to,
                now=self.company.now,
                cadence=self.company.cadence,
            )

    def _hand_back(self, key: AssumptionKey, by: UserId) -> None:
        release.hand_back(
            self.company.tx,
            WORKSPACE,
            key,
            by=by,
            now=self.company.now,
            cadence=self.company.cadence,
        )

    def _put_off(self, key: AssumptionKey, by: UserId) -> None:
        reminder.remind_later(
            self.company.tx,
            WORKSPACE,
            key,
            by=by,
            at=self.company.now + self.dice.randrange(1, 4) * DAY,
            now=self.company.now,
        )

    # What came of it

    def _outcome(self, end: datetime) -> Outcome:
        log = self.company.sent
        hours = {str(user): person.hours for user, person in self.people.items()}
        first_asked, answered_at = self._first_asked(), self._answered_at()
        waits = [
            (answered_at[place] - at) / HOUR
            for place, at in first_asked.items()
            if place in answered_at
        ]
        asks = [one for one in log if one.kind is MessageKind.ASK]
        told = [one for one in log if one.kind is not MessageKind.ASK and one.to in hours]
        statuses = [self.company.get(key) for key in self.company.logged]
        lost, unended, stuck = self._loose_ends(end)
        return Outcome(
            verdict=judge(log, hours, self.impacts),
            lost=lost,
            unended=unended,
            stuck=stuck,
            questions=sum(len(one.asks) for one in asks),
            per_person_day=_per_day(asks, hours),
            notices_per_person_day=_per_day(told, hours),
            rounds=len(first_asked),
            answered=len(waits),
            hours_to_answer=tuple(sorted(waits)),
            stale=sum(one.is_stale(end) for one in statuses),
            breakers=self.company.breakers_opened(),
            statuses=Counter(one.status for one in statuses),
        )

    def _first_asked(self) -> dict[tuple[AssumptionKey, UserId, int], datetime]:
        first: dict[tuple[AssumptionKey, UserId, int], datetime] = {}
        for one in self.company.sent:
            for key in one.asks:
                first.setdefault((key.assumption, key.stakeholder, key.round), one.at)
        return first

    def _answered_at(self) -> dict[tuple[AssumptionKey, UserId, int], datetime]:
        answered: dict[tuple[AssumptionKey, UserId, int], datetime] = {}
        for given in self.company.given:
            answered.setdefault((given.key, given.by, given.round), given.at)
        return answered

    def _loose_ends(
        self, end: datetime
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Find open questions that nothing follows, ladders without an end, and late prompts."""
        lost, unended, stuck = [], [], []
        ended = {
            (key.assumption, key.stakeholder, key.round)
            for one in self.company.sent
            for key in one.tells
            if key.kind is PromptKind.ESCALATE and (key.attempt == 3 or one.to.startswith("C"))
        }
        first_asked = self._first_asked()
        for key in self.company.logged:
            told = self.company.get(key)
            waiting = planned(self.company.prompts(key))
            stuck += [str(one.key) for one in waiting if one.due_at < end - DAY]
            lost += [f"{key} {user}" for user in self.company.lost(key)]
            if not told.is_open:
                continue
            for person in told.stakeholders:
                place = (key, person.user, person.round)
                is_asked = not (person.is_backup or person.is_released)
                asked_at = first_asked.get(place)
                had_time = asked_at is not None and end - asked_at > self._patience(person.user)
                is_late = is_asked and had_time and place not in ended
                if is_late and not self.company.is_settled(told, person):
                    unended.append(f"{key} {person.user} {person.round}")
        return tuple(lost), tuple(unended), tuple(stuck)

    def _patience(self, user: UserId) -> timedelta:
        """How long their ladder may take: its working days, and two weeks of holidays and more."""
        return (LONGEST_LADDER / len(self.people[user].hours.weekdays) + 3) * WEEK


def _per_day(log: list[Sent], hours: Mapping[str, Hours]) -> tuple[int, ...]:
    counts = Counter((one.to, hours[one.to].wall(one.at).date()) for one in log)
    return tuple(sorted(counts.values())) or (0,)


def _holidays(country: str) -> frozenset[date]:
    return frozenset(country_holidays(country, years=(2026, 2027)))


def play(
    tx: Connection,
    *,
    size: Size | None = None,
    seed: int = 1,
    each_day: Callable[[], object] = lambda: None,
) -> Outcome:
    """Play a quarter in the transaction; `each_day` may commit it."""
    company = Company(tx=tx, now=START)
    return Quarter(company=company, size=size or Size(), dice=Random(seed)).play(each_day=each_day)  # noqa: S311

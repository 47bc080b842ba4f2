"""People do whatever they like in whatever order; after each act the promises must hold."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.assumption import Assumption, Impact, Quorum, Status
from bot.domain.errors import UserFixableError
from bot.domain.history import Answered, AnswerUndone, AsOf
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.member import OwnHours
from bot.domain.outbox import MessageKind
from bot.domain.project import Project
from bot.domain.prompt import Prompt, PromptKind, PromptState
from bot.domain.validation import Answer
from bot.usecases import assumption, assumption_edit, release, reminder, risk
from bot.usecases.assumption_edit import AssumptionEdit
from tests.simulation.company import WORKSPACE, Company
from tests.simulation.judge import Hours, judge

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, BO, CY, DI, EVE = (UserId(f"U0{name}") for name in ("ANA", "BO", "CY", "DI", "EVE"))
ZONES = {  # none has a public holiday in the weeks that a run takes, so the judge needs none
    ANA: "UTC",
    BO: "Europe/London",
    CY: "America/New_York",
    DI: "Asia/Kathmandu",
    EVE: "Pacific/Kiritimati",
}
people = st.sampled_from(list(ZONES))
numbers = st.integers(0, 1000)  # of whatever there is, modulo how much there is


class Asking(RuleBasedStateMachine):
    connection: ClassVar[Connection]

    @initialize(
        starts=st.integers(0, 20),
        length=st.integers(1, 3),
        weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    )
    def begin(self, starts: int, length: int, weekdays: frozenset[int]) -> None:
        """Everybody works from nine to five, but Bo, who has short hours of his own."""
        self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        self.company = Company(tx=self.connection, now=MONDAY)
        for user, zone in ZONES.items():
            self.company.meet(user, zone)
        own = OwnHours(starts=time(starts), ends=time(starts + length), weekdays=weekdays)
        self.company.set_hours(BO, own)
        self.hours = {str(user): Hours(zone=zone) for user, zone in ZONES.items()}
        self.hours[BO] = Hours(
            zone=ZONES[BO],
            starts=time(starts),
            ends=time(starts + length),
            weekdays=weekdays,
        )
        self.project: Project = self.company.found("APOLLO", lead=ANA)
        self.impacts: dict[AssumptionKey, Impact] = {}
        self.retired: set[AssumptionKey] = set()
        self.seen: list[tuple[AssumptionKey, datetime, AsOf]] = []
        self.judged = 0

    def teardown(self) -> None:
        self.connection.rollback()

    # What people do

    @rule(
        impact=st.sampled_from(Impact),
        quorum=st.sampled_from(Quorum),
        asked=st.lists(people, min_size=1, max_size=3, unique=True),
        backup=st.none() | people,
        days_left=st.none() | st.integers(0, 20),
    )
    def log(
        self,
        impact: Impact,
        quorum: Quorum,
        asked: list[UserId],
        backup: UserId | None,
        days_left: int | None,
    ) -> None:
        key = self.company.log(
            self.project,
            owner=ANA,
            asked=asked,
            backup=None if backup in asked else backup,
            impact=impact,
            quorum=quorum,
            days_left=days_left,
        )
        self.impacts[key] = impact

    @precondition(lambda self: self.impacts)
    @rule(
        number=numbers,
        by=people,
        answer=st.sampled_from(Answer),
        rounds_ago=st.sampled_from([0, 0, 0, 1]),
        supersede=st.booleans(),
    )
    def answer(
        self, number: int, by: UserId, answer: Answer, rounds_ago: int, supersede: bool
    ) -> None:
        told = self._some(number)
        round_ = next((p.round for p in told.stakeholders if p.user == by), 1)

        def act() -> None:
            self.company.answer(
                told.key,
                answer,
                by=by,
                asked_round=max(1, round_ - rounds_ago),
                supersede=supersede,
            )

        self._try(act)

    @precondition(lambda self: self.company.given)
    @rule(number=numbers)
    def undo(self, number: int) -> None:
        latest = list(reversed(self.company.given))[:3]
        given = latest[number % len(latest)]
        self._try(lambda: self.company.undo(given.key, by=given.by, seq=given.seq))

    @precondition(lambda self: self.impacts)
    @rule(number=numbers, by=people, how=st.sampled_from(["not mine", "stop"]))
    def release(self, number: int, by: UserId, how: str) -> None:
        act = release.hand_back if how == "not mine" else release.stop_asking
        key = self._some(number).key
        self._try(
            lambda: act(
                self.connection,
                WORKSPACE,
                key,
                by=by,
                now=self.company.now,
                cadence=self.company.cadence,
            )
        )

    @precondition(lambda self: self.impacts)
    @rule(number=numbers, by=people, to=people)
    def pass_on(self, number: int, by: UserId, to: UserId) -> None:
        key = self._some(number).key
        self._try(
            lambda: release.ask_someone_else(
                self.connection,
                WORKSPACE,
                key,
                by=by,
                to=self.company.people[to],
                now=self.company.now,
                cadence=self.company.cadence,
            )
        )

    @precondition(lambda self: self.impacts)
    @rule(number=numbers, by=people, days=st.integers(1, 5))
    def put_off(self, number: int, by: UserId, days: int) -> None:
        key = self._some(number).key
        at = self.company.now + days * DAY
        self._try(
            lambda: reminder.remind_later(
                self.connection, WORKSPACE, key, by=by, at=at, now=self.company.now
            )
        )

    @precondition(lambda self: self.impacts)
    @rule(number=numbers)
    def retire(self, number: int) -> None:
        key = self._some(number).key

        def act() -> None:
            assumption.retire_assumption(
                self.connection, WORKSPACE, key, by=ANA, reason="", now=self.company.now
            )
            self.retired.add(key)

        self._try(act)

    @precondition(lambda self: self.impacts)
    @rule(
        number=numbers,
        asked=st.lists(people, min_size=1, max_size=3, unique=True),
        quorum=st.sampled_from(Quorum),
        words=st.integers(0, 2),
        means_the_same=st.booleans(),
    )
    def edit(
        self,
        number: int,
        asked: list[UserId],
        quorum: Quorum,
        words: int,
        means_the_same: bool,
    ) -> None:
        told = self._some(number)
        edit = AssumptionEdit(
            statement=f"Something else is so ({words})",
            owner=told.owner,
            impact=told.impact,
            confidence_percent=None,
            validate_by=told.validate_by,
            consequence="",
            quorum=quorum,
            tags=(),
            services=(),
            stakeholders=tuple(asked),
            backup=None,
            means_the_same=means_the_same,
        )
        confirmed = {
            (told.key, one.seq)
            for one in self.company.counting_answers(told.key).values()
            if told.is_open and not means_the_same and edit.statement != told.statement
        }

        def act() -> None:
            assumption_edit.edit_assumption(
                self.connection,
                WORKSPACE,
                told.key,
                edit,
                by=ANA,
                asked=[self.company.people[user] for user in asked],
                now=self.company.now,
                cadence=self.company.cadence,
            )
            self.company.outdated |= confirmed

        self._try(act)

    @precondition(lambda self: self.impacts)
    @rule(number=numbers, days=st.integers(1, 9))
    def live_with_it(self, number: int, days: int) -> None:
        key = self._some(number).key
        until = (self.company.now + days * DAY).date()
        self._try(
            lambda: risk.accept_risk(
                self.connection,
                WORKSPACE,
                key,
                by=ANA,
                until=until,
                reason="no time to find out",
                now=self.company.now,
            )
        )

    @rule(user=st.sampled_from([BO, CY, DI, EVE]), is_deactivated=st.booleans())
    def come_or_go(self, user: UserId, is_deactivated: bool) -> None:
        self.company.meet(user, ZONES[user], is_deactivated=is_deactivated)

    # What happens

    @rule(hours=st.integers(1, 100))
    def pass_time(self, hours: int) -> None:
        self.company.pass_time(self.company.now + hours * HOUR)

    @rule(back=st.sampled_from([HOUR, DAY]))
    def set_the_clock_back(self, back: timedelta) -> None:
        """What is known of the time that comes again may change, of what lies before it not."""
        self.company.now -= back
        self.seen = [one for one in self.seen if one[1] < self.company.now]

    def _some(self, number: int) -> Assumption:
        return self.company.get(list(self.impacts)[number % len(self.impacts)])

    def _try(self, act: Callable[[], object]) -> None:
        """A refusal is an answer too; it must have changed nothing, which the savepoint sees to."""
        with self.connection.begin_nested() as savepoint:
            try:
                act()
            except UserFixableError:
                savepoint.rollback()
        self.company.work()

    # What must hold

    @invariant()
    def the_log_is_as_promised(self) -> None:
        if hasattr(self, "company"):
            verdict = judge(self.company.sent, self.hours, self.impacts)
            assert verdict.is_clean, verdict

    @invariant()
    def nobody_is_asked_who_need_not_answer(self) -> None:
        if not hasattr(self, "company"):
            return
        new, self.judged = self.company.sent[self.judged :], len(self.company.sent)
        for sent in new:
            if sent.kind is not MessageKind.ASK:
                continue
            assert sent.asks
            assert self.company.people[UserId(sent.to)].can_be_asked

    @invariant()
    def the_status_is_what_the_answers_say(self) -> None:
        for key in getattr(self, "impacts", ()):
            told = self.company.get(key)
            assert told.status is self._naive_status(told), key
            assert (told.valid_until is not None) == (told.status is Status.VALIDATED)

    def _naive_status(self, told: Assumption) -> Status:
        if told.key in self.retired:
            return Status.RETIRED
        latest = {by: one.answer for by, one in self.company.counting_answers(told.key).items()}
        if Answer.FAILS in latest.values():
            return Status.REFUTED
        holding = {by for by, answer in latest.items() if answer is Answer.HOLDS}
        asked = {p.user for p in told.stakeholders if not (p.is_backup or p.is_released)}
        if told.quorum is Quorum.ALL and not asked <= holding:
            return Status.UNVALIDATED
        return Status.VALIDATED if holding else Status.UNVALIDATED

    @invariant()
    def each_answer_is_one_row_of_history(self) -> None:
        for key in getattr(self, "impacts", ()):
            events = self.company.events(key)
            kinds = [type(event.what) for event in events]
            given = [one for one in self.company.given if one.key == key]
            undone = [seq for about, seq in self.company.undone if about == key]
            assert kinds.count(Answered) == len(given)
            assert kinds.count(AnswerUndone) == len(undone)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))

    @invariant()
    def the_past_stays_as_it_was(self) -> None:
        events = {key: self.company.events(key) for key in getattr(self, "impacts", ())}
        for key, at, then in getattr(self, "seen", ()):
            assert rules.as_of(events[key], at) == then
        for key, happened in events.items():
            at = self.company.now - timedelta(microseconds=1)
            self.seen.append((key, at, rules.as_of(happened, at)))
            self.seen = self.seen[-40:]

    @invariant()
    def nothing_is_forgotten(self) -> None:
        for key in getattr(self, "impacts", ()):
            assert not self.company.lost(key), key

    @invariant()
    def what_is_confirmed_does_not_end_unnoticed(self) -> None:
        for key in getattr(self, "impacts", ()):
            told = self.company.get(key)
            if told.valid_until is None or told.valid_until <= self.company.now:
                continue
            notices = [row for row in self.company.prompts(key) if _is_notice(row)]
            assert [row.due_at for row in notices] == [told.valid_until], key


def _is_notice(row: Prompt) -> bool:
    return row.key.kind is PromptKind.STALE and row.state is PromptState.PLANNED


class AskingThroughOutages(Asking):
    """The same, and Slack is away at times while the ticks run on."""

    @rule()
    def slack_goes_down(self) -> None:
        self.company.is_slack_down = True

    @rule()
    def slack_comes_back(self) -> None:
        self.company.is_slack_down = False
        self.company.work()


def run(
    connection: Connection, machine: type[Asking] = Asking, *, examples: int, steps: int
) -> None:
    Asking.connection = connection
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_promises_hold_whatever_people_do(sqlite: Connection) -> None:
    run(sqlite, examples=12, steps=25)


@pytest.mark.chaos
def test_the_promises_hold_for_many_more_stories(sqlite: Connection) -> None:
    run(sqlite, examples=1500, steps=60)


@pytest.mark.chaos
def test_the_promises_hold_while_slack_comes_and_goes(sqlite: Connection) -> None:
    run(sqlite, AskingThroughOutages, examples=500, steps=40)

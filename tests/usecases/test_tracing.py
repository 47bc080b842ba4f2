"""From a setback to what was underneath it, and to the account of a period."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.assumption import AssumptionDraft, Impact
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.finding import Finding
from bot.domain.ids import AssumptionKey, ProjectKey, WorkspaceId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.report import Report
from bot.domain.setback import Cost, Setback, SetbackDraft, SetbackKind
from bot.domain.trace import Role, TraceState
from bot.domain.validation import Answer
from bot.usecases import report, setback, trace
from bot.usecases.contents import CardContent, SetbackContent
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, CHANNEL, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE


def record(
    team: Team,
    text: str = "waiting for the payments API",
    *,
    ago: timedelta = timedelta(0),
    delivery: Delivery | None = None,
) -> Setback | None:
    draft = SetbackDraft(
        kind=SetbackKind.DELAY,
        text=text,
        started_at=team.now - ago,
        cost=Cost(working_days_slipped=Decimal(3)),
        project=ProjectKey("APOLLO"),
        channel=CHANNEL,
    )
    return setback.record_setback(
        team.tx, WORKSPACE, draft, by=ANA, now=team.now, delivery=delivery
    )


def shown(team: Team, number: int) -> setback.ShownSetback:
    return setback.show_setback(team.tx, WORKSPACE, number, reader=OPERATOR)


def test_a_setback_suggests_what_was_not_validated_with_its_reasons(team: Team) -> None:
    key = team.log("The payments API is live by March 3", impact=Impact.HIGH)
    team.log("The office has enough chairs")
    team.now += 5 * DAY

    recorded = record(team)

    assert recorded is not None
    ((found, assumption),) = shown(team, recorded.number).traces
    assert assumption.key == key
    assert found.state is TraceState.CANDIDATE
    assert "not validated when this began" in found.reasons
    assert any("payments" in reason for reason in found.reasons)


def test_what_was_logged_after_it_began_comes_last_and_says_so(team: Team) -> None:
    before = team.log("The payments API is cheap")
    team.answer(before, Answer.HOLDS)
    team.now += 5 * DAY
    after = team.log("The payments API is live by March 3")

    recorded = record(team, ago=1 * DAY)

    assert recorded is not None
    (first, _), (last, _) = shown(team, recorded.number).traces
    assert (first.assumption, first.is_unlogged) == (before, False)
    assert (last.assumption, last.is_unlogged) == (after, True)
    assert last.reasons[0] == "first written down afterwards"


def test_a_later_answer_does_not_change_what_was_known_then(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team)
    assert recorded is not None

    team.now += timedelta(hours=1)
    team.answer(key, Answer.HOLDS)
    trace.name_trace(
        team.tx, WORKSPACE, recorded.number, key, by=ANA, role=Role.CAUSED, now=team.now
    )

    ((found, _),) = shown(team, recorded.number).traces
    assert found.as_of.status == "unvalidated"


def test_a_confirmed_trace_shows_on_the_setback_and_on_the_card(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team)
    assert recorded is not None
    team.work()

    trace.decide_trace(
        team.tx, WORKSPACE, recorded.number, key, by=ANA, role=Role.CAUSED, now=team.now
    )
    team.work()

    assert len(team.heard(MessageKind.SETBACK, to=CHANNEL)) == 1
    posts = [content for _, content in team.said if isinstance(content, SetbackContent)]
    assert posts[-1].traces[0][0].role is Role.CAUSED
    cards = [content for _, content in team.said if isinstance(content, CardContent)]
    assert [found.setback for found, _ in cards[-1].traces] == [recorded.number]


def test_a_rejected_candidate_is_no_link(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team)
    assert recorded is not None

    trace.decide_trace(team.tx, WORKSPACE, recorded.number, key, by=ANA, role=None, now=team.now)

    ((found, _),) = shown(team, recorded.number).traces
    assert found.state is TraceState.REJECTED
    assert not found.is_confirmed


def test_an_assumption_never_written_down_is_logged_late_and_counted_apart(team: Team) -> None:
    recorded = record(team, ago=2 * DAY)
    assert recorded is not None
    draft = AssumptionDraft(statement="The vendor answers in a day", owner=ANA, channel=CHANNEL)

    key = trace.log_missing(
        team.tx,
        recorded.number,
        draft,
        project=team.project,
        by=ANA,
        now=team.now,
        cadence=team.cadence,
    )

    ((found, _),) = shown(team, recorded.number).traces
    assert found.assumption == key
    assert found.is_unlogged
    findings = {line.finding: line.share.k for line in account(team).findings}
    assert findings[Finding.UNLOGGED] == 1


def account(team: Team) -> Report:
    return report.report_on(
        team.tx,
        WORKSPACE,
        project=ProjectKey("APOLLO"),
        since=team.now - 90 * DAY,
        until=team.now + DAY,
        now=team.now,
        reader=OPERATOR,
    )


def test_the_report_counts_each_setback_once(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team)
    record(team, "The build server was full")
    assert recorded is not None
    trace.decide_trace(
        team.tx, WORKSPACE, recorded.number, key, by=ANA, role=Role.CAUSED, now=team.now
    )

    found = account(team)

    assert found.setbacks == 2
    assert found.costs.working_days == 6
    counts = {line.finding: line.share.k for line in found.findings}
    assert counts[Finding.NEVER_ASKED] == 1
    assert sum(counts.values()) == 2


def test_a_second_delivery_records_nothing(team: Team) -> None:
    first = record(team, delivery=Delivery("slack", "one"))

    second = record(team, delivery=Delivery("slack", "one"))

    assert first is not None
    assert second is None
    assert account(team).setbacks == 1


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001])
def test_a_setback_without_words_or_too_long_is_refused(team: Team, text: str) -> None:
    with pytest.raises(UserFixableError):
        record(team, text)


def test_a_setback_neither_begins_nor_ends_in_the_future(team: Team) -> None:
    with pytest.raises(UserFixableError, match="future"):
        record(team, ago=-1 * DAY)
    recorded = record(team)
    assert recorded is not None
    ends = SetbackDraft(
        kind=SetbackKind.INCIDENT,
        text="down",
        started_at=team.now,
        ended_at=team.now + DAY,
        channel=CHANNEL,
    )
    with pytest.raises(UserFixableError, match="cannot have ended in the future"):
        setback.edit_setback(
            team.tx, WORKSPACE, recorded.number, ends, by=ANA, now=team.now, reader=OPERATOR
        )


def test_a_foreign_setback_answers_like_a_missing_one(team: Team) -> None:
    recorded = record(team)
    assert recorded is not None
    foreign = replace(recorded, workspace=WorkspaceId("T0OTHER"))

    with pytest.raises(NotFoundError, match="I know no setback 1 here"):
        setback.get_setback(team.tx, foreign.workspace, foreign.number, reader=OPERATOR)


def test_only_a_candidate_can_be_decided(team: Team) -> None:
    recorded = record(team)
    assert recorded is not None

    with pytest.raises(NotFoundError):
        trace.decide_trace(
            team.tx,
            WORKSPACE,
            recorded.number,
            AssumptionKey(ProjectKey("APOLLO"), 99),
            by=ANA,
            role=Role.CAUSED,
            now=team.now,
        )


def test_further_candidates_are_those_that_the_message_does_not_show(team: Team) -> None:
    keys = [team.log(f"The payments API is {thing}") for thing in ("live", "fast", "cheap", "safe")]
    team.log("The office has enough chairs")
    team.now += 1 * DAY
    recorded = record(team)
    assert recorded is not None
    first = {found.assumption for found, _ in shown(team, recorded.number).traces}

    rest = setback.further_candidates(team.tx, WORKSPACE, recorded.number, reader=OPERATOR)

    assert len(first) == 3
    assert {found.assumption for found, _ in rest} == set(keys) - first


def test_one_that_nobody_suggested_can_be_rejected_and_is_no_further_candidate(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team, "the API key was lost")
    assert recorded is not None
    before = setback.further_candidates(team.tx, WORKSPACE, recorded.number, reader=OPERATOR)

    trace.decide_trace(team.tx, WORKSPACE, recorded.number, key, by=ANA, role=None, now=team.now)

    ((found, _),) = shown(team, recorded.number).traces
    assert [one.assumption for one, _ in before] == [key]
    assert (found.state, found.rank, found.is_unlogged) == (TraceState.REJECTED, 0, False)
    assert setback.further_candidates(team.tx, WORKSPACE, recorded.number, reader=OPERATOR) == []


def test_what_led_astray_in_this_workspace_is_suggested_no_more(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY

    def is_suggested() -> bool:
        recorded = record(team)
        assert recorded is not None
        found = [one for one, _ in shown(team, recorded.number).traces]
        for one in found:
            trace.decide_trace(
                team.tx, WORKSPACE, one.setback, one.assumption, by=ANA, role=None, now=team.now
            )
        return key in {one.assumption for one in found}

    asked = [is_suggested() for _ in range(6)]

    assert asked[:2] == [True, True]
    assert not asked[-1]


def test_what_hurt_before_the_period_is_no_save_in_it(team: Team) -> None:
    key = team.log("The payments API is live by March 3")
    team.now += 1 * DAY
    recorded = record(team)
    assert recorded is not None
    trace.decide_trace(
        team.tx, WORKSPACE, recorded.number, key, by=ANA, role=Role.CAUSED, now=team.now
    )
    team.now += 30 * DAY
    team.answer(key, Answer.FAILS)

    found = report.report_on(
        team.tx,
        WORKSPACE,
        project=None,
        since=team.now - 7 * DAY,
        until=team.now + DAY,
        now=team.now,
        reader=OPERATOR,
    )

    assert found.setbacks == 0
    assert found.saves == ()

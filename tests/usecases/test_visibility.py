"""What somebody may not see is in no list, no candidate and no report."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, AssumptionDraft, Filter
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId
from bot.domain.permission import ALL, OPERATOR, Reader, Sight, may_see, may_see_setback
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.domain.trace import Role, Trace
from bot.domain.validation import Answer
from bot.slack.messenger import render
from bot.store import assumption as assumptions
from bot.store import setback as setbacks
from bot.usecases.actual import record_actual, set_expected
from bot.usecases.assumption import MayNotChangeError, join_assumption, retire_assumption
from bot.usecases.assumption_edit import AssumptionEdit, edit_assumption
from bot.usecases.assumption_list import list_assumptions
from bot.usecases.assumption_show import show_assumption
from bot.usecases.channel import sight_of
from bot.usecases.contents import RefutedContent
from bot.usecases.contested import decide_contested
from bot.usecases.dependency import depend_on
from bot.usecases.owner import reassign_owner
from bot.usecases.project import create_project, get_project
from bot.usecases.report import report_on
from bot.usecases.risk import accept_risk
from bot.usecases.setback import record_setback, show_setback
from bot.usecases.split import split_assumption
from bot.usecases.stakeholder import ask_instead
from bot.usecases.trace import log_missing, name_trace
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

VAULT = ChannelId("C0VAULT")
DI = UserId("U0DI")
MISSING = "I know no VAULT-1 here. Look it up in the list of what is logged."
READERS = (
    OPERATOR,
    Reader.person(ANA),
    Reader.person(BO),
    Reader.person(CY),
    Reader.person(DI),
    Reader.person(DI, here=VAULT),
    Reader.person(CY, is_guest=True),
    Reader.outsider(BO),
    Reader.audience(CHANNEL),
    Reader.audience(VAULT),
)


@pytest.fixture
def team(tx: Connection) -> Team:
    """Apollo is open; the vault is Ana's and Di's, and Bo is asked about the one thing in it."""
    made = Team(tx=tx)
    made.meet(DI)
    made.log("The payments vault holds", asked=(CY,))
    vault = create_project(
        tx,
        workspace=WORKSPACE,
        key=ProjectKey("VAULT"),
        name="Vault",
        channel=VAULT,
        lead=ANA,
        now=made.now,
    )
    made.close_channel(VAULT, ANA, DI)
    apollo, made.project = made.project, vault
    made.log("The payments vault is ours", channel=VAULT)
    made.project = apollo
    made.now += DAY
    for channel, project in ((CHANNEL, None), (VAULT, vault.key)):
        hurt = SetbackDraft(
            kind=SetbackKind.BUG,
            text="the payments vault broke",
            started_at=made.now,
            channel=channel,
            project=project,
        )
        record_setback(tx, WORKSPACE, hurt, by=ANA, now=made.now)
    return made


def page(team: Team, sight: Sight) -> list[Assumption]:
    return assumptions.page(
        team.tx,
        WORKSPACE,
        filter=Filter(),
        sight=sight,
        now=team.now,
        limit=9,
        after=None,
    )


@pytest.mark.parametrize("reader", READERS)
def test_the_query_lets_through_what_the_rule_does(team: Team, reader: Reader) -> None:
    sight = sight_of(team.tx, WORKSPACE, reader)
    all_seeing = sight_of(team.tx, WORKSPACE, OPERATOR)

    known, found = page(team, all_seeing), page(team, sight)
    recorded = setbacks.latest(team.tx, WORKSPACE, limit=9, sight=all_seeing)
    told = setbacks.latest(team.tx, WORKSPACE, limit=9, sight=sight)

    assert len(known) == len(recorded) == 2
    assert found == [one for one in known if may_see(sight, one)]
    assert told == [one for one in recorded if may_see_setback(sight, one)]


def test_a_candidate_is_one_that_everybody_in_the_channel_may_read(team: Team) -> None:
    shown = {number: {str(found.key) for _, found in show(team, number)} for number in (1, 2)}

    assert shown == {1: {"APOLLO-1"}, 2: {"APOLLO-1", "VAULT-1"}}


def show(team: Team, number: int) -> tuple[tuple[Trace, Assumption], ...]:
    return show_setback(team.tx, WORKSPACE, number, reader=OPERATOR).traces


def test_what_is_not_seen_counts_in_no_list_and_no_report(team: Team) -> None:
    reader, now = Reader.person(CY), team.now

    listed = list_assumptions(team.tx, WORKSPACE, Filter(), reader=reader, now=now)
    counted = report_on(
        team.tx,
        WORKSPACE,
        project=None,
        since=now - 9 * DAY,
        until=now + DAY,
        now=now,
        reader=reader,
    )

    assert [str(one.key) for one in listed.assumptions] == ["APOLLO-1"]
    assert counted.setbacks == 1
    with pytest.raises(NotFoundError, match="I know no project VAULT here"):
        report_on(
            team.tx,
            WORKSPACE,
            project=ProjectKey("VAULT"),
            since=now - DAY,
            until=now,
            now=now,
            reader=reader,
        )


def test_retiring_is_for_some_and_what_is_not_seen_is_not_there(team: Team) -> None:
    apollo, vault = (one.key for one in page(team, ALL))
    with pytest.raises(MayNotChangeError):
        retire_assumption(team.tx, WORKSPACE, apollo, by=BO, reason="", now=team.now)
    with pytest.raises(NotFoundError, match="I know no VAULT-1 here"):
        retire_assumption(team.tx, WORKSPACE, vault, by=CY, reason="", now=team.now)

    team.close_channel(VAULT, ANA, DI, CY)
    with pytest.raises(MayNotChangeError):
        retire_assumption(team.tx, WORKSPACE, vault, by=CY, reason="", now=team.now)


def test_who_is_in_a_channel_just_now_may_log_there_what_nobody_wrote_down(team: Team) -> None:
    team.close_channel(VAULT)  # Slack has named nobody in it
    vault = get_project(team.tx, WORKSPACE, ProjectKey("VAULT"), reader=OPERATOR)
    missing = AssumptionDraft(statement="The vault has a second key", owner=DI, channel=VAULT)

    def log(reader: Reader | None) -> AssumptionKey:
        return log_missing(
            team.tx,
            2,
            missing,
            project=vault,
            by=DI,
            now=team.now,
            cadence=team.cadence,
            reader=reader,
        )

    with pytest.raises(NotFoundError):
        log(None)
    assert log(Reader.person(DI, here=VAULT)).project == "VAULT"


def test_a_history_names_nothing_that_its_reader_may_not_see(team: Team) -> None:
    apollo, vault = (one.key for one in page(team, ALL))
    depend_on(team.tx, WORKSPACE, apollo, vault, reader=Reader.person(ANA), now=team.now)

    def told(reader: Reader) -> str:
        return str(show_assumption(team.tx, WORKSPACE, apollo, reader=reader).events)

    assert "VAULT" in told(Reader.person(DI))
    assert "VAULT" not in told(Reader.person(CY))


def test_who_is_asked_no_more_hears_no_news_of_what_was_said_in_private(team: Team) -> None:
    vault = next(one.key for one in page(team, ALL) if one.channel == VAULT)
    team.pass_time(team.now + 4 * DAY)
    team.answer(vault, Answer.HOLDS, by=BO)
    team.work()
    before = team.get(vault)
    edit = AssumptionEdit(
        statement="The vault moves to Oslo",
        owner=ANA,
        impact=before.impact,
        confidence_percent=None,
        validate_by=None,
        consequence="",
        quorum=before.quorum,
        tags=(),
        services=(),
        stakeholders=(CY,),
        backup=None,
    )
    edit_assumption(
        team.tx,
        WORKSPACE,
        vault,
        edit,
        by=ANA,
        asked=[team.people[CY]],
        now=team.now,
        cadence=team.cadence,
    )
    team.answer(vault, Answer.FAILS, by=CY, evidence="it moves to Rome")
    told = len(team.said)
    team.pass_time(team.now + DAY)

    refuted = {m.key.to for m, said in team.said if isinstance(said, RefutedContent)}
    assert refuted == {ANA, VAULT}
    to_bo = [render(m, said) for m, said in team.said[told:] if m.key.to == BO]
    assert to_bo, "the question's own message is brought up to date"
    assert "The payments vault is ours" in str(to_bo)
    assert not any(place in str(to_bo) for place in ("Oslo", "Rome"))


def test_who_is_asked_no_more_builds_nothing_upon_what_they_do_not_see(team: Team) -> None:
    vault = next(one.key for one in page(team, ALL) if one.channel == VAULT)
    how: Any = {"now": team.now, "cadence": team.cadence}
    ask_instead(team.tx, WORKSPACE, vault, by=ANA, instead_of=BO, to=team.people[CY], **how)

    with pytest.raises(NotFoundError, match="I know no VAULT-1 here"):
        name_trace(team.tx, WORKSPACE, 1, vault, by=BO, role=Role.CAUSED, now=team.now)
    with pytest.raises(NotFoundError, match="I know no VAULT-1 here"):
        join_assumption(team.tx, WORKSPACE, vault, by=BO, asked=(), **how)
    with pytest.raises(NotFoundError, match="I know no VAULT-1 here"):
        retire_assumption(team.tx, WORKSPACE, vault, by=BO, reason="", now=team.now)
    name_trace(team.tx, WORKSPACE, 1, vault, by=CY, role=Role.CAUSED, now=team.now)


def test_who_is_asked_no_more_may_do_nothing_to_what_they_do_not_see(team: Team) -> None:
    vault = next(one.key for one in page(team, ALL) if one.channel == VAULT)
    how: Any = {"now": team.now, "cadence": team.cadence}
    cy, before = team.people[CY], team.get(vault)
    ask_instead(team.tx, WORKSPACE, vault, by=ANA, instead_of=BO, to=cy, **how)
    edit = AssumptionEdit(
        statement="Bo's own words",
        owner=BO,
        impact=before.impact,
        confidence_percent=None,
        validate_by=None,
        consequence="",
        quorum=before.quorum,
        tags=(),
        services=(),
        stakeholders=(),
        backup=None,
    )
    at: Any = {"by": BO, "now": team.now}
    day = team.now.date() + 9 * DAY
    halves = ("One half", "Another half")
    acts: dict[str, Callable[[], object]] = {
        "edit": lambda: edit_assumption(team.tx, WORKSPACE, vault, edit, by=BO, asked=(), **how),
        "expect": lambda: set_expected(team.tx, WORKSPACE, vault, expected=None, **at),
        "measure": lambda: record_actual(
            team.tx, WORKSPACE, vault, actual=Decimal(1), note="", **at
        ),
        "reassign": lambda: reassign_owner(team.tx, WORKSPACE, vault, to=cy, **at),
        "decide": lambda: decide_contested(
            team.tx, WORKSPACE, vault, by=BO, holds=True, reason="", **how
        ),
        "ask instead": lambda: ask_instead(
            team.tx, WORKSPACE, vault, by=BO, instead_of=CY, to=cy, **how
        ),
        "accept": lambda: accept_risk(team.tx, WORKSPACE, vault, until=day, reason="so", **at),
        "split": lambda: split_assumption(
            team.tx, WORKSPACE, vault, statements=halves, by=BO, asked=(), **how
        ),
    }
    told = {name: answer_to(act) for name, act in acts.items()}

    assert set(told.values()) == {MISSING}, told


def answer_to(act: Callable[[], object]) -> str:
    with pytest.raises(UserFixableError) as refused:
        act()
    return str(refused.value)

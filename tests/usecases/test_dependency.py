"""Assumptions that depend on others: their owners hear when those give way."""

import pytest
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.history import DependencyChanged
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey
from bot.domain.permission import OPERATOR
from bot.domain.validation import Answer, Validation
from bot.slack.messenger import render
from bot.store import history
from bot.usecases.contents import ShakenContent
from bot.usecases.dependency import depend_no_more, depend_on, foundations
from bot.usecases.project import create_project
from bot.usecases.validation import Recorded, undo_answer
from tests.usecases.team import ANA, BO, DAY, MONDAY, WORKSPACE, Team


def refute(team: Team, key: AssumptionKey) -> Validation:
    done = team.answer(key, Answer.FAILS)
    assert isinstance(done, Recorded)
    return done.validation


def shaken(team: Team) -> list[tuple[str, ShakenContent]]:
    return [
        (message.key.to, content)
        for message, content in team.said
        if isinstance(content, ShakenContent)
    ]


def test_who_relies_on_what_was_refuted_hears_it_once(tx: Connection) -> None:
    team = Team(tx=tx)
    on, first, second = team.log("The base"), team.log("The roof"), team.log("The walls")
    for key in (first, second):
        depend_on(tx, WORKSPACE, key, on, reader=OPERATOR, now=MONDAY)

    refute(team, on)
    team.pass_time(team.now + 3 * DAY)

    ((to, content),) = shaken(team)
    assert to == ANA
    assert [one.key for one in content.dependants] == [first, second]
    sent = next(m for m, c in team.said if c is content)
    drawn = str(render(sent, content))
    assert "is not true, says" in drawn
    assert str(second) in drawn


def test_another_project_hears_it_in_its_channel(tx: Connection) -> None:
    team = Team(tx=tx)
    on = team.log("The base")
    home = team.project
    team.project = create_project(
        tx,
        workspace=WORKSPACE,
        key=ProjectKey("PAY"),
        name="Pay",
        channel=ChannelId("C0PAY"),
        lead=ANA,
        now=team.now,
    )
    team.open_channel(ChannelId("C0PAY"))
    depend_on(tx, WORKSPACE, team.log("The roof"), on, reader=OPERATOR, now=MONDAY)
    team.project = home

    refute(team, on)
    team.work()

    assert sorted(to for to, _ in shaken(team)) == ["C0PAY", ANA]


def test_who_refuted_it_knows(tx: Connection) -> None:
    team = Team(tx=tx)
    on = team.log("The base", asked=(ANA,))
    depend_on(tx, WORKSPACE, team.log("The roof"), on, reader=OPERATOR, now=MONDAY)

    team.answer(on, Answer.FAILS, by=ANA)
    team.work()

    assert shaken(team) == []


def test_an_answer_that_expires_is_told_too(tx: Connection) -> None:
    team = Team(tx=tx)
    on = team.log("The base")
    depend_on(tx, WORKSPACE, team.log("The roof", asked=()), on, reader=OPERATOR, now=MONDAY)
    team.answer(on, Answer.HOLDS)

    team.pass_time(team.now + 65 * DAY)

    ((_, content),) = shaken(team)
    assert content.validation is None
    assert "expired" in str(render(next(m for m, c in team.said if c is content), content))


def test_an_undone_answer_says_that_it_stands_again(tx: Connection) -> None:
    team = Team(tx=tx)
    on = team.log("The base")
    depend_on(tx, WORKSPACE, team.log("The roof"), on, reader=OPERATOR, now=MONDAY)
    given = refute(team, on)
    team.work()

    undo_answer(tx, WORKSPACE, on, by=BO, seq=given.seq, now=team.now, cadence=team.cadence)
    team.work()

    assert [content.stands_again for _, content in shaken(team)] == [False, True]


def test_what_depends_on_nothing_any_more_is_not_told(tx: Connection) -> None:
    team = Team(tx=tx)
    on, roof = team.log("The base"), team.log("The roof")
    assert depend_on(tx, WORKSPACE, roof, on, reader=OPERATOR, now=MONDAY)
    assert not depend_on(tx, WORKSPACE, roof, on, reader=OPERATOR, now=MONDAY)
    assert foundations(tx, WORKSPACE, roof) == [on]
    assert depend_no_more(tx, WORKSPACE, roof, on, reader=OPERATOR, now=MONDAY)
    told = [event.what for event in history.read(tx, WORKSPACE, roof)]
    assert [one.depends for one in told if isinstance(one, DependencyChanged)] == [True, False]

    refute(team, on)
    team.work()

    assert shaken(team) == []


def test_nothing_depends_on_itself_or_in_a_circle(tx: Connection) -> None:
    team = Team(tx=tx)
    first, second, third = (team.log(name) for name in ("One", "Two", "Three"))
    depend_on(tx, WORKSPACE, second, first, reader=OPERATOR, now=MONDAY)
    depend_on(tx, WORKSPACE, third, second, reader=OPERATOR, now=MONDAY)

    for key, on, part in ((first, first, "itself"), (first, third, "already")):
        with pytest.raises(UserFixableError, match=part):
            depend_on(tx, WORKSPACE, key, on, reader=OPERATOR, now=MONDAY)
    with pytest.raises(NotFoundError):
        depend_on(
            tx, WORKSPACE, first, AssumptionKey(ProjectKey("NOPE"), 1), reader=OPERATOR, now=MONDAY
        )

"""Which project somebody means, and what broke in a time, as far as they may see it."""

from datetime import timedelta

import pytest

from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.permission import Reader
from bot.domain.request import EVERYWHERE, HERE, Broke, Where
from bot.domain.request_grammar import parse
from bot.domain.setback import Cost, SetbackDraft, SetbackKind
from bot.usecases.project import create_project
from bot.usecases.request import find_project, what_broke
from bot.usecases.setback import record_setback
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

SECRET = ChannelId("G0SECRET")


@pytest.fixture
def team(team: Team) -> Team:
    """Given a second project in a channel that Bo alone reads, and a setback in each."""
    create_project(
        team.tx,
        workspace=WORKSPACE,
        key=ProjectKey("ORION"),
        name="Orion Login",
        channel=SECRET,
        lead=BO,
        now=team.now,
    )
    team.close_channel(SECRET, BO)
    _break(team, "checkout is down", CHANNEL, "APOLLO", SetbackKind.INCIDENT, days=1)
    _break(team, "the key leaked", SECRET, "ORION", SetbackKind.INCIDENT, days=1)
    _break(team, "the vendor slipped", CHANNEL, "APOLLO", SetbackKind.DELAY, days=40)
    return team


def _break(
    team: Team, text: str, channel: ChannelId, project: str, kind: SetbackKind, *, days: int
) -> None:
    draft = SetbackDraft(
        kind=kind,
        text=text,
        started_at=team.now - days * DAY,
        ended_at=None,
        cost=Cost(),
        severity=None,
        services=(),
        project=ProjectKey(project),
        channel=channel,
    )
    record_setback(team.tx, WORKSPACE, draft, by=BO, now=team.now)


def _found(team: Team, where: Where, reader: Reader, here: ChannelId | None = None) -> str | None:
    project = find_project(team.tx, WORKSPACE, where, here=here, reader=reader)
    return project.key if project is not None else None


def test_a_project_is_meant_by_key_name_channel_or_place(team: Team) -> None:
    bo = Reader.person(BO)

    assert _found(team, HERE, bo) is None
    assert _found(team, HERE, bo, CHANNEL) == "APOLLO"
    assert _found(team, EVERYWHERE, bo, CHANNEL) is None
    assert _found(team, Where(words="orion login"), bo) == "ORION"
    assert _found(team, Where(words="orion"), bo, CHANNEL) == "ORION"
    assert _found(team, Where(channel=SECRET), bo) == "ORION"


def test_what_one_may_not_see_is_as_unknown_as_what_is_not_there(team: Team) -> None:
    for where in (Where(words="orion"), Where(words="nothing"), Where(channel=SECRET)):
        with pytest.raises(UserFixableError, match=r"I know APOLLO\.") as told:
            _found(team, where, Reader.person(CY))
        assert "ORION" not in str(told.value)


BROKE = {  # how many Bo sees, who alone reads the second channel, and how many the others
    "what broke this year?": (3, 2),
    "incidents in the last 7 days": (2, 1),
    "what went wrong yesterday": (2, 1),
    "delays lately": (0, 0),
    "delays": (1, 1),
    "what broke since january 1": (3, 2),
    "setbacks q1 2026": (3, 2),
    "setbacks last month": (0, 0),
}


def test_what_broke_is_told_as_far_as_it_is_theirs_to_see(team: Team) -> None:
    for asked, (of_bo, of_others) in BROKE.items():
        request = parse(asked)
        assert isinstance(request, Broke)
        for user, expected in ((BO, of_bo), (ANA, of_others), (CY, of_others)):
            found = what_broke(
                team.tx,
                WORKSPACE,
                project=None,
                kind=request.kind,
                period=request.period,
                asked_by=user,
                reader=Reader.person(user),
                now=team.now + timedelta(minutes=1),
            )
            assert len(found.setbacks) == expected, asked

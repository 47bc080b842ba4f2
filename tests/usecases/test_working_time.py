"""Each person's own hours and zone: what is planned follows them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.assumption import Impact
from bot.domain.errors import UserFixableError
from bot.domain.member import OwnHours
from bot.domain.working_time import spread_of
from bot.store import prompt
from bot.usecases import member
from bot.usecases.working_time import calendar_of, hours_of, set_hours
from tests.usecases.team import BO, CY, DAY, WORKSPACE, Team

SPREAD = spread_of(WORKSPACE, BO)
TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)


def own(team: Team, **hours: object) -> None:
    set_hours(team.tx, WORKSPACE, BO, OwnHours(**hours), now=team.now)  # type: ignore[arg-type]


def planned(team: Team) -> datetime:
    (only,) = prompt.planned_for(team.tx, WORKSPACE, BO)
    return only.due_at


def test_what_is_planned_moves_with_the_hours_that_a_person_sets(team: Team) -> None:
    team.log(impact=Impact.HIGH)

    own(team, starts=time(13), ends=time(18))

    assert planned(team) == TUESDAY + timedelta(hours=13) + SPREAD
    team.pass_time(TUESDAY + timedelta(hours=15))
    assert team.asked_at(BO) == [TUESDAY + timedelta(hours=13) + SPREAD]


def test_nobody_is_asked_while_they_are_away(team: Team) -> None:
    team.log(impact=Impact.CRITICAL)
    back = date(2026, 3, 11)

    own(team, away_until=back)
    team.pass_time(team.now + 20 * DAY)

    assert team.asked_at(BO)[0].date() == back


def test_days_and_holidays_are_the_person_s_own(team: Team) -> None:
    own(team, weekdays=frozenset({6, 0, 1, 2, 3}), country="PT")

    wt = calendar_of(team.tx, WORKSPACE, BO, now=team.now)

    assert wt.weekdays == frozenset({6, 0, 1, 2, 3})
    assert date(2026, 4, 25) in wt.holidays
    assert hours_of(team.tx, WORKSPACE, BO).country == "PT"
    assert hours_of(team.tx, WORKSPACE, CY) == OwnHours()


def test_the_country_follows_the_zone_unless_they_name_one(team: Team) -> None:
    team.meet(BO, zone="Europe/Lisbon")
    by_zone = calendar_of(team.tx, WORKSPACE, BO, now=team.now)

    own(team, country="")
    none = calendar_of(team.tx, WORKSPACE, BO, now=team.now)

    assert date(2026, 4, 25) in by_zone.holidays
    assert none.holidays == frozenset()


def test_what_is_planned_keeps_its_wall_clock_time_in_a_new_zone(team: Team) -> None:
    team.log(impact=Impact.HIGH)

    team.meet(BO, zone="America/New_York")

    expected = datetime(2026, 3, 3, 9, tzinfo=ZoneInfo("America/New_York")) + SPREAD
    assert planned(team) == expected


def test_what_slack_says_anew_leaves_a_person_s_own_hours(team: Team) -> None:
    own(team, starts=time(11))

    seen = member.remember(team.tx, replace(team.people[BO], name="Bo Chen"))

    assert seen.hours.starts == time(11)
    assert calendar_of(team.tx, WORKSPACE, BO, now=team.now).starts == time(11)


def test_an_old_copy_in_the_directory_s_cache_does_not_ask_at_the_wrong_hour(team: Team) -> None:
    team.log(impact=Impact.CRITICAL)
    own(team, starts=time(15), ends=time(18))

    team.pass_time(team.now + timedelta(hours=12))

    assert [at.hour >= 15 for at in team.asked_at(BO)] == [True]


@pytest.mark.parametrize(
    "hours",
    [
        {"starts": time(17)},
        {"starts": time(9), "ends": time(9)},
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"country": "XX"},
        {"away_until": date(2026, 3, 2)},
        {"away_until": date(2028, 3, 2)},
    ],
)
def test_hours_that_cannot_be_are_refused(team: Team, hours: dict[str, object]) -> None:
    with pytest.raises(UserFixableError):
        own(team, **hours)

    assert hours_of(team.tx, WORKSPACE, BO) == OwnHours()


def test_what_was_planned_for_somebody_who_left_is_asked_of_the_backup_at_once(team: Team) -> None:
    key = team.log(impact=Impact.LOW, asked=[BO], backup=CY)
    team.now += timedelta(hours=1)

    team.meet(BO, is_deactivated=True)
    team.pass_time(team.now + 1 * DAY)

    assert team.get(key).stakeholders[0].is_released
    (waiting,) = prompt.planned_for(team.tx, WORKSPACE, CY)
    assert waiting.key.assumption == key


def test_who_is_back_early_is_asked_then_and_not_on_the_day_that_they_had_said(team: Team) -> None:
    team.log()
    [usual] = prompt.planned_for(team.tx, WORKSPACE, BO)
    own(team, away_until=date(2026, 4, 30))
    [away] = prompt.planned_for(team.tx, WORKSPACE, BO)

    own(team)

    [back] = prompt.planned_for(team.tx, WORKSPACE, BO)
    assert (away.due_at.date(), away.waited) == (date(2026, 4, 30), "you were away")
    assert (back.due_at, back.waited) == (usual.due_at, "")


def test_who_counts_back_from_january_knows_the_holidays_of_december(team: Team) -> None:
    team.meet(BO, zone="Europe/Lisbon")

    wt = calendar_of(team.tx, WORKSPACE, BO, now=datetime(2027, 1, 4, tzinfo=UTC))

    assert {date(2026, 12, 25), date(2027, 12, 25)} <= wt.holidays

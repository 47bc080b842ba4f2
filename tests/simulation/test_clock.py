"""The clock jumps between ticks, or the bot is away: nothing twice, nothing forgotten, no flood."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.domain.assumption import Impact
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.outbox import MessageKind
from tests.simulation.company import LAST_STEP, Company
from tests.simulation.conftest import rolled_back
from tests.simulation.judge import Hours, Verdict, judge

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, BO, CY, DI = UserId("U0ANA"), UserId("U0BO"), UserId("U0CY"), UserId("U0DI")
ZONES = {ANA: "UTC", DI: "UTC", BO: "Europe/London", CY: "Asia/Kathmandu"}
IMPACTS = [Impact.CRITICAL, Impact.HIGH, Impact.MEDIUM, Impact.CRITICAL, Impact.LOW]


def start(connection: Connection, *, copies: int = 1) -> tuple[Company, list[AssumptionKey]]:
    company = Company(tx=connection, now=MONDAY)
    for user, zone in ZONES.items():
        company.meet(user, zone)
    place = company.found("APOLLO", lead=DI)
    keys = [
        company.log(place, owner=ANA, asked=[BO if number % 2 else CY], impact=impact)
        for number, impact in enumerate(IMPACTS * copies)
    ]
    return company, keys


def verdict_of(company: Company) -> Verdict:
    hours = {str(user): Hours(zone=zone) for user, zone in ZONES.items()}
    impacts = {key: company.get(key).impact for key in company.logged}
    return judge(company.sent, hours, impacts)


jumps = st.sampled_from([-DAY, -HOUR, HOUR, DAY])
spells = st.tuples(jumps, st.integers(1, 60))  # a jump, and the hours of quiet after it


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(spells, min_size=1, max_size=8))
def test_whatever_the_clock_does_every_ladder_ends_and_no_step_of_it_comes_twice(
    sqlite: Connection, clock: list[tuple[timedelta, int]]
) -> None:
    with rolled_back(sqlite):
        company, keys = start(sqlite)

        for jump, hours in clock:
            company.now += jump
            company.pass_time(company.now + hours * HOUR)
        company.pass_time(company.now + 50 * DAY)

        verdict = verdict_of(company)
        assert verdict.is_clean, verdict
        for key in keys:
            told = [one for one in company.sent if any(t.assumption == key for t in one.tells)]
            assert len(told) == LAST_STEP
            assert company.lost(key) == []


@pytest.mark.parametrize(
    ("who", "away"),
    [
        ("the bot", 7 * DAY),
        ("Slack", DAY),
        pytest.param("the bot", HOUR, marks=pytest.mark.chaos),
        pytest.param("the bot", DAY, marks=pytest.mark.chaos),
        pytest.param("Slack", HOUR, marks=pytest.mark.chaos),
        pytest.param("Slack", 7 * DAY, marks=pytest.mark.chaos),
    ],
)
def test_after_an_outage_each_person_gets_one_digest_and_all_goes_on(
    sqlite_tx: Connection, who: str, away: timedelta
) -> None:
    company, keys = start(sqlite_tx, copies=6)
    company.pass_time(MONDAY + 2 * DAY)

    _be_away(company, who, until=company.now + away)
    back = len(company.sent)
    company.pass_time(company.now + 60 * DAY)

    after = [one for one in company.sent[back:] if one.kind is MessageKind.ASK]
    days = Counter((one.to, one.at.date()) for one in after if len(one.asks) > 1)
    assert set(days.values()) == {1}
    verdict = verdict_of(company)
    assert verdict.is_clean, verdict
    assert not any(company.lost(key) for key in keys)


def _be_away(company: Company, who: str, *, until: datetime) -> None:
    away: dict[str, Callable[[], None]] = {
        "the bot": lambda: setattr(company, "now", until),
        "Slack": lambda: _without_slack(company, until),
    }
    away[who]()


def _without_slack(company: Company, until: datetime) -> None:
    """The ticks run on while no message leaves."""
    company.is_slack_down = True
    while company.now < until:
        company.now += HOUR
        company.work()
    company.is_slack_down = False

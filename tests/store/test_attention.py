from datetime import time

from sqlalchemy import Connection

from bot.domain.attention import Attention
from bot.domain.breaker import Breaker
from bot.domain.member import OwnHours
from bot.store import attention, heartbeat
from bot.store import member as members
from tests.store.samples import ANA, BO, DAY, ELSEWHERE, HERE, HOUR, NOON, log_one, make_member

HOURS = OwnHours(
    starts=time(8, 30),
    ends=time(12),
    weekdays=frozenset({0, 6}),
    country="",
    away_until=NOON.date(),
)


def test_what_is_remembered_of_a_person_reads_back(tx: Connection) -> None:
    breaker = Breaker(silent_in_a_row=3, open_until=NOON + 7 * DAY, trial=log_one(tx).key)
    known = Attention(
        digest_at=NOON, urgent_at=NOON + HOUR, unreachable_at=NOON - DAY, breaker=breaker
    )

    attention.put(tx, HERE, ANA, known)

    assert attention.get(tx, HERE, ANA) == known
    assert attention.lock(tx, HERE, ANA) == known
    assert attention.get(tx, ELSEWHERE, ANA) == Attention()


def test_nothing_is_remembered_of_somebody_never_asked(tx: Connection) -> None:
    assert attention.get(tx, HERE, BO) == Attention()
    assert attention.lock(tx, HERE, BO) == Attention()


def test_a_person_s_hours_come_with_what_slack_says(tx: Connection) -> None:
    members.put(tx, make_member())

    members.put_hours(tx, HERE, ANA, HOURS)

    assert members.get(tx, HERE, ANA) == make_member(hours=HOURS)
    assert members.hours_of(tx, HERE, [ANA, BO]) == {ANA: HOURS}
    assert members.hours_of(tx, ELSEWHERE, [ANA]) == {}


def test_hours_are_replaced_as_a_whole_and_slack_leaves_them(tx: Connection) -> None:
    members.put_hours(tx, HERE, ANA, HOURS)
    members.put_hours(tx, HERE, ANA, OwnHours(country="PT"))

    members.put(tx, make_member())

    assert members.get(tx, HERE, ANA) == make_member(hours=OwnHours(country="PT"))


def test_a_heartbeat_is_of_one_workspace(tx: Connection) -> None:
    first = heartbeat.lock(tx, HERE, now=NOON)
    heartbeat.put(tx, HERE, NOON + DAY)

    assert first == NOON
    assert heartbeat.lock(tx, HERE, now=NOON + 2 * DAY) == NOON + DAY
    assert heartbeat.lock(tx, ELSEWHERE, now=NOON) == NOON

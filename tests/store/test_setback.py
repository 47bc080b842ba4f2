from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from bot.domain.errors import StaleWriteError
from bot.domain.ids import ProjectKey
from bot.domain.setback import Cost, Money, Setback, SetbackKind, Severity
from bot.store import setback as setbacks
from tests.store.samples import (
    ANA,
    APOLLO,
    BO,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    HOUR,
    NOON,
    make_setback_draft,
)

COST = Cost(
    minutes_down=90,
    working_days_slipped=Decimal("2.5"),
    money=Money(amount=Decimal("1200.10"), currency="EUR"),
)


def _add(tx: Connection, **changed: object) -> Setback:
    return setbacks.add(tx, HERE, make_setback_draft(**changed), by=ANA, at=NOON)


def test_a_setback_reads_back_as_it_was_recorded(tx: Connection) -> None:
    recorded = _add(
        tx,
        kind=SetbackKind.SCOPE_CHANGE,
        text="🚀 <!here>\n`x`",
        ended_at=NOON + HOUR,
        cost=COST,
        severity=Severity.SEV2,
        services=("checkout", "a, b"),
        project=APOLLO,
        permalink="https://example.slack.com/archives/C1/p1",
        source="pagerduty",
    )

    assert recorded == Setback(
        workspace=HERE,
        number=1,
        kind=SetbackKind.SCOPE_CHANGE,
        text="🚀 <!here>\n`x`",
        started_at=NOON,
        ended_at=NOON + HOUR,
        cost=COST,
        severity=Severity.SEV2,
        services=("checkout", "a, b"),
        project=APOLLO,
        channel=HOME,
        permalink="https://example.slack.com/archives/C1/p1",
        source="pagerduty",
        recorded_by=ANA,
        recorded_at=NOON,
    )
    assert setbacks.get(tx, HERE, 1) == recorded
    assert setbacks.get(tx, ELSEWHERE, 1) is None


def test_each_workspace_numbers_its_own(tx: Connection) -> None:
    _add(tx)
    elsewhere = setbacks.add(tx, ELSEWHERE, make_setback_draft(), by=ANA, at=NOON)

    assert (_add(tx).number, elsewhere.number) == (2, 1)


def test_an_update_writes_a_new_version(tx: Connection) -> None:
    before = _add(tx)
    after = replace(before, ended_at=NOON + DAY, cost=COST, project=APOLLO)

    written = setbacks.update(tx, after)

    assert written == replace(after, version=2)
    assert setbacks.get(tx, HERE, 1) == written


def test_of_two_updates_of_one_version_the_second_is_stale(tx: Connection) -> None:
    before = _add(tx)
    setbacks.update(tx, replace(before, text="first"))

    with pytest.raises(StaleWriteError):
        setbacks.update(tx, replace(before, recorded_by=BO))


def test_a_period_holds_what_began_in_it_newest_first(tx: Connection) -> None:
    moments = (NOON - DAY, NOON, NOON + HOUR, NOON + DAY)
    for at in moments:
        _add(tx, started_at=at, project=APOLLO if at != NOON else None)
    setbacks.add(tx, ELSEWHERE, make_setback_draft(), by=ANA, at=NOON)

    def numbers(project: ProjectKey | None) -> list[int]:
        found = setbacks.recent(tx, HERE, project=project, since=NOON, until=NOON + DAY)
        return [one.number for one in found]

    assert numbers(None) == [3, 2]
    assert numbers(APOLLO) == [3]

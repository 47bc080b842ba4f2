from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from bot.domain.errors import NotFoundError
from bot.domain.history import (
    Answered,
    AnswerUndone,
    Asked,
    Edited,
    Event,
    Happening,
    Retired,
    StakeholderReleased,
    WentUnanswered,
)
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.prompt import PromptKind
from bot.domain.validation import Answer
from bot.store import happenings, history
from bot.store.types import to_json
from tests.store.samples import ANA, APOLLO, BO, DAY, ELSEWHERE, HERE, HOUR, NOON, log_one

_ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
_MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 -- the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=_ZONES,
)
st.register_type_strategy(datetime, _MOMENTS)
_HAPPENINGS = st.one_of(*(st.from_type(one) for one in get_args(Happening)))


def _through_json(what: Happening) -> Happening:
    import json  # noqa: PLC0415 -- what the column does

    return happenings.from_data(
        happenings.kind_of(what), json.loads(to_json(happenings.to_data(what)))
    )


@given(_HAPPENINGS)
def test_what_happened_reads_back_equal(what: Happening) -> None:
    assert _through_json(what) == what


@pytest.mark.parametrize("what", get_args(Happening))
def test_every_happening_has_a_kind(what: type[Happening]) -> None:
    assert what in happenings._KIND_OF


def test_a_row_from_before_a_field_was_added_takes_its_default() -> None:
    old = {"statement": "s", "owner": ANA, "impact": "high"}

    read = happenings.from_data("logged", old)

    assert read == happenings.from_data("logged", {**old, "quorum": "any", "stakeholders": []})


def test_a_field_of_a_later_version_is_passed_over() -> None:
    assert happenings.from_data("retired", {"reason": "r", "later": 1}) == Retired(reason="r")


def test_events_are_numbered_and_read_in_order(tx: Connection) -> None:
    key = log_one(tx).key
    given: tuple[Happening, ...] = (
        Asked(stakeholder=BO, kind=PromptKind.ASK, round=1, attempt=1),
        Answered(answer=Answer.HOLDS, evidence="I saw it", valid_until=NOON + DAY, round=1),
        AnswerUndone(undoes=3),
        StakeholderReleased(stakeholder=BO, reason='"not mine" \0'),
        WentUnanswered(stakeholder=BO, round=1),
        Edited(changes=(("statement", "a", "b"),)),
    )

    seqs = [history.append(tx, HERE, key, what, by=BO, at=NOON) for what in given]

    assert seqs == [2, 3, 4, 5, 6, 7]
    events = history.read(tx, HERE, key)
    assert events[1:] == [
        Event(seq=seq, at=NOON, by=BO, what=what) for seq, what in zip(seqs, given, strict=True)
    ]


def test_the_bot_itself_is_nobody(tx: Connection) -> None:
    key = log_one(tx).key

    history.append(tx, HERE, key, Retired(), by=None, at=NOON)

    assert history.read(tx, HERE, key)[-1].by is None


def test_a_moment_comes_back_in_utc(tx: Connection) -> None:
    key = log_one(tx).key
    at = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    history.append(tx, HERE, key, Retired(), by=None, at=at)

    stored = history.read(tx, HERE, key)[-1].at
    assert (stored, stored.tzinfo) == (NOON, UTC)


def test_a_moment_without_a_zone_is_refused(tx: Connection) -> None:
    key = log_one(tx).key

    with pytest.raises(StatementError, match="no zone"):
        history.append(tx, HERE, key, Retired(), by=None, at=NOON.replace(tzinfo=None))


def test_nothing_happens_to_an_assumption_that_is_not_there(tx: Connection) -> None:
    key = log_one(tx).key

    with pytest.raises(NotFoundError):
        history.append(tx, ELSEWHERE, key, Retired(), by=ANA, at=NOON)

    assert history.read(tx, ELSEWHERE, key) == []


def test_many_histories_are_read_at_once(tx: Connection) -> None:
    one, two = log_one(tx).key, log_one(tx).key
    missing = AssumptionKey(APOLLO, 99)
    history.append(tx, HERE, two, Retired(), by=ANA, at=NOON + HOUR)

    found = history.read_many(tx, HERE, [one, two, missing])

    assert {key: len(events) for key, events in found.items()} == {one: 1, two: 2, missing: 0}


def test_a_workspaces_histories_can_be_narrowed_to_a_project(tx: Connection) -> None:
    apollo, hermes = log_one(tx).key, log_one(tx, project=ProjectKey("HERMES")).key
    log_one(tx, workspace=ELSEWHERE)

    assert set(history.of_workspace(tx, HERE, None)) == {apollo, hermes}
    assert set(history.of_workspace(tx, HERE, hermes.project)) == {hermes}

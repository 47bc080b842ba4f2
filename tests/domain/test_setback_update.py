"""Updates of one setback end in the same setback, in whichever order they come."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.setback import Setback, SetbackKind, Severity
from bot.domain.setback_update import (
    Origin,
    SetbackUpdate,
    first_draft,
    first_origin,
    merge,
)
from tests.make import ANA, DAY, HOME, HOUR, MINUTE, NOON, WORKSPACE

LATER = NOON + 10 * DAY


def make_update(**fields: Any) -> SetbackUpdate:
    given_: dict[str, Any] = {
        "delivery": "1",
        "external_id": "OPS-1",
        "at": NOON,
        "kind": SetbackKind.INCIDENT,
        "text": "Checkout is down",
        "started_at": NOON,
        "is_over": False,
    } | fields
    return SetbackUpdate(**given_)


def follow(updates: list[SetbackUpdate], now: datetime = LATER) -> tuple[Setback, Origin]:
    first, *others = updates
    draft = first_draft(first, channel=HOME, project=None, source="generic", now=now)
    setback = Setback(
        workspace=WORKSPACE,
        number=1,
        kind=draft.kind,
        text=draft.text,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        cost=draft.cost,
        severity=draft.severity,
        services=draft.services,
        project=draft.project,
        channel=draft.channel,
        permalink=draft.permalink,
        source=draft.source,
        recorded_by=ANA,
        recorded_at=now,
    )
    origin = first_origin(first, draft, 1)
    for update in others:
        setback, origin = merge(setback, origin, update, now=now)
    return setback, origin


OPENED = make_update()
RENAMED = make_update(at=NOON + MINUTE, text="Checkout and search are down", severity=Severity.SEV1)
CLOSED = make_update(at=NOON + HOUR, is_over=True, ended_at=NOON + HOUR)


def test_an_end_gives_an_incident_its_minutes_down() -> None:
    setback, _ = follow([OPENED, CLOSED])

    assert setback.ended_at == NOON + HOUR
    assert setback.cost.minutes_down == 60


def test_a_bug_has_an_end_and_no_minutes_down() -> None:
    setback, _ = follow([make_update(kind=SetbackKind.BUG, is_over=True, ended_at=NOON + HOUR)])

    assert setback.ended_at == NOON + HOUR
    assert setback.cost.minutes_down is None


def test_what_is_open_again_has_no_end_and_no_minutes() -> None:
    reopened = make_update(at=NOON + 2 * HOUR, is_over=False)

    setback, _ = follow([OPENED, CLOSED, reopened])

    assert setback.ended_at is None
    assert setback.cost.minutes_down is None


def test_an_older_update_changes_nothing() -> None:
    setback, origin = follow([RENAMED, CLOSED])

    assert merge(setback, origin, OPENED, now=LATER) == (setback, origin)


def test_a_start_that_nobody_told_is_the_earliest_moment_at_which_it_was_so() -> None:
    untold = [make_update(at=NOON + n * HOUR, started_at=None) for n in (3, 1, 2)]

    assert follow(untold)[0].started_at == NOON + HOUR


def test_a_start_that_is_told_late_is_believed() -> None:
    guessed = make_update(at=NOON + HOUR, started_at=None)

    assert follow([guessed, OPENED])[0].started_at == NOON


def test_a_corrected_start_moves_the_minutes_too() -> None:
    corrected = make_update(
        at=NOON + 2 * HOUR, started_at=NOON - HOUR, is_over=True, ended_at=NOON + HOUR
    )

    setback, _ = follow([OPENED, CLOSED, corrected])

    assert (setback.started_at, setback.cost.minutes_down) == (NOON - HOUR, 120)


def test_an_update_that_does_not_tell_leaves_the_end() -> None:
    silent = make_update(at=NOON + 2 * HOUR, is_over=None)

    assert follow([OPENED, CLOSED, silent])[0].ended_at == NOON + HOUR


def test_the_end_wins_over_an_open_one_of_the_same_moment() -> None:
    same = make_update(at=CLOSED.at)

    assert follow([CLOSED, same])[0] == follow([same, CLOSED])[0]


def test_it_neither_begins_in_the_future_nor_ends_before_it_began() -> None:
    ahead = make_update(started_at=LATER + DAY, is_over=True, ended_at=NOON - DAY)

    setback, _ = follow([ahead])

    assert setback.started_at == setback.ended_at == LATER


def test_what_was_withdrawn_is_closed_and_keeps_its_words() -> None:
    gone = make_update(at=NOON + HOUR, text="deleted", is_over=True, is_withdrawn=True)

    setback, _ = follow([OPENED, gone])

    assert (setback.text, setback.ended_at) == (OPENED.text, NOON + HOUR)


@pytest.mark.parametrize("order", list(permutations([OPENED, RENAMED, CLOSED])))
def test_the_story_ends_in_the_same_way_in_any_order(order: tuple[SetbackUpdate, ...]) -> None:
    assert follow(list(order)) == follow([OPENED, RENAMED, CLOSED])


@st.composite
def updates(draw: st.DrawFn) -> list[SetbackUpdate]:
    """Several of one setback, as a tool tells them that always tells when it began and ended."""
    minutes = draw(st.lists(st.integers(0, 500), unique=True, min_size=1, max_size=6))
    told = []
    for minute in minutes:
        at = NOON + minute * MINUTE
        is_over = draw(st.sampled_from([True, False, None]))
        told.append(
            make_update(
                at=at,
                text=draw(st.sampled_from(["down", "slow"])),
                severity=draw(st.none() | st.sampled_from(Severity)),
                started_at=NOON - timedelta(minutes=draw(st.integers(0, 3))),
                is_over=is_over,
                ended_at=at if is_over else None,
            )
        )
    return told


@given(told=updates(), data=st.data())
def test_whatever_is_told_comes_to_the_same_in_any_order(
    told: list[SetbackUpdate], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(told))

    assert follow(list(shuffled)) == follow(sorted(told, key=lambda update: update.at))


@given(told=updates(), data=st.data())
def test_a_copy_changes_nothing(told: list[SetbackUpdate], data: st.DataObject) -> None:
    setback, origin = follow(told)
    again = data.draw(st.sampled_from(told))

    assert merge(setback, origin, again, now=LATER) == (setback, origin)

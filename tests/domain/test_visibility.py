"""Who sees what was said where; a model that is written down twice would agree with itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import Stakeholder
from bot.domain.channel import Channel
from bot.domain.ids import ChannelId
from bot.domain.permission import (
    ALL,
    OPERATOR,
    WORKFLOW,
    Looks,
    Reader,
    Sight,
    may_accept_risk,
    may_edit,
    may_record,
    may_retire,
    may_see,
    may_see_channel,
    may_see_project,
    may_see_setback,
    may_trace,
    sight_of,
)
from tests.make import (
    ANA,
    BO,
    CY,
    DI,
    NOON,
    WORKSPACE,
    make_assumption,
    make_member,
    make_project,
    make_setback,
)

OPEN, CLOSED, SHARED, HIDDEN, UNHEARD = (
    ChannelId(name) for name in ("C1OPEN", "C2CLOSED", "C3SHARED", "C4HIDDEN", "C5UNHEARD")
)
CHANNELS = (
    Channel(workspace=WORKSPACE, id=OPEN, is_private=False, seen_at=NOON),
    Channel(workspace=WORKSPACE, id=CLOSED, members=frozenset([ANA]), seen_at=NOON),
    Channel(workspace=WORKSPACE, id=SHARED, is_private=False, is_shared=True, seen_at=NOON),
    Channel(workspace=WORKSPACE, id=HIDDEN, is_private=False, members=frozenset([CY])),
)


def seen_by(reader: Reader) -> frozenset[ChannelId] | None:
    return sight_of(reader, CHANNELS).channels


def test_the_operator_sees_everything() -> None:
    assert sight_of(OPERATOR, CHANNELS) == ALL


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (Reader.person(ANA), {OPEN, CLOSED, SHARED}),
        (Reader.person(BO), {OPEN, SHARED}),
        (Reader.person(CY), {OPEN, SHARED, HIDDEN}),
        (Reader.person(BO, here=CLOSED), {OPEN, SHARED, CLOSED}),
        (Reader.person(BO, here=UNHEARD), {OPEN, SHARED, UNHEARD}),
        (Reader.person(BO, is_guest=True), set()),
        (Reader.person(ANA, is_guest=True), {CLOSED}),
        (Reader.person(BO, is_guest=True, here=OPEN), {OPEN}),
        (Reader.outsider(ANA), set()),
        (Reader.audience(OPEN), {OPEN, SHARED}),
        (Reader.audience(CLOSED), {OPEN, SHARED, CLOSED}),
        (Reader.audience(SHARED), {SHARED}),
        (Reader.audience(HIDDEN), {HIDDEN}),
        (Reader.audience(UNHEARD), {UNHEARD}),
    ],
)
def test_a_channel_is_read_by_those_in_it_and_an_open_one_by_the_company(
    reader: Reader, seen: set[ChannelId]
) -> None:
    assert seen_by(reader) == frozenset(seen)


channels = st.builds(
    Channel,
    workspace=st.just(WORKSPACE),
    id=st.sampled_from([OPEN, CLOSED, SHARED, HIDDEN]),
    is_private=st.booleans(),
    is_shared=st.booleans(),
    members=st.frozensets(st.sampled_from([ANA, BO])),
    seen_at=st.sampled_from([None, NOON]),
)
places = st.none() | st.sampled_from([OPEN, CLOSED, UNHEARD])
people = st.builds(
    lambda user, is_guest, here: Reader.person(user, is_guest=is_guest, here=here),
    st.sampled_from([ANA, BO, CY]),
    st.booleans(),
    places,
)
readers = people | st.builds(Reader.outsider, st.sampled_from([ANA, BO]))
readers |= st.builds(Reader.audience, st.sampled_from([OPEN, CLOSED, UNHEARD]))


@given(reader=readers, known=st.lists(channels, unique_by=lambda one: one.id))
def test_nobody_sees_a_private_channel_of_which_they_are_no_member(
    reader: Reader, known: list[Channel]
) -> None:
    seen = sight_of(reader, known).channels

    for one in known:
        is_in_it = reader.looks is not Looks.OUTSIDER and (
            reader.here == one.id or reader.user in one.members
        )
        if seen is not None and one.id in seen:
            assert is_in_it or one.is_open


@given(reader=people, known=st.lists(channels, unique_by=lambda one: one.id))
def test_a_guest_sees_no_more_than_anybody_else_and_whoever_left_sees_less(
    reader: Reader, known: list[Channel]
) -> None:
    guest, outsider = replace(reader, is_guest=True), Reader.outsider(reader.user or ANA)
    after = [replace(one, members=one.members - {reader.user or ANA}) for one in known]

    seen = sight_of(reader, known).channels or frozenset()

    assert (sight_of(guest, known).channels or frozenset()) <= seen
    assert sight_of(outsider, known).channels == frozenset()
    assert (sight_of(reader, after).channels or frozenset()) <= seen


def test_one_sees_what_one_owns_is_asked_about_recorded_or_leads_wherever_it_was_said() -> None:
    released = Stakeholder(user=CY, is_released=True)
    said = make_assumption(
        channel=CLOSED, owner=ANA, logged_by=DI, stakeholders=(Stakeholder(user=BO), released)
    )

    def sees(user: str) -> bool:
        return may_see(sight_of(Reader.person(type(ANA)(user)), ()), said)

    assert (sees(ANA), sees(BO), sees(CY), sees(DI)) == (True, True, False, False)
    nothing = Sight(user=BO, channels=frozenset())
    assert may_see_setback(nothing, make_setback(channel=CLOSED, recorded_by=BO))
    assert not may_see_setback(nothing, make_setback(channel=CLOSED, recorded_by=ANA))
    assert may_see_project(nothing, make_project(channel=CLOSED, lead=BO))
    assert not may_see_project(nothing, make_project(channel=CLOSED, lead=ANA))


def test_an_outsider_sees_what_they_are_asked_and_nothing_else() -> None:
    outside = sight_of(Reader.outsider(BO), CHANNELS)

    assert may_see(outside, make_assumption(channel=OPEN, stakeholders=(Stakeholder(user=BO),)))
    assert not may_see(outside, make_assumption(channel=OPEN, stakeholders=()))
    assert not may_see_setback(outside, make_setback(channel=OPEN, recorded_by=BO))
    assert not may_trace(outside, make_setback(channel=OPEN))
    assert not may_see_project(outside, make_project(channel=OPEN, lead=BO))
    assert not may_record(outside, OPEN)


def test_whoever_reads_a_channel_may_record_there_and_trace() -> None:
    inside = sight_of(Reader.person(BO), CHANNELS)

    assert may_record(inside, OPEN)
    assert may_trace(inside, make_setback(channel=OPEN))
    assert not may_record(inside, CLOSED)
    assert not may_trace(inside, make_setback(channel=CLOSED))
    assert may_see_channel(ALL, CLOSED)


@pytest.mark.parametrize("may", [may_edit, may_retire, may_accept_risk])
def test_changing_it_is_for_the_owner_who_logged_it_the_lead_and_admins(may: object) -> None:
    one = make_assumption(owner=ANA, logged_by=BO, stakeholders=(Stakeholder(user=DI),))
    project = make_project(lead=CY)
    assert callable(may)

    allowed = [user for user in (ANA, BO, CY, DI) if may(user, make_member(user), one, project)]

    assert allowed == [ANA, BO, CY]
    assert may(DI, make_member(DI, is_admin=True), one, project)


def test_a_workflow_reaches_what_the_whole_company_reads() -> None:
    workflow = sight_of(WORKFLOW, CHANNELS)

    assert workflow.channels == frozenset({OPEN, SHARED})
    assert may_record(workflow, OPEN)
    assert not may_record(workflow, CLOSED)
    assert not may_see_project(workflow, make_project(channel=CLOSED, lead=ANA))

from dataclasses import replace

from bot.domain.assumption import Assumption, Stakeholder
from bot.domain.ids import ChannelId, UserId
from bot.domain.permission import (
    Reader,
    may_decide,
    may_depend,
    may_edit,
    may_join,
    may_lead,
    may_measure,
    may_reassign,
    may_reply,
    sight_of,
)
from tests.make import ANA, BO, CY, DI, make_assumption, make_member, make_project

PROJECT = make_project(lead=CY)
OWNED = make_assumption(owner=ANA, stakeholders=(Stakeholder(user=BO),))


def test_the_lead_and_admins_lead_a_project() -> None:
    admin, other = make_member(DI, is_admin=True), make_member(DI)

    assert may_lead(CY, None, PROJECT)
    assert may_lead(DI, admin, PROJECT)
    assert not may_lead(DI, other, PROJECT)
    assert not may_lead(CY, None, None)
    assert not may_lead(DI, replace(admin, is_stranger=True), PROJECT), "an admin elsewhere"


def test_an_owner_decides_about_their_own() -> None:
    assert may_decide(ANA, None, OWNED, PROJECT)
    assert may_decide(CY, None, OWNED, PROJECT)
    assert not may_decide(BO, make_member(BO), OWNED, PROJECT)


def test_once_the_owner_has_left_who_is_asked_may_name_another() -> None:
    released = make_assumption(stakeholders=(Stakeholder(user=BO, is_released=True),))

    def may(assumption: Assumption, *, left: bool) -> bool:
        return may_reassign(BO, None, assumption, PROJECT, owner_has_left=left)

    assert may(OWNED, left=True)
    assert not may(OWNED, left=False)
    assert not may(released, left=True)


def test_who_sees_it_from_inside_joins_it_and_lets_it_depend() -> None:
    inside, outside = sight_of(Reader.person(BO), ()), sight_of(Reader.outsider(BO), ())
    unseen = make_assumption(owner=ANA, stakeholders=())

    assert may_join(inside, OWNED)
    assert not may_join(outside, OWNED), "they are asked, and may answer"
    assert not may_join(inside, unseen)
    assert may_depend(inside, OWNED, OWNED)
    assert not may_depend(inside, OWNED, unseen)
    assert not may_depend(inside, unseen, OWNED)


def test_who_answers_for_it_replies_to_what_is_asked_of_the_owner() -> None:
    def may(reader: Reader, *asked: UserId | ChannelId) -> bool:
        return may_reply(sight_of(reader, ()), OWNED, asked=asked)

    here = ChannelId("C0HERE")
    assert may(Reader.person(ANA))
    assert may(Reader.person(CY), CY)
    assert may(Reader.person(CY, here=here), here)
    assert not may(Reader.person(BO), CY, here)
    assert not may(Reader.outsider(BO), here)


def test_people_of_another_company_answer_and_decide_nothing() -> None:
    far = replace(make_member(ANA), is_stranger=True)
    one = make_assumption(owner=ANA, logged_by=ANA, stakeholders=(Stakeholder(user=ANA),))
    theirs = replace(PROJECT, lead=ANA)

    assert not may_lead(ANA, far, theirs)
    assert not may_decide(ANA, far, one, theirs)
    assert not may_edit(ANA, far, one, theirs)
    assert not may_reassign(ANA, far, one, theirs, owner_has_left=True)
    assert may_measure(ANA, far, one, theirs), "they are asked"

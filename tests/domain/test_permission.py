from dataclasses import replace

from bot.domain.assumption import Assumption, Stakeholder
from bot.domain.permission import may_decide, may_lead, may_reassign
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

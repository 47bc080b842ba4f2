from bot.domain.chain import PASSED_ON, passed_on_by
from bot.domain.history import StakeholderAdded
from bot.domain.ids import UserId
from tests.make import ANA, BO, CY, DI, NOON, logged, make_history


def passed(to: UserId) -> StakeholderAdded:
    return StakeholderAdded(stakeholder=to, reason=PASSED_ON)


def test_whom_the_owner_named_nobody_passed_it_on_to() -> None:
    assert passed_on_by(make_history((NOON, ANA, logged())), BO) == ()


def test_a_chain_is_told_from_its_beginning() -> None:
    events = make_history((NOON, ANA, logged()), (NOON, BO, passed(CY)), (NOON, CY, passed(DI)))

    assert passed_on_by(events, DI) == (BO, CY)
    assert passed_on_by(events, CY) == (BO,)


def test_somebody_named_again_by_the_owner_is_at_its_beginning() -> None:
    again = StakeholderAdded(stakeholder=CY)
    events = make_history((NOON, ANA, logged()), (NOON, BO, passed(CY)), (NOON, ANA, again))

    assert passed_on_by(events, CY) == ()


def test_a_circle_in_old_rows_ends() -> None:
    events = make_history((NOON, CY, passed(BO)), (NOON, BO, passed(CY)))

    assert passed_on_by(events, CY) == (CY, BO)

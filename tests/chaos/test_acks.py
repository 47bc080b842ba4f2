"""The judge of acks under load sees what was acknowledged and is not there."""

from collections import Counter
from collections.abc import Mapping

import pytest

from tests.chaos.acks import HUNG, Acked, Asked


def heard(*answers: tuple[str, int, bytes], stored: Mapping[str, int], hung: bool = True) -> Acked:
    acked = Acked(stored=Counter(stored), hung=Counter(HUNG if hung else ()))
    for stores, status, body in answers:
        acked.hear(Asked(b"", stores), status, body, 0.01)
    return acked


@pytest.mark.parametrize(
    ("stored", "is_kept"),
    [({"A": 1, "B": 1}, True), ({"A": 1}, False), ({"A": 2}, False), ({"A": 2, "B": 1}, False)],
)
def test_what_was_acknowledged_is_stored_once_each(stored: dict[str, int], is_kept: bool) -> None:
    assert heard(("A", 200, b"{}"), ("B", 200, b""), stored=stored).is_kept is is_kept


def test_an_apology_is_a_refusal_and_its_command_may_be_missing() -> None:
    acked = heard(("A", 200, b"Nothing was stored. Try again in a minute."), stored={})

    assert acked.refused == 1
    assert acked.is_kept


def test_a_run_in_which_slack_did_not_hang_proves_nothing() -> None:
    assert not heard(("A", 200, b""), stored={"A": 1}, hung=False).is_kept

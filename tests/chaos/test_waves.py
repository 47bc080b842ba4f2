"""The judge of a wave sees each message by its own name."""

from collections import Counter

import pytest

from bot.domain.ids import WorkspaceId
from tests.chaos.waves import LimitedSlack, judge_wave

HERE = WorkspaceId("T1")


@pytest.mark.parametrize(
    ("taken", "refused", "holds"),
    [("AB", 0, True), ("AA", 0, False), ("A", 0, False), ("ABB", 0, False), ("AB", 1, False)],
)
def test_one_message_twice_makes_no_lost_one_good(taken: str, refused: int, holds: bool) -> None:
    slack = LimitedSlack(name_of=lambda key: key.about, refused=refused)
    slack.taken.update((HERE, name) for name in taken)
    wanted = Counter((HERE, name) for name in "AB")

    assert judge_wave(wanted, slack, began=0.0, places=1).holds is holds

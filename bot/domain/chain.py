"""By whom a question was passed on to the one who has it now."""

from collections.abc import Iterable

from bot.domain.history import Event, StakeholderAdded
from bot.domain.ids import UserId

PASSED_ON = "passed on to them"  # as a StakeholderAdded says it


def passed_on_by(events: Iterable[Event], stakeholder: UserId) -> tuple[UserId, ...]:
    """Return who passed the question on, first to last; empty for one whom the owner named."""
    givers: dict[UserId, UserId] = {}
    for event in events:
        if isinstance(event.what, StakeholderAdded):
            to = event.what.stakeholder
            givers.pop(to, None)
            if event.what.reason == PASSED_ON and event.by is not None:
                givers[to] = event.by
    chain: list[UserId] = []
    giver = givers.get(stakeholder)
    while giver is not None and giver not in chain:
        chain.insert(0, giver)
        giver = givers.get(giver)
    return tuple(chain)

"""How fast Slack may be called, so that our own haste never earns a refusal."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.ids import WorkspaceId
from bot.domain.outbox import CallKind, Message

POST_GAP = timedelta(seconds=1)  # slack-facts: one chat.postMessage a second for each channel
# Seconds between two calls in a workspace, and how many may come at once. slack-facts: several
# hundred posts a minute, 50 updates and 100 views a minute and more; short bursts are tolerated.
_POSTS = 0.2, 30
_UPDATES = 1.2, 15
_HOMES = 0.6, 20
_STEPS = 1.2, 15
_MANY_PLACES = 5000

Place = tuple[WorkspaceId, str]
_Calls = tuple[WorkspaceId, CallKind]


@dataclass(slots=True)
class _Budget:
    """Calls of one method in one workspace: a few at once, then one each `gap` seconds."""

    gap: float
    burst: int
    full_at: float = 0.0  # when what was called so far is paid back
    put_off_until: float = 0.0  # the last moment that was given to a message put off

    @property
    def free_at(self) -> float:
        return self.full_at - self.gap * (self.burst - 1)

    def book(self, start: float) -> None:
        self.full_at = max(self.full_at, start) + self.gap


class Pace:
    """Remembers when each channel took its last post, and how long Slack asked us to wait.

    It keeps real time: Slack's limits do not move with the product's clock.

    `speed` is how many times as fast as Slack the other side lets itself be called: 1 is Slack.
    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, speed: float = 1.0
    ) -> None:
        self._monotonic = monotonic
        self._speed = speed
        self._channel_free_at: dict[Place, float] = {}
        self._budgets: dict[_Calls, _Budget] = {}
        self._held_until: dict[_Calls, float] = {}
        self._workspace_free_at: dict[WorkspaceId, float] = {}

    @property
    def post_gap(self) -> float:
        """Seconds between two posts in one channel."""
        return POST_GAP.total_seconds() / self._speed

    def wait(self, message: Message) -> timedelta:
        """Return how long the message must wait for its turn; zero when it may go now."""
        return timedelta(seconds=max(0.0, self._free_at(message) - self._monotonic()))

    def book(self, message: Message) -> None:
        """Give the next turn to the message: whoever asks from now on comes after it."""
        start = max(self._free_at(message), self._monotonic())
        self._budget(message).book(start)
        if _is_post(message):
            self._forget_the_past()
            self._channel_free_at[_channel(message)] = start + self.post_gap

    def put_off(self, message: Message) -> timedelta:
        """Return how long to put the message off, a little more for each that asks."""
        budget, now = self._budget(message), self._monotonic()
        first = max(self._free_at(message), now)
        budget.put_off_until = max(first, budget.put_off_until + budget.gap)
        return timedelta(seconds=budget.put_off_until - now)

    def is_held(self, message: Message) -> bool:
        """Whether Slack, or the operator, has to act before anything of the kind goes out."""
        return self._held(message) > self._monotonic()

    def slack_asks(self, workspace: WorkspaceId, call: CallKind, wait: timedelta) -> None:
        """Make no such call in the workspace before `wait` is over."""
        until = self._monotonic() + wait.total_seconds()
        place = workspace, call
        self._held_until[place] = max(until, self._held_until.get(place, 0.0))

    def hold(self, workspace: WorkspaceId, wait: timedelta) -> None:
        """Make no call for the workspace before `wait` is over."""
        self._workspace_free_at[workspace] = self._monotonic() + wait.total_seconds()

    def release(self, workspace: WorkspaceId) -> None:
        """Wait no more for the workspace's operator; what Slack asked for stays."""
        self._workspace_free_at.pop(workspace, None)

    def _held(self, message: Message) -> float:
        where = message.workspace
        asked = (self._held_until.get((where, call), 0.0) for call in message.calls)
        return max(*asked, self._workspace_free_at.get(where, 0.0))

    def _free_at(self, message: Message) -> float:
        free_at = max(self._held(message), self._budget(message).free_at)
        if _is_post(message):
            free_at = max(free_at, self._channel_free_at.get(_channel(message), 0.0))
        return free_at

    def _budget(self, message: Message) -> _Budget:
        place = _calls(message)
        if place not in self._budgets:
            gap, burst = _BUDGETS[place[1]]
            self._budgets[place] = _Budget(gap / self._speed, burst)
        return self._budgets[place]

    def _forget_the_past(self) -> None:
        if len(self._channel_free_at) < _MANY_PLACES:
            return
        now = self._monotonic()
        self._channel_free_at = {
            place: free_at for place, free_at in self._channel_free_at.items() if free_at > now
        }


def _channel(message: Message) -> Place:
    return message.workspace, message.channel or message.key.to


def _is_post(message: Message) -> bool:
    """Whether it takes a turn in its channel; a Home tab is not in any."""
    return message.call is CallKind.POST


def _calls(message: Message) -> _Calls:
    return message.workspace, message.call


_BUDGETS = {
    CallKind.POST: _POSTS,
    CallKind.UPDATE: _UPDATES,
    CallKind.HOME: _HOMES,
    CallKind.STEP: _STEPS,
}

"""How fast Slack may be called, so that our own haste never earns a refusal."""

import time
from collections.abc import Callable
from datetime import timedelta

from bot.domain.ids import WorkspaceId
from bot.domain.outbox import Message

POST_GAP = timedelta(seconds=1)  # slack-facts: one chat.postMessage a second for each channel
_MANY_PLACES = 1000

Place = tuple[WorkspaceId, str]


class Pace:
    """Remembers when each channel took its last post, and how long Slack asked us to wait.

    It keeps real time: Slack's limits do not move with the product's clock.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._channel_free_at: dict[Place, float] = {}
        self._method_free_at: dict[Place, float] = {}
        self._workspace_free_at: dict[WorkspaceId, float] = {}

    def wait(self, message: Message) -> timedelta:
        """Return how long the message must wait for its turn; zero when it may go now."""
        free_at = max(
            self._method_free_at.get(_method(message), 0.0),
            self._workspace_free_at.get(message.workspace, 0.0),
        )
        if message.ts is None:
            free_at = max(free_at, self._channel_free_at.get(_channel(message), 0.0))
        return timedelta(seconds=max(0.0, free_at - self._monotonic()))

    def called(self, message: Message) -> None:
        """Note that the message goes out now. Updates have a limit of their own, not this one."""
        if message.ts is None:
            self._forget_the_past()
            self._channel_free_at[_channel(message)] = self._monotonic() + POST_GAP.total_seconds()

    def slack_asks(self, message: Message, wait: timedelta) -> None:
        """Make no call to the same method of the same workspace before `wait` is over."""
        until = self._monotonic() + wait.total_seconds()
        place = _method(message)
        self._method_free_at[place] = max(until, self._method_free_at.get(place, 0.0))

    def hold(self, workspace: WorkspaceId, wait: timedelta) -> None:
        """Make no call for the workspace before `wait` is over."""
        self._workspace_free_at[workspace] = self._monotonic() + wait.total_seconds()

    def _forget_the_past(self) -> None:
        if len(self._channel_free_at) < _MANY_PLACES:
            return
        now = self._monotonic()
        self._channel_free_at = {
            place: free_at for place, free_at in self._channel_free_at.items() if free_at > now
        }


def _channel(message: Message) -> Place:
    return message.workspace, message.channel or message.key.to


def _method(message: Message) -> Place:
    return message.workspace, "post" if message.ts is None else "update"

"""Slack's rate limits as token buckets, per method and app, on real time."""

import math
import time
from dataclasses import dataclass, replace

from bot.sandbox.errors import RateLimitedError

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
HUNDREDS = 600

PER_MINUTE = {
    "api.test": TIER_4,
    "apps.connections.open": TIER_1,
    "apps.event.authorizations.list": TIER_4,
    "auth.test": HUNDREDS,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": HUNDREDS,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": HUNDREDS,
    "chat.scheduledMessages.list": TIER_3,
    "chat.deleteScheduledMessage": TIER_3,
    "chat.scheduleMessage": TIER_3,
    "chat.unfurl": TIER_3,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "functions.completeError": TIER_3,
    "functions.completeSuccess": TIER_3,
    "oauth.v2.access": TIER_4,
    "reactions.add": TIER_3,
    "team.info": TIER_3,
    "usergroups.list": TIER_2,
    "users.conversations": TIER_2,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How strict the sandbox is; Slack promises the rates and leaves the bursts open."""

    per_minute: dict[str, int]
    least_burst: int = 5
    """A tier's whole minute may come at once, and never fewer than this."""
    messages_per_second: float = 1.0
    """Into one channel."""
    message_burst: int = 4
    ack_seconds: float = 3.0
    """So long the sandbox waits for an app's answer, in real time."""
    trigger_seconds: float = 3.0
    """So long an app may open a form after a click, in real time."""

    def times(self, speed: float) -> "Limits":
        """Return them for whoever need not wait as long as people of a Slack do."""
        return replace(
            self,
            per_minute={name: math.ceil(rate * speed) for name, rate in self.per_minute.items()},
            messages_per_second=self.messages_per_second * speed,
        )


SLACK_LIMITS = Limits(per_minute=PER_MINUTE)


class Buckets:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._level: dict[tuple[str, ...], tuple[float, float]] = {}

    def take_call(self, method: str, app_id: str) -> None:
        """Raises RateLimitedError when `method` was called too often."""
        rate = self._limits.per_minute.get(method, TIER_3)
        self._take(
            (method, app_id), per_second=rate / 60, burst=max(rate, self._limits.least_burst)
        )

    def take_message(self, channel: str, app_id: str) -> None:
        """A message into one channel."""
        limits = self._limits
        self._take(
            ("message", app_id, channel),
            per_second=limits.messages_per_second,
            burst=limits.message_burst,
        )

    def _take(self, key: tuple[str, ...], *, per_second: float, burst: int) -> None:
        now = time.monotonic()
        level, since = self._level.get(key, (float(burst), now))
        level = min(float(burst), level + (now - since) * per_second)
        if level < 1:
            self._level[key] = (level, now)
            raise RateLimitedError(max(1, math.ceil((1 - level) / per_second)))
        self._level[key] = (level - 1, now)

"""What an app may use once or a few times, on real time: trigger ids and response URLs."""

import secrets
import time

from bot.sandbox.errors import SlackError
from bot.sandbox.model import ResponseUrl, Trigger

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5
CODE_SECONDS = 10 * 60


class Tickets:
    def __init__(self) -> None:
        self.trigger_seconds = TRIGGER_SECONDS
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self._codes: dict[str, tuple[str, str, float]] = {}

    def trigger(
        self, app_id: str, user: str, *, view_id: str | None = None, channel: str | None = None
    ) -> str:
        now = time.monotonic()
        # those that expired long ago are forgotten, so that a long run does not grow
        for old in [key for key, one in self._triggers.items() if one.expires < now - 60]:
            del self._triggers[old]
        trigger_id = (
            f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**8)}.{secrets.token_hex(16)}"
        )
        self._triggers[trigger_id] = Trigger(
            id=trigger_id,
            app_id=app_id,
            user=user,
            expires=now + self.trigger_seconds,
            view_id=view_id,
            channel=channel,
        )
        return trigger_id

    def use_trigger(self, trigger_id: str, app_id: str) -> Trigger:
        """Raises SlackError with Slack's word for one that is unknown, used, or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if trigger.expires < time.monotonic():
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_url(
        self,
        app_id: str,
        user: str,
        channel: str,
        *,
        message_ts: str | None = None,
        thread_ts: str | None = None,
        may_replace: bool = False,
    ) -> str:
        """Return the id of a new one; it ends the URL."""
        key = secrets.token_urlsafe(18)
        self._response_urls[key] = ResponseUrl(
            id=key,
            app_id=app_id,
            user=user,
            channel=channel,
            expires=time.monotonic() + RESPONSE_URL_SECONDS,
            uses_left=RESPONSE_URL_USES,
            message_ts=message_ts,
            thread_ts=thread_ts,
            may_replace=may_replace,
        )
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        found = self._response_urls.get(key)
        if found is None:
            raise SlackError("invalid_url")
        if found.expires < time.monotonic():
            raise SlackError("expired_url")
        if found.uses_left == 0:
            raise SlackError("used_url")
        found.uses_left -= 1
        return found

    def code(self, app_id: str, user: str) -> str:
        """What an OAuth redirect carries."""
        code = secrets.token_urlsafe(18)
        self._codes[code] = (app_id, user, time.monotonic() + CODE_SECONDS)
        return code

    def use_code(self, code: str, app_id: str) -> str:
        """Return who installed the app."""
        found = self._codes.pop(code, None)
        if found is None or found[0] != app_id:
            raise SlackError("invalid_code")
        if found[2] < time.monotonic():
            raise SlackError("code_already_used")
        return found[1]

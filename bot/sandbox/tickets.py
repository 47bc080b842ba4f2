"""What an app may use once or a few times, on real time: trigger ids, response URLs, codes."""

import secrets
import time

from bot.sandbox.errors import SlackError
from bot.sandbox.model import Grant, InstallKey, ResponseUrl, Trigger

TRIGGER_SECONDS = 3.0  # Slack's; `Limits` may say another
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5
CODE_SECONDS = 10 * 60.0


class Tickets:
    def __init__(self) -> None:
        self.trigger_seconds = TRIGGER_SECONDS
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self.code_seconds = CODE_SECONDS
        self._codes: dict[str, Grant] = {}

    def trigger(
        self,
        app: InstallKey,
        user: str,
        *,
        view_id: str | None = None,
        channel: str | None = None,
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
            app=app,
            user=user,
            expires=now + self.trigger_seconds,
            view_id=view_id,
            channel=channel,
        )
        return trigger_id

    def use_trigger(self, trigger_id: str, app: InstallKey) -> Trigger:
        """Raises SlackError with Slack's word for one that is unknown, used, or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None or trigger.app != app:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if trigger.expires < time.monotonic():
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_url(
        self,
        app: InstallKey,
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
            app=app,
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

    def code(
        self,
        *,
        app_id: str,
        team_id: str,
        user: str,
        scopes: tuple[str, ...],
        redirect_uri: str | None,
    ) -> str:
        """What an OAuth redirect carries once somebody agreed."""
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._codes[code] = Grant(
            app_id=app_id,
            team_id=team_id,
            user=user,
            scopes=scopes,
            redirect_uri=redirect_uri,
            expires=time.monotonic() + self.code_seconds,
        )
        return code

    def use_code(self, code: str, app_id: str, redirect_uri: str | None) -> Grant:
        """Return what was granted.

        Another app's attempt, and one with another redirect URI, leave the code as it is.

        Raises:
            SlackError: invalid_code (unknown, used, too old, another app's) or bad_redirect_uri.
        """
        grant = self._codes.get(code)
        if grant is None or grant.app_id != app_id:
            raise SlackError("invalid_code")
        if grant.redirect_uri != redirect_uri:
            raise SlackError("bad_redirect_uri")
        del self._codes[code]
        if grant.expires < time.monotonic():
            raise SlackError("invalid_code")
        return grant

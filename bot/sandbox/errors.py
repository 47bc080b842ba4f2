from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A Web API call that Slack answers with `ok: false`; `code` is Slack's own word."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


class InvalidBlocksError(SlackError):
    """What was sent breaks a Block Kit rule; each message names the place by JSON pointer."""

    def __init__(self, code: str, messages: Sequence[str]) -> None:
        super().__init__(code, response_metadata={"messages": list(messages)})
        self.messages = list(messages)


class RateLimitedError(Exception):
    """Too many calls; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"ratelimited, retry after {retry_after} s")
        self.retry_after = retry_after


class ControlError(Exception):
    """The control API was asked for what a person cannot do; the message says why."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class DeliveryFailedError(Exception):
    """The app did not acknowledge; `reason` is a retry reason of Slack's, such as http_timeout."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry

    @property
    def shown_as(self) -> str:
        """The word that Slack shows to the person who waited."""
        return "operation_timeout" if self.reason == "http_timeout" else "dispatch_failed"

"""The four kinds of error, one handling each; the base class of an error is its kind."""

from datetime import timedelta


class BotError(Exception):
    """Raised on purpose, one sentence; only a `UserFixableError` is shown as it is."""


class RetryableError(BotError):
    """Something outside is not ready; try again after `retry_after` (None: back off)."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UserFixableError(BotError):
    """The message says what the person can do; it is shown to them as it is."""


class OperatorFixableError(BotError):
    """The person gets a reference; the operator gets cause, fix and a command that checks it."""

    def __init__(self, cause: str, *, fix: str, check: str) -> None:
        super().__init__(cause)
        self.fix = fix
        self.check = check


class FatalError(BotError):
    """Wrong settings, schema or key: this process stops with this line."""


class StaleWriteError(RetryableError):
    """The row changed after it was read; read it again and decide again."""


class UnclearWriteError(RetryableError):
    """The database went away while it stored something: it may be stored, or not."""


class NotFoundError(UserFixableError):
    """Nothing of that name in this workspace; a foreign row answers like a missing one."""


class HomeIsSharedError(UserFixableError):
    """Another company would read what is posted, and the person was not told so yet."""

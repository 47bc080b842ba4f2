"""One line for each thing that happened: JSON for machines, console for people, never a secret."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

# Slack's tokens, and a password inside a URL.
# Where PostgreSQL and its driver quote what was to be stored, which people typed.
_WRITTEN = re.compile(r"(DETAIL:|invalid input for query argument \$\d+:).*")
_SECRET = re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]{6,}|(?<=:)[^\s:@/]+(?=@[\w.-]+)")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MASK = "***"
_CHATTY = ("alembic", "asyncio", "slack_bolt", "slack_sdk", "sqlalchemy", "uvicorn")


def configure_logging(*, console: bool, level: str, secrets: Sequence[str] = ()) -> None:
    """Send every log line of this process, libraries' too, to stderr in one format.

    Args:
        console: For people on a terminal; otherwise one JSON object a line.
        level: The lowest level of ours that is written; libraries begin at warning.
        secrets: Texts that are masked wherever they stand.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Redactor(secrets),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_end(console)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    # A tick that is skipped since the one before still works is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _end(console: bool) -> list[Processor]:
    if not console:
        return [structlog.processors.JSONRenderer()]
    return [_one_line, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


class _Redactor:
    """Masks known secrets, and whatever looks like a token, in every text of a line."""

    def __init__(self, secrets: Sequence[str]) -> None:
        known = sorted(filter(None, secrets), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return self._mask(value)
            case dict():
                return {key: self._clean(item) for key, item in value.items()}
            case list() | tuple():
                return [self._clean(item) for item in value]
            case BaseException():
                return self._mask(repr(value))
            case _:
                return value

    def _mask(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(_MASK, text)
        return _WRITTEN.sub(r"\1 [left out]", _SECRET.sub(_MASK, text))


def _one_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keep what people typed from making a line of its own; tracebacks are indented instead."""
    for key, value in event.items():
        if key == "exception":
            event[key] = "\n".join(f"    | {_visible(line)}" for line in str(value).splitlines())
        elif not isinstance(value, int | float | None):
            event[key] = _visible(str(value))
    return event


def _visible(text: str) -> str:
    """Show control characters as they are written in source code."""
    return _BREAKS.sub(lambda match: repr(match[0])[1:-1], text)

"""No pause between two posts, and long patience: both have tests of their own.

A story need not wait for the pace, and a busy machine is as slow as no Slack and no bot would be.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientTimeout

from bot.sandbox.limits import SLACK_LIMITS
from bot.scheduling import pace
from bot.slack import api, channel, shortcut, source_cache

PATIENCE = 60.0  # seconds

HASTE = replace(
    SLACK_LIMITS, messages_per_second=1000.0, ack_seconds=PATIENCE, trigger_seconds=PATIENCE
)


def end_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "POST_GAP", timedelta(milliseconds=1))
    monkeypatch.setattr(pace, "_BUDGETS", dict.fromkeys(pace._BUDGETS, (0.0, 1)))


def wait_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot wait for Slack's answer as long as it takes, and not for a second."""
    monkeypatch.setattr(api, "_TIMEOUT", ClientTimeout(total=PATIENCE))
    monkeypatch.setattr(api, "_RESPOND_TIMEOUT", ClientTimeout(total=PATIENCE))
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", PATIENCE)
    monkeypatch.setattr(shortcut, "_ASKED_FOR", PATIENCE)
    monkeypatch.setattr(channel, "_ASKED_FOR", PATIENCE)

"""No pause between two posts: the pace has tests of its own, and a story need not wait for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.limits import SLACK_LIMITS
from bot.scheduling import pace
from bot.slack import source_cache

HASTE = replace(SLACK_LIMITS, messages_per_second=1000.0)


def end_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "POST_GAP", timedelta(milliseconds=1))
    # A machine that is busy with other tests keeps a look-up waiting, and no Slack would.
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 30.0)

"""The shortcuts on a message, where Slack is slow."""

import pytest

from bot.slack import ids, shortcut
from tests.make import BO, HOME, WORKSPACE
from tests.slack.conftest import Wire, text_of


@pytest.mark.parametrize("name", [ids.LOG_SHORTCUT, ids.SETBACK_SHORTCUT])
async def test_a_form_waits_for_nothing_that_it_can_do_without(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(shortcut, "_ASKED_FOR", 0.05)
    await wire.start_project()
    for method in ("conversations.info", "chat.getPermalink"):
        await wire.fault(method=method, kind="hang", seconds=20)

    await wire.deliver(
        {
            "type": "message_action",
            "team": {"id": WORKSPACE},
            "user": {"id": BO, "team_id": WORKSPACE},
            "channel": {"id": HOME, "name": "apollo"},
            "callback_id": name,
            "trigger_id": "1.1.t",
            "response_url": f"{wire.slack}/response/none",
            "message": {"type": "message", "user": BO, "ts": "1.1", "text": "The API is live"},
        }
    )
    await wire.app.tools.tasks.drain()

    calls = text_of(await wire.seen("traffic"))
    assert "views.open" in calls
    assert "conversations.info" not in calls  # what hangs is not over yet
    assert "chat.getPermalink" not in calls

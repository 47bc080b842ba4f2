"""What is posted for a click and is no row of the outbox: noted before the ack, never twice."""

import asyncio
from typing import Any

import pytest

from bot.slack import ids
from bot.slack.views.parts import Message
from tests.slack.conftest import Wire, text_of

SHOWN = [
    pytest.param(ids.SHARE_REPORT, "|all", id="a shared report"),
    pytest.param(ids.REPORT_FILES["csv"], "|all", id="a report as a file"),
    pytest.param(ids.LIST_EXPORT, str(ids.ListRef(None, "open")), id="a list as a file"),
]


@pytest.mark.parametrize(("action", "value"), SHOWN)
async def test_the_click_is_noted_before_slack_has_its_answer(
    wire: Wire, action: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.start_project()
    may_read, read = asyncio.Event(), wire.db.read

    async def read_late(unit: Any, *args: Any, **kwargs: Any) -> Any:
        if unit.__name__ in {"account_for_reader", "list_as_csv"}:
            await may_read.wait()
        return await read(unit, *args, **kwargs)

    monkeypatch.setattr(wire.db, "read", read_late)

    await wire.deliver(wire.click_payload(action, value))

    noted = list(wire.db.writes)
    may_read.set()
    await wire.app.tools.tasks.drain()
    assert noted == ["heard"]


@pytest.mark.parametrize(("action", "value"), SHOWN)
async def test_a_click_that_comes_twice_shows_it_once(wire: Wire, action: str, value: str) -> None:
    await wire.start_project()
    click = wire.click_payload(action, value)

    for _ in range(2):
        assert (await wire.deliver(click)).status == 200
        await wire.app.tools.tasks.drain()

    calls = [entry["name"] for entry in (await wire.seen("traffic"))["entries"]]
    assert calls.count("files.completeUploadExternal") + calls.count("chat.postMessage") in {1, 2}
    assert calls.count("files.completeUploadExternal") <= 1


@pytest.mark.parametrize("kind", ["5xx", "fatal_error"])
async def test_what_may_be_there_already_is_said_so_instead_of_to_try_again(
    wire: Wire, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.start_project()
    told: list[str] = []

    async def respond(_url: str, message: Message, **_: object) -> None:
        told.append(text_of(message))

    monkeypatch.setattr(wire.api, "respond", respond)
    fault = {"kind": kind} if kind == "5xx" else {"kind": "error", "error": kind}
    for method in ("files.completeUploadExternal", "chat.postMessage"):
        await wire.fault(method=method, times=1, **fault)

    await wire.deliver(wire.click_payload(ids.SHARE_REPORT, "|all"))
    await wire.app.tools.tasks.drain()

    [said] = told
    assert "It may be there already" in said
    assert "Try again in a minute" not in said

"""Calls to Slack for which a person waits: they fail, and the person is told so at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

from bot.domain.errors import BotError, RetryableError
from bot.domain.ids import UserId, WorkspaceId
from bot.scheduling.clock import MovableClock
from bot.slack.directory import SlackDirectory
from tests.chaos.faults import ENDED_WITHIN, FAILING, OTHER, TOKENS, Faulted, Office, too_early
from tests.chaos.poll import until
from tests.chaos.slack import FAULTS, RETRY_AFTER

ASKS = "users.info"  # kept, and asked again by whoever needs it next
OPENS, RESPONDS = "views.open", "response_url"
# What answers there is no method of Slack's: only its status counts.
_STATUS_ONLY = tuple(
    fault for fault in FAULTS if fault.isdecimal() or fault.startswith(("reset", "hang"))
)
CALLS = {ASKS: FAULTS, OPENS: FAULTS, RESPONDS: _STATUS_ONLY}

_View = dict[str, Any]
_VIEW: _View = {"type": "modal", "title": {"type": "plain_text", "text": "One"}, "blocks": []}
_Call = Callable[[WorkspaceId, str], Awaitable[object]]


async def try_call(
    office: Office,
    fault: str,
    method: str,
    *,
    times: int,
    people: Iterator[str],
    wait: int = RETRY_AFTER,
) -> Faulted:
    """Let that many people's calls of the method fail at once; then let them try again."""
    slack, call = office.slack, _calling(office, method)
    token = "" if method == RESPONDS else TOKENS[FAILING]
    slack.retry_after, first = wait, len(slack.calls)
    slack.fail(token, method, fault, times)
    began, names = time.monotonic(), [next(people) for _ in range(times)]
    working = asyncio.gather(*(call(FAILING, name) for name in names), return_exceptions=True)

    def calls() -> list[Any]:
        made = slack.calls[first:]
        return [one for one in made if (one.token, one.method) == (token, method)]

    async def has_begun() -> bool:
        return bool(calls())

    await until(has_begun)
    asked, other = time.monotonic(), next(people)

    async def is_other_served() -> bool:
        with suppress(RetryableError):
            await call(OTHER, other)
            return True
        return False

    await until(is_other_served)
    other_waited = time.monotonic() - asked
    untold = sum(not isinstance(said, BotError) for said in await working)
    unasked_for = 0 if method == ASKS else len(calls()) - times

    async def is_well() -> bool:
        again = await asyncio.gather(
            *(call(FAILING, name) for name in names), return_exceptions=True
        )
        return not any(isinstance(said, BaseException) for said in again)

    await until(is_well, within=ENDED_WITHIN, every=0.05)
    return Faulted(
        fault=fault,
        method=method,
        wait=wait,
        times=times,
        injected=sum(bool(one.fault) for one in calls()),
        lost=untold,
        parked=0,
        doubled=unasked_for,
        repeated=0,
        unwanted=0,
        too_early=too_early(calls(), wait=wait) if method == ASKS else 0,
        recovered=time.monotonic() - began,
        other_waited=other_waited,
    )


def _calling(office: Office, method: str) -> _Call:
    api = office.api
    directory = SlackDirectory(api, office.db, MovableClock())

    async def ask(workspace: WorkspaceId, name: str) -> object:
        return await directory.member(workspace, UserId(name))

    async def open_form(workspace: WorkspaceId, name: str) -> object:
        return await api.open_view(workspace, name, _VIEW)

    async def respond(workspace: WorkspaceId, name: str) -> object:
        path = RESPONDS if workspace == FAILING else f"{RESPONDS}-{name}"
        await api.respond(f"{office.slack.url}{path}", {"text": name, "blocks": []})
        return path

    return {ASKS: ask, OPENS: open_form, RESPONDS: respond}[method]

"""`slack-faults`: a Slack that fails in each way it can, method by method, 50 calls each.

Messages and their updates, Homes, and the two calls that look a message up: nothing lost, nothing
doubled without a mark, no call before Retry-After has ended. A code that nobody knows parks the
message with its reason. Then ten calls each for which a person waits (who somebody is, a form, an
answer by its URL): the person is told at once and the call is not repeated unasked. Another
workspace gets through within a second meanwhile. A refusal asks to wait 2 s; where waiting is
promised two more of each method, among ten messages, ask for 0, 1, 30 and 120 s. All on both
databases; the pace is ten times Slack's own, what Slack asks to wait is kept in full.
"""

import asyncio
import os
from collections.abc import Iterator
from itertools import chain, count

from tests.chaos.calls import ASKS, CALLS, try_call
from tests.chaos.faults import (
    LOOK_UPS,
    METHODS,
    OTHER_SECONDS,
    WAITS,
    Faulted,
    Office,
    office,
    try_fault,
)
from tests.chaos.kill import place_names
from tests.chaos.slack import FAULTS
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value

TIMES = int(os.environ.get("STILLTRUE_FIGURE_TIMES", "50"))  # noqa: TID251 - a figure's own knob
FEWER = min(TIMES, 10)
REFUSALS = min(TIMES, 2)  # that ask to wait long, each among `FEWER` messages
AT_ONCE = 2  # faults; the waits for what Slack asks, in which little happens, are beside them
_REFUSED = "429"

Found = tuple[str, Faulted]  # on which database


async def measure() -> Figure:
    found: list[Found] = []
    with several_databases(len(METHODS) + 1) as urls:
        for database, some in urls.items():
            # More at once, in this one process, would keep the other workspace waiting.
            turns = asyncio.Semaphore(AT_ONCE)
            lanes = [
                _messages(database, url, method, turns)
                for url, method in zip(some, METHODS, strict=False)
            ]
            parts = await asyncio.gather(*lanes, _calls(database, some[-1], turns))
            found += chain.from_iterable(parts)
    return Figure(lines=tuple(_table(found)), values=tuple(_values([one for _, one in found])))


async def _messages(database: str, url: str, method: str, turns: asyncio.Semaphore) -> list[Found]:
    async with office(url, can_look_up=method in LOOK_UPS) as opened:
        places, found = place_names("A"), []
        for fault in FAULTS:
            async with turns:
                found.append(await try_fault(opened, fault, method, times=TIMES, places=places))
        found += [
            await try_fault(
                opened, _REFUSED, method, times=REFUSALS, places=places, wait=wait, among=FEWER
            )
            for wait in WAITS
        ]
    return [(database, one) for one in found]


async def _calls(database: str, url: str, turns: asyncio.Semaphore) -> list[Found]:
    async with office(url) as opened:
        people = (f"U0{number}" for number in count(1))
        return [
            (database, one)
            for method in CALLS
            for one in await _calls_of(opened, method, people, turns)
        ]


async def _calls_of(
    opened: Office, method: str, people: Iterator[str], turns: asyncio.Semaphore
) -> list[Faulted]:
    found = []
    for fault in CALLS[method]:
        async with turns:
            found.append(await try_call(opened, fault, method, times=FEWER, people=people))
    if method == ASKS:
        found += [
            await try_call(opened, _REFUSED, method, times=FEWER, people=people, wait=wait)
            for wait in WAITS
        ]
    return found


def _table(found: list[Found]) -> list[str]:
    head = (
        f"{'database':<12}{'method':<23}{'fault':<20}{'times':>6}{'lost':>6}{'parked':>8}"
        f"{'doubled':>9}{'marked':>8}{'unwanted':>10}"
        f"{'early':>7}{'recovered':>11}{'others wait':>13}"
    )
    rows = [
        f"{database:<12}{one.method:<23}{_named(one):<20}{one.injected:>6}{one.lost:>6}"
        f"{one.parked:>8}{one.doubled:>9}{one.repeated:>8}{one.unwanted:>10}{one.too_early:>7}"
        f"{one.recovered:>9.1f} s{one.other_waited:>11.2f} s"
        for database, one in found
    ]
    return [head, *rows]


def _named(one: Faulted) -> str:
    return f"{one.fault}, {one.wait} s" if one.fault == _REFUSED else one.fault


def _values(found: list[Faulted]) -> list[Value]:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in found)

    values = [
        Value(name=f"slack_faults_{name}", value=total(name), unit="", holds=total(name) == 0)
        for name in ("lost", "doubled", "unwanted", "too_early")
    ]
    waited = max(one.other_waited for one in found)
    return [
        Value(
            name="slack_faults_injected",
            value=total("injected"),
            unit="calls",
            holds=all(one.holds for one in found),
        ),
        *values,
        Value(
            name="slack_faults_marked",
            value=total("repeated"),
            unit="messages",
            holds=all(one.is_right for one in found),
        ),
        Value(
            name="slack_faults_others_waited",
            value=round(waited, 2),
            unit="s",
            holds=waited < OTHER_SECONDS,
        ),
    ]

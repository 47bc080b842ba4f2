"""Two clicks on one question at the same moment, to two web processes where there are two."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from bot.domain.ids import AssumptionKey, UserId
from bot.domain.validation import Answer
from bot.store.tables import history
from tests.chaos.asked import ask_again, log_asked
from tests.chaos.deliveries import BO, click, is_apology, submission
from tests.chaos.lane import HERE, Lane
from tests.chaos.poll import until
from tests.chaos.slack import Call
from tests.figures.load import read_answer

CY = UserId("U0CY")
DI = UserId("U0DI")  # asked nothing, and sees nothing of it
_EACH = 1000  # at once in a transaction
_RACES_AT_ONCE = 16
_TOLD = re.compile(r"(?:<@(\w+)>|(You)) answered this already: \*([a-z ]+)\*, <!date\^(\d+)\^")
_REFUSED = "I know no {key} here"
_WORDS = {"still true": Answer.HOLDS, "not true": Answer.FAILS}


class Race(StrEnum):
    """What meets; the second of them is told unless it says something else."""

    DOUBLE = "double click of one person"
    SAME = "two people, the same answer"
    DIFFERENT = "two people, different answers"
    NOT_ASKED = "one by somebody who was not asked"
    OLD_COPY = "a click on the copy of an older round"
    CLOSED = "a form sent after another closed it"


ASKED: Mapping[Race, Sequence[UserId]] = {
    Race.DOUBLE: (BO,),
    Race.SAME: (BO, CY),
    Race.DIFFERENT: (BO, CY),
    Race.NOT_ASKED: (BO,),
    Race.OLD_COPY: (BO,),
    Race.CLOSED: (BO, CY),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An answer as the history has it."""

    by: UserId
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A question, and who clicked; what is said to them is found by the numbers."""

    key: AssumptionKey
    people: tuple[UserId, UserId]
    numbers: tuple[int, int]
    before: int = 0  # answers that it had already


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    race: Race
    pairs: int
    refused: int  # answers other than 200
    apologies: int
    lost: frozenset[AssumptionKey]  # an answer that was not stored
    doubled: frozenset[AssumptionKey]  # more rows than there were answers to store
    untold: frozenset[AssumptionKey]  # the loser was told nothing, or something else
    mistold: frozenset[AssumptionKey]  # the winner was told that they came second

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled or self.untold or self.mistold)

    @property
    def holds(self) -> bool:
        return self.is_right and not (self.refused or self.apologies)


def judge_clicks(
    race: Race,
    pairs: Iterable[Pair],
    rows: Mapping[AssumptionKey, Sequence[Row]],
    told: Mapping[int, Sequence[str]],
    *,
    refused: int = 0,
) -> Clicked:
    """Judge each question by itself."""
    wrong: defaultdict[str, set[AssumptionKey]] = defaultdict(set)
    known = list(pairs)
    for pair in known:
        new = rows.get(pair.key, ())[pair.before :]
        meant = 2 if race is Race.DIFFERENT else 1
        if len(new) < meant or (race is Race.DIFFERENT and len({row.by for row in new}) < meant):
            wrong["lost"].add(pair.key)
        if len(new) > meant:
            wrong["doubled"].add(pair.key)
        of_pair = [list(told.get(number, ())) for number in pair.numbers]
        said = [text for some in of_pair for text in some]
        if race is Race.DIFFERENT:
            if said:
                wrong["mistold"].add(pair.key)
            continue
        if not any(_is_right(race, pair, rows.get(pair.key, ()), of_pair)):
            wrong["untold"].add(pair.key)
        if len(said) > 1:
            wrong["mistold"].add(pair.key)
    every_word = [text for number in told for text in told[number]]
    return Clicked(
        race=race,
        pairs=len(known),
        refused=refused,
        apologies=sum(is_apology(text) for text in every_word),
        **{name: frozenset(wrong[name]) for name in ("lost", "doubled", "untold", "mistold")},
    )


def _is_right(
    race: Race, pair: Pair, rows: Sequence[Row], told: Sequence[Sequence[str]]
) -> Iterator[bool]:
    """Whether what each of the two was told is what a loser has to be told."""
    for (nth, loser), said in zip(enumerate(pair.people), told, strict=True):
        if race is Race.NOT_ASKED:
            yield loser == DI and any(_REFUSED.format(key=pair.key) in text for text in said)
        elif race is Race.OLD_COPY and nth == 1:
            yield False  # the click on the newer copy is news
        else:
            yield any(_names_winner(text, loser, rows) for text in said)


def _names_winner(text: str, loser: UserId, rows: Iterable[Row]) -> bool:
    """Whether it says who answered, what, and when, as the history has it."""
    found = _TOLD.search(text)
    if found is None:
        return False
    by = loser if found[2] else UserId(found[1])
    facts = (by, _WORDS.get(found[3]), int(found[4]))
    is_own_called_so = bool(found[2]) or by != loser
    return is_own_called_so and facts in {(r.by, r.answer, int(r.at.timestamp())) for r in rows}


async def race(
    lane: Lane, ports: Sequence[int], which: Race, *, pairs: int, numbers: Iterator[int]
) -> Clicked:
    """Let two clicks on each of so many questions arrive at once."""
    made = await _prepare(lane, which, pairs, numbers)
    calls_before = len(lane.slack.calls)
    refused = await _let_them_race(which, made, lane.slack.url, ports[0], ports[-1])

    async def all_told() -> bool:
        return len(_told(lane.slack.calls[calls_before:])) >= pairs

    if which is not Race.DIFFERENT:
        with suppress(TimeoutError):  # the judge says who was not
            await until(all_told, within=60)
    told = _told(lane.slack.calls[calls_before:])
    return judge_clicks(which, made, await lane.db.read(_answers), told, refused=refused)


async def _prepare(lane: Lane, which: Race, pairs: int, numbers: Iterator[int]) -> list[Pair]:
    keys: list[AssumptionKey] = []
    while len(keys) < pairs:
        some = await lane.db.write(log_asked, min(_EACH, pairs - len(keys)), asked=ASKED[which])
        if which is Race.OLD_COPY:
            await lane.db.write(ask_again, some, BO)
        keys += some
    second = {Race.DOUBLE: BO, Race.OLD_COPY: BO, Race.NOT_ASKED: DI}.get(which, CY)
    return [
        Pair(
            key=key,
            people=(BO, second),
            numbers=(next(numbers), next(numbers)),
            before=which is Race.OLD_COPY,
        )
        for key in keys
    ]


async def _let_them_race(
    which: Race, pairs: Iterable[Pair], slack: str, one_port: int, other_port: int
) -> int:
    """Return how many were not answered with 200."""
    waiting = iter(pairs)
    parts = (_race_on(which, waiting, slack, one_port, other_port) for _ in range(_RACES_AT_ONCE))
    return sum(await asyncio.gather(*parts))


async def _race_on(
    which: Race, waiting: Iterator[Pair], slack: str, one_port: int, other_port: int
) -> int:
    refused = 0
    async with _line_to(one_port) as one, _line_to(other_port) as other:
        for pair in waiting:
            first = one(click(pair.key, pair.numbers[0], slack, one_port, by=pair.people[0]))
            second = other(_second(which, pair, slack, other_port))
            if which is Race.CLOSED:
                statuses = [await first, await second]
            else:
                statuses = list(await asyncio.gather(first, second))
            refused += sum(status != 200 for status in statuses)
    return refused


@asynccontextmanager
async def _line_to(port: int) -> AsyncIterator[Callable[[bytes], Coroutine[None, None, int]]]:
    """Give what sends a request on a connection of its own and returns the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send(request: bytes) -> int:
        writer.write(request)
        status, _ = await read_answer(reader)
        return status

    yield send
    writer.close()
    await writer.wait_closed()


def _second(which: Race, pair: Pair, slack: str, port: int) -> bytes:
    """What the second one does; in `OLD_COPY` the first clicks on the older copy."""
    by, number = pair.people[1], pair.numbers[1]
    match which:
        case Race.DIFFERENT:
            return submission(pair.key, number, slack, port, answer=Answer.FAILS, by=by)
        case Race.CLOSED:
            return submission(pair.key, number, slack, port, answer=Answer.HOLDS, by=by)
        case Race.OLD_COPY:
            return click(pair.key, number, slack, port, by=by, asked_round=2)
        case _:
            return click(pair.key, number, slack, port, by=by)


def _told(calls: Iterable[Call]) -> dict[int, list[str]]:
    """What was said to each click, by its number."""
    said: defaultdict[int, list[str]] = defaultdict(list)
    for call in calls:
        _, is_it, number = call.method.partition("respond-")
        if is_it:
            said[int(number)].append(json.dumps(dict(call.body), ensure_ascii=False))
    return dict(said)


def _answers(tx: Connection) -> dict[AssumptionKey, list[Row]]:
    columns = history.c.assumption, history.c.by_user, history.c.data, history.c.at
    answered = (history.c.workspace == HERE) & (history.c.kind == "answered")
    found: defaultdict[AssumptionKey, list[Row]] = defaultdict(list)
    for key, by, data, at in tx.execute(select(*columns).where(answered).order_by(history.c.seq)):
        found[key].append(Row(UserId(by), Answer(data["answer"]), at))
    return dict(found)

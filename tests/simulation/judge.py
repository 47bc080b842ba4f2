"""Judges a company's log by what the design promises, reading nothing but clocks and calendars.

It knows no rule of the bot: whether somebody works is what the clock on their wall shows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.assumption import Impact
from bot.domain.ids import AssumptionKey
from bot.domain.outbox import MessageKind
from bot.domain.prompt import PromptKey, PromptKind
from tests.simulation.company import Sent

DIGEST_MAX = 8
# What people hear in their working time only; a refutation is told at once.
_POLITE = frozenset({MessageKind.ASK, MessageKind.UNANSWERED, MessageKind.STALE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a person works, as they would say it themselves."""

    zone: str
    moves: tuple[tuple[datetime, str], ...] = ()  # from when on their zone is another
    starts: time = time(9)
    ends: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def shows_work(self, at: datetime) -> bool:
        wall = self.wall(at)
        return (
            wall.weekday() in self.weekdays
            and wall.date() not in self.holidays
            and self.starts <= wall.time() < self.ends
        )

    def wall(self, at: datetime) -> datetime:
        zones = [self.zone, *(zone for since, zone in self.moves if since <= at)]
        return at.astimezone(ZoneInfo(zones[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    outside_hours: tuple[Sent, ...]  # to people who did not work then
    second_digests: tuple[Sent, ...]  # to somebody who had one that day
    second_urgents: tuple[Sent, ...]
    too_long: tuple[Sent, ...]
    doubled: tuple[PromptKey, ...]  # asked or told twice
    out_of_order: tuple[PromptKey, ...]  # a reminder without, or on the day of, the one before it

    def __str__(self) -> str:
        counts = {name: len(getattr(self, name)) for name in self.__slots__}
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    @property
    def is_clean(self) -> bool:
        return not any(getattr(self, name) for name in self.__slots__)


def judge(
    log: Iterable[Sent], hours: Mapping[str, Hours], impacts: Mapping[AssumptionKey, Impact]
) -> Verdict:
    """Read the log in the order of sending; `hours` of each person, not of channels."""
    sent = list(log)
    asks = [one for one in sent if one.kind is MessageKind.ASK]
    digests, urgents = _second_messages(asks, hours, impacts)
    times = Counter(key for one in sent for key in (*one.asks, *one.tells))
    return Verdict(
        outside_hours=tuple(
            one
            for one in sent
            if one.kind in _POLITE and one.to in hours and not hours[one.to].shows_work(one.at)
        ),
        second_digests=digests,
        second_urgents=urgents,
        too_long=tuple(one for one in asks if len(one.asks) > DIGEST_MAX),
        doubled=tuple(key for key, count in times.items() if count > 1),
        out_of_order=tuple(_out_of_order(asks, hours)),
    )


def _second_messages(
    asks: Iterable[Sent], hours: Mapping[str, Hours], impacts: Mapping[AssumptionKey, Impact]
) -> tuple[tuple[Sent, ...], tuple[Sent, ...]]:
    """Of each person's day one message may be anything, and one more a lone urgent question."""
    by_day: defaultdict[tuple[str, date], list[Sent]] = defaultdict(list)
    for one in asks:
        by_day[one.to, hours[one.to].wall(one.at).date()].append(one)
    digests: list[Sent] = []
    urgents: list[Sent] = []
    for messages in by_day.values():
        lone = [one for one in messages if could_be_urgent(one, impacts)]
        digests += [one for one in messages if one not in lone][1:]
        rest = len(messages) - len(lone)
        urgents += lone[2 if rest == 0 else 1 :]
    return tuple(digests), tuple(urgents)


def could_be_urgent(one: Sent, impacts: Mapping[AssumptionKey, Impact]) -> bool:
    return (
        len(one.asks) == 1
        and one.asks[0].kind is not PromptKind.REMIND
        and impacts[one.asks[0].assumption] is Impact.CRITICAL
    )


def _out_of_order(asks: Iterable[Sent], hours: Mapping[str, Hours]) -> Iterator[PromptKey]:
    """A reminder needs the one before it, on an earlier day of the person's."""
    asked_on: dict[tuple[object, ...], date] = {}
    for one in asks:
        day = hours[one.to].wall(one.at).date()
        for key in one.asks:
            place = (key.assumption, key.stakeholder, key.round)
            number = key.attempt if key.kind is PromptKind.REMIND else 0
            if number:
                before = asked_on.get((*place, number - 1))
                if before is None or before >= day:
                    yield key
            asked_on[(*place, number)] = day

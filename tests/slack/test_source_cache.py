"""The cache before Slack: one call for many, none while Slack is away, and figures of it."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.domain.errors import RetryableError
from bot.domain.ids import WorkspaceId
from bot.slack import source_cache
from bot.slack.source_cache import SourceCache
from tests.slack.conftest import Wire

HERE, ELSEWHERE = WorkspaceId("T1"), WorkspaceId("T2")
TTL = timedelta(hours=1)


class Source:
    """Answers with what it was asked for, or as it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[WorkspaceId, str]] = []
        self.error: Exception | None = None
        self.time = 1000.0
        self.held: asyncio.Event | None = None

    async def fetch(self, workspace: WorkspaceId, of: str) -> str | None:
        self.calls.append((workspace, of))
        await asyncio.sleep(0)
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        return of or None

    def cache(
        self, *, early: timedelta = timedelta(minutes=45), is_urgent: bool = True
    ) -> SourceCache[str]:
        return SourceCache(
            "sample",
            self.fetch,
            ttl=timedelta(hours=1),
            early=early,
            size=100,
            has_breaker=True,
            is_urgent=is_urgent,
            monotonic=lambda: self.time,
        )


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def let_all_go_on() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def fails(cache: SourceCache[str], workspace: WorkspaceId, of: str) -> RetryableError:
    with pytest.raises(RetryableError) as caught:
        await cache.get(workspace, of)
    return caught.value


async def test_a_source_that_keeps_failing_is_left_alone_in_that_workspace() -> None:
    source = Source()
    cache, source.error = source.cache(), RetryableError("Away.")
    for number in range(5):
        await fails(cache, HERE, f"U{number}")

    refused = await fails(cache, HERE, "U5")
    await fails(cache, ELSEWHERE, "U6")

    assert len(source.calls) == 6
    assert source.calls[-1] == (ELSEWHERE, "U6")
    assert "Slack did not answer" in str(refused)
    assert figure("stilltrue_breakers_open", source="sample") == 1


async def test_nobody_is_asked_before_slack_said_so() -> None:
    source = Source()
    cache = source.cache()
    source.error = RetryableError("Too many.", retry_after=timedelta(seconds=30))
    await fails(cache, HERE, "U1")
    source.error = None

    source.time += 20
    too_early = await fails(cache, HERE, "U2")
    elsewhere = await cache.get(ELSEWHERE, "U2")
    source.time += 10
    in_time = await cache.get(HERE, "U2")

    assert too_early.retry_after == timedelta(seconds=10)
    assert elsewhere == in_time == "U2"
    assert len(source.calls) == 3


async def test_nobody_waits_long_and_a_late_answer_is_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()

    await fails(cache, HERE, "U1")
    await fails(cache, HERE, "U1")
    source.held.set()
    await let_all_go_on()

    assert await cache.get(HERE, "U1") == await cache.get(HERE, "U1") == "U1"
    assert len(source.calls) == 1


async def test_nobody_waits_for_a_call_that_kept_somebody_waiting_already(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    await fails(cache, HERE, "U1")
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 3600)

    async with asyncio.timeout(30):  # the hour, if the next one waited too
        await fails(cache, HERE, "U1")

    source.held.set()
    assert len(source.calls) == 1


async def test_a_source_that_keeps_people_waiting_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()

    for number in range(6):
        await fails(cache, HERE, f"U{number}")

    source.held.set()
    assert len(source.calls) == 5


async def test_hits_misses_and_ages_are_counted() -> None:
    source, names = Source(), ("hit", "miss")
    cache = source.cache()
    before = [figure("stilltrue_cache_lookups_total", cache="sample", result=n) for n in names]
    ages = figure("stilltrue_cache_age_seconds_sum", cache="sample")

    await asyncio.gather(*(cache.get(HERE, "U1") for _ in range(3)))
    source.time += 100
    await cache.get(HERE, "U1")

    after = [figure("stilltrue_cache_lookups_total", cache="sample", result=n) for n in names]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 3]
    assert figure("stilltrue_cache_age_seconds_sum", cache="sample") - ages == 100
    assert len(source.calls) == 1


async def test_a_thousand_who_ask_at_once_make_one_call() -> None:
    source = Source()
    cache = source.cache()

    found = await asyncio.gather(*(cache.get(HERE, "U1") for _ in range(1000)))

    assert found == ["U1"] * 1000
    assert len(source.calls) == 1


async def test_one_who_gives_up_takes_the_answer_from_nobody_else() -> None:
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()
    first, second = (asyncio.create_task(cache.get(HERE, "U1")) for _ in range(2))
    await let_all_go_on()

    first.cancel()
    source.held.set()

    assert await second == "U1"
    assert len(source.calls) == 1


async def test_what_nobody_waits_for_in_slack_may_take_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.0)
    source = Source()
    cache = source.cache(is_urgent=False)

    assert await cache.get(HERE, "U1") == "U1"


async def test_a_slow_database_is_not_blamed_on_slack(
    monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.0)
    await wire.start_project()

    told = await wire.command("The payments API is live by March | impact:low")

    assert told["text"] == "My database did not answer just now. Try again in a minute."


async def test_a_refresh_that_fails_leaves_what_is_known() -> None:
    source = Source()
    cache = source.cache(early=timedelta(seconds=-1))  # each look-up starts a refresh
    await cache.get(HERE, "U1")
    source.error = RetryableError("Away.")

    known = [await cache.get(HERE, "U1") for _ in range(3)]
    await let_all_go_on()

    assert known == ["U1"] * 3
    assert len(source.calls) > 1


class Notes:
    """Our own database, which takes its time or fails."""

    def __init__(self) -> None:
        self.is_free = asyncio.Event()
        self.error: Exception | None = None
        self.begun: list[str] = []

    async def keep(self, told: str) -> str:
        self.begun.append(told)
        await self.is_free.wait()
        if self.error is not None:
            raise self.error
        return told

    def cache(self, source: Source) -> SourceCache[str]:
        return SourceCache(
            "noted",
            source.fetch,
            keep=self.keep,
            ttl=TTL,
            early=TTL,
            size=10,
            has_breaker=True,
            monotonic=lambda: source.time,
        )


async def test_nobody_waits_long_for_our_own_notes_and_slack_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    source, notes = Source(), Notes()
    cache = notes.cache(source)
    for _ in range(10):
        with pytest.raises(RetryableError, match="My database"):
            await cache.get(HERE, "U1")
    assert notes.begun == ["U1"]
    notes.is_free.set()

    assert await cache.get(HERE, "U1") == "U1"
    assert len(source.calls) == 1


async def test_what_could_not_be_noted_is_noted_later_and_slack_is_not_asked_again() -> None:
    source, notes = Source(), Notes()
    notes.is_free.set()
    cache, notes.error = notes.cache(source), RetryableError("My database is away.")
    await fails(cache, HERE, "U1")
    notes.error = None

    assert await cache.get(HERE, "U1") == "U1"
    assert (len(source.calls), notes.begun) == (1, ["U1", "U1"])


async def test_a_bug_in_a_note_that_nobody_waits_for_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    source, notes = Source(), Notes()
    cache, notes.error = notes.cache(source), LookupError("a row that nobody expected")
    await fails(cache, HERE, "U1")

    with capture_logs() as lines:
        notes.is_free.set()
        await let_all_go_on()

    assert [line["event"] for line in lines] == ["note.failed"]


async def test_no_late_answer_from_before_a_change_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE_SECONDS", 0.01)
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()
    await fails(cache, HERE, "U1")
    source.held.set()
    await let_all_go_on()

    await cache.forget(HERE, "U1")

    assert await cache.get(HERE, "U1") == "U1"
    assert len(source.calls) == 2


async def test_what_is_asked_for_while_it_changes_is_asked_for_again() -> None:
    source = Source()
    cache, source.held = source.cache(), asyncio.Event()
    asked = asyncio.create_task(cache.get(HERE, "U1"))
    await let_all_go_on()

    await cache.forget(HERE, "U1")
    source.held.set()

    assert await asked == await cache.get(HERE, "U1") == "U1"
    assert len(source.calls) == 2

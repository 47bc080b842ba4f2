"""A cache before a source that is slow or away, as the directory and the projects keep one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from cashews import Cache, CircuitBreakerOpen, thunder_protection
from prometheus_client import Counter, Gauge, Histogram

from bot.domain.errors import RetryableError
from bot.domain.ids import WorkspaceId

T = TypeVar("T")
_Key = tuple[WorkspaceId, str]
log = structlog.get_logger()

_lookups = Counter("stilltrue_cache_lookups", "Look-ups, by how they ended.", ["cache", "result"])
_age = Histogram(
    "stilltrue_cache_age_seconds",
    "How old was what a cache gave.",
    ["cache"],
    buckets=(1, 10, 60, 300, 900, 1800, 2700, 3600),
)
_open = Gauge(
    "stilltrue_breakers_open", "Workspaces whose source is left alone, since it fails.", ["source"]
)

_KEY = "{workspace}:{of}"
_FAILS_PERCENT = 50  # of the calls for one workspace …
_WATCHED = timedelta(seconds=30)  # … in that time, …
_FEW = 5  # … from so many on
_LEFT_ALONE = timedelta(seconds=15)
_PATIENCE_SECONDS = 1.0  # Slack waits 3 s for our answer, whoever keeps us waiting
_SLACK_IS_AWAY = "Slack did not answer just now. Try again in a minute."
DATABASE_IS_AWAY = "My database did not answer just now. Try again in a minute."


class LookUps:
    """Counts how look-ups in a cache end, and how old it was what they found."""

    def __init__(self, cache: str) -> None:
        self._hits, self._misses, self._failures = (
            _lookups.labels(cache, result) for result in ("hit", "miss", "failed")
        )
        self._ages = _age.labels(cache)

    def hit(self, age: float) -> None:
        """Count what was there, `age` seconds after its source had said it."""
        self._hits.inc()
        self._ages.observe(age)

    def miss(self) -> None:
        self._misses.inc()

    def failed(self) -> None:
        self._failures.inc()


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    value: T | None  # None is told and not kept
    at: float


class SourceCache(Generic[T]):
    """Keeps what `fetch` returns: renewed before it ends, one fetch at a time for a key.

    A source of Slack's that keeps failing is left alone for a while, as one that said for how
    long: a workspace each, since Slack's limits are too.
    """

    def __init__(
        self,
        name: str,
        fetch: Callable[[WorkspaceId, str], Awaitable[T | None]],
        *,
        ttl: timedelta,
        early: timedelta,
        size: int,
        has_breaker: bool,
        keep: Callable[[T], Awaitable[T | None]] | None = None,
        is_urgent: bool = True,
        away: str = _SLACK_IS_AWAY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put a cache before `fetch`.

        Args:
            name: What the figures call it.
            fetch: Asks the source; a `RetryableError` says that it is away.
            ttl: How long an answer may be given.
            early: From that age on the next reader starts a refresh in the background.
            size: How many answers are kept.
            has_breaker: Whether the source may be left alone; the database answers for itself.
            keep: Notes an answer in our own database and returns what is given for it; where that
                is away the source is no less asked.
            is_urgent: Whether Slack waits for what is asked; else a call may take as long as it
                takes.
            away: What a person reads while the source does not answer.
            monotonic: Seconds.
        """
        self._fetch = fetch
        self._keep = keep
        self._monotonic = monotonic
        self._not_before: dict[WorkspaceId, float] = {}
        self._held_back_at: dict[WorkspaceId, float] = {}
        self._late: dict[_Key, _Found[T]] = {}  # told after whoever asked had given up
        self._noting: dict[_Key, tuple[_Found[T], asyncio.Future[T | None]]] = {}
        self._finding: set[_Key] = set()
        self._outdated: set[_Key] = set()  # of those, what changed since they were asked for
        self._size = size
        self._early = early.total_seconds()
        self._away = away
        self._is_urgent = is_urgent
        self._under_way: dict[_Key, asyncio.Future[T | None]] = {}
        self._overdue: set[_Key] = set()  # of those, what kept somebody waiting
        self._cache = Cache()
        self._cache.setup("mem://", size=size, check_interval=0)  # no sweeper: reading expires
        self._ask = self._behind_breaker() if has_breaker else self._ask_for_a_moment
        self._find_together = thunder_protection(key=_KEY)(self._find)
        self._cached = self._cache.early(
            ttl=ttl,
            early_ttl=early,
            key=_KEY,
            condition=_is_kept,
            tags=["of:{workspace}:{of}"],
            protected=False,  # a hit need not pay for a task
        )(self._find_once)
        self._look_ups = LookUps(name)
        if has_breaker:
            _open.labels(name).set_function(self._left_alone)

    async def get(self, workspace: WorkspaceId, of: str) -> T | None:
        """Return what the source says of `of`, or said a while ago.

        Raises:
            RetryableError: It is not known, and the source is away.
        """
        asked_at = self._monotonic()
        found: _Found[T] | RetryableError = await self._cached(workspace=workspace, of=of)
        if isinstance(found, RetryableError):
            self._look_ups.failed()
            raise RetryableError(str(found), retry_after=found.retry_after) from found
        if found.at < asked_at:
            self._look_ups.hit(asked_at - found.at)
        else:
            self._look_ups.miss()
        return found.value

    async def forget(self, workspace: WorkspaceId, of: str) -> None:
        """Ask the source the next time: no answer from before is given any more."""
        key = workspace, of
        self._late.pop(key, None)
        self._under_way.pop(key, None)
        self._overdue.discard(key)
        if key in self._finding:
            self._outdated.add(key)
        await self._cache.delete_tags(f"of:{workspace}:{of}")

    async def _find_once(self, workspace: WorkspaceId, of: str) -> _Found[T] | RetryableError:
        # Whoever gives up takes the call from nobody else who waits for it.
        return await asyncio.shield(self._find_together(workspace=workspace, of=of))

    async def _find(self, workspace: WorkspaceId, of: str) -> _Found[T] | RetryableError:
        """Ask, anew where the answer is from before a change; a key is in here once at a time.

        An error is a value here, since nobody awaits a refresh in the background.
        """
        key = workspace, of
        self._finding.add(key)
        try:
            while True:
                self._outdated.discard(key)
                found = await self._find_now(workspace, of)
                if key not in self._outdated:
                    return found
        finally:
            self._finding.discard(key)
            self._outdated.discard(key)

    async def _find_now(self, workspace: WorkspaceId, of: str) -> _Found[T] | RetryableError:
        key = workspace, of
        late = self._late.pop(key, None)
        if late is not None and self._monotonic() - late.at < self._early:
            return await self._noted(key, late)
        wait = self._not_before.get(workspace, 0.0) - self._monotonic()
        if wait > 0:
            return RetryableError(self._away, retry_after=timedelta(seconds=wait))
        try:
            value = await self._ask(workspace=workspace, of=of)
        except CircuitBreakerOpen:
            self._held_back_at[workspace] = self._monotonic()
            return RetryableError(self._away)
        except RetryableError as error:
            if error.retry_after is not None:
                until = self._monotonic() + error.retry_after.total_seconds()
                self._not_before[workspace] = until
            return error
        return await self._noted(key, _Found(value, self._monotonic()))

    async def _noted(self, key: _Key, found: _Found[T]) -> _Found[T] | RetryableError:
        """Note it in our own database; whoever waits for the source waits no longer for that.

        Where it takes longer, or fails, the source is not asked again for what it has told.
        """
        if self._keep is None or found.value is None:
            return found
        noted, noting = self._noting.get(key, (None, None))
        if noting is None or noted is not found:
            noting = asyncio.ensure_future(_keep_after(noting, partial(self._keep, found.value)))
            self._noting[key] = found, noting
            noting.add_done_callback(lambda done: self._note_ended(key, done))
        await asyncio.wait({noting}, timeout=self._patience())
        try:
            return _Found(noting.result(), found.at)
        except asyncio.InvalidStateError:
            error = RetryableError(DATABASE_IS_AWAY)
        except RetryableError as failed:
            error = failed
        self._put_late(key, found)
        return error

    def _note_ended(self, key: _Key, noting: "asyncio.Future[T | None]") -> None:
        if self._noting.get(key, (None, None))[1] is noting:
            del self._noting[key]
        # Nobody may wait for it any more: its error would be said to be nobody's.
        error = None if noting.cancelled() else noting.exception()
        if error is not None and not isinstance(error, RetryableError):
            log.error("note.failed", of=key[1], exc_info=error)

    def _put_late(self, key: _Key, found: _Found[T]) -> None:
        self._late[key] = found
        if len(self._late) > self._size:
            del self._late[next(iter(self._late))]

    async def _ask_for_a_moment(self, workspace: WorkspaceId, of: str) -> T | None:
        """Ask, and let a call that takes long go on; its answer is for whoever asks next.

        Nobody else waits for such a call, and to the breaker it is one that failed.
        """
        key = workspace, of
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(self._fetch(workspace, of))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        if key not in self._overdue:
            await asyncio.wait({task}, timeout=self._patience())
        if not task.done():
            self._overdue.add(key)
            raise RetryableError(self._away)
        return await task

    def _patience(self) -> float | None:
        return _PATIENCE_SECONDS if self._is_urgent else None

    def _ended(self, key: _Key, task: "asyncio.Future[T | None]") -> None:
        # Where it failed nobody may be waiting for it any more.
        has_failed = task.cancelled() or task.exception() is not None
        if self._under_way.get(key) is not task:  # forgotten meanwhile
            return
        del self._under_way[key]
        is_late = key in self._overdue
        self._overdue.discard(key)
        if is_late and not has_failed:
            self._put_late(key, _Found(task.result(), self._monotonic()))

    def _behind_breaker(self) -> Callable[..., Awaitable[T | None]]:
        breaker = self._cache.circuit_breaker(
            errors_rate=_FAILS_PERCENT,
            period=_WATCHED,
            ttl=_LEFT_ALONE,
            min_calls=_FEW,
            exceptions=RetryableError,
            key="{workspace}",
        )
        return breaker(self._ask_for_a_moment)

    def _left_alone(self) -> float:
        since = self._monotonic() - _LEFT_ALONE.total_seconds()
        return sum(at > since for at in self._held_back_at.values())


async def _keep_after(
    earlier: "asyncio.Future[T | None] | None", keep: Callable[[], Awaitable[T | None]]
) -> T | None:
    """Keep it once what was told before is kept."""
    if earlier is not None:
        await asyncio.wait({earlier})
    return await keep()


def _is_kept(result: Any, args: Any, kwargs: Any, key: str = "") -> bool:
    return isinstance(result, _Found) and result.value is not None

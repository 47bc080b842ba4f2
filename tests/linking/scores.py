"""How well a way of finding candidates does on the labelled set."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.domain.ids import AssumptionKey
from bot.domain.permission import OPERATOR
from bot.domain.setback import Setback
from bot.store import assumption as assumptions
from bot.usecases.linking import rank_all, suggest
from tests.linking.labelled_set import Labelled
from tests.make import WORKSPACE

_SHOWN = 3
_DEEPER = 5
_RETRIEVED = 50


@dataclass(frozen=True, slots=True)
class Found:
    shown: Sequence[AssumptionKey]  # what a person sees at once
    in_order: Sequence[AssumptionKey]  # with what is a click away


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`hit`, `recall` and `mrr` are over the `true` setbacks that something explains."""

    hit: float  # one that is true is among the three shown
    recall: float  # of what is true, the part among the first five
    mrr: float  # mean of 1 / rank of the first that is true
    rightly_none: float  # of the others, those for which nothing is shown
    true: int
    none: int


Find = Callable[[Connection, Setback], Found]


def by_text_alone(tx: Connection, setback: Setback) -> Found:
    """Find in the store's full-text order, as many as are shown."""
    found = assumptions.retrieve(tx, WORKSPACE, setback.text, limit=_RETRIEVED)
    keys = [one.key for one in found]
    return Found(keys[:_SHOWN], keys)


def by_ours(tx: Connection, setback: Setback) -> Found:
    shown = [trace.assumption for trace in suggest(tx, setback)]
    return Found(shown, [trace.assumption for trace, _ in rank_all(tx, setback, reader=OPERATOR)])


def score(tx: Connection, find: Find, labelled: Iterable[Labelled]) -> Score:
    pairs = [(one.true, find(tx, one.setback)) for one in labelled]
    true = [(keys, found) for keys, found in pairs if keys]
    none = [found for keys, found in pairs if not keys]
    return Score(
        hit=_mean(bool(keys & set(found.shown)) for keys, found in true),
        recall=_mean(len(keys & set(found.in_order[:_DEEPER])) / len(keys) for keys, found in true),
        mrr=_mean(_reciprocal_rank(keys, found) for keys, found in true),
        rightly_none=_mean(not found.shown for found in none),
        true=len(true),
        none=len(none),
    )


def _reciprocal_rank(keys: frozenset[AssumptionKey], found: Found) -> float:
    ranks = (rank for rank, key in enumerate(found.in_order, start=1) if key in keys)
    return 1 / next(ranks, float("inf"))


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return sum(kept) / len(kept)

"""`linking`: how often the true assumption is found, for text alone and for ours, on both engines.

On the labelled set of `tests/linking`. Ours was tuned on one half; the other half only judges and
is shown apart. Promised of the held-out half: ours well above text alone.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection

from bot.store import schema
from bot.store.database import Database, open_database
from tests.figures.figure import Figure, Value
from tests.figures.postgres import postgres_url
from tests.linking.labelled_set import setbacks
from tests.linking.loading import load
from tests.linking.scores import Score, by_ours, by_text_alone, score

WAYS = {"text alone": by_text_alone, "ours": by_ours}
HALVES = {"tuning": False, "held-out": True}
_HEAD = f"{'':12}{'half':10}{'way':12}{'hit@3':>7}{'recall@5':>10}{'MRR':>7}{'rightly none':>14}"

# By how much ours is above text alone on the held-out half.
WELL_ABOVE = {"hit": 0.1, "recall": 0.1, "mrr": 0.1, "rightly_none": 0.25}


async def measure() -> Figure:
    lines, values = [_HEAD], []
    async with _databases() as databases:
        for name, db in databases.items():
            await db.write(load)
            scores = await db.read(_all_scores)
            lines += [_line(name, half, way, one) for (half, way), one in scores.items()]
            values += _values(name, scores)
    return Figure(lines=tuple(lines), values=tuple(values))


@asynccontextmanager
async def _databases() -> AsyncIterator[dict[str, Database]]:
    with tempfile.TemporaryDirectory() as folder, postgres_url() as postgres:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'figure.db'}", "PostgreSQL": postgres}
        for url in urls.values():
            schema.upgrade(url)
        databases = {name: open_database(url) for name, url in urls.items()}
        yield databases
        for db in databases.values():
            await db.close()


def _all_scores(tx: Connection) -> dict[tuple[str, str], Score]:
    labelled = setbacks()
    return {
        (half, way): score(tx, find, [one for one in labelled if one.is_held_out is is_held_out])
        for half, is_held_out in HALVES.items()
        for way, find in WAYS.items()
    }


def _line(name: str, half: str, way: str, one: Score) -> str:
    return (
        f"{name:12}{half:10}{way:12}{one.hit:7.0%}{one.recall:10.0%}{one.mrr:7.2f}"
        f"{one.rightly_none:14.0%}   of {one.true} explained, {one.none} not"
    )


def _values(name: str, scores: dict[tuple[str, str], Score]) -> list[Value]:
    text, ours = scores["held-out", "text alone"], scores["held-out", "ours"]
    return [
        Value(
            name=f"linking_{name.lower()}_{measured}",
            value=round(getattr(ours, measured), 3),
            unit=f"of 1, {getattr(text, measured):.3f} by text alone",
            holds=getattr(ours, measured) >= getattr(text, measured) + margin,
        )
        for measured, margin in WELL_ABOVE.items()
    ]

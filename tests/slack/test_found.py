"""A click tells where its question stands, also where the database is away for a while."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.errors import RetryableError
from bot.slack import ids, validation
from bot.usecases.found import is_known
from tests.make import key
from tests.slack.conftest import CountingDatabase, Wire

VALUE = str(ids.QuestionRef(key=key(1), round=1, needs_evidence=False))


def away(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the database refuse that often to say whether the place is known; nobody waits long."""
    read, left = CountingDatabase.read, iter(range(times))

    async def read_or_fail(
        db: CountingDatabase, unit: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        if unit is is_known and next(left, None) is not None:
            db.reads.append("refused")
            raise RetryableError("The database is away.")
        return await read(db, unit, *args, **kwargs)

    monkeypatch.setattr(CountingDatabase, "read", read_or_fail)
    monkeypatch.setattr(validation, "_AGAIN_SECONDS", (0.0, 0.0, 0.0))


def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep where the questions stand that are noted."""
    places: list[str] = []

    def note(_tx: Connection, *_args: Any, ts: str, **_kwargs: Any) -> bool:
        places.append(ts)
        return True

    monkeypatch.setattr(validation, "question_found", note)
    return places


@pytest.mark.parametrize(("times", "noted"), [(0, ["1.1"]), (3, ["1.1"]), (4, [])])
async def test_where_a_question_stands_is_noted_once_the_database_is_back(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, times: int, noted: list[str]
) -> None:
    places = told(monkeypatch)
    away(monkeypatch, times)

    await wire.deliver(wire.click_payload(ids.FAILS, VALUE))
    await wire.app.tools.tasks.drain()

    assert wire.db.reads.count("refused") == times
    assert places == noted

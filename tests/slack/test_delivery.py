"""What is delivered twice changes nothing the second time, and is acknowledged all the same."""

import asyncio
import json

import pytest
from sqlalchemy import Connection, text

from bot.domain.errors import RetryableError
from bot.slack import ids
from tests.make import ANA, BO, key
from tests.slack.conftest import Wire

LINE = "The payments API is live by March | ask <@U2BO|bo> impact:low"
PERSON_BO = {"user": {"id": BO, "team_id": "T1"}}
PERSON_ANA = {"user": {"id": ANA, "team_id": "T1"}}
REF = str(ids.QuestionRef(key(), 1))
TABLES = ("assumption", "history", "prompt", "outbox", "setback", "trace")


def everything(tx: Connection) -> dict[str, list[str]]:
    return {
        table: sorted(str(tuple(row)) for row in tx.execute(text(f"SELECT * FROM {table}")))  # noqa: S608
        for table in TABLES
    }


@pytest.mark.parametrize(
    ("action", "value", "person"),
    [
        (ids.HOLDS, REF, PERSON_BO),
        (ids.NOT_MINE, REF, PERSON_BO),
        (ids.ASK_MORE, f"{ids.MORE_STOP}|{REF}", PERSON_BO),
    ],
)
async def test_a_click_delivered_twice_at_once_changes_things_once(
    wire: Wire, action: str, value: str, person: dict[str, object]
) -> None:
    await wire.start_project()
    await wire.command(LINE)
    click = wire.click_payload(action, value, **person)
    before = await wire.db.inner.read(everything)

    first, second = await asyncio.gather(wire.deliver(click), wire.deliver(click))
    once = await wire.db.inner.read(everything)
    third = await wire.deliver(click)

    assert [first.status, second.status, third.status] == [200] * 3
    assert once != before
    assert await wire.db.inner.read(everything) == once
    assert len(once["history"]) == len(before["history"]) + 1


async def test_a_retirement_delivered_twice_is_written_once(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    payload = wire.command_payload("retire APOLLO-1 we chose another")

    answers = [json.loads((await wire.deliver(payload)).body or "{}") for _ in range(2)]

    found = await wire.db.inner.read(everything)
    assert len(found["history"]) == 2
    assert "error" not in answers[1]


async def test_where_nothing_can_be_stored_a_person_is_told_to_try_again(wire: Wire) -> None:
    await wire.start_project()

    async def away(*_args: object, **_kwargs: object) -> None:
        raise RetryableError("The database does not answer. Try again in a minute.")

    wire.db.write = away  # type: ignore[method-assign, assignment]
    reply = await wire.command(LINE)

    assert "Try again in a minute" in json.dumps(reply)

"""What is delivered twice changes nothing the second time, and is acknowledged all the same."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import Connection, text

from bot.domain.delivery import SecondCopyError
from bot.domain.errors import RetryableError, UnclearWriteError
from bot.slack import form, ids
from tests.make import ANA, BO, HOME, NOON, WORKSPACE, key
from tests.slack.conftest import Wire

LINE = "The payments API is live by March | ask <@U2BO|bo> impact:low"
PERSON_BO = {"user": {"id": BO, "team_id": "T1"}}
PERSON_ANA = {"user": {"id": ANA, "team_id": "T1"}}
REF = str(ids.QuestionRef(key(), 1))
TABLES = ("assumption", "history", "prompt", "outbox", "setback", "trace")


def note_asked(tx: Connection, channel: str, ts: str) -> None:
    """Let the question that is planned be the message at that place."""
    sent = text("UPDATE prompt SET state = 'sent', channel = :channel, ts = :ts, sent_at = :now")
    tx.execute(sent, {"channel": channel, "ts": ts, "now": NOON.isoformat()})


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


async def test_an_answer_that_was_taken_back_is_not_given_by_a_second_copy(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    click = wire.click_payload(ids.HOLDS, REF, **PERSON_BO)
    await wire.deliver(click)
    await wire.deliver(wire.click_payload(ids.UNDO, f"{key()}|2", **PERSON_BO))
    before = await wire.db.inner.read(everything)

    second = await wire.deliver(click)

    assert second.status == 200
    assert len(before["history"]) == 3
    assert await wire.db.inner.read(everything) == before


async def test_a_reply_in_words_that_is_refused_is_answered_once(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE.replace("low", "high"))
    direct = await wire.api.call(WORKSPACE, "conversations.open", {"users": BO})
    channel = direct["channel"]["id"]
    asked = await wire.api.call(WORKSPACE, "chat.postMessage", {"channel": channel, "text": "?"})
    await wire.db.inner.write(note_asked, channel, asked["ts"])
    reply = {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event_id": "Ev1",
        "event": {
            "type": "message",
            "channel_type": "im",
            "channel": channel,
            "user": BO,
            "ts": "1772539201.000100",
            "thread_ts": asked["ts"],
            "text": "yes",
        },
    }

    for _ in range(2):
        assert (await wire.deliver(reply)).status == 200
        await wire.app.tools.tasks.drain()

    seen = await wire.seen("messages", **{"as": BO, "channel": channel, "thread_ts": asked["ts"]})
    told = [message["text"] for message in seen["messages"] if message["ts"] != asked["ts"]]
    assert len(told) == 1
    assert "How do you know?" in told[0]


async def test_a_retirement_delivered_twice_is_written_once(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    payload = wire.command_payload("retire APOLLO-1 we chose another")

    answers = [json.loads((await wire.deliver(payload)).body or "{}") for _ in range(2)]

    found = await wire.db.inner.read(everything)
    assert len(found["history"]) == 2
    assert "error" not in answers[1]


def lose_the_commit(wire: Wire, *, of: str, is_stored: bool) -> None:
    """Let the connection be lost while a write of that name is committed: it was, or it was not."""
    write, left = wire.db.write, 1

    async def lossy(unit: Callable[..., object], *args: object, **kwargs: object) -> object:
        nonlocal left
        if unit.__name__ != of or left == 0:
            return await write(unit, *args, **kwargs)
        left -= 1
        if is_stored:
            with suppress(SecondCopyError):
                await write(unit, *args, **kwargs)
        raise UnclearWriteError("The database went away.")

    wire.db.write = lossy  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(("is_stored", "told"), [(True, "That is stored"), (False, "Logged")])
async def test_a_command_whose_commit_was_lost_is_stored_once_and_told_as_stored(
    wire: Wire, is_stored: bool, told: str
) -> None:
    await wire.start_project()
    lose_the_commit(wire, of="log_assumption", is_stored=is_stored)

    reply = await wire.command(LINE)

    found = await wire.db.inner.read(everything)
    assert len(found["assumption"]) == 1
    assert told in json.dumps(reply)
    assert "Nothing was stored" not in json.dumps(reply)


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_click_whose_commit_was_lost_counts_once(wire: Wire, is_stored: bool) -> None:
    await wire.start_project()
    await wire.command(LINE)
    before = await wire.db.inner.read(everything)
    lose_the_commit(wire, of="hand_back", is_stored=is_stored)

    answer = await wire.deliver(wire.click_payload(ids.NOT_MINE, REF, **PERSON_BO))

    found = await wire.db.inner.read(everything)
    assert answer.status == 200
    assert len(found["history"]) == len(before["history"]) + 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_form_whose_commit_was_lost_is_not_offered_as_its_own_duplicate(
    wire: Wire, is_stored: bool
) -> None:
    await wire.start_project()
    lose_the_commit(wire, of="log_assumption", is_stored=is_stored)

    metadata = form.pack(c=HOME, p="APOLLO")
    said = {ids.STATEMENT: "Payments API live in March"}
    answer = await wire.submit(ids.NEW_ASSUMPTION, said, metadata=metadata)

    found = await wire.db.inner.read(everything)
    assert answer == {"response_action": "clear"}
    assert len(found["assumption"]) == 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_where_the_database_stays_away_it_is_told_as_unclear(
    wire: Wire, is_stored: bool
) -> None:
    await wire.start_project()
    lose_the_commit(wire, of="log_assumption", is_stored=is_stored)
    lose_the_commit(wire, of="was_handled", is_stored=False)

    reply = json.dumps(await wire.command(LINE))

    assert "I cannot say whether it is stored" in reply
    assert "/assume list" in reply
    assert "Nothing was stored" not in reply


async def test_where_nothing_can_be_stored_a_person_is_told_to_try_again(wire: Wire) -> None:
    await wire.start_project()

    async def away(*_args: object, **_kwargs: object) -> None:
        raise RetryableError("The database does not answer. Try again in a minute.")

    wire.db.write = away  # type: ignore[method-assign, assignment]
    reply = await wire.command(LINE)

    assert "Try again in a minute" in json.dumps(reply)

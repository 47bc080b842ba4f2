"""What becomes of a claim: deaths are counted, what cannot be written is owed, a stop frees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from structlog.testing import capture_logs

from bot.domain.errors import RetryableError
from bot.domain.lease import LAPSES_MAX, SUSPECT_LAPSES
from bot.domain.outbox import OUR_FAULT, Message, MessageState
from bot.scheduling.outbox import OutboxSender
from bot.store import outbox, outbox_claim
from bot.store.tables import outbox as table
from bot.usecases import outbox as messages
from bot.usecases.contents import Content
from bot.usecases.dead_letter import troubled
from bot.usecases.ports import Database, Outcome, Refused
from tests.chaos.poll import PATIENCE
from tests.scheduling.office import LEASE, Office
from tests.usecases.team import WORKSPACE


class FlakyDatabase:
    """The database, but for reads or writes that fail while it is said to be away."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.close = inner.close
        self.fails_to_read = self.fails_to_write = False
        self.fails_in: Callable[..., Any] | None = None
        self.after_write: Callable[[Any, Any], Awaitable[None]] | None = None

    async def read(self, unit: Any, *args: Any, **given: Any) -> Any:
        if self.fails_to_read:
            raise RetryableError("My database is away.")
        return await self._inner.read(unit, *args, **given)

    async def write(self, unit: Any, *args: Any, **given: Any) -> Any:
        if self.fails_to_write or unit is self.fails_in:
            raise RetryableError("My database is away.")
        result = await self._inner.write(unit, *args, **given)
        if self.after_write is not None:
            await self.after_write(unit, result)
        return result


async def _lapse(office: Office, times: int) -> None:
    """Let as many processes that have what is due end before they are done."""
    for _ in range(times):
        now = office.time.now()
        if not await office.db.write(outbox_claim.claim_due, now=now, limit=9, lease=LEASE):
            assert await office.db.write(outbox_claim.claim_suspect, now=now, lease=LEASE)
        await office.end_the_leases()


async def test_a_message_that_ends_each_process_is_parked_and_delivered_no_more(
    office: Office,
) -> None:
    await office.want(["C9"])
    await _lapse(office, LAPSES_MAX)
    await office.want(["C1"])

    with capture_logs() as lines:
        assert await office.sender().run() == 1

    assert [message.key.to for _, message in office.slack.sent] == ["C1"]
    [parked] = await office.db.read(troubled, WORKSPACE)
    assert (parked.key.to, parked.state) == ("C9", MessageState.DEAD)
    assert parked.error == "each process that tried it ended before it was done"
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["message.given_up"]


async def test_a_message_that_may_end_its_process_is_tried_all_the_same(office: Office) -> None:
    await office.want(["C9"])
    await _lapse(office, LAPSES_MAX - 1)

    assert await office.sender().run() == 1

    [(_, message)] = office.slack.sent
    assert message.is_repeat
    assert await office.db.read(troubled, WORKSPACE) == []


async def test_a_database_that_does_not_answer_makes_no_message_a_suspect(office: Office) -> None:
    office.db = database = FlakyDatabase(office.db)
    await office.want(["C1"])
    sender = office.sender()
    database.fails_to_read = True
    for _ in range(LAPSES_MAX + 1):
        await sender.wake()
        await sender.run()
        await office.end_the_leases()
        await office.time.sleep(60)
    database.fails_to_read = False

    assert await sender.run() == 1

    [(_, message)] = office.slack.sent
    assert (message.state, message.is_repeat) == (MessageState.PENDING, False)


async def _send_while_the_database_goes_away(office: Office) -> OutboxSender:
    """Let Slack take a message whose acceptance cannot be written; the database is back then."""
    office.db = database = FlakyDatabase(office.db)
    await office.want(["C1"])

    def go_away(_message: Message) -> None:
        database.fails_to_write = True

    office.slack.reaction = go_away
    sender = office.sender()
    with pytest.raises(RetryableError):
        await sender.run()
    database.fails_to_write = False
    return sender


async def test_what_slack_took_is_written_down_once_the_database_is_back_and_not_said_again(
    office: Office,
) -> None:
    sender = await _send_while_the_database_goes_away(office)
    await office.end_the_leases()
    await office.time.sleep(60)

    await sender.run()

    assert len(office.slack.sent) == 1
    assert await office.db.read(outbox.next_due) is None


async def test_a_stop_writes_down_what_slack_took_while_the_database_was_away(
    office: Office,
) -> None:
    sender = await _send_while_the_database_goes_away(office)

    await sender.stop()

    assert await office.db.read(outbox.next_due) is None


async def test_where_the_look_for_a_suspect_fails_what_was_claimed_goes_out(
    office: Office,
) -> None:
    office.db = database = FlakyDatabase(office.db)
    await office.want(["C1"])
    database.fails_in = messages.claim_suspect

    assert await office.sender().run() == 1

    [(_, message)] = office.slack.sent
    assert not message.is_repeat


async def test_what_is_claimed_while_the_process_stops_is_given_back_before_it_has_stopped(
    office: Office,
) -> None:
    office.db = database = FlakyDatabase(office.db)
    await office.want([f"C{number}" for number in range(10)])
    sender, is_claimed, may_go_on = office.sender(), asyncio.Event(), asyncio.Event()

    async def after_write(unit: Any, _result: Any) -> None:
        if unit is messages.claim_messages:
            is_claimed.set()
            await may_go_on.wait()

    database.after_write = after_write
    sender.kick()
    await is_claimed.wait()
    stopping = asyncio.create_task(sender.stop())
    await asyncio.sleep(0)
    may_go_on.set()
    await stopping

    database.after_write = None
    now = office.time.now()
    free = await office.db.write(outbox_claim.claim_due, now=now, limit=99, lease=LEASE)
    assert (len(free), office.slack.sent) == (10, [])


async def test_what_is_committed_while_a_claim_finds_nothing_is_sent_without_a_tick(
    office: Office,
) -> None:
    office.db = database = FlakyDatabase(office.db)
    sender = office.sender()

    async def after_write(unit: Any, _result: Any) -> None:
        if unit is messages.claim_messages:
            database.after_write = None
            await office.want(["C1"])
            sender.kick()

    database.after_write = after_write
    sender.kick()

    async with asyncio.timeout(PATIENCE):
        await office.slack.began["C1"].wait()
    await sender.stop()


async def test_what_may_end_a_process_goes_first_so_that_it_is_begun(office: Office) -> None:
    await office.want(["C1"])
    await _lapse(office, SUSPECT_LAPSES)
    await office.want(["C1", "C1"])

    assert await office.sender().run() == 3

    assert [message.is_repeat for _, message in office.slack.sent] == [True, False, False]


async def test_of_what_may_end_a_process_one_at_a_time_is_in_hand(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, in_hand = [f"C{number}" for number in range(4)], []
    await office.want(places)
    await _lapse(office, SUSPECT_LAPSES)
    sender, deliver = office.sender(), office.slack.deliver

    async def deliver_after_a_tick(message: Message, content: Content) -> Outcome:
        place = message.key.to
        if place in places:
            await office.want([f"{place} next"])
            await sender.wake()
            sender.kick()
            await office.slack.began[f"{place} next"].wait()  # so that claims were made meanwhile
            in_hand.append(await office.db.read(_count_suspects_in_hand))
        return await deliver(message, content)

    monkeypatch.setattr(office.slack, "deliver", deliver_after_a_tick)
    await sender.run()

    assert in_hand == [1, 1, 1, 1]
    assert {message.key.to for _, message in office.slack.sent} >= set(places)


def _count_suspects_in_hand(tx: Connection) -> int:
    in_hand = (table.c.lapses >= SUSPECT_LAPSES) & table.c.lease_token.is_not(None)
    return tx.execute(select(func.count()).select_from(table).where(in_hand)).scalar_one()


async def test_a_bug_in_recording_a_refusal_parks_the_message_in_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.want(["C1"])
    office.slack.reaction = lambda _message: Refused("is_archived")
    sender = office.sender()

    def fail(*_: Any, **__: Any) -> Any:
        raise LookupError("a row that nobody expected")

    monkeypatch.setattr(messages, "_put_off_or_park", fail)
    with capture_logs():
        for _ in range(7):
            await sender.run()
            await office.time.sleep(3600)
            await office.end_the_leases()

    [parked] = await office.db.read(troubled, WORKSPACE)
    assert (parked.state, parked.error) == (MessageState.DEAD, OUR_FAULT)

"""Sending: each message once, at Slack's pace, and nobody waits for another's trouble."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from bot.domain.errors import RetryableError
from bot.domain.ids import WorkspaceId
from bot.domain.outbox import LOOKED_UP, OUR_FAULT, CallKind, Message, MessageState
from bot.scheduling import outbox as sending
from bot.store import outbox, outbox_claim
from bot.usecases import outbox as messages
from bot.usecases.ports import Ambiguous, Blocked, Database, NotSent, Outcome, Refused
from tests.chaos.poll import PATIENCE
from tests.scheduling.office import Office, Reaction
from tests.usecases.team import WORKSPACE

A_SECOND = 0.999  # what is left of one after adding floats
MINUTE = timedelta(minutes=1)
ELSEWHERE = WorkspaceId("T0OTHER")


async def test_what_is_due_is_sent_once(office: Office) -> None:
    await office.want(["C1", "C2"])
    sender = office.sender()

    first, second = await sender.run(), await sender.run()

    assert (first, second) == (2, 0)
    assert sorted(message.key.to for _, message in office.slack.sent) == ["C1", "C2"]


async def test_two_senders_share_the_work(office: Office) -> None:
    await office.want([f"C{n}" for n in range(30)])

    counts = await asyncio.gather(office.sender().run(), office.sender().run())

    assert sum(counts) == len(office.slack.sent) == 30
    assert len({message.key for _, message in office.slack.sent}) == 30


async def test_posts_to_one_channel_are_a_second_apart(office: Office) -> None:
    await office.want(["C1"] * 5)

    await office.sender().run()

    moments = office.slack.moments("C1")
    assert len(moments) == 5
    assert all(later - earlier > A_SECOND for earlier, later in pairwise(moments))


async def test_an_update_does_not_wait_for_the_channel_s_turn(office: Office) -> None:
    await office.want(["C1"])
    sender = office.sender()
    await sender.run()
    before = office.time.passed
    first = office.slack.sent[0][1]
    await office.db.write(outbox.want, first.workspace, first.key, now=office.time.now())

    await sender.run()

    update_at, update = office.slack.sent[1]
    assert update.ts is not None
    assert update_at - before < 1


async def test_what_a_lease_would_outlast_is_given_back_and_sent_all_the_same(
    office: Office,
) -> None:
    await office.want(["C1"] * 9)
    sender = office.sender(lease=timedelta(seconds=6))

    while len(office.slack.sent) < 9:
        await sender.run()
        await office.time.sleep(1)

    moments = office.slack.moments("C1")
    assert all(later - earlier > A_SECOND for earlier, later in pairwise(moments))
    assert not any(message.is_repeat for _, message in office.slack.sent)
    assert len({message.key for _, message in office.slack.sent}) == 9


async def test_where_slack_asks_to_wait_only_that_workspace_waits(office: Office) -> None:
    await office.want(["C1", "C1"])
    await office.want(["C1"], workspace=ELSEWHERE)
    office.slack.reaction = _ask_once_to_wait(timedelta(seconds=60))
    sender = office.sender()

    await sender.run()
    at_once = [message.workspace for _, message in office.slack.sent]
    await office.time.sleep(62)
    await office.end_the_leases()
    await sender.run()

    assert at_once == [ELSEWHERE]
    assert len(office.slack.sent) == 3
    assert all(at >= 60 for at, message in office.slack.sent if message.workspace != ELSEWHERE)


def _ask_once_to_wait(wait: timedelta) -> Reaction:
    asked: list[Message] = []

    def react(message: Message) -> Outcome | None:
        if message.workspace == ELSEWHERE or asked:
            return None
        asked.append(message)
        return NotSent("ratelimited", retry_after=wait)

    return react


async def test_a_call_that_hangs_holds_up_no_other_place(office: Office) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1"])
    sender = office.sender()
    sender.kick()
    await office.slack.began["C1"].wait()

    await office.want(["C2"])
    sender.kick()
    await office.slack.began["C2"].wait()

    office.slack.held["C1"].set()
    await sender.run()
    assert [message.key.to for _, message in office.slack.sent] == ["C2", "C1"]


async def test_a_workspace_whose_calls_all_hang_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 4)
    monkeypatch.setattr(sending, "LINES_MAX", 20)
    monkeypatch.setattr(sending, "WORKSPACE_LINES_MAX", 8)
    hanging, answers = [f"C{number}" for number in range(30)], asyncio.Event()
    office.slack.held = dict.fromkeys(hanging, answers)
    await office.want(hanging)
    office.time.passed += 1
    await office.want(["C99"], workspace=ELSEWHERE)  # the last in the queue

    sender = office.sender()
    sender.kick()
    async with asyncio.timeout(PATIENCE):  # for ever, if those that hang take all the room
        await office.slack.began["C99"].wait()

    assert sum(office.slack.began[place].is_set() for place in hanging) <= 8
    answers.set()
    await sender.run()
    assert sorted(message.key.to for _, message in office.slack.sent) == sorted([*hanging, "C99"])


async def test_a_call_that_outlasts_its_lease_is_not_made_again_by_the_same_process(
    office: Office,
) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1"])
    sender = office.sender()
    sender.kick()
    await office.slack.began["C1"].wait()

    await office.end_the_leases()
    await office.want(["C2"])
    sender.kick()
    await office.slack.began["C2"].wait()
    office.slack.held["C1"].set()
    await sender.run()

    sent = {message.key.to: message for _, message in office.slack.sent}
    stored = await office.db.read(outbox.get, WORKSPACE, sent["C1"].key)
    assert stored is not None
    assert (len(office.slack.sent), stored.state) == (2, MessageState.SENT)


async def test_what_waits_for_its_turn_past_its_lease_is_sent_without_a_mark(
    office: Office,
) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1", "C1"])
    sender = office.sender()
    sender.kick()
    await office.slack.began["C1"].wait()

    await office.end_the_leases()
    await office.want(["C2"])
    sender.kick()
    await office.slack.began["C2"].wait()
    office.slack.held["C1"].set()
    await sender.run()

    assert sorted(message.key.to for _, message in office.slack.sent) == ["C1", "C1", "C2"]
    assert not any(message.is_repeat for _, message in office.slack.sent)


async def test_what_another_process_took_meanwhile_is_repeated_with_a_mark(
    office: Office,
) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1", "C1"])
    sender = office.sender()
    sender.kick()
    await office.slack.began["C1"].wait()

    await office.end_the_leases()
    taken = await office.db.write(
        outbox_claim.claim_due, now=office.time.now(), limit=9, lease=timedelta(seconds=30)
    )
    await office.end_the_leases()
    office.time.passed += 60
    await office.want(["C2"])
    await sender.wake()
    sender.kick()
    await office.slack.began["C2"].wait()
    office.slack.held["C1"].set()
    await sender.run()

    in_c1 = [message for _, message in office.slack.sent if message.key.to == "C1"]
    assert len(taken) == 2
    assert [message.is_repeat for message in in_c1] == [False, True, True]


async def test_what_was_surely_not_sent_is_tried_again_without_a_mark(office: Office) -> None:
    await office.want(["C1"])
    sender = office.sender()
    office.slack.reaction = lambda _message: NotSent("connection refused")
    await sender.run()
    office.slack.reaction = lambda _message: None

    early = await sender.run()
    await office.time.sleep(3600)
    late = await sender.run()

    assert (early, late) == (0, 1)
    assert not office.slack.sent[0][1].is_repeat


async def test_what_may_have_been_sent_is_repeated_with_a_mark(office: Office) -> None:
    await office.want(["C1"])
    sender = office.sender()
    office.slack.reaction = lambda _message: Ambiguous("timeout")
    await sender.run()
    office.slack.reaction = lambda _message: None

    await office.time.sleep(3600)
    await sender.run()

    assert office.slack.sent[0][1].is_repeat


async def test_what_slack_refuses_is_not_tried_again(office: Office) -> None:
    await office.want(["C1"])
    sender = office.sender()
    office.slack.reaction = lambda _message: Refused("is_archived")
    await sender.run()
    office.slack.reaction = lambda _message: None

    await office.time.sleep(86_400)

    assert await sender.run() == 0


async def test_a_bug_in_one_message_is_logged_and_stops_no_other(office: Office) -> None:
    await office.want(["C1", "C2"])

    def fail(message: Message) -> None:
        if message.key.to == "C1":
            raise ZeroDivisionError

    office.slack.reaction = fail

    with capture_logs() as lines:
        sent = await office.sender().run()

    assert sent == 1
    assert [line["job"] for line in lines if line["event"] == "job.failed"] == ["deliver"]


async def test_a_kick_sends_without_a_tick(office: Office) -> None:
    sender = office.sender()
    await office.want(["C1"])

    sender.kick()
    await office.slack.began["C1"].wait()

    await sender.stop()
    assert len(office.slack.sent) == 1


async def test_a_stop_finishes_the_call_and_frees_the_rest(office: Office) -> None:
    office.slack.held["C1"] = asyncio.Event()
    await office.want(["C1", "C1", "C1"])
    sender = office.sender()
    sender.kick()
    await office.slack.began["C1"].wait()

    stopping = asyncio.create_task(sender.stop())
    await asyncio.sleep(0)
    office.slack.held["C1"].set()
    await stopping

    assert len(office.slack.sent) == 1
    await office.time.sleep(2)
    assert await office.sender().run() == 2
    assert not any(message.is_repeat for _, message in office.slack.sent)


async def test_after_a_stop_nothing_is_claimed(office: Office) -> None:
    sender = office.sender()
    await sender.stop()
    await office.want(["C1"])

    sender.kick()

    assert await sender.run() == 0
    assert office.slack.sent == []


async def test_a_workspace_that_its_operator_must_mend_waits_and_resumes_by_itself(
    office: Office,
) -> None:
    await office.want(["C1", "C2", "C3"])
    await office.want(["C1"], workspace=ELSEWHERE)
    calls: list[Message] = []

    def refuse(message: Message) -> Outcome | None:
        calls.append(message)
        return None if message.workspace == ELSEWHERE else Blocked("invalid_auth", fix="Set it.")

    office.slack.reaction = refuse
    sender = office.sender()

    with capture_logs() as lines:
        blocked = await sender.run()
    calls_while_blocked = len(calls)
    office.slack.reaction = lambda _message: None
    await office.time.sleep(121)
    mended = await sender.run()

    assert (blocked, mended) == (1, 3)
    assert calls_while_blocked <= 4
    told = [line for line in lines if line["event"] == "workspace.blocked"]
    assert {(one["workspace"], one["cause"], one["fix"], one["check"]) for one in told} == {
        (WORKSPACE, "invalid_auth", "Set it.", "stilltrue doctor")
    }
    assert not any(message.is_repeat for _, message in office.slack.sent)


async def test_what_waited_for_the_bot_s_return_goes_out_when_it_is_heard_of(
    office: Office,
) -> None:
    await office.want(["C1", "C2"])
    office.slack.reaction = lambda _message: Blocked("No token.", fix="Install it.")
    sender = office.sender()
    blocked = await sender.run()
    office.slack.reaction = lambda _message: None
    before = office.time.passed

    sender.resume(WORKSPACE)
    back = await sender.run()

    assert (blocked, back) == (0, 2)
    assert office.time.passed - before < 5


async def test_a_message_that_the_bot_itself_fails_at_is_parked_in_the_end(office: Office) -> None:
    await office.want(["C1"])
    sender = office.sender()
    tries: list[Message] = []

    def fail(message: Message) -> None:
        tries.append(message)
        raise ZeroDivisionError

    office.slack.reaction = fail
    for _ in range(10):
        await sender.run()
        await office.time.sleep(3600)

    parked = await office.db.read(outbox.get, tries[0].workspace, tries[0].key)
    assert parked is not None
    assert parked.state is MessageState.DEAD
    assert len(tries) == 5


async def test_what_slack_took_is_written_down_though_the_database_is_away(
    office: Office,
) -> None:
    await office.want(["C1"])
    away = Away(office.db, times=3)
    office.slack.reaction = lambda _message: away.begin()

    sender = replace(office, db=away).sender()
    await sender.run()

    assert away.refused == 3
    assert [message.is_repeat for _, message in office.slack.sent] == [False]
    assert await office.sender().run() == 0


async def test_what_follows_a_message_may_fail_and_nobody_is_told_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.want(["C1"])
    sender = office.sender()

    with monkeypatch.context() as broken, capture_logs():
        broken.setattr(messages, "_show_at_home", _fail)
        for _ in range(7):
            await sender.run()
            await office.time.sleep(3600)
            await office.end_the_leases()

    posts = [message for _, message in office.slack.sent if message.ts is None]
    stored = await office.db.read(outbox.get, WORKSPACE, posts[0].key)
    assert len(posts) == 1
    assert stored is not None
    assert (stored.state, stored.error) == (MessageState.DEAD, OUR_FAULT)
    assert await office.db.write(outbox.revive, stored, now=office.time.now())
    assert await sender.run() == 1  # an update: what follows is done now


async def test_a_message_that_cannot_be_read_is_parked_and_was_never_posted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.want(["C1", "C2"])
    read = messages.read_message

    def fail_for_one(tx: Any, message: Message, **given: Any) -> Any:
        return _fail() if message.key.to == "C1" else read(tx, message, **given)

    monkeypatch.setattr(messages, "read_message", fail_for_one)
    sender = office.sender()
    with capture_logs():
        for _ in range(7):
            await sender.run()
            await office.time.sleep(3600)

    parked = await office.db.read(outbox.troubled, WORKSPACE)
    assert [message.key.to for _, message in office.slack.sent] == ["C2"]
    assert [(one.key.to, one.state, one.is_repeat) for one in parked] == [
        ("C1", MessageState.DEAD, False)
    ]


def _fail(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError


async def test_whoever_wakes_after_their_lease_posts_nothing(office: Office) -> None:
    await office.want(["C1"])
    asleep, awake = asyncio.Event(), asyncio.Event()
    first = replace(office, db=Sleepy(office.db, asleep, awake)).sender()
    first.kick()
    await asleep.wait()  # it has the message, and has not read it yet

    await office.end_the_leases()
    await office.sender().run()
    awake.set()
    await first.run()

    assert len(office.slack.sent) == 1


async def test_where_slack_asks_one_process_to_wait_the_others_wait_too(office: Office) -> None:
    await office.want(["C1"])
    office.slack.reaction = lambda _message: NotSent("ratelimited", retry_after=MINUTE)
    await office.sender().run()
    office.slack.reaction = lambda _message: None
    await office.want(["C2"])
    await office.want(["C1"], workspace=ELSEWHERE)

    early = await office.sender().run()
    await office.end_the_leases()
    await office.time.sleep(61)
    late = await office.sender().run()

    assert [message.workspace for _, message in office.slack.sent[:1]] == [ELSEWHERE]
    assert (early, late) == (1, 2)


async def test_where_slack_puts_a_look_up_off_the_other_posts_go_on(office: Office) -> None:
    await office.want(["C1", "C2"])
    office.slack.reaction = lambda message: (
        NotSent("the lookup", retry_after=MINUTE, call=CallKind.LOOK_UP)
        if message.key.to == "C1"
        else None
    )

    assert await office.sender().run() == 1


@pytest.mark.parametrize("refused", LOOKED_UP)
@pytest.mark.parametrize("is_another", [False, True], ids=["the same process", "another"])
async def test_what_has_to_be_looked_up_waits_with_what_slack_refused(
    office: Office, refused: CallKind, is_another: bool
) -> None:
    await office.want(["C1", "C2"])
    office.slack.reaction = lambda _message: Ambiguous("timeout")
    first = office.sender()
    await first.run()
    tried: list[str] = []

    def refuse(message: Message) -> Outcome:
        tried.append(message.key.to)
        return NotSent("the lookup", retry_after=timedelta(minutes=30), call=refused)

    office.slack.reaction = refuse
    await office.time.sleep(60)
    await office.end_the_leases()
    await first.run()
    assert len(tried) == 1 or refused is not LOOKED_UP[0]
    before = len(tried)
    await office.time.sleep(60)

    await (office.sender() if is_another else first).run()

    assert len(tried) == before


async def test_a_message_is_as_old_as_it_could_have_been_sent(office: Office) -> None:
    await office.want(["C1"])
    since = office.time.now()
    office.slack.reaction = lambda _message: NotSent("ratelimited", retry_after=MINUTE)
    sender = office.sender()
    await sender.run()

    await office.time.sleep(30)

    assert await office.db.read(outbox.waits_since) == since
    office.slack.reaction = lambda _message: None
    await office.end_the_leases()
    await office.time.sleep(31)
    await sender.run()
    assert await office.db.read(outbox.waits_since) is None


class Sleepy:
    """A database whose first reading of a message takes until it is woken."""

    def __init__(self, inner: Database, asleep: asyncio.Event, awake: asyncio.Event) -> None:
        self._inner = inner
        self._asleep = asleep
        self._awake = awake
        self.write = inner.write
        self.close = inner.close

    async def read(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        if unit is messages.read_to_send and not self._asleep.is_set():
            self._asleep.set()
            await self._awake.wait()
        return await self._inner.read(unit, *args, **kwargs)


class Away:
    """A database that refuses some writes once it was told to begin."""

    def __init__(self, inner: Database, *, times: int) -> None:
        self._inner = inner
        self._times = times
        self._is_away = False
        self.refused = 0
        self.read = inner.read
        self.close = inner.close

    def begin(self) -> None:
        self._is_away = True

    async def write(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        if self._is_away and self.refused < self._times:
            self.refused += 1
            raise RetryableError("The database does not answer.")
        return await self._inner.write(unit, *args, **kwargs)


async def test_what_was_put_off_by_a_clock_that_was_ahead_goes_out_once_it_is_right(
    office: Office,
) -> None:
    await office.want(["C1"])
    sender = office.sender()
    office.slack.reaction = _ask_once_to_wait(timedelta(seconds=2))
    office.time.ahead = timedelta(hours=1)
    await sender.run()
    office.time.ahead = timedelta(0)
    await office.time.sleep(3)
    asleep = await sender.run()

    await office.end_the_leases()
    await sender.wake()
    awake = await sender.run()

    assert (asleep, awake) == (0, 1)
    assert not office.slack.sent[0][1].is_repeat


async def test_a_message_is_logged_with_where_it_went_and_not_with_who_woke_the_sender(
    office: Office,
) -> None:
    await office.want(["C1"])
    await office.want(["C2"], workspace=ELSEWHERE)
    sender = office.sender()

    with capture_logs([merge_contextvars]) as lines:
        with bound_contextvars(user="UWOKE", request="woke", workspace="TWOKE"):
            sender.kick()
        await sender.run()

    sent = [line for line in lines if line["event"] == "message.sent"]
    places = {(line["workspace"], line["to"]) for line in sent}
    assert places == {(WORKSPACE, "C1"), (ELSEWHERE, "C2")}
    assert not any({"user", "request"} & line.keys() for line in lines)

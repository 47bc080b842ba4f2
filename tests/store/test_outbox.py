from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.ids import MessageTs, WorkspaceId
from bot.domain.lease import SUSPECT_LAPSES, Claimed
from bot.domain.outbox import NOTHING_TO_SAY, Message, MessageKey, MessageKind, MessageState
from bot.store import outbox, outbox_claim
from tests.store.samples import (
    ANA,
    BO,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    HOUR,
    LEASE,
    NO_LEASE,
    NOON,
    TS,
)

CARD = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HOME)
OTHER = MessageKey(kind=MessageKind.CARD, about="APOLLO-2", to=HOME)


def _claim(
    tx: Connection,
    *,
    limit: int = 10,
    lease: timedelta = LEASE,
    passing_over: Collection[tuple[WorkspaceId, str]] = (),
) -> list[Claimed[Message]]:
    return outbox_claim.claim_due(tx, now=NOON, limit=limit, lease=lease, passing_over=passing_over)


def _claimed(tx: Connection, *, lease: timedelta = LEASE) -> Claimed[Message]:
    outbox.want(tx, HERE, CARD, now=NOON)
    (claimed,) = _claim(tx, lease=lease)
    return claimed


def _card(tx: Connection) -> Message:
    found = outbox.get(tx, HERE, CARD)
    assert found is not None
    return found


def _fail(tx: Connection, claimed: Claimed[Message], state: MessageState) -> bool:
    return outbox_claim.failed(
        tx, claimed, state=state, now=NOON, wait=HOUR, error="timeout", is_repeat=True
    )


def _put_off(tx: Connection, claimed: Claimed[Message], *, now: datetime, wait: timedelta) -> None:
    state = claimed.item.state
    assert outbox_claim.failed(
        tx, claimed, state=state, now=now, wait=wait, error="", is_repeat=False
    )


def test_a_message_that_is_wanted_is_due_at_once(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON)

    assert _card(tx) == Message(
        workspace=HERE,
        key=CARD,
        revision=1,
        state=MessageState.PENDING,
        wanted_at=NOON,
        due_at=NOON,
        attempts=0,
        channel=None,
        ts=None,
        is_repeat=False,
        error="",
    )
    assert outbox.exists(tx, HERE, CARD)
    assert not outbox.exists(tx, HERE, OTHER)


def test_a_message_of_another_workspace_is_not_there(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON)

    assert outbox.get(tx, ELSEWHERE, CARD) is None
    assert not outbox.exists(tx, ELSEWHERE, CARD)


def test_what_is_due_is_claimed_oldest_first(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON)
    outbox.want(tx, ELSEWHERE, CARD, now=NOON + HOUR)
    outbox.want(tx, ELSEWHERE, OTHER, now=NOON - HOUR)

    assert [one.item.key for one in _claim(tx)] == [OTHER, CARD]
    assert _claim(tx) == []


def test_a_claim_takes_no_more_than_its_limit_and_counts_the_attempt(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON)
    outbox.want(tx, HERE, OTHER, now=NOON - HOUR)

    (first,), (second,) = _claim(tx, limit=1), _claim(tx, limit=1)

    assert (first.item.key, first.item.attempts) == (OTHER, 1)
    assert second.item.key == CARD


def test_what_slack_has_is_found_by_its_place(tx: Connection) -> None:
    claimed = _claimed(tx)

    assert outbox_claim.sent(tx, claimed, channel=HOME, ts=TS, at=NOON)

    sent = _card(tx)
    assert (sent.state, sent.channel, sent.ts) == (MessageState.SENT, HOME, TS)
    assert outbox.by_ts(tx, HERE, HOME, TS) == sent
    assert outbox.by_ts(tx, ELSEWHERE, HOME, TS) is None
    assert _claim(tx) == []


def test_a_sent_message_that_is_wanted_again_is_updated_in_place(tx: Connection) -> None:
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)

    outbox.want(tx, HERE, CARD, now=NOON)

    (again,) = _claim(tx)
    assert (again.item.revision, again.item.ts, again.item.attempts) == (2, TS, 1)


def test_a_message_wanted_while_it_is_being_sent_is_sent_once_more(tx: Connection) -> None:
    claimed = _claimed(tx)
    outbox.want(tx, HERE, CARD, now=NOON)

    assert outbox_claim.sent(tx, claimed, channel=HOME, ts=TS, at=NOON)

    (again,) = _claim(tx)
    assert (again.item.revision, again.item.state) == (2, MessageState.PENDING)
    assert outbox_claim.sent(tx, again, channel=HOME, ts=TS, at=NOON)
    assert _claim(tx) == []


def test_a_message_whose_claim_ran_out_may_have_been_posted(tx: Connection) -> None:
    dead_worker = _claimed(tx, lease=NO_LEASE)

    (found,) = _claim(tx)

    assert found.item.state is MessageState.UNKNOWN
    assert found.item.is_repeat
    assert not outbox_claim.sent(tx, dead_worker, channel=HOME, ts=TS, at=NOON)


def test_an_update_whose_claim_ran_out_is_no_repeat(tx: Connection) -> None:
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)
    _claimed(tx, lease=NO_LEASE)

    (found,) = _claim(tx)

    assert not found.item.is_repeat


def test_a_claim_that_was_given_up_leaves_no_doubt(tx: Connection) -> None:
    claimed = _claimed(tx)
    outbox_claim.failed(
        tx,
        claimed,
        state=MessageState.PENDING,
        now=NOON,
        wait=timedelta(0),
        error="429",
        is_repeat=False,
    )

    (again,) = _claim(tx)

    assert (again.item.state, again.item.is_repeat) == (MessageState.PENDING, False)
    assert (again.item.attempts, again.item.error) == (2, "429")


def test_a_worker_that_lost_its_lease_changes_nothing(tx: Connection) -> None:
    slow = _claimed(tx, lease=NO_LEASE)
    (quick,) = _claim(tx)

    lost = [
        outbox_claim.sent(tx, slow, channel=HOME, ts=MessageTs("1.2"), at=NOON),
        _fail(tx, slow, MessageState.DEAD),
        outbox_claim.drop(tx, slow, error="slow"),
    ]

    assert lost == [False, False, False]
    assert outbox_claim.sent(tx, quick, channel=HOME, ts=TS, at=NOON)


def _lapse(tx: Connection, times: int) -> None:
    """Let as many that claim what is due end before they are done."""
    for _ in range(times):
        _claim(tx, lease=NO_LEASE)


def test_what_ends_each_process_that_has_it_is_claimed_alone(tx: Connection) -> None:
    for key in (CARD, OTHER):
        outbox.want(tx, HERE, key, now=NOON)
    _lapse(tx, SUSPECT_LAPSES)
    harmless = replace(CARD, about="APOLLO-3")
    outbox.want(tx, HERE, harmless, now=NOON)

    with_others = _claim(tx)
    alone = [outbox_claim.claim_suspect(tx, now=NOON, lease=LEASE) for _ in range(3)]

    assert [one.item.key for one in with_others] == [harmless]
    assert {one.item.key for one in alone if one is not None} == {CARD, OTHER}
    assert alone[2] is None
    assert all(one.lapses == SUSPECT_LAPSES for one in alone if one is not None)


def test_what_is_not_due_yet_is_no_suspect_s_turn(tx: Connection) -> None:
    _claimed(tx, lease=NO_LEASE)
    _lapse(tx, SUSPECT_LAPSES)

    assert outbox_claim.claim_suspect(tx, now=NOON - HOUR, lease=LEASE) is None


def test_a_word_of_how_it_ended_clears_a_suspect(tx: Connection) -> None:
    _claimed(tx, lease=NO_LEASE)
    _lapse(tx, SUSPECT_LAPSES)
    suspect = outbox_claim.claim_suspect(tx, now=NOON, lease=LEASE)
    assert suspect is not None
    assert suspect.is_suspect

    assert _fail(tx, suspect, MessageState.UNKNOWN)

    (claimed,) = outbox_claim.claim_due(tx, now=NOON + HOUR, limit=1, lease=LEASE)
    assert claimed.lapses == 0


def test_a_suspect_that_was_not_begun_is_one_still(tx: Connection) -> None:
    _claimed(tx, lease=NO_LEASE)
    _lapse(tx, SUSPECT_LAPSES)
    suspect = outbox_claim.claim_suspect(tx, now=NOON, lease=LEASE)
    assert suspect is not None

    assert outbox_claim.give_back(tx, suspect, now=NOON, wait=timedelta(0), is_meant=False)

    again = outbox_claim.claim_suspect(tx, now=NOON, lease=LEASE)
    assert again is not None
    assert again.lapses == suspect.lapses


def test_what_the_operator_sends_again_is_no_suspect(tx: Connection) -> None:
    _claimed(tx, lease=NO_LEASE)
    _lapse(tx, SUSPECT_LAPSES)
    suspect = outbox_claim.claim_suspect(tx, now=NOON, lease=LEASE)
    assert suspect is not None
    outbox_claim.drop(tx, suspect, error="it ended each process")

    assert outbox.revive(tx, _card(tx), now=NOON)

    (claimed,) = _claim(tx)
    assert claimed.lapses == 0


def test_an_ambiguous_send_is_due_again_and_stays_ambiguous(tx: Connection) -> None:
    assert _fail(tx, _claimed(tx), MessageState.UNKNOWN)

    outbox.want(tx, HERE, CARD, now=NOON)

    waiting = _card(tx)
    assert (waiting.state, waiting.due_at) == (MessageState.UNKNOWN, NOON + HOUR)
    assert _claim(tx) == []
    (found,) = outbox_claim.claim_due(tx, now=NOON + HOUR, limit=1, lease=LEASE)
    assert (found.item.is_repeat, found.item.error) == (True, "timeout")


def test_a_back_off_is_kept_when_the_message_is_wanted_again(tx: Connection) -> None:
    _fail(tx, _claimed(tx), MessageState.PENDING)

    outbox.want(tx, HERE, CARD, now=NOON)

    assert _card(tx).due_at == NOON + HOUR
    assert _card(tx).attempts == 1


def test_a_dead_message_is_tried_again_only_when_it_is_wanted(tx: Connection) -> None:
    _fail(tx, _claimed(tx), MessageState.DEAD)
    assert outbox_claim.claim_due(tx, now=NOON + DAY, limit=1, lease=LEASE) == []

    outbox.want(tx, HERE, CARD, now=NOON)

    (found,) = _claim(tx)
    assert (found.item.state, found.item.attempts) == (MessageState.PENDING, 1)


def test_troubles_are_counted_by_their_reason_and_what_is_given_up_in_silence_is_none(
    tx: Connection,
) -> None:
    keys = [replace(CARD, about=f"APOLLO-{number}") for number in range(4)]
    for key in keys:
        outbox.want(tx, HERE, key, now=NOON)
    parked, other, waiting, quiet = _claim(tx)

    _fail(tx, parked, MessageState.DEAD)
    _fail(tx, other, MessageState.DEAD)
    _fail(tx, waiting, MessageState.PENDING)
    outbox_claim.drop(tx, quiet, error=NOTHING_TO_SAY)

    assert outbox.troubles(tx) == [
        (MessageState.DEAD, "timeout", 2),
        (MessageState.PENDING, "timeout", 1),
    ]


def test_what_was_refused_in_a_place_is_due_there_again_also_where_it_was_parked(
    tx: Connection,
) -> None:
    for about in ("APOLLO-1", "APOLLO-2"):
        outbox.want(tx, HERE, replace(CARD, about=about), now=NOON)
    for claimed, state in zip(_claim(tx), (MessageState.PENDING, MessageState.DEAD), strict=True):
        _fail(tx, claimed, state)

    assert outbox.revive_refused(tx, HERE, HOME, {"not_in_channel"}, now=NOON) == 0
    assert outbox.revive_refused(tx, ELSEWHERE, HOME, {"timeout"}, now=NOON) == 0
    assert outbox.revive_refused(tx, HERE, HOME, {"timeout"}, now=NOON) == 2
    assert [one.item.attempts for one in _claim(tx)] == [1, 1]
    assert outbox.revive_refused(tx, HERE, HOME, {"timeout"}, now=NOON) == 0


def test_a_message_with_nothing_to_say_is_parked(tx: Connection) -> None:
    assert outbox_claim.drop(tx, _claimed(tx), error="nothing to say")

    assert (_card(tx).state, _card(tx).error) == (MessageState.DEAD, "nothing to say")


def test_a_message_wanted_while_it_is_dropped_stays_due(tx: Connection) -> None:
    claimed = _claimed(tx)
    outbox.want(tx, HERE, CARD, now=NOON)

    assert outbox_claim.drop(tx, claimed, error="nothing to say")

    assert len(_claim(tx)) == 1


def test_what_was_said_on_an_occasion_is_wanted_again(tx: Connection) -> None:
    told = [
        MessageKey(kind=MessageKind.REFUTED, about="APOLLO-1", to=to, occasion=occasion)
        for to, occasion in ((ANA, "3"), (BO, "3"), (BO, "4"))
    ]
    for key in told:
        outbox.want(tx, HERE, key, now=NOON)
    for claimed in _claim(tx):
        outbox_claim.sent(tx, claimed, channel=HOME, ts=TS, at=NOON)

    refreshed = outbox.refresh_occasion(tx, HERE, MessageKind.REFUTED, "APOLLO-1", "3", now=NOON)

    assert refreshed == 2
    assert {one.item.key for one in _claim(tx)} == set(told[:2])


def test_the_next_due_moment_is_that_of_what_waits(tx: Connection) -> None:
    assert outbox.next_due(tx) is None
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)
    outbox.want(tx, ELSEWHERE, CARD, now=NOON + DAY)

    assert outbox.next_due(tx) == NOON + DAY


def test_a_full_place_is_passed_over_and_everything_else_is_not(tx: Connection) -> None:
    elsewhere = MessageKey(kind=MessageKind.ASK, about="", to=BO, occasion="one")
    for workspace, key in ((HERE, CARD), (ELSEWHERE, CARD), (HERE, elsewhere)):
        outbox.want(tx, workspace, key, now=NOON)

    claimed = outbox_claim.claim_due(
        tx, now=NOON, limit=10, lease=LEASE, passing_over=[(HERE, HOME)]
    )

    assert {(one.item.workspace, one.item.key) for one in claimed} == {
        (ELSEWHERE, CARD),
        (HERE, elsewhere),
    }


def test_an_update_is_claimed_even_where_the_place_is_full(tx: Connection) -> None:
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)
    outbox.want(tx, HERE, CARD, now=NOON)
    outbox.want(tx, HERE, OTHER, now=NOON)

    claimed = outbox_claim.claim_due(
        tx, now=NOON, limit=10, lease=LEASE, passing_over=[(HERE, HOME)]
    )

    assert [one.item.key for one in claimed] == [CARD]


def test_what_was_put_off_while_the_clock_was_ahead_is_due_once_its_wait_is_over(
    tx: Connection,
) -> None:
    _put_off(tx, _claimed(tx), now=NOON + DAY, wait=timedelta(0))
    early = _claim(tx)

    assert outbox.wake(tx, now=NOON) == 1

    (found,) = _claim(tx)
    assert (early, found.item.key) == ([], CARD)
    assert (found.item.state, found.item.is_repeat) == (MessageState.PENDING, False)


def test_what_waits_for_longer_is_left_to_wait_by_either_clock(tx: Connection) -> None:
    _put_off(tx, _claimed(tx), now=NOON, wait=HOUR)

    assert outbox.wake(tx, now=NOON) == 0
    assert _claim(tx) == []
    assert len(outbox_claim.claim_due(tx, now=NOON + HOUR, limit=1, lease=LEASE)) == 1


def test_what_is_put_off_is_in_nobody_s_hands(tx: Connection) -> None:
    _put_off(tx, _claimed(tx), now=NOON, wait=HOUR)

    assert outbox.revive(tx, _card(tx), now=NOON)

    assert [one.item.key for one in _claim(tx)] == [CARD]


def test_what_was_wanted_while_the_clock_was_ahead_is_due_at_once(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON + DAY)

    assert outbox.wake(tx, now=NOON) == 1

    assert [one.item.key for one in _claim(tx)] == [CARD]


def test_what_was_wanted_anew_while_the_clock_was_ahead_is_due_at_once(tx: Connection) -> None:
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)
    outbox.want(tx, HERE, CARD, now=NOON + DAY)

    assert outbox.wake(tx, now=NOON) == 1

    assert [one.item.ts for one in _claim(tx)] == [TS]


def test_what_was_wanted_while_it_was_sent_by_a_clock_ahead_is_due_at_once(tx: Connection) -> None:
    claimed = _claimed(tx)
    outbox.want(tx, HERE, CARD, now=NOON)
    outbox_claim.sent(tx, claimed, channel=HOME, ts=TS, at=NOON + DAY)

    assert outbox.wake(tx, now=NOON) == 1

    assert [one.item.ts for one in _claim(tx)] == [TS]


def test_what_was_wanted_while_it_was_dropped_by_a_clock_ahead_is_due_at_once(
    tx: Connection,
) -> None:
    outbox.want(tx, HERE, CARD, now=NOON + DAY)
    (claimed,) = outbox_claim.claim_due(tx, now=NOON + DAY, limit=1, lease=LEASE)
    outbox.want(tx, HERE, CARD, now=NOON + DAY)
    outbox_claim.drop(tx, claimed, error=NOTHING_TO_SAY)

    assert outbox.wake(tx, now=NOON) == 1

    assert [one.item.key for one in _claim(tx)] == [CARD]


def test_what_is_being_sent_by_a_clock_ahead_is_left_alone(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON + DAY)
    outbox_claim.claim_due(tx, now=NOON + DAY, limit=1, lease=LEASE)

    assert outbox.wake(tx, now=NOON) == 0
    assert _claim(tx) == []


def test_what_a_worker_with_its_clock_ahead_died_over_may_have_been_posted(tx: Connection) -> None:
    outbox.want(tx, HERE, CARD, now=NOON + DAY)
    outbox_claim.claim_due(tx, now=NOON + DAY, limit=1, lease=NO_LEASE)

    outbox.wake(tx, now=NOON)

    (found,) = _claim(tx)
    assert (found.item.state, found.item.is_repeat) == (MessageState.UNKNOWN, True)


def test_what_is_over_is_not_woken(tx: Connection) -> None:
    outbox_claim.sent(tx, _claimed(tx), channel=HOME, ts=TS, at=NOON)
    outbox.want(tx, HERE, OTHER, now=NOON + DAY)
    (other,) = outbox_claim.claim_due(tx, now=NOON + DAY, limit=1, lease=LEASE)
    outbox_claim.drop(tx, other, error=NOTHING_TO_SAY)

    assert outbox.wake(tx, now=NOON) == 0

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, update

from bot.domain.assumption import Stakeholder
from bot.domain.ids import AssumptionKey
from bot.domain.lease import SUSPECT_LAPSES, Claimed
from bot.domain.prompt import Prompt, PromptKind, PromptState
from bot.store import assumption as assumptions
from bot.store import prompt, prompt_claim
from bot.store.tables import prompt as table
from tests.store.samples import (
    ANA,
    BO,
    CY,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    HOUR,
    LEASE,
    NO_LEASE,
    NOON,
    TS,
    log_one,
    planned,
)


def _claim(tx: Connection, *, limit: int = 10, lease: timedelta = LEASE) -> list[Claimed[Prompt]]:
    return prompt_claim.claim_due(tx, now=NOON, limit=limit, lease=lease)


def _due(tx: Connection, **changed: object) -> AssumptionKey:
    """Log an assumption that nobody is asked about, but for one prompt that is due."""
    key = log_one(tx, asks=()).key
    prompt.plan(tx, HERE, planned(key, **changed))  # type: ignore[arg-type]
    return key


def _states(tx: Connection, key: AssumptionKey) -> list[PromptState]:
    return [one.state for one in prompt.of_assumption(tx, HERE, key)]


def _sent(tx: Connection, **changed: object) -> AssumptionKey:
    key = _due(tx, **changed)
    (claimed,) = _claim(tx)
    prompt_claim.attempted(tx, claimed, batch="b1", at=NOON)
    prompt.sent(tx, HERE, "b1", channel=HOME, ts=TS, at=NOON + HOUR)
    return key


def test_planning_twice_plans_once(tx: Connection) -> None:
    key = log_one(tx, asks=()).key

    first = prompt.plan(tx, HERE, planned(key))
    again = prompt.plan(tx, HERE, planned(key, due_at=NOON + DAY))

    assert (first, again) == (True, False)
    assert [one.due_at for one in prompt.of_assumption(tx, HERE, key)] == [NOON]


def test_what_is_due_is_claimed_oldest_first(tx: Connection) -> None:
    late = _due(tx, due_at=NOON)
    early = _due(tx, due_at=NOON - HOUR)
    _due(tx, due_at=NOON + timedelta(microseconds=1))

    claimed = _claim(tx)

    assert [one.item.key.assumption for one in claimed] == [early, late]
    assert all(one.token for one in claimed)


def test_a_claim_takes_no_more_people_than_its_limit(tx: Connection) -> None:
    keys = [
        _due(tx, due_at=NOON - hours * HOUR, stakeholder=who)
        for hours, who in ((1, ANA), (3, BO), (2, CY))
    ]

    first, second = _claim(tx, limit=2), _claim(tx, limit=2)

    taken = [[one.item.key.assumption for one in some] for some in (first, second)]
    assert taken == [[keys[1], keys[2]], [keys[0]]]


def test_a_claim_takes_all_that_is_due_to_the_same_person(tx: Connection) -> None:
    keys = [_due(tx, due_at=NOON - hours * HOUR) for hours in (1, 3, 2)]
    other = _due(tx, stakeholder=CY)

    first, second = _claim(tx, limit=1), _claim(tx, limit=1)

    taken = [[one.item.key.assumption for one in some] for some in (first, second)]
    assert taken == [[keys[1], keys[2], keys[0]], [other]]
    assert len({one.token for one in first}) == 1


def test_a_claim_reaches_every_workspace(tx: Connection) -> None:
    _due(tx)
    elsewhere = log_one(tx, workspace=ELSEWHERE, asks=()).key
    prompt.plan(tx, ELSEWHERE, planned(elsewhere))

    assert {one.item.workspace for one in _claim(tx)} == {HERE, ELSEWHERE}


def test_what_is_claimed_is_free_again_after_its_lease(tx: Connection) -> None:
    _due(tx)

    held = [len(_claim(tx, lease=lease)) for lease in (NO_LEASE, LEASE, LEASE)]

    assert held == [1, 1, 0]


def _lapse(tx: Connection, times: int) -> None:
    """Let as many that claim what is due end before they are done."""
    for _ in range(times):
        _claim(tx, lease=NO_LEASE)


def test_what_ends_each_process_that_has_it_is_claimed_by_person(tx: Connection) -> None:
    suspects = {_due(tx), _due(tx)}
    of_another = _due(tx, stakeholder=CY, due_at=NOON - HOUR)
    _lapse(tx, SUSPECT_LAPSES)
    harmless = _due(tx)

    with_others = _claim(tx, limit=1)  # and with it what else is due to that person
    alone = [prompt_claim.claim_suspects(tx, now=NOON, lease=LEASE) for _ in range(3)]
    taken = [{one.item.key.assumption for one in some} for some in alone]

    assert [one.item.key.assumption for one in with_others] == [harmless]
    assert taken == [{of_another}, suspects, set()]
    assert all(one.lapses == SUSPECT_LAPSES for some in alone for one in some)


def test_what_is_postponed_is_no_suspect_any_more(tx: Connection) -> None:
    _due(tx)
    _lapse(tx, SUSPECT_LAPSES)
    (suspect,) = prompt_claim.claim_suspects(tx, now=NOON, lease=LEASE)
    assert suspect.is_suspect

    assert prompt_claim.postpone(tx, suspect, due_at=NOON)

    (claimed,) = _claim(tx)
    assert claimed.lapses == 0


def test_what_was_left_until_its_lease_is_over_has_not_lapsed(tx: Connection) -> None:
    _due(tx)
    (held,) = _claim(tx)
    assert prompt_claim.let_wait(tx, held)
    while_it_lasts = _claim(tx)
    tx.execute(update(table).values(leased_until=NOON - DAY))

    (claimed,) = _claim(tx)

    assert while_it_lasts == []
    assert claimed.lapses == 0
    assert not prompt_claim.let_wait(tx, held)


def test_the_moved_clock_of_the_product_does_not_end_a_lease(tx: Connection) -> None:
    _due(tx)
    _claim(tx)

    assert prompt_claim.claim_due(tx, now=NOON + 3650 * DAY, limit=10, lease=LEASE) == []


def test_a_worker_that_lost_its_lease_changes_nothing(tx: Connection) -> None:
    key = _due(tx)
    (slow,) = _claim(tx, lease=NO_LEASE)
    (quick,) = _claim(tx)

    lost = [
        prompt_claim.attempted(tx, slow, batch="slow", at=NOON),
        prompt_claim.skip(tx, slow, outcome="slow"),
        prompt_claim.postpone(tx, slow, due_at=NOON + DAY),
    ]

    assert lost == [False, False, False]
    assert prompt_claim.attempted(tx, quick, batch="quick", at=NOON)
    assert [p.batch for p in prompt.of_assumption(tx, HERE, key)] == ["quick"]


def test_what_was_handed_over_is_not_claimed_again(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx, lease=NO_LEASE)

    assert prompt_claim.attempted(tx, claimed, batch="b1", at=NOON)

    assert _claim(tx) == []
    assert prompt.of_batch(tx, HERE, "b1") == [
        replace(claimed.item, state=PromptState.ATTEMPTED, batch="b1", attempted_at=NOON)
    ]
    assert prompt.of_batch(tx, ELSEWHERE, "b1") == []
    assert prompt.batches_about(tx, HERE, key) == [("b1", BO)]


def test_what_is_skipped_says_why(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx)

    assert prompt_claim.skip(tx, claimed, outcome="this is a bot")

    (after,) = prompt.of_assumption(tx, HERE, key)
    assert (after.state, after.outcome) == (PromptState.SKIPPED, "this is a bot")


def test_what_is_postponed_is_free_for_any_worker_then(tx: Connection) -> None:
    _due(tx)
    (claimed,) = _claim(tx)

    assert prompt_claim.postpone(tx, claimed, due_at=NOON + HOUR)

    assert _claim(tx) == []
    assert len(prompt_claim.claim_due(tx, now=NOON + HOUR, limit=1, lease=LEASE)) == 1


def test_what_slack_accepted_is_found_by_its_place(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx)
    prompt_claim.attempted(tx, claimed, batch="b1", at=NOON)

    (accepted,) = prompt.sent(tx, HERE, "b1", channel=HOME, ts=TS, at=NOON + HOUR)

    assert (accepted.state, accepted.sent_at) == (PromptState.SENT, NOON + HOUR)
    assert prompt.of_message(tx, HERE, HOME, TS) == [accepted]
    assert prompt.of_message(tx, ELSEWHERE, HOME, TS) == []
    assert prompt.of_assumption(tx, HERE, key) == [accepted]


def test_a_second_acceptance_changes_nothing(tx: Connection) -> None:
    key = _sent(tx)
    before = prompt.of_assumption(tx, HERE, key)

    assert prompt.sent(tx, HERE, "b1", channel=HOME, ts=TS, at=NOON + DAY) == []
    assert prompt.of_assumption(tx, HERE, key) == before


def test_an_answer_that_overtakes_the_acceptance_stays(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx)
    prompt_claim.attempted(tx, claimed, batch="b1", at=NOON)
    prompt.answered(tx, HERE, key, BO, 1, at=NOON + HOUR)

    (accepted,) = prompt.sent(tx, HERE, "b1", channel=HOME, ts=TS, at=NOON + 2 * HOUR)

    assert (accepted.state, accepted.ts) == (PromptState.ANSWERED, TS)


def test_an_answer_is_of_one_person_and_one_round(tx: Connection) -> None:
    key = _sent(tx)

    prompt.answered(tx, HERE, key, CY, 1, at=NOON)
    prompt.answered(tx, HERE, key, BO, 2, at=NOON)
    prompt.answered(tx, ELSEWHERE, key, BO, 1, at=NOON)
    assert _states(tx, key) == [PromptState.SENT]

    prompt.answered(tx, HERE, key, BO, 1, at=NOON + DAY)
    (after,) = prompt.of_assumption(tx, HERE, key)
    assert (after.state, after.answered_at) == (PromptState.ANSWERED, NOON + DAY)


def test_an_answer_taken_back_leaves_the_prompt_as_it_was(tx: Connection) -> None:
    key = _sent(tx)
    before = prompt.of_assumption(tx, HERE, key)
    prompt.answered(tx, HERE, key, BO, 1, at=NOON + DAY)

    prompt.unanswered(tx, HERE, key, BO, 1)

    assert prompt.of_assumption(tx, HERE, key) == before


def test_what_is_planned_is_cancelled_and_reopened_by_its_outcome(tx: Connection) -> None:
    key = _sent(tx)
    prompt.plan(tx, HERE, planned(key, attempt=2))
    prompt.plan(tx, HERE, planned(key, stakeholder=CY, attempt=2))
    prompt.plan(tx, HERE, planned(key, round=2, kind=PromptKind.REFRESH))

    cancelled = [
        prompt.cancel(tx, HERE, key, stakeholder=BO, round=1, outcome="answered (3)"),
        prompt.cancel(tx, HERE, key, stakeholder=BO, outcome="released"),
        prompt.cancel(tx, HERE, key, outcome="retired"),
        prompt.cancel(tx, HERE, key, outcome="retired again"),
    ]
    reopened = prompt.reopen(tx, HERE, key, BO, outcome="answered (3)")

    assert cancelled == [1, 1, 1, 0]
    assert reopened == 1
    (again,) = prompt.planned_for(tx, HERE, BO)
    assert (again.key.attempt, again.outcome) == (2, "")


def test_a_claimed_prompt_that_is_cancelled_is_lost_to_its_worker(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx)

    prompt.cancel(tx, HERE, key, outcome="retired")
    prompt.reopen(tx, HERE, key, BO, outcome="retired")

    assert not prompt_claim.attempted(tx, claimed, batch="b1", at=NOON)
    assert len(_claim(tx)) == 1


def test_what_is_planned_for_a_person_is_moved(tx: Connection) -> None:
    key = _sent(tx)
    assert not prompt.reschedule(tx, HERE, key, BO, due_at=NOON + DAY, reason="you asked")
    prompt.plan(tx, HERE, planned(key, attempt=2))
    prompt.plan(tx, HERE, planned(key, kind=PromptKind.ESCALATE))

    assert prompt.reschedule(tx, HERE, key, BO, due_at=NOON + DAY, reason="you asked")

    moved = {p.key.kind: (p.due_at, p.reason) for p in prompt.planned_for(tx, HERE, BO)}
    assert moved[PromptKind.REMIND] == (NOON + DAY, "you asked")
    assert moved[PromptKind.ESCALATE][0] == NOON


def test_only_questions_are_messages_about_an_assumption(tx: Connection) -> None:
    key = _due(tx, kind=PromptKind.ESCALATE)
    (claimed,) = _claim(tx)

    prompt_claim.attempted(tx, claimed, batch="told", at=NOON)

    assert prompt.batches_about(tx, HERE, key) == []


def test_what_is_planned_for_a_person_is_theirs_alone(tx: Connection) -> None:
    key = _due(tx)
    assumptions.put_stakeholder(tx, HERE, key, Stakeholder(user=CY))
    prompt.plan(tx, HERE, planned(key, stakeholder=CY))

    assert [one.key.stakeholder for one in prompt.planned_for(tx, HERE, CY)] == [CY]
    assert prompt.planned_for(tx, ELSEWHERE, CY) == []


def test_what_waits_keeps_the_moment_when_it_was_due_first(tx: Connection) -> None:
    key = _due(tx)
    (claimed,) = _claim(tx)

    prompt_claim.postpone(tx, claimed, due_at=NOON + DAY, waited="your message was full")
    (waiting,) = prompt.of_assumption(tx, HERE, key)
    prompt.move(tx, waiting, due_at=NOON + 2 * DAY)

    (moved,) = prompt.of_assumption(tx, HERE, key)
    assert (moved.first_due_at, moved.due_at) == (NOON, NOON + 2 * DAY)
    assert (moved.waited, moved.reason) == ("your message was full", "reminder 1 of 2")


def test_what_was_cancelled_can_be_planned_anew_and_what_was_sent_cannot(tx: Connection) -> None:
    key = _sent(tx)
    prompt.plan(tx, HERE, planned(key, round=2))
    prompt.cancel(tx, HERE, key, outcome="undone")

    again = prompt.plan(tx, HERE, planned(key, round=2, due_at=NOON + DAY))
    twice = prompt.plan(tx, HERE, planned(key, due_at=NOON + DAY))

    assert (again, twice) == (True, False)
    (waiting,) = prompt.planned_for(tx, HERE, BO)
    assert (waiting.key.round, waiting.due_at, waiting.outcome) == (2, NOON + DAY, "")


def test_the_next_due_moment_is_that_of_what_is_planned(tx: Connection) -> None:
    assert prompt.next_due(tx) is None
    _sent(tx, due_at=NOON - DAY)
    _due(tx, due_at=NOON + DAY)

    assert prompt.next_due(tx) == NOON + DAY

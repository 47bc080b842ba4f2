from datetime import datetime

from bot.domain.assumption import Impact
from bot.domain.digest import DIGEST_MAX, Waiting, choose, most_harmful
from bot.domain.prompt import PromptKey, PromptKind
from tests.make import BO, DAY, NOON, key


def waiting(
    number: int,
    impact: Impact = Impact.MEDIUM,
    kind: PromptKind = PromptKind.ASK,
    since: datetime = NOON,
) -> Waiting:
    prompt = PromptKey(assumption=key(number), stakeholder=BO, round=1, kind=kind, attempt=1)
    return Waiting(key=prompt, impact=impact, first_due_at=since)


def test_a_digest_holds_the_most_harmful_and_the_rest_waits() -> None:
    low = [waiting(number, Impact.LOW) for number in range(1, DIGEST_MAX + 1)]
    high = waiting(20, Impact.HIGH)

    choice = choose([*low, high], had_digest=False, had_urgent=False, now=NOON)

    assert choice.digest == (high, *low[:-1])
    assert choice.later == (low[-1],)


def test_after_the_day_s_digest_everything_waits() -> None:
    one = waiting(1, Impact.HIGH)

    choice = choose([one], had_digest=True, had_urgent=False, now=NOON)

    assert (choice.digest, choice.urgent, choice.later) == ((), None, (one,))


def test_one_urgent_question_goes_beside_the_digest_and_a_second_waits() -> None:
    first, second = waiting(1, Impact.CRITICAL), waiting(2, Impact.CRITICAL)

    choice = choose([first, second], had_digest=True, had_urgent=False, now=NOON)
    after = choose([second], had_digest=True, had_urgent=True, now=NOON)

    assert (choice.urgent, choice.later) == (first, (second,))
    assert after.later == (second,)


def test_a_reminder_is_never_urgent() -> None:
    reminder = waiting(1, Impact.CRITICAL, PromptKind.REMIND)

    assert choose([reminder], had_digest=True, had_urgent=False, now=NOON).later == (reminder,)


def test_what_waits_long_enough_comes_before_what_is_worse() -> None:
    old, new = waiting(1, Impact.LOW, since=NOON - 30 * DAY), waiting(2, Impact.CRITICAL)

    assert most_harmful([new, old], NOON) == old


def test_nothing_starves_however_much_comes_every_day() -> None:
    starved = waiting(1, Impact.LOW)
    queue = [starved]
    for day in range(60):
        now = NOON + day * DAY
        queue += [waiting(100 + day * 10 + n, Impact.HIGH, since=now) for n in range(DIGEST_MAX)]
        choice = choose(queue, had_digest=False, had_urgent=False, now=now)
        if starved in choice.digest:
            break
        queue = list(choice.later)

    assert starved in choice.digest

"""When somebody is asked, and what follows when nobody answers.

After the question come reminders, then the owner, the lead and the channel hear it.

Every prompt says in words why it is due then. Source: design.md, "Asking".
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence, Rhythm
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.member import WorkingTime
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.domain.text import clip, day_in_words, number_in_words
from bot.domain.working_time import (
    add_working_days,
    is_working_day,
    last_working_morning,
    moment_on,
    next_asking_moment,
    next_working_morning,
    working_days_before,
)

_TOLD = {1: "the owner is told", 2: "the project's lead is told", 3: "the channel is told"}
_DEPENDS_MAX = 80  # characters of what an answer depended on, inside a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    due_at: datetime  # aware UTC
    reason: str  # a sentence without its full stop


def first_moment(
    *,
    impact: Impact,
    validate_by: date | None,
    now: datetime,
    wt: WorkingTime,
    spread: timedelta,
    cadence: Cadence,
    after: str = "it was logged",
) -> Moment:
    """Return when a person is first asked, in their own working time.

    It is never so late that the reminders would run past `validate_by`. Where that day is too
    close for all of them the person is asked as soon as they work, and the reason says so.
    `after` is what happened `now`, as the reason puts it.
    """
    rhythm = cadence.rhythms[impact]
    usual = _usual_first(rhythm, now=now, wt=wt, spread=spread, after=after)
    if validate_by is None:
        return usual
    last_answering_day = working_days_before(validate_by, 0, wt)
    last_day = working_days_before(last_answering_day, rhythm.reminding_working_days, wt)
    latest = moment_on(last_day, wt, spread=spread)
    if usual.due_at <= latest:
        return usual
    at_once = next_asking_moment(now, wt, spread)
    today = now.astimezone(wt.zone).date()
    was = "was" if validate_by < today else "is"
    needed = f"an answer {was} needed by {day_in_words(validate_by)}"
    if latest <= at_once:
        return Moment(due_at=at_once, reason=f"first question, asked at once since {needed}")
    return Moment(due_at=latest, reason=f"first question, asked early since {needed}")


def _usual_first(
    rhythm: Rhythm, *, now: datetime, wt: WorkingTime, spread: timedelta, after: str
) -> Moment:
    days = rhythm.first_ask_working_days
    if days == 0:
        return Moment(
            due_at=next_asking_moment(now, wt, spread),
            reason=f"first question, in the next working hour after {after}",
        )
    day = add_working_days(now.astimezone(wt.zone).date(), days, wt)
    plural = "" if days == 1 else "s"
    return Moment(
        due_at=moment_on(day, wt, spread=spread),
        reason=f"first question, {number_in_words(days)} working day{plural} after {after}",
    )


def first_ask(
    *,
    key: AssumptionKey,
    impact: Impact,
    validate_by: date | None,
    stakeholder: UserId,
    round: int,
    now: datetime,
    wt: WorkingTime,
    spread: timedelta,
    cadence: Cadence,
    after: str = "they were asked to answer",
) -> Planned:
    """Plan the first question to somebody who is named later; the moment is `first_moment`'s."""
    moment = first_moment(
        impact=impact,
        validate_by=validate_by,
        now=now,
        wt=wt,
        spread=spread,
        cadence=cadence,
        after=after,
    )
    return Planned(
        key=PromptKey(
            assumption=key, stakeholder=stakeholder, round=round, kind=PromptKind.ASK, attempt=1
        ),
        due_at=moment.due_at,
        reason=moment.reason,
    )


def next_step(
    sent: PromptKey,
    *,
    impact: Impact,
    sent_at: datetime,
    wt: WorkingTime,
    spread: timedelta,
    cadence: Cadence,
) -> Planned | None:
    """Return what is due if the prompt that went out at `sent_at` stays unanswered.

    After a question come the reminders, a gap apart; a gap after the last one the owner hears it,
    then the lead and the channel, as the escalation says. None: the ladder has ended.

    Args:
        sent: The prompt that Slack accepted.
        impact: It names the rhythm.
        sent_at: When Slack accepted it, aware UTC.
        wt: The working time of the stakeholder.
        spread: Theirs.
        cadence: The rhythms.
    """
    rhythm = cadence.rhythms[impact]
    gap = rhythm.remind_after_working_days
    sent_on = sent_at.astimezone(wt.zone).date()
    last = f"last asked on {day_in_words(sent_on)}"
    match sent.kind:
        case PromptKind.ASK | PromptKind.REFRESH | PromptKind.REMIND:
            reminder = sent.attempt + 1 if sent.kind is PromptKind.REMIND else 1
            if reminder <= rhythm.reminders:
                step = replace(sent, kind=PromptKind.REMIND, attempt=reminder)
                reason = f"reminder {reminder} of {rhythm.reminders}: {last}"
            else:
                step = replace(sent, kind=PromptKind.ESCALATE, attempt=1)
                reason = f"{_TOLD[1]}: no answer, {last}"
        case PromptKind.ESCALATE if sent.attempt < cadence.escalation.steps:
            step = replace(sent, attempt=sent.attempt + 1)
            gap = cadence.escalation.working_days_between
            reason = f"{_TOLD[step.attempt]}: still no answer"
        case _:
            return None
    day = add_working_days(sent_on, gap, wt)
    return Planned(key=step, due_at=moment_on(day, wt, spread=spread), reason=reason)


def told_to_the_next(step: Planned, cadence: Cadence) -> Planned | None:
    """Return the escalation one step further, at the same moment, where its hearer has heard.

    None: nobody is left to tell.
    """
    if step.key.attempt >= cadence.escalation.steps:
        return None
    key = replace(step.key, attempt=step.key.attempt + 1)
    return replace(step, key=key, reason=f"{_TOLD[key.attempt]}: still no answer")


def refresh(
    *,
    key: AssumptionKey,
    impact: Impact,
    stakeholder: UserId,
    round: int,
    valid_until: datetime,
    now: datetime,
    wt: WorkingTime,
    spread: timedelta,
    cadence: Cadence,
) -> Planned:
    """Plan the question that comes before an answer goes stale.

    Its lead is the larger of the cadence's share of the lifetime and the working days that all
    reminders need, so that all of them go out while it is valid. Where that moment has passed it
    is the person's next working morning, which after an absence may be too late.
    """
    rhythm = cadence.rhythms[impact]
    by_share = valid_until - rhythm.lifetime * cadence.refresh_share
    last_morning = last_working_morning(valid_until - timedelta(seconds=1), wt, spread)
    last_day = last_morning.astimezone(wt.zone).date()
    by_reminders = moment_on(
        working_days_before(last_day, rhythm.reminding_working_days, wt), wt, spread=spread
    )
    due_at = last_working_morning(min(by_share, by_reminders), wt, spread)
    # That moment may have passed, or lie in an absence, which looking back does not see.
    due_at = next_working_morning(max(now, due_at - timedelta(seconds=1)), wt, spread)
    expiry = f"asked again before the last answer expires on {_day_of(valid_until, wt)}"
    return Planned(
        key=PromptKey(
            assumption=key, stakeholder=stakeholder, round=round, kind=PromptKind.REFRESH, attempt=1
        ),
        due_at=due_at,
        reason=expiry if now < valid_until else "asked again since the last answer has expired",
    )


def _day_of(moment: datetime, wt: WorkingTime) -> str:
    return day_in_words(moment.astimezone(wt.zone).date())


def ask_again(
    *,
    key: AssumptionKey,
    impact: Impact,
    stakeholder: UserId,
    round: int,
    now: datetime,
    wt: WorkingTime,
    spread: timedelta,
    cadence: Cadence,
    validate_by: date | None,
    depends_on: str,
) -> Planned:
    """Plan the question anew, one reminder gap after "it depends".

    Where the answer is needed before, it comes on the last day that still helps.
    """
    gap = cadence.rhythms[impact].remind_after_working_days
    today = now.astimezone(wt.zone).date()
    day = add_working_days(today, gap, wt)
    if validate_by is not None:
        last = working_days_before(validate_by, 0, wt)
        day = last if today < last < day and is_working_day(last, wt) else day
    said = clip(" ".join(depends_on.split()), _DEPENDS_MAX) or "no more was said"
    return Planned(
        key=PromptKey(
            assumption=key, stakeholder=stakeholder, round=round, kind=PromptKind.ASK, attempt=1
        ),
        due_at=moment_on(day, wt, spread=spread),
        reason=f"asked again after “it depends”: {said}",
    )


def stale_notice(
    *,
    key: AssumptionKey,
    stakeholder: UserId,
    round: int,
    valid_until: datetime,
    attempt: int = 1,
) -> Planned:
    """Plan what the owner hears, once, on the day that an answer expires unrenewed."""
    return Planned(
        key=PromptKey(
            assumption=key,
            stakeholder=stakeholder,
            round=round,
            kind=PromptKind.STALE,
            attempt=attempt,
        ),
        due_at=valid_until,
        reason="the last answer expired and nobody gave a new one",
    )

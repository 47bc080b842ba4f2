"""Answering: the buttons of an ask, the forms behind them, and taking an answer back."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.domain.assumption import Assumption
from bot.domain.errors import RetryableError, UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs
from bot.domain.validation import Answer
from bot.slack import form, ids, show
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Interaction, Submission
from bot.slack.people import askable, zone_of
from bot.slack.reader import reader_of
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import parts
from bot.slack.views import validation as views
from bot.usecases.assumption import get_assumption
from bot.usecases.found import is_known, question_found
from bot.usecases.relay import ask_owner
from bot.usecases.release import ask_someone_else, hand_back, stop_asking
from bot.usecases.reminder import remind_later
from bot.usecases.reply import take_back
from bot.usecases.validation import AlreadyAnswered, answer_question, undo_answer

log = structlog.get_logger()

_MONDAY = 0
_BEFORE_NEEDED = timedelta(days=2)
_AGAIN_SECONDS = 1.0, 4.0  # between two tries; a stop waits 12 s for what is under way
_MORNING = 8  # o'clock, local; the use case moves it into the person's working hours


def _ref(text: str) -> ids.QuestionRef:
    ref = ids.QuestionRef.parse(text)
    if ref is None:
        raise UserFixableError("This button is too old. Open my Home tab to answer.")
    return ref


def _in_message(
    press: Callable[[Tools, Click], Awaitable[Reply]],
) -> Callable[[Tools, Click], Awaitable[Reply]]:
    """Whatever is pressed: the click also tells where the question stands."""

    async def pressed(tools: Tools, click: Click) -> Reply:
        reply = await press(tools, click)
        if click.ts is not None and click.channel is not None:
            # Nobody waits for it: what they pressed is done, whatever becomes of this.
            tools.tasks.start(_note_place(tools, click, click.channel, click.ts))
        return reply

    return pressed


async def _note_place(tools: Tools, click: Click, channel: ChannelId, ts: MessageTs) -> Reply:
    """Where the worker died before it wrote down where it had posted, write it down now."""
    try:
        await _patiently(lambda: _note_unknown_place(tools, click, channel, ts))
    except RetryableError as error:  # the next click tells it again
        log.warning("message.not_found", cause=str(error))
    except Exception:
        log.exception("message.not_found")
    return None


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Do `work`, a few times where the database is away: what made a place unknown goes on."""
    for wait in _AGAIN_SECONDS:
        with suppress(RetryableError):
            return await work()
        await asyncio.sleep(wait)
    return await work()


async def _note_unknown_place(
    tools: Tools, click: Click, channel: ChannelId, ts: MessageTs
) -> None:
    if await tools.db.read(is_known, click.workspace, channel, ts):
        return
    _, _, behind_the_word = click.value.partition("|")  # of an entry of the menu
    ref = ids.QuestionRef.parse(click.value) or ids.QuestionRef.parse(behind_the_word)
    if ref is not None:
        await tools.write(
            question_found,
            click.workspace,
            ref.key,
            to=click.user,
            channel=channel,
            ts=ts,
            now=tools.clock.now(),
            cadence=tools.cadence,
        )


async def press_holds(tools: Tools, click: Click) -> Reply:
    """Store it at once; where evidence is needed, ask how they know first."""
    ref = _ref(click.value)
    if ref.needs_evidence:
        tools.after_ack(click, _open_answer(tools, click, ref, Answer.HOLDS))
        return None
    await _answer(tools, click, ref, Answer.HOLDS, evidence="")
    return None


async def press_fails(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_answer(tools, click, _ref(click.value), Answer.FAILS))
    return None


async def press_depends(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_answer(tools, click, _ref(click.value), Answer.UNSURE))
    return None


async def _open_answer(tools: Tools, click: Click, ref: ids.QuestionRef, answer: Answer) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, ref.key, reader=await reader_of(tools, click)
    )
    page = views.answer_form(
        assumption,
        answer,
        evidence_needed=ref.needs_evidence,
        metadata=form.pack(q=str(ref), a=answer.value, u=click.response_url),
    )
    page = await with_warning(tools, click.workspace, assumption.channel, page)
    await show.view(tools, click, page)


async def _answer(
    tools: Tools,
    interaction: Interaction,
    ref: ids.QuestionRef,
    answer: Answer,
    *,
    evidence: str,
    supersede: bool = False,
    told_at: str | None = None,
) -> None:
    """Store the answer; somebody who comes second is told who answered, and when.

    `told_at` is the response URL of the question's message, where a form has none of its own.
    """
    outcome = await tools.write(
        answer_question,
        interaction.workspace,
        ref.key,
        by=interaction.user,
        asked_round=ref.round,
        answer=answer,
        evidence=evidence,
        now=tools.clock.now(),
        cadence=tools.cadence,
        supersede=supersede,
        delivery=interaction.delivery,
    )
    url = interaction.response_url or told_at
    if isinstance(outcome, AlreadyAnswered):
        is_own = outcome.validation.by == interaction.user
        text = views.already_answered(outcome.validation, is_own=is_own)
        told = parts.message(text, [parts.section(text)])
        if url is not None:
            tools.after_ack(interaction, tools.api.respond(url, told))
        elif isinstance(interaction, Click):  # in Home: nothing can be said below it
            page = parts.modal("Answered already", told["blocks"])
            tools.after_ack(interaction, show.view(tools, interaction, page))


async def submit_answer(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    ref, answer = _ref(facts.get("q", "")), Answer(facts.get("a", Answer.UNSURE))
    evidence = form.text_of(submission.values, ids.EVIDENCE)
    await _answer(tools, submission, ref, answer, evidence=evidence, told_at=facts.get("u"))
    return None


async def press_change(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_change(tools, click, _ref(click.value)))
    return None


async def _open_change(tools: Tools, click: Click, ref: ids.QuestionRef) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, ref.key, reader=await reader_of(tools, click)
    )
    page = views.change_form(assumption, metadata=form.pack(q=str(ref)))
    page = await with_warning(tools, click.workspace, assumption.channel, page)
    await show.view(tools, click, page)


async def submit_change(tools: Tools, submission: Submission) -> Reply:
    ref = _ref(form.unpack(submission.metadata).get("q", ""))
    chosen = form.choice_of(submission.values, ids.ANSWERED)
    if chosen is None:
        return {"response_action": "errors", "errors": {ids.ANSWERED: "Choose one."}}
    evidence = form.text_of(submission.values, ids.EVIDENCE)
    await _answer(tools, submission, ref, Answer(chosen), evidence=evidence, supersede=True)
    return None


async def press_undo(tools: Tools, click: Click) -> Reply:
    too_old = "This button is too old. Press Change my answer instead."
    return await _take_back(tools, click, undo_answer, too_old=too_old)


async def press_ask_again(tools: Tools, click: Click) -> Reply:
    """Take back "not mine" and the like; the message itself shows the question anew."""
    too_old = "This button is too old. Open my Home tab to answer."
    return await _take_back(tools, click, take_back, too_old=too_old)


async def _take_back(
    tools: Tools, click: Click, unit: Callable[..., object], *, too_old: str
) -> Reply:
    """Run `unit` for the event of the history that the button names."""
    key_text, _, seq = click.value.partition("|")
    if not seq.isdecimal():
        raise UserFixableError(too_old)
    await tools.write_once(
        click,
        unit,
        click.workspace,
        key_of(key_text),
        by=click.user,
        seq=int(seq),
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return None


async def press_not_mine(tools: Tools, click: Click) -> Reply:
    key = _ref(click.value).key
    await tools.write_once(
        click,
        hand_back,
        click.workspace,
        key,
        by=click.user,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return None


async def press_more(tools: Tools, click: Click) -> Reply:
    """An entry of the question's menu."""
    word, _, rest = click.value.partition("|")
    key = _ref(rest).key
    if word == ids.MORE_STOP:
        await tools.write_once(
            click,
            stop_asking,
            click.workspace,
            key,
            by=click.user,
            now=tools.clock.now(),
            cadence=tools.cadence,
        )
    else:
        tools.after_ack(click, _open_more(tools, click, key, word))
    return None


async def _open_more(tools: Tools, click: Click, key: AssumptionKey, word: str) -> None:
    assumption = await tools.db.read(
        get_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    metadata = form.pack(k=str(key))
    match word:
        case ids.MORE_ANOTHER:
            page = views.ask_another_form(assumption, metadata=metadata)
        case ids.MORE_LATER:
            page = views.remind_form(assumption, metadata=metadata)
        case _:
            page = views.ask_owner_form(assumption, metadata=metadata)
    await show.view(tools, click, page)


async def submit_another(tools: Tools, submission: Submission) -> Reply:
    key = key_of(form.unpack(submission.metadata).get("k", ""))
    who = form.user_of(submission.values, ids.WHO)
    if who is None:
        return {"response_action": "errors", "errors": {ids.WHO: "Choose a person."}}
    [member] = await askable(tools, submission.workspace, [who])
    await tools.write_once(
        submission,
        ask_someone_else,
        submission.workspace,
        key,
        by=submission.user,
        to=member,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return None


async def submit_ask_owner(tools: Tools, submission: Submission) -> Reply:
    owner = await tools.write_once(
        submission,
        ask_owner,
        submission.workspace,
        key_of(form.unpack(submission.metadata).get("k", "")),
        by=submission.user,
        text=form.text_of(submission.values, ids.TEXT),
        now=tools.clock.now(),
    )
    return {"response_action": "update", "view": views.owner_was_asked(owner)}


async def submit_later(tools: Tools, submission: Submission) -> Reply:
    key = key_of(form.unpack(submission.metadata).get("k", ""))
    workspace, now = submission.workspace, tools.clock.now()
    assumption = await tools.db.read(
        get_assumption, workspace, key, reader=await reader_of(tools, submission)
    )
    zone = await zone_of(tools, workspace, submission.user)
    word = form.choice_of(submission.values, ids.WHEN) or "tomorrow"
    at = later_moment(word, assumption, now=now, zone=zone)
    moment = await tools.write_once(
        submission, remind_later, workspace, key, by=submission.user, at=at, now=now
    )
    return {"response_action": "update", "view": views.reminded(moment)}


def later_moment(word: str, assumption: Assumption, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the local morning that the person chose: tomorrow, Monday, or before it is needed."""
    today = now.astimezone(zone).date()
    if word == "before" and assumption.validate_by is not None:
        day = assumption.validate_by - _BEFORE_NEEDED
    elif word == "monday":
        day = today + timedelta(days=7 - (today.weekday() - _MONDAY))
    else:
        day = today + timedelta(days=1)
    return datetime(day.year, day.month, day.day, _MORNING, tzinfo=zone)


ROUTES = Routes(
    clicks={
        ids.HOLDS: _in_message(press_holds),
        ids.FAILS: _in_message(press_fails),
        ids.DEPENDS: _in_message(press_depends),
        ids.NOT_MINE: _in_message(press_not_mine),
        ids.UNDO: press_undo,
        ids.ASK_AGAIN: press_ask_again,
        ids.CHANGE_ANSWER: press_change,
        ids.ASK_MORE: _in_message(press_more),
    },
    submissions={
        ids.ANSWER: submit_answer,
        ids.NEW_ANSWER: submit_change,
        ids.ASK_ANOTHER: submit_another,
        ids.ASK_OWNER: submit_ask_owner,
        ids.REMIND_LATER: submit_later,
    },
)

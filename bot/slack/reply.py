"""Answers in words, typed in the thread of a question; an optional feature (`im:history`).

What is not surely understood gets a short help, and nothing is stored.
"""

from dataclasses import dataclass
from typing import assert_never

from bot.domain.delivery import SecondCopyError
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs
from bot.domain.prompt import PromptKey
from bot.domain.reply import Declined, Meaning, PassedOn, Said, split_key, understand
from bot.domain.validation import Answer
from bot.slack import ids
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Happened
from bot.slack.people import askable
from bot.slack.show import key_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import reply as views
from bot.slack.views.parts import Message
from bot.slack.written import is_of_a_person
from bot.usecases.delivery import heard as nothing_stored
from bot.usecases.relay import reply_to_question
from bot.usecases.reply import Thread, decline, pass_on, read_thread, take_back
from bot.usecases.validation import (
    AlreadyAnswered,
    EvidenceNeededError,
    answer_question,
    undo_answer,
)


@dataclass(frozen=True, slots=True)
class _Typed:
    """A message of a person in their conversation with the bot."""

    happened: Happened
    channel: ChannelId
    text: str  # as Slack sent it: not yet decoded
    thread: MessageTs  # under a question


def _typed(tools: Tools, happened: Happened) -> _Typed | None:
    """Read what a person typed; None for edits, joins and bots."""
    event = happened.event
    if not is_of_a_person(tools, happened):
        return None
    if not event.get("channel") or not event.get("thread_ts"):
        return None
    return _Typed(
        happened,
        ChannelId(str(event["channel"])),
        str(event.get("text") or ""),
        MessageTs(str(event["thread_ts"])),
    )


async def heard(tools: Tools, happened: Happened) -> Reply:
    """Store what is understood before the ack, so that Slack repeats it if we cannot; then say."""
    typed = _typed(tools, happened)
    if typed is None:
        return None
    try:
        said = await _stored_or_why_not(tools, typed)
    except SecondCopyError:
        return None
    post = tools.api.say(happened.workspace, typed.channel, said, thread_ts=typed.thread)
    tools.after_ack(happened, post)
    return None


async def _stored_or_why_not(tools: Tools, typed: _Typed) -> Message:
    """Store what the words mean; else only that they were heard, so that the help comes once.

    Raises:
        SecondCopyError: The delivery was handled before.
    """
    try:
        said = await _stored(tools, typed)
        if said is not None:
            return said
        said = await _help(tools, typed)
    except EvidenceNeededError:
        said = views.more_is_needed(Answer.HOLDS)
    except UserFixableError as error:
        said = views.plainly(str(error))
    await tools.write_once(typed.happened, nothing_stored)
    return said


async def _thread(tools: Tools, typed: _Typed) -> Thread:
    happened = typed.happened
    return await tools.db.read(
        read_thread, happened.workspace, typed.channel, typed.thread, by=happened.user
    )


async def _stored(tools: Tools, typed: _Typed) -> Message | None:
    """Store what the words mean; None where nothing was, and the person needs help."""
    thread = await _thread(tools, typed)
    if thread.owner_asked is not None:
        return await _as_owner(tools, typed, *thread.owner_asked)
    named, words = split_key(typed.text)
    question, meaning = _question(thread, named), understand(words)
    if question is None or meaning is None:
        return None
    if isinstance(meaning, Said) and _lacks_words(meaning):
        return None
    return await _store(tools, typed.happened, question, meaning)


def _lacks_words(said: Said) -> bool:
    """A no says what is true instead, and "it depends" on what."""
    return said.answer is not Answer.HOLDS and not said.evidence.strip()


async def _help(tools: Tools, typed: _Typed) -> Message:
    """Say why nothing was stored, and what would be understood."""
    thread = await _thread(tools, typed)
    named, words = split_key(typed.text)
    if _question(thread, named) is None:
        return views.which_question(thread)
    meaning = understand(words)
    if isinstance(meaning, Said):
        return views.more_is_needed(meaning.answer)
    return views.not_understood(names=tools.names)


def _question(thread: Thread, named: AssumptionKey | None) -> PromptKey | None:
    """Return the one question that the reply is about; None where that is not clear."""
    fitting = [key for key in thread.open if named in {None, key.assumption}]
    return fitting[0] if len(fitting) == 1 else None


async def _as_owner(tools: Tools, typed: _Typed, key: AssumptionKey, seq: int) -> Message:
    asker = await tools.write_once(
        typed.happened,
        reply_to_question,
        typed.happened.workspace,
        key,
        seq=seq,
        by=typed.happened.user,
        text=decode(typed.text),
        now=tools.clock.now(),
    )
    return views.relayed(asker)


async def _store(
    tools: Tools, happened: Happened, question: PromptKey, meaning: Meaning
) -> Message:
    key = question.assumption
    match meaning:
        case Said():
            return await _store_answer(tools, happened, question, meaning)
        case Declined():
            seq = await tools.write_once(
                happened,
                decline,
                happened.workspace,
                key,
                by=happened.user,
                now=tools.clock.now(),
                cadence=tools.cadence,
            )
            return views.declined(key, seq)
        case PassedOn():
            [member] = await askable(tools, happened.workspace, [meaning.to])
            seq = await tools.write_once(
                happened,
                pass_on,
                happened.workspace,
                key,
                by=happened.user,
                to=member,
                now=tools.clock.now(),
                cadence=tools.cadence,
            )
            return views.passed_on(key, meaning.to, seq)
        case _:
            assert_never(meaning)


async def _store_answer(
    tools: Tools, happened: Happened, question: PromptKey, said: Said
) -> Message:
    outcome = await tools.write_once(
        happened,
        answer_question,
        happened.workspace,
        question.assumption,
        by=happened.user,
        asked_round=question.round,
        answer=said.answer,
        evidence=decode(said.evidence).strip(),
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    if isinstance(outcome, AlreadyAnswered):
        is_own = outcome.validation.by == happened.user
        return views.answered_already(outcome.validation, is_own=is_own)
    return views.stored(outcome.validation)


def _undo_of(value: str) -> tuple[AssumptionKey, int]:
    key_text, _, seq = value.partition("|")
    if not seq.isdecimal():
        raise UserFixableError("This button is too old. Open my Home tab to answer.")
    return key_of(key_text), int(seq)


async def press_undo(tools: Tools, click: Click) -> Reply:
    """Take back an answer given in words; the thread says so in place of the confirmation."""
    key, seq = _undo_of(click.value)
    await tools.write_once(
        click,
        undo_answer,
        click.workspace,
        key,
        by=click.user,
        seq=seq,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    _replace(tools, click, views.taken_back(key))
    return None


async def press_take_back(tools: Tools, click: Click) -> Reply:
    key, seq = _undo_of(click.value)
    await tools.write_once(
        click,
        take_back,
        click.workspace,
        key,
        by=click.user,
        seq=seq,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    _replace(tools, click, views.taken_back(key))
    return None


def _replace(tools: Tools, click: Click, said: Message) -> None:
    if click.response_url is not None:
        shown = tools.api.respond(click.response_url, said, replace_original=True)
        tools.after_ack(click, shown)


ROUTES = Routes(
    clicks={ids.UNDO_REPLY: press_undo, ids.TAKE_BACK: press_take_back},
)

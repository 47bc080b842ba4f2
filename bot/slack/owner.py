"""What an owner does about an answer, or about none: reply, split, ask somebody else."""

from bot.domain.errors import UserFixableError
from bot.domain.history import Answered, OwnerAsked
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.validation import Answer
from bot.slack import form, ids, show
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Submission
from bot.slack.people import askable
from bot.slack.reader import reader_of
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import owner as views
from bot.usecases.assumption import get_assumption
from bot.usecases.assumption_show import show_assumption
from bot.usecases.relay import reply_to_question
from bot.usecases.split import split_assumption
from bot.usecases.stakeholder import ask_instead


def _errors(**mistakes: str) -> Reply:
    return {"response_action": "errors", "errors": mistakes}


def _numbered(value: str) -> tuple[AssumptionKey, int]:
    """Read a key and the number of an event in its history."""
    key_text, _, seq = value.partition("|")
    if not seq.isdecimal():
        raise UserFixableError("This button is too old. Open my Home tab to find it again.")
    return key_of(key_text), int(seq)


async def press_reply(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_reply(tools, click))
    return None


async def _open_reply(tools: Tools, click: Click) -> None:
    key, seq = _numbered(click.value)
    shown = await tools.db.read(
        show_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    asked = next((e for e in shown.events if e.seq == seq), None)
    if asked is None or asked.by is None or not isinstance(asked.what, OwnerAsked):
        raise UserFixableError("I do not find this question any more.")
    page = views.reply_form(
        shown.assumption,
        asker=asked.by,
        question=asked.what.text,
        metadata=form.pack(k=str(key), s=str(seq)),
    )
    await show.view(tools, click, page)


async def submit_reply(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    key, seq = _numbered(f"{facts.get('k', '')}|{facts.get('s', '')}")
    await tools.write_once(
        submission,
        reply_to_question,
        submission.workspace,
        key,
        seq=seq,
        by=submission.user,
        text=form.text_of(submission.values, ids.TEXT),
        now=tools.clock.now(),
    )
    return None


async def press_split(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_split(tools, click, key_of(click.value)))
    return None


async def _open_split(tools: Tools, click: Click, key: AssumptionKey) -> None:
    shown = await tools.db.read(
        show_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    unsure = [
        event.what.evidence
        for event in shown.events
        if isinstance(event.what, Answered) and event.what.answer is Answer.UNSURE
    ]
    page = views.split_form(
        shown.assumption,
        depends_on=unsure[-1] if unsure else "",
        metadata=form.pack(k=str(key)),
    )
    page = await with_warning(tools, click.workspace, shown.assumption.channel, page)
    await show.view(tools, click, page)


async def submit_split(tools: Tools, submission: Submission) -> Reply:
    """Log both halves; somebody who cannot be asked any more is a matter for an edit first."""
    key = key_of(form.unpack(submission.metadata).get("k", ""))
    first = form.text_of(submission.values, ids.FIRST_HALF)
    second = form.text_of(submission.values, ids.SECOND_HALF)
    if first == second:
        return _errors(**{ids.SECOND_HALF: "Write two statements that differ."})
    whole = await tools.db.read(
        get_assumption, submission.workspace, key, reader=await reader_of(tools, submission)
    )
    asked = [p.user for p in whole.stakeholders if not p.is_released]
    halves = await tools.write_once(
        submission,
        split_assumption,
        submission.workspace,
        key,
        statements=(first, second),
        by=submission.user,
        asked=await askable(tools, submission.workspace, asked),
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return {"response_action": "update", "view": views.was_split(key, *halves)}


async def press_reassign(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_reassign(tools, click))
    return None


async def _open_reassign(tools: Tools, click: Click) -> None:
    key_text, _, user = click.value.partition("|")
    key = key_of(key_text)
    assumption = await tools.db.read(
        get_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    page = views.reassign_form(
        assumption, instead_of=UserId(user), metadata=form.pack(k=str(key), u=user)
    )
    await show.view(tools, click, page)


async def submit_reassign(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    who = form.user_of(submission.values, ids.WHO)
    if who is None:
        return _errors(**{ids.WHO: "Choose a person."})
    [member] = await askable(tools, submission.workspace, [who])
    await tools.write_once(
        submission,
        ask_instead,
        submission.workspace,
        key_of(facts.get("k", "")),
        by=submission.user,
        instead_of=UserId(facts.get("u", "")),
        to=member,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return None


ROUTES = Routes(
    clicks={
        ids.REPLY: press_reply,
        ids.SPLIT: press_split,
        ids.REASSIGN_OPEN: press_reassign,
    },
    submissions={
        ids.REPLY_AS_OWNER: submit_reply,
        ids.SPLIT_ASSUMPTION: submit_split,
        ids.REASSIGN: submit_reassign,
    },
)

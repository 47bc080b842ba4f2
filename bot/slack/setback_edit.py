"""Changing setbacks: correcting, closing, reopening them, and saying that two are one."""

from dataclasses import replace
from datetime import datetime

from bot.domain.errors import UserFixableError
from bot.domain.setback import MINUTES_MAX, Setback
from bot.slack import form, ids, setback_list, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Interaction, Submission
from bot.slack.people import zone_of
from bot.slack.reader import reader_of
from bot.slack.setback import read_form, read_moment_field
from bot.slack.tools import Reply, Tools
from bot.slack.views import setback_forms as forms
from bot.usecases.project import projects_of
from bot.usecases.setback import close_setback, edit_setback, get_unmerged, reopen_setback
from bot.usecases.setback_list import merge_choices
from bot.usecases.setback_merge import merge_setbacks


async def press_more(tools: Tools, click: Click) -> Reply:
    """An entry of a setback's menu: what to do, then with which."""
    word, _, number_text = click.value.partition("|")
    number = int(number_text) if number_text.isdecimal() else 0
    match word:
        case ids.SETBACK_EDIT:
            tools.after_ack(click, open_edit(tools, click, number))
        case ids.SETBACK_CLOSE:
            tools.after_ack(click, open_close(tools, click, number))
        case ids.SETBACK_REOPEN:
            await reopen(tools, click, number)
        case ids.SETBACK_MERGE:
            tools.after_ack(click, open_merge(tools, click, number))
        case ids.SETBACK_SHOW:
            tools.after_ack(click, setback_list.show_below(tools, click, number))
        case _:
            raise UserFixableError("This menu is too old. Look the setback up in the list.")
    return None


async def _unmerged(tools: Tools, interaction: Interaction, number: int) -> Setback:
    return await tools.db.read(
        get_unmerged,
        interaction.workspace,
        number,
        by=interaction.user,
        reader=await reader_of(tools, interaction),
    )


async def open_edit(tools: Tools, interaction: Interaction, number: int) -> None:
    setback = await _unmerged(tools, interaction, number)
    known = await tools.db.read(
        projects_of, interaction.workspace, reader=await reader_of(tools, interaction)
    )
    fields = forms.SetbackFields.of(
        setback, await zone_of(tools, interaction.workspace, interaction.user)
    )
    page = forms.edit_form(
        setback, fields, projects=known, metadata=form.pack(s=str(number), c=setback.channel)
    )
    await show.view(tools, interaction, page)


async def submit_edit(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    number = _number(facts)
    before = await _unmerged(tools, submission, number)
    draft = await read_form(tools, submission, facts, before=before)
    if isinstance(draft, dict):
        return {"response_action": "errors", "errors": draft}
    if ids.PROJECT not in submission.values:  # there was none to choose
        draft = replace(draft, project=before.project)
    await tools.write_once(
        submission,
        edit_setback,
        submission.workspace,
        number,
        draft,
        by=submission.user,
        now=tools.clock.now(),
        reader=await reader_of(tools, submission),
    )
    return None


async def open_close(tools: Tools, interaction: Interaction, number: int) -> None:
    setback = await _unmerged(tools, interaction, number)
    page = forms.close_form(setback, metadata=form.pack(s=str(number)))
    await show.view(tools, interaction, page)


async def submit_close(tools: Tools, submission: Submission) -> Reply:
    ended_at = await read_moment_field(tools, submission, ids.ENDED, default="now")
    if ended_at is None:
        return _wrong(ids.ENDED, "I cannot read this. Try “now”, “today 14:05” or “yesterday”.")
    minutes_words = form.text_of(submission.values, ids.MINUTES)
    minutes = form.read_number(minutes_words)
    if minutes_words and (minutes is None or minutes > MINUTES_MAX):
        return _wrong(ids.MINUTES, "Write a number, like 45.")
    await close(
        tools,
        submission,
        _number(form.unpack(submission.metadata)),
        ended_at=ended_at,
        minutes=None if minutes is None else int(minutes),
    )
    return None


async def close(
    tools: Tools,
    interaction: Interaction,
    number: int,
    *,
    ended_at: datetime,
    minutes: int | None = None,
) -> Setback:
    return await tools.write_once(
        interaction,
        close_setback,
        interaction.workspace,
        number,
        ended_at=ended_at,
        by=interaction.user,
        now=tools.clock.now(),
        minutes=minutes,
        reader=await reader_of(tools, interaction),
    )


async def reopen(tools: Tools, interaction: Interaction, number: int) -> Setback:
    return await tools.write_once(
        interaction,
        reopen_setback,
        interaction.workspace,
        number,
        by=interaction.user,
        now=tools.clock.now(),
        reader=await reader_of(tools, interaction),
    )


async def open_merge(tools: Tools, interaction: Interaction, number: int) -> None:
    setback = await _unmerged(tools, interaction, number)
    choices = await tools.db.read(
        merge_choices,
        interaction.workspace,
        number,
        by=interaction.user,
        reader=await reader_of(tools, interaction),
    )
    page = forms.merge_form(setback, choices, metadata=form.pack(s=str(number)))
    await show.view(tools, interaction, page)


async def submit_merge(tools: Tools, submission: Submission) -> Reply:
    chosen = form.choice_of(submission.values, ids.REPEATS) or ""
    if not chosen.isdecimal():
        return _wrong(ids.REPEATS, "Choose the setback that this one repeats.")
    number = _number(form.unpack(submission.metadata))
    await merge(tools, submission, number, into=int(chosen))
    return None


async def merge(tools: Tools, interaction: Interaction, number: int, *, into: int) -> Setback:
    return await tools.write_once(
        interaction,
        merge_setbacks,
        interaction.workspace,
        number,
        into=into,
        by=interaction.user,
        now=tools.clock.now(),
        reader=await reader_of(tools, interaction),
    )


def _number(facts: dict[str, str]) -> int:
    number = facts.get("s", "")
    return int(number) if number.isdecimal() else 0


def _wrong(block: str, text: str) -> Reply:
    return {"response_action": "errors", "errors": {block: text}}


ROUTES = Routes(
    clicks={ids.SETBACK_MORE: press_more},
    submissions={
        ids.EDIT_SETBACK: submit_edit,
        ids.CLOSE_SETBACK: submit_close,
        ids.MERGE_SETBACK: submit_merge,
    },
)

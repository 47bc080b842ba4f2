"""What people ask in words: by naming the bot in a channel, or by writing to it directly.

An optional feature (`app_mentions:read`, `im:history`). In a channel the answer is for the one who
asked: it holds what they may read, not everybody there, and it names people, whom a message to all
would call.
"""

import re
from dataclasses import dataclass, replace
from typing import assert_never

from bot.domain import quick_form
from bot.domain.delivery import SecondCopyError
from bot.domain.errors import RetryableError, UserFixableError
from bot.domain.ids import ChannelId, MessageTs, ProjectKey
from bot.domain.order import Order
from bot.domain.permission import Looks, Reader
from bot.domain.project import Project
from bot.domain.quick_form import QuickForm
from bot.domain.request import (
    EVERYWHERE,
    Broke,
    Due,
    Help,
    Listed,
    Log,
    Reported,
    Request,
    Shown,
    Where,
    Which,
    WhoIsAsked,
    render,
)
from bot.domain.request_grammar import nearest_request, parse
from bot.slack import assumption, assumption_list, details, due, ids, offer, report
from bot.slack.channel import shared_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Happened
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as assumption_views
from bot.slack.views import mention as views
from bot.slack.views.parts import Message
from bot.slack.views.reply import plainly
from bot.slack.written import is_of_a_person, placed
from bot.usecases.assumption import get_assumption
from bot.usecases.request import find_project, what_broke

_OUTSIDER = "Only members of the workspace that runs me can ask me things."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Something that a person wrote to the bot."""

    happened: Happened  # in the channel where it was written
    channel: ChannelId
    text: str  # as Slack sent it, without the bot's own mention
    ts: MessageTs
    thread: MessageTs | None  # None: it stands outside of every thread

    @property
    def is_direct(self) -> bool:
        return self.channel.startswith("D")


async def heard(tools: Tools, happened: Happened) -> Reply:
    """Note the delivery before the ack, so that no copy is answered twice; then look, and say.

    What is to be logged is stored before the ack, so that Slack repeats it if we cannot.
    """
    if not is_of_a_person(tools, happened):
        return None
    asked = _read(tools, placed(happened))
    request = parse(asked.text)
    try:
        if isinstance(request, Log):
            told = await _log_or_say_why(tools, asked, request)
            tools.after_ack(asked.happened, _say(tools, asked, told))
        else:
            await tools.note(asked.happened)
            tools.after_ack(asked.happened, _answer(tools, asked, request))
    except SecondCopyError:
        return None
    return None


def _read(tools: Tools, happened: Happened) -> _Asked:
    event = happened.event
    installation = tools.installations.get(happened.workspace)
    bot = installation.workspace.bot_user if installation is not None else ""
    ts, thread = str(event.get("ts") or ""), event.get("thread_ts")
    return _Asked(
        happened=happened,
        channel=ChannelId(str(event.get("channel") or "")),
        text=re.sub(rf"\s*<@{re.escape(bot)}(?:\|[^<>]*)?>[\s,:]*", " ", _text(event)).strip(),
        ts=MessageTs(ts),
        thread=MessageTs(str(thread)) if thread and thread != ts else None,
    )


def _text(event: object) -> str:
    return str(event.get("text") or "") if isinstance(event, dict) else ""


async def _say(tools: Tools, asked: _Asked, told: Message) -> None:
    by = asked.happened
    await tools.api.answer(by.workspace, asked.channel, by.user, told, thread_ts=asked.thread)


async def _answer(tools: Tools, asked: _Asked, request: Request | None) -> None:
    try:
        reader = await reader_of(tools, asked.happened)
        if reader.looks is Looks.OUTSIDER:
            told = plainly(_OUTSIDER)
        elif request is None:
            nearest = decode(nearest_request(asked.text))
            told = views.not_understood(nearest, names=tools.names, is_direct=asked.is_direct)
        else:
            told = await _found(tools, asked, request, reader)
    except (UserFixableError, RetryableError) as error:
        told = plainly(str(error))
    await _say(tools, asked, told)


async def _found(tools: Tools, asked: _Asked, request: Request, reader: Reader) -> Message:
    match request:
        case Listed() | Broke() | Reported():
            return await _found_in_a_place(tools, asked, request, reader)
        case Shown(key):
            told = await details.told(tools, asked.happened, key)
        case WhoIsAsked(key):
            workspace = asked.happened.workspace
            one = await tools.db.read(get_assumption, workspace, key, reader=reader)
            told = views.who_is_asked(one, now=tools.clock.now())
        case Due():
            told = await due.told(tools, asked.happened)
        case Help():
            return views.mention_help(tools.names)
        case Log():
            raise TypeError("what is to be logged is stored before the ack")
        case _:
            assert_never(request)
    return views.answered(render(request), told)


async def _found_in_a_place(
    tools: Tools, asked: _Asked, request: Listed | Broke | Reported, reader: Reader
) -> Message:
    project = await _project(tools, asked, request.where, reader)
    where = Where(words=project.key) if project is not None else EVERYWHERE
    told = await _drawn(tools, asked, request, project, reader)
    return views.answered(render(replace(request, where=where)), told)


async def _project(tools: Tools, asked: _Asked, where: Where, reader: Reader) -> Project | None:
    return await tools.db.read(
        find_project, asked.happened.workspace, where, here=asked.channel, reader=reader
    )


async def _drawn(
    tools: Tools,
    asked: _Asked,
    request: Listed | Broke | Reported,
    project: Project | None,
    reader: Reader,
) -> Message:
    key = project.key if project is not None else None
    match request:
        case Listed(which):
            return await assumption_list.page(tools, asked.happened, _list_of(which, key))
        case Broke(kind, _, period):
            found = await tools.db.read(
                what_broke,
                asked.happened.workspace,
                project=key,
                kind=kind,
                period=period,
                asked_by=asked.happened.user,
                reader=reader,
                now=tools.clock.now(),
            )
            return views.broken(
                found.setbacks, period=found.period.words, where=key or "", names=tools.names
            )
        case Reported(_, period):
            return await report.told(tools, asked.happened, f"{key or 'all'} {period}".strip())
        case _:
            assert_never(request)


def _list_of(which: Which, project: ProjectKey | None) -> ids.ListRef:
    if which is Which.NEXT:
        return ids.ListRef(project, Which.OPEN.value, sort=Order.HARM)
    return ids.ListRef(project, which.value)


async def _log_or_say_why(tools: Tools, asked: _Asked, request: Log) -> Message:
    """Log it; what is missing or wrong is said, and then nothing of it is stored.

    Raises:
        SecondCopyError: The delivery was handled before.
    """
    try:
        return await _log(tools, asked, request)
    except UserFixableError as error:
        await tools.note(asked.happened)
        return plainly(str(error))


async def _log(tools: Tools, asked: _Asked, request: Log) -> Message:
    reader = await reader_of(tools, asked.happened)
    if reader.looks is Looks.OUTSIDER:
        raise UserFixableError(_OUTSIDER)
    project = await _project(tools, asked, request.where, reader)
    if project is None:
        await tools.note(asked.happened)
        return _offered(tools, asked, request)
    is_told_elsewhere = asked.channel != project.channel
    if is_told_elsewhere and await shared_warning(tools, asked.happened.workspace, project.channel):
        await tools.note(asked.happened)
        return _offered(tools, asked, request, shared=project)
    line = quick_form.parse(request.line) or QuickForm(statement=request.line.strip())
    logged = await assumption.log_line(
        tools, asked.happened, line, project=project, channel=project.channel
    )
    if logged is None:
        raise SecondCopyError(asked.happened.delivery.key)
    return assumption_views.logged(
        logged.key,
        logged.draft.statement,
        project=project,
        asked=[p.user for p in logged.draft.stakeholders if not p.is_backup],
        command=tools.names.assume,
    )


def _offered(
    tools: Tools, asked: _Asked, request: Log, *, shared: Project | None = None
) -> Message:
    """Offer the form, a click away: no project is meant by where it was written.

    Or the one that is meant is `shared` with another company, which the form says first.
    """
    ts = "" if asked.is_direct else asked.ts
    value = offer.value_of(request.line, ts=ts, project=shared.key if shared else None)
    if value is None:
        return plainly(
            f"That is too long for a message. Type it after {tools.names.assume} in the channel "
            "where the work is discussed."
        )
    why = "" if shared is None else f"People of another company read {shared.key}'s channel."
    return views.offer_to_log(decode(request.line), value=value, why=why)


ROUTES = Routes(events={"app_mention": heard})

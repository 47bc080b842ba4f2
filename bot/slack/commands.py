"""What was typed after a command, and where it goes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.domain import quick_form, setback_line
from bot.domain.errors import HomeIsSharedError, UserFixableError
from bot.domain.ids import PROJECT_KEY, AssumptionKey, ChannelId, ProjectKey
from bot.domain.order import Order
from bot.domain.setback import SetbackKind
from bot.domain.text import nearest
from bot.slack import (
    assumption,
    assumption_edit,
    assumption_list,
    cycle,
    dependency,
    details,
    due,
    listening,
    me,
    project,
    report,
    setback,
    setback_words,
    settings,
    webhook,
)
from bot.slack.interaction import Command
from bot.slack.names import CommandNames
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as assumption_views
from bot.slack.views import help as help_views
from bot.slack.views.listing import FILTERS
from bot.slack.views.parts import Message
from bot.slack.views.service import service_list
from bot.slack.views.setback_forms import SetbackFields
from bot.usecases.project import get_project
from bot.usecases.service import list_services

Answer = Callable[[Tools, Command], Awaitable[Reply]]

_ASSUME_WORDS = ("list", "show", "edit", "retire", "depends", "help")
_AT_THE_SHELL = {
    "import": "A file of assumptions comes in at the command line: whoever runs me types "
    "“stilltrue import FILE --project KEY”, with the path of a CSV file and a project's key.",
    "export": "Everything goes out at the command line: whoever runs me types "
    "“stilltrue export FOLDER”, which writes all of this workspace into that folder.",
}
_SETBACK_WORDS = (*(kind.value for kind in SetbackKind), *setback_words.SUBCOMMANDS, "help")


def routes(names: CommandNames) -> Mapping[str, Answer]:
    return {names.assume: assume, names.setback: record, names.stilltrue: stilltrue}


async def assume(tools: Tools, command: Command) -> Reply:
    """A subcommand counts only if the rest reads as its arguments; else it is a statement."""
    word, _, rest = command.text.strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    match word:
        case "help" | "import" | "export" if not rest:
            return _explained(tools, word)
        case "list":
            wanted = _list_words(rest)
            if wanted is not None:
                return await assumption_list.list_here(
                    tools, command, word=wanted[0], project=wanted[1], sort=wanted[2]
                )
        case "show" | "edit" | "retire" | "depends":
            reply = await _with_key(tools, command, word, rest)
            if reply is not _IS_A_STATEMENT:
                return reply
        case _ if word and not rest:
            meant = nearest(word, _ASSUME_WORDS)
            if meant is not None:
                raise UserFixableError(
                    f"Did you mean {tools.names.assume} {meant}? To log a single word, add a few "
                    "more that say what you rely on."
                )
    return await _log(tools, command)


def _explained(tools: Tools, word: str) -> Reply:
    if word in _AT_THE_SHELL:
        return _said(_AT_THE_SHELL[word])
    return _privately(help_views.assume_help(tools.names))


_IS_A_STATEMENT: Reply = {}  # compared by identity: what was typed only looked like a subcommand


async def _with_key(tools: Tools, command: Command, word: str, rest: str) -> Reply:
    """`show`, `edit`, `retire` or `depends`, with the key of an assumption."""
    if word == "depends":
        return await dependency.depends(tools, command, rest) or _IS_A_STATEMENT
    key_text, _, reason = rest.partition(" ")
    key = AssumptionKey.parse(key_text)
    if key is None or (reason and word != "retire"):
        if rest:
            return _IS_A_STATEMENT
        raise UserFixableError(f"Say which: {tools.names.assume} {word} APOLLO-12.")
    match word:
        case "show":
            return await details.show_here(tools, command, key)
        case "edit":
            tools.after_ack(command, assumption_edit.open_edit(tools, command, key))
            return None
        case _:
            await assumption_edit.retire(tools, command, key, decode(reason).strip())
            return _said(f"{key} is retired: nobody is asked about it any more.")


def _list_words(rest: str) -> tuple[str, ProjectKey | None, Order] | None:
    """Read a filter, a project's key and an order ("by harm"), as they come.

    None where a word is none of them, so that the whole is a statement.
    """
    word, project_key, order = "open", None, Order.NEW
    parts = rest.split()
    if len(parts) > 1 and parts[-2].casefold() == "by":
        by = _ORDERS.get(parts[-1].casefold())
        if by is None:
            return None
        order, parts = by, parts[:-2]
    for part in parts:
        if part.casefold() in FILTERS:
            word = part.casefold()
        elif PROJECT_KEY.fullmatch(part):
            project_key = ProjectKey(part)
        else:
            return None
    return word, project_key, order


_ORDERS = {"harm": Order.HARM, "age": Order.AGE, "date": Order.NEEDED, "needed": Order.NEEDED}


async def _log(tools: Tools, command: Command) -> Reply:
    """Log a one-line form at once; open the form, filled in, for anything else.

    Where another company reads along the form opens for a line too, and says so.
    """
    text = command.text.strip()
    line = quick_form.parse(text)
    channel = ChannelId(command.channel or "")
    here = await tools.projects.of_channel(command.workspace, channel)
    if line is None and len(decode(text)) > assumption_views.FORM_MAX:
        raise UserFixableError(
            f"That is {len(decode(text)):,} characters, and a form holds "
            f"{assumption_views.FORM_MAX:,}. Type it again and end it with “ | ask @name by "
            "friday”: so I log the whole text at once."
        )
    if here is None:
        tools.after_ack(command, project.offer(tools, command, channel=channel, text=text))
        return None
    if line is None:
        fields = assumption_views.Fields(statement=decode(text), owner=command.user)
        tools.after_ack(command, assumption.open_new(tools, command, here, fields=fields))
        return None
    try:
        logged = await assumption.log_line(
            tools, command, line, project=here, channel=channel, unless_shared=True
        )
    except HomeIsSharedError:
        tools.after_ack(command, assumption.confirm_line(tools, command, line, project=here))
        return None
    if logged is None:
        return None
    return _privately(
        assumption_views.logged(
            logged.key,
            logged.draft.statement,
            project=here,
            asked=[p.user for p in logged.draft.stakeholders if not p.is_backup],
            command=tools.names.assume,
        )
    )


async def record(tools: Tools, command: Command) -> Reply:
    """`/setback`: a subcommand, or one line that begins with a kind; else the form opens."""
    text = command.text.strip()
    if text.casefold() == "help":
        return _privately(help_views.setback_help(tools.names))
    answer = await setback_words.read(tools, command)
    if answer is not None:
        return await answer(tools, command)
    line = setback_line.parse(text)
    meant = nearest(text, _SETBACK_WORDS) if line is None and " " not in text else None
    if meant is not None:
        raise UserFixableError(f"Did you mean {tools.names.setback} {meant}?")
    if line is not None and line.as_typed.strip():
        return await setback.record_line(tools, command, line)
    fields = SetbackFields(kind=line.kind) if line is not None else SetbackFields(text=decode(text))
    channel = ChannelId(command.channel or "")
    tools.after_ack(command, setback.open_form(tools, command, fields, channel=channel))
    return None


async def stilltrue(tools: Tools, command: Command) -> Reply:
    """`/stilltrue`: everything is reachable from here, in case another app took a name."""
    word, _, rest = command.text.strip().partition(" ")
    word = word.casefold()
    if word in {"", "help"}:
        return _privately(help_views.stilltrue_help(tools.names))
    if word in {"list", "show", "edit", "retire", "depends"}:
        return await assume(tools, command)
    if word in _AT_THE_SHELL:
        return _said(_AT_THE_SHELL[word])
    own = _STILLTRUE.get(word)
    if own is not None:
        return await own(tools, replace(command, text=rest.strip()))
    meant = nearest(word, (*_STILLTRUE, "list", "help"))
    hint = f"Did you mean {tools.names.stilltrue} {meant}?" if meant else ""
    raise UserFixableError(
        f"I do not know “{decode(word)[:40]}”. {hint} "
        f"{tools.names.stilltrue} help lists what I know.".replace("  ", " ")
    )


async def _project(tools: Tools, command: Command) -> Reply:
    """Say which project this channel has, or offer to start one."""
    channel = ChannelId(command.channel or "")
    here = await tools.projects.of_channel(command.workspace, channel)
    if here is None:
        tools.after_ack(command, project.offer(tools, command, channel=channel, text=""))
        return None
    known = await tools.db.read(
        get_project, command.workspace, here.key, reader=await reader_of(tools, command)
    )
    return _privately(help_views.project_facts(known))


async def _report(tools: Tools, command: Command) -> Reply:
    return await report.report_here(tools, command, command.text)


async def _services(tools: Tools, command: Command) -> Reply:
    """List what runs, with its owner and runbook."""
    reader = await reader_of(tools, command)
    found = await tools.db.read(list_services, command.workspace, reader=reader)
    return _privately(service_list(found))


_STILLTRUE: Mapping[str, Answer] = {
    "report": _report,
    "due": due.due_here,
    "me": me.open_hours,
    "settings": settings.open_settings,
    "assume": assume,
    "setback": record,
    "project": _project,
    "cycle": cycle.cycle_here,
    "services": _services,
    "webhooks": webhook.webhooks_here,
    "listen": listening.listen_here,
}


def _privately(told: Message) -> Reply:
    return {"response_type": "ephemeral", **told}


def _said(text: str) -> Reply:
    return {"response_type": "ephemeral", "text": text}

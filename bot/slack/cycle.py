"""`/stilltrue cycle`: which cycle the channel's project is in, and from which day they count."""

from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId
from bot.domain.member import Member
from bot.domain.project import Project
from bot.slack.interaction import Command
from bot.slack.people import today_in, zone_of
from bot.slack.reader import reader_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views.cycle import cycle_facts
from bot.usecases.cycle import shift_cycles
from bot.usecases.dates import read_date
from bot.usecases.project import get_project
from bot.usecases.working_time import working_time_of


async def cycle_here(tools: Tools, command: Command) -> Reply:
    """Say the cycle, or count the cycles from another day: `start 2026-03-02`."""
    here = await tools.projects.of_channel(command.workspace, command.channel or ChannelId(""))
    if here is None:
        raise UserFixableError(
            "This channel has no project. Type this in the channel of the project that you mean."
        )
    words = decode(command.text).strip()
    if words:
        await _shift(tools, command, here, words)
    project = await tools.db.read(
        get_project, command.workspace, here.key, reader=await reader_of(tools, command)
    )
    zone = await zone_of(tools, command.workspace, command.user)
    told = cycle_facts(project, today=today_in(zone, tools.clock.now()), names=tools.names)
    return {"response_type": "ephemeral", **told}


async def _shift(tools: Tools, command: Command, project: Project, words: str) -> None:
    word, _, day = words.partition(" ")
    now, user = tools.clock.now(), command.user
    zone = await zone_of(tools, command.workspace, user)  # the directory learns who is an admin too
    me = Member(workspace=command.workspace, user=user, name="", zone=zone, seen_at=now)
    wt = working_time_of(me, around=now.date())
    is_start = word.casefold() == "start"
    first_day = read_date(day, now=now, zone=zone, wt=wt) if is_start else None
    if first_day is None:
        raise UserFixableError(
            f"Say on which day a cycle starts: {tools.names.stilltrue} cycle start 2026-03-02."
        )
    await tools.write_once(
        command,
        shift_cycles,
        command.workspace,
        project.key,
        first_day,
        by=user,
        now=now,
        reader=await reader_of(tools, command),
    )
    await tools.projects.forget(command.workspace, project.channel)

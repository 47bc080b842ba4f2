"""Which cycle a project is in."""

from datetime import date, timedelta

from bot.domain.cycle import cycle_at
from bot.domain.project import Project
from bot.slack.names import CommandNames
from bot.slack.views.parts import Message, context, day, message, section


def cycle_facts(project: Project, *, today: date, names: CommandNames) -> Message:
    """The cycle that `today` lies in, and how to count from another day."""
    cycle = cycle_at(project.cycle_start, today)
    part = "in its six weeks of work" if today < cycle.cooldown else "in its two weeks of cooldown"
    text = (
        f"*{project.key}* is in cycle {cycle.number}, {part}. It started on {day(cycle.starts)}, "
        f"its cooldown begins on {day(cycle.cooldown)}, and its last day is "
        f"{day(cycle.ends - timedelta(days=1))}."
    )
    how = (
        f"`{names.stilltrue} cycle start {project.cycle_start}` counts them from a day that the "
        "project's lead or a workspace admin chooses."
    )
    return message(f"{project.key} is in cycle {cycle.number}", [section(text), context(how)])

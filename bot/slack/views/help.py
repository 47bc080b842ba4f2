"""Help that is read in ten seconds."""

from bot.domain.project import Project
from bot.slack.names import CommandNames
from bot.slack.text import clip_escaped
from bot.slack.views.parts import Message, message, person, section


def assume_help(names: CommandNames) -> Message:
    assume = names.assume
    return _help(
        "Write down what you rely on",
        [
            (f"{assume} The payments API is live by March 3", "opens the form, filled in"),
            (
                f"{assume} The API is live | ask @bob by friday impact:high confidence:70",
                "logs it at once",
            ),
            (
                f"{assume} list",
                "what is open here; also `list mine`, `list overdue`, `list by harm`",
            ),
            (f"{assume} show APOLLO-12", "one of them, with its history"),
            (f"{assume} edit APOLLO-12", "change it, or who is asked"),
            (f"{assume} retire APOLLO-12 we dropped it", "stop tracking it"),
            (
                f"{assume} depends APOLLO-12 on APOLLO-3",
                "its owner hears when that gives way; `not on` takes it back",
            ),
        ],
        "I ask the people you name, in their working hours, and ask again before it gets old.",
    )


def setback_help(names: CommandNames) -> Message:
    setback = names.setback
    return _help(
        "Record what went wrong",
        [
            (setback, "opens the form"),
            (f"{setback} delay 3d waiting for the payments API", "records a delay of three days"),
            (f"{setback} incident 45m checkout down since 14:05 sev2", "an incident"),
            (f"{setback} bug refunds fail for gift cards", "a bug that surprised"),
            (f"{setback} scope change no refunds in the first release", "a scope change"),
            (f"{setback} list", "what was recorded here; `list open` what still goes on"),
            (f"{setback} show 3", "one of them; also `edit 3`, `close 3`, `reopen 3`"),
            (f"{setback} merge 4 into 3", "one that was recorded twice counts once"),
        ],
        "I show which assumptions may have been underneath it; you decide.",
    )


def stilltrue_help(names: CommandNames) -> Message:
    own = names.stilltrue
    return _help(
        "Is this still true?",
        [
            (f"{own} report", "what went wrong here and what was underneath it"),
            (f"{own} report APOLLO this cycle", "one project, one cycle"),
            (f"{own} report all 90 days", "all projects; also `last month`, `march 1 to may 31`"),
            (f"{own} due", "what I am about to ask you, when and why"),
            (f"{own} me", "your working hours, and when you are away"),
            (f"{own} settings", "when people are asked in this channel's project"),
            (f"{own} assume …", f"the same as `{names.assume} …`"),
            (f"{own} setback …", f"the same as `{names.setback} …`"),
            (f"{own} project", "the project of this channel; starts one where there is none"),
            (f"{own} listen on", "offers whoever writes “I assume …” here to log it"),
            (f"{own} services", "what runs, who owns it, and its runbook"),
            (f"{own} webhooks", "the incident tools that tell this channel, and how to add one"),
            (f"{own} cycle", "its cycle; `cycle start march 2` counts from another day"),
        ],
        f"`{names.assume} help` and `{names.setback} help` say more.",
    )


def _help(title: str, lines: list[tuple[str, str]], end: str) -> Message:
    rows = "\n".join(f"`{typed}`\n        {meaning}" for typed, meaning in lines)
    return message(title, [section(f"*{title}*\n{rows}"), section(end)])


def project_facts(project: Project) -> Message:
    """Which project a channel has."""
    text = (
        f"This channel is the home of *{clip_escaped(project.name, 80)}* ({project.key}). "
        f"{person(project.lead)} leads it."
    )
    return message(f"This channel belongs to {project.key}", [section(text)])

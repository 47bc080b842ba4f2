"""When people are asked in one project: the rhythm of each impact, and the form of one."""

from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence, Rhythm
from bot.domain.project import Project
from bot.domain.text import number_in_words
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import IMPACT_WORDS
from bot.slack.views.parts import (
    Block,
    View,
    button,
    context,
    modal,
    section,
    select,
    text_input,
)

YES, NO = "yes", "no"
_NAMES = {
    Impact.LOW: "Low impact",
    Impact.MEDIUM: "Medium impact",
    Impact.HIGH: "High impact",
    Impact.CRITICAL: "Critical: load-bearing",
}


def settings(project: Project, cadence: Cadence, *, may_change: bool) -> View:
    """What holds in the project, each impact with the way to change it."""
    blocks: list[Block] = [
        section(f"*{clip_escaped(project.name, 80)}* ({project.key})  ·  when I ask people"),
    ]
    for impact in reversed(Impact):
        own = "  _(changed here)_" if str(impact) in project.cadence else ""
        change = button("Change", ids.CADENCE_OPEN, f"{project.key}|{impact}")
        blocks.append(
            section(
                f"*{_NAMES[impact]}*{own}\n{in_words(cadence.rhythms[impact])}",
                accessory=change if may_change else None,
            )
        )
    who = "The project's lead and workspace admins can change this."
    blocks.append(context(who, "What is planned already stays as it is."))
    return modal("When I ask", blocks, callback_id=ids.SETTINGS)


def in_words(rhythm: Rhythm) -> str:
    """Say a rhythm as people would."""
    first = rhythm.first_ask_working_days
    start = "in the next working hour" if first == 0 else f"in {_working_days(first)}"
    evidence = "A yes says how one knows." if rhythm.requires_evidence else "One tap is enough."
    return (
        f"First asked {start}, then {_reminders(rhythm)}. "
        f"An answer counts for {rhythm.lifetime.days} days. {evidence}"
    )


def _reminders(rhythm: Rhythm) -> str:
    gap = _working_days(rhythm.remind_after_working_days)
    match rhythm.reminders:
        case 0:
            return "not reminded"
        case 1:
            return f"reminded once after {gap} of silence"
        case count:
            return f"reminded {number_in_words(count)} times, each after {gap} of silence"


def _working_days(count: int) -> str:
    return f"{number_in_words(count)} working day{'' if count == 1 else 's'}"


def cadence_form(project: Project, impact: Impact, rhythm: Rhythm, *, metadata: str) -> View:
    evidence = [(YES, "Yes: a yes says how one knows"), (NO, "No: one tap is enough")]
    return modal(
        _NAMES[impact][:24],
        [
            context(f"{project.key}  ·  {IMPACT_WORDS[impact]}"),
            _number(
                ids.FIRST_ASK,
                "First asked after … working days",
                rhythm.first_ask_working_days,
                hint="0 is the next working hour.",
            ),
            _number(
                ids.REMIND_AFTER,
                "Reminded after … working days of silence",
                rhythm.remind_after_working_days,
            ),
            _number(
                ids.REMINDERS,
                "How many reminders",
                rhythm.reminders,
                hint="After the last one the owner hears that nobody answered.",
            ),
            _number(
                ids.LIFETIME,
                "An answer counts for … days",
                rhythm.lifetime.days,
                hint="I ask again before it ends.",
            ),
            select(
                ids.EVIDENCE,
                "Must a yes say how one knows?",
                evidence,
                initial=YES if rhythm.requires_evidence else NO,
            ),
        ],
        callback_id=ids.CADENCE,
        submit="Save",
        metadata=metadata,
    )


def _number(block_id: str, label: str, value: int, *, hint: str = "") -> Block:
    return text_input(block_id, label, initial=str(value), hint=hint, max_length=4)

"""What people are told without being asked: refuted, expired, unanswered, handed back."""

from bot.domain.breaker import BreakerState
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.parts import (
    Element,
    Message,
    actions,
    button,
    context,
    day,
    labelled,
    message,
    people,
    person,
    said,
    section,
)
from bot.usecases.contents import (
    DependsContent,
    HandedBackContent,
    PausedContent,
    RefutedContent,
    StaleContent,
    UnansweredContent,
)

_PAUSED_SHOWN = 10


def refuted(content: RefutedContent) -> Message:
    """The notice that something relied upon is not true, with what can change now."""
    assumption, given = content.assumption, content.validation
    key = str(assumption.key)
    if given.undone_at is not None:
        text = f"*{key}*: {person(given.by)} took back “not true”. It stands as before."
        return message(f"{key}: taken back", [section(text), said(assumption.statement)])
    why = "You had confirmed it." if content.had_validated else ""
    yours = "You own it." if content.is_owner else f"Owner {person(assumption.owner)}"
    blocks = [
        section(f"❌ *Not true, says {person(given.by)}*"),
        said(assumption.statement),
        *([labelled("True instead:", given.evidence)] if given.evidence else []),
        context(key, yours, why),
        section("*What changes now?*"),
        actions(
            button("Record a delay", ids.CHANGE_DELAY, key),
            button("Record a scope change", ids.CHANGE_SCOPE, key),
            button("Log a replacement", ids.CHANGE_REPLACE, key),
            _retire_button(key),
            button("Details", ids.SHOW, key),
        ),
    ]
    return message(f"Not true: {clip_escaped(assumption.statement, 200)}", blocks)


def _retire_button(key: str) -> Element:
    return button("Retire", ids.RETIRE, key)


def stale(content: StaleContent) -> Message:
    """The answer expired unanswered: its owner hears once."""
    assumption = content.assumption
    key = str(assumption.key)
    blocks = [
        section(f"🕰️ *Nobody has confirmed {key} again, so its answer has expired*"),
        said(assumption.statement),
        context("Treat it as not confirmed. *Edit* names somebody else who can tell."),
        actions(
            button("Details", ids.SHOW, key), button("Edit", ids.EDIT, key), _retire_button(key)
        ),
    ]
    return message(f"{key}: its answer has expired", blocks)


def unanswered(content: UnansweredContent) -> Message:
    """Nobody answered after the reminders: the owner hears it, then the lead, then the channel."""
    assumption = content.assumption
    key = str(assumption.key)
    times = "once" if content.asked_times == 1 else f"{content.asked_times} times"
    nexts = {
        1: "You own it: choose somebody else who can tell, or retire it.",
        2: "You lead the project, and its owner has not acted yet.",
    }
    blocks = [
        section(
            f"⏳ *Still not confirmed.* I asked {person(content.stakeholder)} {times} "
            "and had no answer."
        ),
        said(assumption.statement),
        context(
            key,
            f"Owner {person(assumption.owner)}",
            f"needed by {day(assumption.validate_by)}" if assumption.validate_by else "",
        ),
        context(nexts.get(content.step, "Can somebody here tell whether it is true?")),
        actions(
            button("Choose someone else", ids.EDIT, key, style="primary"),
            button("Details", ids.SHOW, key),
            _retire_button(key),
        ),
    ]
    return message(f"No answer yet about {key}", blocks)


def handed_back(content: HandedBackContent) -> Message:
    """The owner hears that a stakeholder will not answer."""
    assumption = content.assumption
    key = str(assumption.key)
    active = [p.user for p in assumption.stakeholders if not (p.is_released or p.is_backup)]
    left = f"I still ask {people(active)}." if active else "Nobody is asked about it now."
    blocks = [
        section(
            f"{person(content.stakeholder)} will not answer about *{key}*: "
            f"{clip_escaped(content.reason, 150)}."
        ),
        said(assumption.statement),
        context(left),
        actions(
            button("Choose someone else", ids.EDIT, key, style="primary"),
            button("Details", ids.SHOW, key),
            _retire_button(key),
        ),
    ]
    return message(f"{key} needs somebody else who can tell", blocks)


def depends(content: DependsContent) -> Message:
    """The owner hears "it depends", with the offer to split the statement."""
    assumption, given = content.assumption, content.validation
    key = str(assumption.key)
    if given.undone_at is not None:
        text = f"*{key}*: {person(given.by)} took back “it depends”."
        return message(f"{key}: taken back", [section(text), said(assumption.statement)])
    blocks = [
        section(f"⚖️ *It depends, says {person(given.by)}*"),
        said(assumption.statement),
        *([labelled("It depends on:", given.evidence)] if given.evidence else []),
        context("Two plain statements are easier to answer than one that depends."),
        actions(
            button("Reword it", ids.EDIT, key, style="primary"),
            button("Log the other half", ids.CHANGE_REPLACE, key),
            button("Details", ids.SHOW, key),
        ),
    ]
    return message(f"It depends: {clip_escaped(assumption.statement, 200)}", blocks)


def paused(content: PausedContent) -> Message:
    """Somebody does not answer, so new questions wait: whoever owns them can ask another."""
    who = person(content.person)
    if content.state is BreakerState.CLOSED:
        return message(
            "They answer again", [section(f"{who} answers again: questions go to them as before.")]
        )
    if content.state is BreakerState.HALF_OPEN:
        how = "One question goes to them now, to try."
    else:
        how = f"No new question goes to them before {day(content.until.date())}."
    blocks = [
        section(f"🔕 *{who} left several questions unanswered.* {how}"),
        context("They are asked about these of yours. Does somebody else know?"),
    ]
    for assumption in content.assumptions[:_PAUSED_SHOWN]:
        key = str(assumption.key)
        choose = button("Choose someone else", ids.EDIT, key)
        blocks += [said(assumption.statement), actions(choose, button("Details", ids.SHOW, key))]
    rest = len(content.assumptions) - _PAUSED_SHOWN
    if rest > 0:
        blocks.append(context(f"And {rest} more."))
    return message("Somebody does not answer", blocks)

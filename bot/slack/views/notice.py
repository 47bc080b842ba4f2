"""What people are told without being asked: refuted, expired, unanswered, handed back."""

from collections.abc import Mapping

from bot.domain.assumption import Assumption
from bot.domain.breaker import BreakerState
from bot.domain.ids import UserId
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import measure_blocks
from bot.slack.views.parts import (
    Block,
    Element,
    Message,
    actions,
    at_most_eight,
    button,
    called,
    context,
    day,
    labelled,
    message,
    people,
    person,
    quoted,
    said,
    section,
)
from bot.usecases.contents import (
    DependsContent,
    HandedBackContent,
    MeasureContent,
    OwnerAskedContent,
    OwnerRepliedContent,
    PausedContent,
    RefutedContent,
    StaleContent,
    Unanswered,
    UnansweredContent,
)

_PAUSED_SHOWN = 10
_OWNER_LEFT = "Its owner has left, so this comes to you. *Edit* names a new one."
_REPLIES_SHOWN = 3


def refuted(content: RefutedContent) -> Message:
    """The notice that something relied upon is not true, with what can change now."""
    assumption, given = content.assumption, content.validation
    key = str(assumption.key)
    by = called(given.by, content.names)
    if given.undone_at is not None:
        text = f"*{key}*: {by} took back “not true”. It stands as before."
        return message(f"{key}: taken back", [section(text), said(assumption.statement)])
    if content.corrected is not None:
        text = f"*{key}*: {by} says now that it is still true."
        return message(f"{key}: still true after all", [section(text), said(assumption.statement)])
    why = "You had confirmed it." if content.had_validated else ""
    owner = f"Owner {called(assumption.owner, content.names)}"
    yours = "You own it." if content.is_owner else owner
    blocks = [
        section(f"❌ *Not true, says {by}*"),
        said(assumption.statement),
        *([labelled("True instead:", given.evidence)] if given.evidence else []),
        context(key, yours, why),
        *_to_decide(content),
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


def _to_decide(content: RefutedContent) -> list[Block]:
    """Where answers differ the owner says what counts; the others hear that."""
    if content.decision is not None:
        word = "still true" if content.decision.holds else "not true"
        decided = f"The owner decided since: *{word}*"
        why = content.decision.reason
        return [section(f"{decided}  {quoted(why, 200)}" if why else decided)]
    if not content.is_contested:
        return []
    if not content.is_owner:
        return [context("Somebody else says that it is still true, so the owner decides.")]
    return [
        section("*Somebody else says that it is still true.* You own it, so you decide."),
        actions(button("Decide", ids.DECIDE, str(content.assumption.key), style="primary")),
    ]


def _retire_button(key: str) -> Element:
    return button("Retire", ids.RETIRE, key)


def _accept_button(assumption: Assumption) -> list[Element]:
    if not assumption.is_open:
        return []
    return [button("Accept the risk", ids.ACCEPT, str(assumption.key))]


def _reassign_button(
    assumption: Assumption, instead_of: UserId, *, style: str | None = None
) -> Element:
    value = f"{assumption.key}|{instead_of}"
    return button("Choose someone else", ids.REASSIGN_OPEN, value, style=style)


def stale(content: StaleContent) -> Message:
    """The answer expired unanswered: its owner hears once."""
    assumption = content.assumption
    key = str(assumption.key)
    blocks = [
        section(f"🕰️ *Nobody has confirmed {key} again, so its answer has expired*"),
        said(assumption.statement),
        context(
            "Treat it as not confirmed. *Edit* names somebody else who can tell.",
            _OWNER_LEFT if content.owner_left else "",
        ),
        actions(
            button("Edit", ids.EDIT, key),
            button("Details", ids.SHOW, key),
            *_accept_button(assumption),
            _retire_button(key),
        ),
    ]
    return message(f"{key}: its answer has expired", blocks)


def unanswered(content: UnansweredContent) -> Message:
    """Nobody answered after the reminders: the owner hears it, then the lead, then the channel."""
    keys = [str(one.assumption.key) for one in content.questions]
    if len(keys) == 1:
        (one,) = content.questions
        title = f"⏳ *Still not confirmed.* I asked {_whom(one, content.names)} and had no answer."
    else:
        title = f"⏳ *{len(keys)} things are still not confirmed.* I asked, and had no answer."
    blocks = [section(title)]
    for one in content.questions:
        blocks += _open_question(one, content, is_alone=len(keys) == 1)
    return message(f"No answer yet about {at_most_eight(keys)}", blocks)


def _whom(one: Unanswered, names: Mapping[UserId, str]) -> str:
    times = "once" if one.asked_times == 1 else f"{one.asked_times} times"
    return f"{called(one.stakeholder, names)} {times}"


def _open_question(one: Unanswered, content: UnansweredContent, *, is_alone: bool) -> list[Block]:
    assumption = one.assumption
    own = "You own it: choose somebody else who can tell, or retire it."
    nexts = {
        1: _OWNER_LEFT if one.owner_left else own,
        2: "You lead the project and own this. Next its channel hears it."
        if one.is_owner
        else "You lead the project, and its owner has not acted yet.",
    }
    return [
        said(assumption.statement),
        context(
            str(assumption.key),
            "" if is_alone else f"I asked {_whom(one, content.names)}",
            f"Owner {person(assumption.owner)}",
            f"needed by {day(assumption.validate_by)}" if assumption.validate_by else "",
        ),
        context(nexts.get(content.step, "Can somebody here tell whether it is true?")),
        actions(
            _reassign_button(assumption, one.stakeholder, style="primary" if is_alone else None),
            button("Details", ids.SHOW, str(assumption.key)),
            *_accept_button(assumption),
            _retire_button(str(assumption.key)),
        ),
    ]


def owner_asked(content: OwnerAskedContent) -> Message:
    """The owner hears what somebody would like to know before they answer."""
    assumption, who = content.assumption, person(content.asker)
    blocks = [
        section(f"💬 *{who} has a question before answering*"),
        said(content.text),
        labelled(f"About {assumption.key}:", assumption.statement, limit=300),
        *[labelled("You replied:", text, limit=300) for text in content.replies[-_REPLIES_SHOWN:]],
        actions(
            button(
                "Reply" if not content.replies else "Reply again",
                ids.REPLY,
                f"{assumption.key}|{content.seq}",
                style=None if content.replies else "primary",
            ),
            button("Details", ids.SHOW, str(assumption.key)),
        ),
    ]
    return message(f"A question about {assumption.key}: {clip_escaped(content.text, 200)}", blocks)


def owner_replied(content: OwnerRepliedContent) -> Message:
    """The one who asked reads what the owner said, and can answer now."""
    assumption = content.assumption
    key = str(assumption.key)
    answer = [button("Answer", ids.HOME_ANSWER, key, style="primary")] if content.is_open else []
    blocks = [
        section(f"💬 *{person(content.owner)} replied about {key}*"),
        said(content.text),
        labelled("You asked:", content.question, limit=300),
        labelled("It says:", assumption.statement, limit=300),
        actions(*answer, button("Details", ids.SHOW, key)),
    ]
    return message(f"A reply about {key}: {clip_escaped(content.text, 200)}", blocks)


def handed_back(content: HandedBackContent) -> Message:
    """The owner hears that a stakeholder will not answer."""
    assumption = content.assumption
    key = str(assumption.key)
    if content.is_taken_back:
        text = f"{person(content.stakeholder)} took it back and is asked about *{key}* as before."
        return message(f"{key}: taken back", [section(text), said(assumption.statement)])
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
            _reassign_button(assumption, content.stakeholder, style="primary"),
            button("Details", ids.SHOW, key),
            *_accept_button(assumption),
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
            button("Split it in two", ids.SPLIT, key, style="primary"),
            button("Reword it", ids.EDIT, key),
            button("Details", ids.SHOW, key),
            *_accept_button(assumption),
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
        choose = _reassign_button(assumption, content.person)
        blocks += [said(assumption.statement), actions(choose, button("Details", ids.SHOW, key))]
    rest = len(content.assumptions) - _PAUSED_SHOWN
    if rest > 0:
        blocks.append(context(f"And {rest} more."))
    return message("Somebody does not answer", blocks)


def measure(content: MeasureContent) -> Message:
    """The check date has come: the owner is asked for the actual figure."""
    assumption = content.assumption
    key = str(assumption.key)
    is_known = assumption.actual is not None
    title = "Thank you" if is_known else f"What did {key} come to?"
    label = "Correct the figure" if is_known else "Say what it came to"
    style = None if is_known else "primary"
    blocks = [
        section(f"📏 *{title}*"),
        said(assumption.statement),
        *measure_blocks(assumption),
        *([context(_OWNER_LEFT)] if content.owner_left else []),
        actions(button(label, ids.MEASURE, key, style=style), button("Details", ids.SHOW, key)),
    ]
    return message(f"What did {key} come to?", blocks)

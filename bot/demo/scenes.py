"""The scenes of the story, in order."""

from datetime import datetime, timedelta

from bot.demo.narrator import excerpt
from bot.demo.people import ANA, APOLLO, BO, CARO
from bot.demo.told import Scene, Story
from bot.demo.workspace import NotSeenError
from bot.domain.assumption import Impact, Status
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.permission import OPERATOR
from bot.domain.prompt import PromptKind, PromptState
from bot.domain.setback import SetbackKind
from bot.domain.trace import Role, TraceState
from bot.slack import ids
from bot.usecases.assumption_show import show_assumption
from bot.usecases.project import get_project
from bot.usecases.report import report_on
from bot.usecases.report_formats import rows
from bot.usecases.setback import show_setback

_PROJECT = ProjectKey("APOLLO")
_API = AssumptionKey(_PROJECT, 1)
_TERMS = AssumptionKey(_PROJECT, 2)
_API_TEXT = "The payments API is live by March 20"
_TERMS_TEXT = "The new terms need no second legal review"


async def start_a_project(story: Story) -> None:
    typed = f"/assume {_API_TEXT} | ask @bo by March 20 impact:high confidence:70"
    story.tell.does("Ana", f"types in #apollo: {typed}")
    await story.ana.say(APOLLO, typed)
    form = await story.ana.form("Start a project here", "no project yet")
    story.tell.slack("Ana sees the form", excerpt(story.ana.read(form), 1))
    story.tell.does("Ana", "keeps the suggested key APOLLO and presses Start")
    await story.ana.submit(form)
    card = await story.ana.sees(APOLLO, str(_API), _API_TEXT, "Nobody has confirmed this yet")
    story.tell.slack("#apollo", story.ana.read(card))

    project = await story.stored(get_project, _PROJECT, reader=OPERATOR)
    story.same("the project's channel", expected=APOLLO, seen=project.channel)
    story.same("the project's lead", expected=ANA, seen=project.lead)
    shown = await story.stored(show_assumption, _API, reader=OPERATOR)
    logged = shown.assumption
    story.same("the statement", expected=_API_TEXT, seen=logged.statement)
    story.same("the impact", expected=Impact.HIGH, seen=logged.impact)
    story.same("the confidence", expected=70, seen=logged.confidence_percent)
    story.same("who is asked", expected=[BO], seen=[p.user for p in logged.stakeholders])
    ask = shown.prompts[0]
    story.tell.store(f"project {project.key}, lead Ana; {_API} is {logged.status}")
    story.tell.store(f"Bo is asked on {_moment(ask.due_at)}: {ask.reason}")


async def log_by_form(story: Story) -> None:
    typed = f"/assume {_TERMS_TEXT}"
    story.tell.does("Ana", f"types in #apollo: {typed}")
    await story.ana.say(APOLLO, typed)
    form = await story.ana.form("What do you rely on?")
    story.tell.does("Ana", "fills the form in: ask Caro; high impact; if wrong, we launch late")
    await story.ana.submit(
        form,
        **{
            ids.ASKED: [CARO],
            ids.IMPACT: Impact.HIGH.value,
            ids.CONSEQUENCE: "We launch two weeks late",
            ids.SERVICES: "checkout",
        },
    )
    card = await story.ana.sees(APOLLO, str(_TERMS), _TERMS_TEXT)
    story.tell.slack("#apollo", story.ana.read(card))

    logged = (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).assumption
    story.same("the consequence", expected="We launch two weeks late", seen=logged.consequence)
    story.same("the services", expected=("checkout",), seen=logged.services)
    story.tell.store(f"{_TERMS} is {logged.status}, {logged.impact} impact, Caro is asked")


async def bo_is_asked(story: Story) -> None:
    now = await story.stage.workspace.move(preset="next_working_morning", **{"as": BO})
    story.tell.clock(f"Bo's next working morning: {_moment(now)}")
    ask = await story.bo.sees(None, "is relying on this being true", _API_TEXT)
    story.tell.slack("Bo, in the conversation with Still True?", story.bo.read(ask))

    prompt = (await story.stored(show_assumption, _API, reader=OPERATOR)).prompts[0]
    story.same("the question", expected=PromptState.SENT, seen=prompt.state)
    story.same("who was asked", expected=BO, seen=prompt.key.stakeholder)
    story.tell.store(f"the question to Bo about {_API} is {prompt.state}, accepted by Slack")


async def bo_says_not_true(story: Story) -> None:
    ask = await story.bo.sees(None, _API_TEXT)
    story.tell.does("Bo", "presses Not true, and says what is true instead")
    await story.bo.press(ask, "Not true")
    form = await story.bo.form("Not true", "What is true instead?")
    instead = "The vendor goes live on April 7"
    await story.bo.submit(form, **{ids.EVIDENCE: instead})
    answered = await story.bo.reads(ask, "You said: not true", instead)
    story.tell.slack("Bo, the same message", story.bo.read(answered))
    card = await story.ana.sees(APOLLO, f"{_API}  ·  ❌ Not true", instead)
    story.tell.slack("#apollo, the same card", story.ana.read(card))

    shown = await story.stored(show_assumption, _API, reader=OPERATOR)
    story.same("the status", expected=Status.REFUTED, seen=shown.assumption.status)
    waiting = [p for p in shown.prompts if p.state is PromptState.PLANNED]
    story.same("further questions", expected=[], seen=waiting)
    story.tell.store(f"{_API} is {shown.assumption.status}; nobody is asked about it any more")


async def those_who_rely_on_it_hear(story: Story) -> None:
    heard = await story.ana.sees(None, "Not true, says", _API_TEXT, "You own it")
    story.tell.slack("Ana, in the conversation with Still True?", story.ana.read(heard))
    told = await story.ana.sees(APOLLO, "Not true, says", "What changes now?")
    story.tell.slack("#apollo", excerpt(story.ana.read(told), 1))


async def caro_confirms(story: Story) -> None:
    workspace = story.stage.workspace
    due = next(
        p.due_at
        for p in (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).prompts
        if p.key.kind is PromptKind.ASK
    )
    now = await workspace.move(to=(due + timedelta(minutes=10)).isoformat())
    story.tell.clock(f"the same morning in New York: {_moment(now)}")
    ask = await story.caro.sees(None, _TERMS_TEXT, "We launch two weeks late")
    story.tell.slack("Caro, in the conversation with Still True?", story.caro.read(ask))
    await _still_true(story, evidence="Signed off by counsel")
    story.tell.does("Caro", "presses Still true; high impact asks how she knows: signed off")
    card = await story.ana.sees(APOLLO, f"{_TERMS}  ·  ✅ Confirmed until", "Signed off by counsel")
    story.tell.slack("#apollo, the same card", story.ana.read(card))

    confirmed = (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).assumption
    story.same("the status", expected=Status.VALIDATED, seen=confirmed.status)
    if confirmed.valid_until is None:
        raise NotSeenError("a day until which it is valid", "none")
    story.tell.store(f"{_TERMS} is {confirmed.status} until {_moment(confirmed.valid_until)}")
    refresh = await _refresh_of_terms(story)
    story.tell.store(f"Caro is asked again on {_moment(refresh)}, before that")


async def caro_takes_it_back(story: Story) -> None:
    ask = await story.caro.sees(None, _TERMS_TEXT, "You said: still true")
    story.tell.does("Caro", "presses Undo, within ten minutes")
    await story.caro.press(ask, "Undo")
    await story.caro.reads(ask, "[Still true]")
    card = await story.ana.sees(APOLLO, f"{_TERMS}  ·  ⏳ Nobody has confirmed this yet")
    story.tell.slack("#apollo, the same card", excerpt(story.ana.read(card), 2))
    undone = (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).assumption
    story.same("the status", expected=Status.UNVALIDATED, seen=undone.status)
    story.tell.store(f"{_TERMS} is {undone.status} again; its history keeps both")

    story.tell.does("Caro", "answers Still true again, with the link this time")
    await _still_true(story, evidence="https://example.com/terms-signed-off")
    await story.ana.sees(APOLLO, f"{_TERMS}  ·  ✅ Confirmed until", "terms-signed-off")
    again = (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).assumption
    story.same("the status", expected=Status.VALIDATED, seen=again.status)
    story.tell.store(f"{_TERMS} is {again.status}")


async def a_delay_happens(story: Story) -> None:
    now = await story.stage.workspace.move(preset="week")
    story.tell.clock(f"a week later: {_moment(now)}")
    typed = "/setback delay 3d waiting for the payments API"
    story.tell.does("Ana", f"types in #apollo: {typed}")
    await story.ana.say(APOLLO, typed)
    posted = await story.ana.sees(APOLLO, "Delay #1", "What was underneath it?", str(_API))
    story.tell.slack("#apollo", story.ana.read(posted))

    shown = await story.stored(show_setback, 1, reader=OPERATOR)
    story.same("the kind", expected=SetbackKind.DELAY, seen=shown.setback.kind)
    days = shown.setback.cost.working_days_slipped
    story.same("the working days", expected=3, seen=days)
    first, assumption = shown.traces[0]
    story.same("the first candidate", expected=_API, seen=assumption.key)
    story.same("its state", expected=TraceState.CANDIDATE, seen=first.state)
    story.same("its status then", expected=Status.REFUTED, seen=first.as_of.status)
    story.tell.store(f"delay #1, {days} working days; it suggests {_API}:")
    for reason in first.reasons:
        story.tell.store(f"  {reason}")


async def ana_confirms_the_trace(story: Story) -> None:
    posted = await story.ana.sees(APOLLO, "Delay #1")
    story.tell.does("Ana", "presses Caused it")
    await story.ana.press(posted, "Caused it")
    setback = await story.ana.reads(posted, f"Caused by {_API}")
    story.tell.slack("#apollo, the delay", story.ana.read(setback))
    card = await story.ana.sees(APOLLO, f"{_API}  ·  ❌ Not true", "Caused delay #1")
    story.tell.slack("#apollo, the card", story.ana.read(card))

    trace, _ = (await story.stored(show_setback, 1, reader=OPERATOR)).traces[0]
    story.same("the trace", expected=TraceState.CONFIRMED, seen=trace.state)
    story.same("its role", expected=Role.CAUSED, seen=trace.role)
    (seen, _), *_ = (await story.stored(show_assumption, _API, reader=OPERATOR)).traces
    story.same("the trace on the assumption", expected=1, seen=seen.setback)
    story.tell.store(f"delay #1 was caused by {_API}, {trace.as_of.status} when it began")


async def the_report(story: Story) -> None:
    story.tell.does("Ana", "types in #apollo: /stilltrue report")
    await story.ana.say(APOLLO, "/stilltrue report")
    report = await story.ana.sees(APOLLO, "1 of 1")
    story.tell.slack("Ana alone, in #apollo", story.ana.read(report))

    now = await story.stage.workspace.now()
    found = await story.stored(
        report_on,
        project=_PROJECT,
        since=now - timedelta(days=91),
        until=now,
        now=now,
        reader=OPERATOR,
    )
    story.tell.table("The report, from the store", rows(found))


async def retire(story: Story) -> None:
    typed = f"/assume retire {_TERMS} the terms are published"
    story.tell.does("Ana", f"types in #apollo: {typed}")
    await story.ana.say(APOLLO, typed)
    card = await story.ana.sees(APOLLO, f"{_TERMS}  ·  🗃️ No longer tracked")
    story.tell.slack("#apollo, the same card", excerpt(story.ana.read(card), 2))

    shown = await story.stored(show_assumption, _TERMS, reader=OPERATOR)
    story.same("the status", expected=Status.RETIRED, seen=shown.assumption.status)
    story.tell.store(f"{_TERMS} is {shown.assumption.status}, with {len(shown.events)} events kept")


async def _still_true(story: Story, *, evidence: str) -> None:
    ask = await story.caro.sees(None, _TERMS_TEXT, "[Still true]")
    await story.caro.press(ask, "Still true")
    form = await story.caro.form("Still true", "How do you know?")
    await story.caro.submit(form, **{ids.EVIDENCE: evidence})
    await story.caro.reads(ask, "You said: still true")


async def _refresh_of_terms(story: Story) -> datetime:
    for prompt in (await story.stored(show_assumption, _TERMS, reader=OPERATOR)).prompts:
        if prompt.key.kind is PromptKind.REFRESH:
            return prompt.due_at
    raise NotSeenError(f"a refresh of {_TERMS} to be planned", "none")


def _moment(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M} UTC"


SCENES: tuple[tuple[str, Scene], ...] = (
    ("The first assumption in a channel starts a project there", start_a_project),
    ("The second one is logged with the form", log_by_form),
    ("Bo is asked on his next working morning", bo_is_asked),
    ("Bo says that it is not true", bo_says_not_true),
    ("Those who rely on it hear at once", those_who_rely_on_it_hear),
    ("Caro confirms the other one", caro_confirms),
    ("Caro takes it back, and answers again", caro_takes_it_back),
    ("What was refuted leads to a delay", a_delay_happens),
    ("Ana confirms what was underneath it", ana_confirms_the_trace),
    ("The report", the_report),
    ("What no longer matters is retired", retire),
)

"""Every view and message that the bot draws, from samples that hold a given text everywhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.assumption import (
    AcceptedRisk,
    Assumption,
    Expected,
    Impact,
    Stakeholder,
    Status,
)
from bot.domain.breaker import BreakerState
from bot.domain.digest import DIGEST_MAX
from bot.domain.harm import ExpectedHarm
from bot.domain.history import (
    AnswerUndone,
    Asked,
    ContestDecided,
    DependencyChanged,
    Edited,
    Happening,
    Measured,
    OutageCounted,
    OwnerAsked,
    OwnerReplied,
    Retired,
    RiskAccepted,
    SplitOff,
    StakeholderAdded,
    StakeholderReleased,
    WentUnanswered,
)
from bot.domain.home import Counts, Health, HomePlace
from bot.domain.ids import ProjectKey, UserId
from bot.domain.member import OwnHours, WorkingTime
from bot.domain.outbox import Message, MessageKey, MessageKind, MessageState
from bot.domain.prompt import Prompt, PromptKey, PromptKind
from bot.domain.report import build
from bot.domain.service import Link, Service
from bot.domain.setback import Merge, Severity
from bot.domain.trace import TraceState
from bot.domain.validation import Answer
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.slack import ids
from bot.slack.messenger import render
from bot.slack.names import CommandNames
from bot.slack.views import (
    assumption,
    cycle,
    details,
    due,
    export,
    home,
    listening,
    listing,
    me,
    mention,
    owner,
    parts,
    project,
    reply,
    report,
    service,
    setback,
    setback_forms,
    settings,
    several,
    validation,
    webhook,
)
from bot.slack.views import help as help_views
from bot.slack.views.setback_list import setback_list
from bot.usecases.assumption_show import Shown
from bot.usecases.contents import (
    AskContent,
    CardContent,
    Content,
    DependsContent,
    HandedBackContent,
    HomeContent,
    HomeQuestion,
    MeasureContent,
    OwnerAskedContent,
    OwnerRepliedContent,
    PausedContent,
    Question,
    RefutedContent,
    SetbackContent,
    SharedContent,
    StaleContent,
    Unanswered,
    UnansweredContent,
    WithdrawnContent,
)
from bot.usecases.due import Upcoming
from bot.usecases.reply import Thread
from bot.usecases.setback_list import Listed
from bot.usecases.several import Act, NotDone, Outcome
from bot.usecases.webhook import OpenedEndpoint
from tests.make import (
    ANA,
    APOLLO,
    BO,
    CADENCE,
    CY,
    HOME,
    NOON,
    WORKSPACE,
    answered,
    key,
    logged,
    make_assumption,
    make_cost,
    make_history,
    make_project,
    make_setback,
    make_trace,
    make_validation,
)

LATER = NOON + timedelta(days=30)
AWAY_HOURS = OwnHours(country="PT", away_until=LATER.date())
NAMES = CommandNames()


def sample(text: str, **fields: Any) -> Any:
    """An assumption that holds `text` wherever a person can type."""
    given: dict[str, Any] = {
        "statement": text,
        "consequence": text,
        "services": (text[:60] or "checkout",),
        "tags": (text[:60] or "vendor",),
        "impact": Impact.CRITICAL,
        "confidence_percent": 70,
        "validate_by": date(2026, 3, 20),
        "permalink": "https://example.slack.com/archives/C1/p1",
        "expected": expected(text),
        "stakeholders": (
            *(Stakeholder(user=UserId(f"U{n}")) for n in range(30)),
            Stakeholder(user=CY, is_backup=True),
        ),
    } | fields
    return make_assumption(**given)


def question(text: str, number: int = 1, **fields: Any) -> Question:
    given: dict[str, Any] = {
        "assumption": sample(text, number=number),
        "prompt": Prompt(
            workspace=WORKSPACE,
            key=PromptKey(
                assumption=key(number), stakeholder=BO, round=1, kind=PromptKind.ASK, attempt=1
            ),
            due_at=NOON,
            first_due_at=NOON,
            reason="first question, one working day after it was logged",
        ),
        "answer": None,
        "answered_by_others": (make_validation(CY, evidence=text),),
        "passed_on_by": (ANA, CY),
        "closed": "",
        "requires_evidence": True,
        "undo_until": None,
    } | fields
    return Question(**given)


def contents(text: str) -> Iterator[Content]:
    one = sample(text)
    given = tuple(make_validation(UserId(f"U{n}"), evidence=text) for n in range(9))
    trace, happened = make_trace(), make_setback(text=text)
    for status in Status:
        until = LATER if status is Status.VALIDATED else None
        yield CardContent(
            assumption=replace(one, status=status, valid_until=until),
            project=make_project(name=text[:80] or "Apollo"),
            validations=given,
            traces=((trace, happened),) * 5,
            now=NOON,
            is_contested=status is Status.REFUTED,
            gone=frozenset({UserId("U1")}),
            names={one.owner: text} if status is Status.UNVALIDATED else {},
        )
    for accepted in (
        replace(one, accepted=AcceptedRisk(until=LATER.date(), reason=text or "none")),
        replace(one, expected=expected(text), actual=Decimal("3.5")),
    ):
        yield CardContent(
            assumption=accepted, project=make_project(), validations=(), traces=(), now=NOON
        )
    done = question(
        text,
        answer=make_validation(BO, evidence=text),
        closed="You answered this.",
        undo_until=LATER,
    )
    released = question(text, closed="You are not asked about this any more.", released_by=7)
    yield AskContent(to=BO, questions=(question(text),), now=NOON)
    yield AskContent(to=BO, questions=(done,), now=NOON)
    eight = tuple(question(text, n) for n in range(1, 9))
    yield AskContent(to=BO, questions=eight, now=NOON, waiting=3)
    yield AskContent(to=BO, questions=(done, released, question(text, 3)), now=NOON)
    below = question(text, is_asked_below=True)
    yield AskContent(to=BO, questions=(below,), now=NOON)
    yield AskContent(to=BO, questions=(done, below), now=NOON)
    yield from doubts(one, text)
    yield from silences(one)
    for state in BreakerState:
        yield PausedContent(person=BO, state=state, until=LATER, assumptions=(one,) * 12)
    yield SharedContent(project=make_project(name=text), cards=1, setbacks=12)
    yield WithdrawnContent()
    yield from owners_mail(text)
    for actual in (None, Decimal("-3.5")):
        measured = replace(one, expected=expected(text), actual=actual)
        for owner_left in (True, False):
            yield MeasureContent(assumption=measured, owner_left=owner_left)
    candidate = make_trace(state=TraceState.CANDIDATE, role=None, reasons=(text,) * 4)
    rejected = replace(candidate, state=TraceState.REJECTED)
    costly = make_setback(
        text=text,
        cost=make_cost(minutes=1, days="2.5", euro="1200"),
        services=(text[:60],),
        ended_at=LATER,
        severity=Severity.SEV1,
        permalink="javascript:alert(1)",
    )
    pairs = [(one_trace, one) for one_trace in (trace, candidate, rejected)]
    yield SetbackContent(setback=costly, traces=tuple(pairs * 4), now=NOON)
    corrected = replace(costly, first_started_at=NOON, source="pagerduty")
    yield SetbackContent(setback=corrected, traces=(), now=NOON, services=(a_service(text),) * 5)
    yield SetbackContent(setback=costly, traces=(), now=NOON)
    merged = replace(costly, merged=Merge(into=2, by=BO, at=NOON))
    yield SetbackContent(setback=merged, traces=(), now=NOON)
    yield SetbackContent(setback=costly, traces=(), now=NOON, parts=(merged,) * 9)


def changed_setbacks(text: str) -> Iterator[parts.View]:
    one = make_setback(text=text, cost=make_cost(minutes=3, days="2", euro="5"), ended_at=LATER)
    for setback_ in (one, make_setback(text="long " * 1_000)):
        fields = setback_forms.SetbackFields.of(setback_, ZoneInfo("Europe/Lisbon"))
        yield setback_forms.edit_form(setback_, fields, projects=[], metadata="{}")
    yield setback_forms.close_form(one, metadata="{}")
    for choices in ([], [replace(one, number=number) for number in range(1, 121)]):
        yield setback_forms.merge_form(one, choices, metadata="{}")


def webhook_pages(text: str) -> Iterator[parts.View]:
    for source in WebhookSource:
        one = WebhookEndpoint(
            workspace=WORKSPACE,
            id="0a1b2c3d",
            source=source,
            token="f" * 32,
            channel=HOME,
            project=APOLLO,
            secrets=(),
            added_at=NOON,
            heard_at=NOON,
        )
        for base_url in ("", "https://bot.example"):
            yield webhook.steps(OpenedEndpoint(endpoint=one, secret="s" * 43), base_url=base_url)
        yield webhook.webhooks(make_project(), [one] * 20, metadata="{}", done=text[:300] or "Done")
        yield webhook.secret_form(one, metadata="{}")
        yield webhook.remove_form(one, metadata="{}")
        yield webhook.tried(one, 0, text, where="https://bot.example")
    yield webhook.trying()


def a_service(text: str) -> Service:
    return Service(
        workspace=WORKSPACE,
        name=text[:100],
        owner=text[:100],
        runbook=f"https://runbooks.example/{text}",
        docs=(Link(title=text[:100], url="https://docs.example/1"),) * 5,
    )


def doubts(one: Assumption, text: str) -> Iterator[Content]:
    fails = make_validation(BO, Answer.FAILS, evidence=text)
    for undone_at in (None, NOON):
        no = replace(fails, undone_at=undone_at)
        for is_owner in (True, False):
            yield RefutedContent(
                assumption=one,
                validation=no,
                had_validated=True,
                is_owner=is_owner,
                is_contested=True,
            )
        yield RefutedContent(
            assumption=one,
            validation=no,
            had_validated=True,
            is_owner=False,
            corrected=replace(no, answer=Answer.HOLDS),
        )
        for holds in (True, False):
            yield RefutedContent(
                assumption=one,
                validation=no,
                had_validated=False,
                is_owner=True,
                decision=ContestDecided(holds=holds, reason=text),
            )
        yield DependsContent(assumption=one, validation=replace(no, answer=Answer.UNSURE))


def silences(one: Assumption) -> Iterator[Content]:
    for owner_left in (True, False):
        yield StaleContent(assumption=one, owner_left=owner_left)
        for step in (1, 2, 3):
            silent = Unanswered(
                assumption=one,
                stakeholder=BO,
                asked_times=3,
                owner_left=owner_left,
                is_owner=owner_left,
            )
            for count in (1, DIGEST_MAX):
                yield UnansweredContent(step=step, questions=(silent,) * count)


def expected(text: str) -> Expected:
    return Expected(
        figure=Decimal("2.50"), unit=text[:40] or "engineer-weeks", check_on=LATER.date()
    )


def owners_mail(text: str) -> Iterator[Content]:
    """What goes between an owner and the people who are asked."""
    one = sample(text)
    for is_taken_back in (False, True):
        yield HandedBackContent(
            assumption=one, stakeholder=BO, reason=text, is_taken_back=is_taken_back
        )
    for said in ((), (text,) * 5):
        yield OwnerAskedContent(assumption=one, asker=BO, text=text, seq=3, replies=said)
    for is_open in (True, False):
        yield OwnerRepliedContent(
            assumption=one, owner=ANA, question=text, text=text, is_open=is_open
        )


def make_message(*, is_repeat: bool = False) -> Message:
    return Message(
        workspace=WORKSPACE,
        key=MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to=HOME),
        revision=1,
        state=MessageState.PENDING,
        wanted_at=NOON,
        due_at=NOON,
        attempts=0,
        channel=None,
        ts=None,
        is_repeat=is_repeat,
        error="",
    )


def shown(text: str) -> Shown:
    """One with every kind of event in its history, and more of them than fit."""
    happenings: tuple[Happening, ...] = (
        logged(),
        Edited(changes=(("statement", text, text),), asks_anew=True),
        *(Asked(stakeholder=BO, kind=kind, round=1, attempt=1) for kind in PromptKind),
        replace(answered(until=LATER), evidence=text),
        AnswerUndone(undoes=3),
        StakeholderAdded(stakeholder=CY, reason=text),
        StakeholderReleased(stakeholder=BO, reason=text),
        WentUnanswered(stakeholder=BO, round=1),
        OwnerAsked(text=text),
        OwnerReplied(to=3, text=text),
        RiskAccepted(until=date(2026, 3, 20), reason=text),
        *(ContestDecided(holds=holds, reason=text) for holds in (True, False)),
        Measured(actual="3.5", note=text),
        SplitOff(whole="APOLLO-1"),
        DependencyChanged(on="APOLLO-2", depends=True),
        DependencyChanged(on="APOLLO-2", depends=False),
        OutageCounted(since=NOON, until=LATER),
        Retired(reason=text),
    )
    events = make_history(*((NOON, ANA, what) for what in happenings * 4))
    return Shown(
        assumption=sample(text),
        project=make_project(),
        events=tuple(events),
        prompts=tuple(question(text, n).prompt for n in range(1, 9)),
        traces=((make_trace(), make_setback(text=text)),) * 5,
        foundations=(sample(text, number=2),),
        dependants=tuple(sample(text, number=n) for n in range(3, 20)),
    )


def messages(text: str) -> Iterator[parts.Message]:
    for content in contents(text):
        for is_repeat in (False, True):
            yield render(make_message(is_repeat=is_repeat), content)
    rows = [sample(text, number=n) for n in range(1, 11)]
    here = ids.ListRef(APOLLO, "open", key(3))
    yield listing.listing(
        rows, here=here, has_more=True, now=NOON, command="/assume", sorted_only=5000
    )
    yield listing.listing([], here=here, has_more=False, now=NOON, command="/assume")
    for page in (0, 99):
        yield details.details_message(shown(text), now=NOON, page=page)
    yield export.file_sent(1, "Everything open")
    yield export.sent_directly()
    for lines in ([text[:300]] * 30, [text], ["key"]):
        yield export.as_text(lines, title="Everything open in APOLLO")
    yield details.details_message(shown(text), now=NOON, coming=upcoming(text)[0])
    yield assumption.logged(
        key(), text, project=make_project(name=text[:80]), asked=[BO], command="/assume"
    )
    yield setback.recorded(make_setback(text=text))
    for is_open in (True, False):
        where = ids.SetbackListRef(ProjectKey("APOLLO"), is_open)
        some = (make_setback(text=text, ended_at=LATER), make_setback(text=text)) * 4
        yield setback_list(Listed(setbacks=some, next_before=3), here=where, command="/setback")
        yield setback_list(Listed(setbacks=(), next_before=None), here=where, command="/setback")
    for helped in (help_views.assume_help, help_views.setback_help, help_views.stilltrue_help):
        yield helped(NAMES)
    yield due.coming([], zone=BERLIN)
    yield due.coming(upcoming(text), zone=BERLIN)
    yield from replies(text)
    yield from spoken(text)
    yield help_views.project_facts(make_project(name=text[:80] or "Apollo"))
    yield service.service_list([])
    yield service.service_list([a_service(text)] * 60)
    yield cycle.cycle_facts(make_project(), today=LATER.date(), names=NAMES)
    yield report_message(text)
    yield report.file_sent(f"All projects: {text}")
    yield report.no_files(text)


BERLIN = ZoneInfo("Europe/Berlin")


def upcoming(text: str) -> list[Upcoming]:
    return [
        Upcoming(
            prompt=question(text, n).prompt,
            assumption=sample(text, number=n),
            at=NOON + timedelta(days=n),
            why=text or "first question, one working day after it was logged",
        )
        for n in range(1, 30)
    ]


def replies(text: str) -> Iterator[parts.Message]:
    """What the thread of a question says back."""
    for answer in Answer:
        yield reply.stored(make_validation(BO, answer, evidence=text))
        yield reply.more_is_needed(answer)
    yield reply.declined(key(), 3)
    yield reply.passed_on(key(), CY, 3)
    yield reply.taken_back(key())
    yield reply.relayed(BO)
    yield reply.not_understood(names=NAMES)
    asked = tuple(question(text, n).prompt.key for n in range(1, 9))
    yield reply.which_question(Thread(open=asked))
    yield reply.which_question(Thread(closed=asked))
    for is_own in (True, False):
        yield reply.answered_already(make_validation(BO, evidence=text), is_own=is_own)
    yield reply.plainly(f"{text[:300]} is a bot and cannot answer. Choose a person.")


def spoken(text: str) -> Iterator[parts.Message]:
    """What is said back to requests in words, and offered where the bot listens."""
    value = text[:500]
    yield mention.answered(text, details.details_message(shown(text), now=NOON, page=0))
    yield mention.who_is_asked(sample(text), now=NOON)
    yield mention.who_is_asked(sample(text, stakeholders=()), now=NOON)
    setbacks = [make_setback(text=text, cost=make_cost(minutes=3, days="2", euro="5"))] * 30
    for found in (setbacks, setbacks[:1], []):
        yield mention.broken(found, period=text, where=APOLLO, names=NAMES)
    yield mention.offer_to_log(text, value=value)
    yield mention.not_understood("list stale", names=NAMES, is_direct=True)
    yield mention.not_understood(f"log: {text}", names=NAMES, is_direct=True)
    yield mention.not_understood("help", names=NAMES, is_direct=False)
    yield mention.mention_help(NAMES)
    yield listening.offer(text, "says “i assume”", value=value)
    yield listening.refused(NAMES)
    yield listening.announced(text, NAMES)
    for is_on in (True, False):
        yield listening.state(is_on=is_on, names=NAMES)


def report_message(text: str) -> parts.Message:
    found = build(
        setbacks=[make_setback(text=text, cost=make_cost(minutes=3, days="2", euro="5"))],
        traces=[make_trace()],
        assumptions=[make_assumption(statement=text)],
        histories={key(): make_history((NOON, ANA, logged()))},
        since=NOON - timedelta(days=30),
        until=NOON + timedelta(days=1),
        now=NOON,
    )
    harm = ExpectedHarm(key=key(), statement=text, points=9.0, reasons=(text,))
    full = replace(found, validate_next=(harm,) * 9, saves=(key(),) * 40, unanswered=(key(),) * 40)
    return report.report_message(
        full, project=APOLLO, period="the last 30 days", asked="APOLLO|quarter", may_share=True
    )


def modals(text: str) -> Iterator[parts.View]:
    one = sample(text)
    metadata = '{"k":"APOLLO-1"}'
    projects = [
        make_project(key=ProjectKey(f"P{n}"), name=text[:80] or "Apollo") for n in range(120)
    ]
    fields = assumption.Fields.of(one)
    yield assumption.new_form(fields, metadata=metadata, project=projects[0], problem=text)
    yield assumption.new_form(assumption.Fields(), metadata=metadata, projects=projects)
    yield assumption.edit_form(one, metadata=metadata)
    yield assumption.duplicates([one] * 3, metadata=metadata, now=NOON)
    yield assumption.joined(one, [BO])
    yield assumption.retire_form(one, metadata=metadata)
    yield assumption.read_all("APOLLO-1", text)
    for page in (0, 1):
        yield details.details(shown(text), now=NOON, page=page)
    yield from lists(text)
    yield details.details(shown(text), now=NOON, coming=upcoming(text)[0])
    for answer in Answer:
        yield validation.answer_form(one, answer, evidence_needed=True, metadata=metadata)
    yield validation.change_form(one, metadata=metadata)
    yield validation.ask_another_form(one, metadata=metadata)
    yield validation.remind_form(one, metadata=metadata)
    yield validation.ask_owner_form(one, metadata=metadata)
    yield validation.owner_was_asked(ANA)
    yield owner.reply_form(one, asker=BO, question=text, metadata=metadata)
    yield owner.split_form(one, depends_on=text, metadata=metadata)
    yield owner.was_split(key(1), key(2), key(3))
    yield owner.reassign_form(one, instead_of=BO, metadata=metadata)
    yield owner.accept_form(one, metadata=metadata, proposed=LATER.date())
    yield owner.decide_form(one, metadata=metadata)
    yield owner.measure_form(replace(one, expected=expected(text)), metadata=metadata)
    for may_change in (True, False):
        home_of = make_project(name=text[:80] or "Apollo", cadence={"high": {"reminders": 0}})
        yield settings.settings(home_of, CADENCE, may_change=may_change)
    for impact, rhythm in CADENCE.rhythms.items():
        yield settings.cadence_form(make_project(), impact, rhythm, metadata=metadata)
    for own in (OwnHours(), OwnHours(country=""), AWAY_HOURS):
        yield me.hours_form(WorkingTime(zone=BERLIN), own)
    yield validation.reminded(LATER)
    filled = setback_forms.SetbackFields(text=text, started=text, money=text, services=(text[:60],))
    yield setback_forms.new_form(filled, projects=projects, metadata=metadata, problem=text)
    yield setback_forms.new_form(setback_forms.SetbackFields(), projects=[], metadata=metadata)
    yield setback_forms.missing_form(make_setback(text=text), metadata=metadata, projects=projects)
    yield from changed_setbacks(text)
    yield from webhook_pages(text)
    suggested = make_trace(state=TraceState.CANDIDATE, role=None, reasons=(text,) * 4)
    for decided in (None, make_trace(), make_trace(state=TraceState.REJECTED, role=None)):
        yield setback.further(
            make_setback(text=text),
            [(suggested, one)] * (0 if decided is None else 8),
            decided=None if decided is None else (decided, one),
        )
    yield project.start_form(key=APOLLO, name=text, lead=ANA, metadata=metadata)
    yield project.no_projects("/assume")
    yield report.definitions()
    yield parts.notice("Still True?", text)


def lists(text: str) -> Iterator[parts.View]:
    """A list as a modal, and what changes several of its rows."""
    rows = [sample(text, number=n) for n in range(1, 41)]
    here = ids.ListRef(APOLLO, "stale", key(3), "harm")
    for some in (rows[:10], []):
        yield listing.listing_modal(some, here=here, has_more=True, now=NOON, command="/assume")
    for count in (1, 40):
        yield several.several_form(rows[:count], has_more=True, now=NOON, metadata=str(here))
    others = (NotDone(key=key(1), belongs_to=BO), NotDone(key=key(2), why=text[:500])) * 40
    for act, done in ((Act.RETIRE, ()), (Act.ASK, tuple(one.key for one in rows))):
        yield several.several_done(Outcome(act=act, done=done, not_done=others))


def homes(text: str, *, place: HomePlace | None = None) -> Iterator[parts.View]:
    rows = tuple(sample(text, number=n) for n in range(1, 12))
    away = WorkingTime(zone=BERLIN, weekdays=frozenset({0, 2, 4}), away_until=AWAY_HOURS.away_until)
    health = Health(
        project=make_project(name=text[:80] or "Apollo"),
        counts=Counts(open=29, unvalidated=9, overdue=3, stale=2, refuted=1, bearing=2),
        bearing=rows[:2],
    )
    full = HomeContent(
        user=ANA,
        place=place or HomePlace(),
        asked=tuple(HomeQuestion(assumption=one, round=2, requires_evidence=True) for one in rows),
        answered=((rows[0], make_validation(ANA, evidence=text)),) * 4,
        owned=rows,
        counts=health.counts,
        projects=(health,) * 9,
        setbacks=(make_setback(text=text),) * 9,
        hours=away,
        own_hours=AWAY_HOURS,
        now=NOON,
    )
    yield home.home(full, NAMES)
    place = HomePlace(filter="stale", asked=5, owned=9_999, projects=4, setbacks=9_999)
    yield home.home(replace(full, place=place), NAMES)
    new = replace(full, asked=(), owned=(), counts=Counts(), projects=(), setbacks=())
    usual = WorkingTime(zone=BERLIN)
    yield home.home(replace(new, hours=usual, own_hours=OwnHours()), NAMES)
    yield home.home(replace(full, owned=(), place=HomePlace(filter="refuted")), NAMES)

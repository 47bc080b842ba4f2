"""The forms about a setback: recording, changing, closing it; naming the one that it repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from bot.domain.ids import ProjectKey
from bot.domain.project import Project
from bot.domain.setback import Setback, SetbackDraft, SetbackKind, Severity, minutes_between
from bot.slack import ids
from bot.slack.views.parts import (
    TEXT_INPUT_MAX,
    Block,
    View,
    context,
    modal,
    moment,
    said,
    select,
    sentence,
    text_input,
    user_select,
)
from bot.slack.views.setback import KIND_WORDS

_SEVERITIES = [(severity.value, severity.value.upper()) for severity in Severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetbackFields:
    """What the form is filled in with, as text."""

    kind: SetbackKind = SetbackKind.DELAY
    text: str = ""
    started: str = "now"
    ended: str = ""
    days: str = ""
    minutes: str = ""
    money: str = ""
    severity: Severity | None = None
    services: tuple[str, ...] = ()
    project: ProjectKey | None = None

    @classmethod
    def of(cls, setback: Setback | SetbackDraft, zone: ZoneInfo) -> Self:
        """Return what is known of it; moments are as they are in `zone`."""
        cost, money = setback.cost, setback.cost.money
        return cls(
            kind=setback.kind,
            text=setback.text,
            started=in_words(setback.started_at, zone),
            ended=in_words(setback.ended_at, zone) if setback.ended_at else "",
            days="" if cost.working_days_slipped is None else f"{cost.working_days_slipped:f}",
            minutes=_own_minutes(setback),
            money="" if money is None else f"{money.amount:f} {money.currency}",
            severity=setback.severity,
            services=setback.services,
            project=setback.project,
        )


def in_words(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as the forms read it back."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _own_minutes(setback: Setback | SetbackDraft) -> str:
    """Return the minutes that somebody gave; what follows from begin and end goes on to follow."""
    minutes, ended_at = setback.cost.minutes_down, setback.ended_at
    is_incident = setback.kind is SetbackKind.INCIDENT
    follows = ended_at is not None and minutes == minutes_between(setback.started_at, ended_at)
    return "" if minutes is None or (is_incident and follows) else str(minutes)


def new_form(
    fields: SetbackFields, *, projects: Sequence[Project], metadata: str, problem: str = ""
) -> View:
    """The form behind `/setback`.

    Args:
        fields: What is filled in already.
        projects: What can be chosen; without any the field is left out.
        metadata: Where the form was opened.
        problem: One sentence on top: why the form opens although a line was typed.
    """
    return modal(
        "What went wrong?",
        [
            *([sentence(f"⚠️ {problem}")] if problem else []),
            *_inputs(fields, [_text_input(fields.text)], projects),
        ],
        callback_id=ids.NEW_SETBACK,
        submit="Record it",
        metadata=metadata,
    )


def edit_form(
    setback: Setback, fields: SetbackFields, *, projects: Sequence[Project], metadata: str
) -> View:
    """The same form, filled in; a text that no form can hold stays as it is."""
    if len(setback.text) > TEXT_INPUT_MAX:
        text = [
            said(setback.text, limit=300),
            context("Its text is longer than a form holds, and stays as it is."),
        ]
    else:
        text = [_text_input(fields.text)]
    return modal(
        f"Edit #{setback.number}",
        _inputs(fields, text, projects),
        callback_id=ids.EDIT_SETBACK,
        submit="Save",
        metadata=metadata,
    )


def _text_input(text: str) -> Block:
    return text_input(
        ids.TEXT,
        "What happened?",
        initial=text,
        multiline=True,
        placeholder="Waiting for the payments API",
    )


def _inputs(
    fields: SetbackFields, text: Sequence[Block], projects: Sequence[Project]
) -> list[Block]:
    kinds = [(kind.value, words) for kind, words in KIND_WORDS.items()]
    severity = fields.severity.value if fields.severity else None
    options = [(p.key, f"{p.key}: {p.name}") for p in projects]
    return [
        select(ids.KIND, "What kind?", kinds, initial=fields.kind.value),
        *text,
        text_input(
            ids.STARTED,
            "When did it begin?",
            initial=fields.started,
            hint="Like “today 14:05”, “yesterday” or “March 3”, in your own time zone.",
        ),
        text_input(ids.ENDED, "When did it end?", initial=fields.ended, optional=True),
        text_input(
            ids.DAYS,
            "Working days slipped",
            initial=fields.days,
            optional=True,
            placeholder="3",
            max_length=20,
        ),
        _minutes_input(fields.minutes),
        text_input(
            ids.MONEY,
            "Money it cost",
            initial=fields.money,
            optional=True,
            placeholder="1200 EUR",
            max_length=40,
        ),
        select(ids.SEVERITY, "Severity", _SEVERITIES, initial=severity, optional=True),
        text_input(
            ids.SERVICES,
            "Services",
            initial=", ".join(fields.services),
            optional=True,
            placeholder="checkout, payments-api",
        ),
        *_project_select(options, fields.project),
    ]


def _minutes_input(minutes: str = "") -> Block:
    return text_input(
        ids.MINUTES,
        "Minutes down",
        initial=minutes,
        optional=True,
        hint="For an incident they follow from its begin and end where this is empty.",
        placeholder="45",
        max_length=20,
    )


def close_form(setback: Setback, *, metadata: str) -> View:
    return modal(
        f"#{setback.number} is over",
        [
            said(setback.text, limit=300),
            context(f"Began {moment(setback.started_at)}"),
            text_input(
                ids.ENDED,
                "When did it end?",
                initial="now",
                hint="Like “now”, “today 14:05” or “yesterday 18:00”, in your own time zone.",
            ),
            _minutes_input(),
        ],
        callback_id=ids.CLOSE_SETBACK,
        submit="Close it",
        metadata=metadata,
    )


def merge_form(setback: Setback, choices: Sequence[Setback], *, metadata: str) -> View:
    """Which setback this one repeats; `choices` are the likeliest first, at most a hundred."""
    title = "Same as another one"
    if not choices:
        return modal(title, [sentence("There is no other setback here that it could be.")])
    options = [
        (str(one.number), f"#{one.number} {KIND_WORDS[one.kind]}: {one.text}") for one in choices
    ]
    return modal(
        title,
        [
            said(setback.text, limit=300),
            select(ids.REPEATS, f"#{setback.number} is really…", options),
            context(
                "That one is kept: what was decided here moves over, its tools tell it there, and "
                "reports count it once. This one stays to be read. Nobody can take it apart again."
            ),
        ],
        callback_id=ids.MERGE_SETBACK,
        submit="Merge",
        metadata=metadata,
    )


def _project_select(options: Sequence[tuple[str, str]], initial: ProjectKey | None) -> list[Block]:
    if not options:
        return []
    return [select(ids.PROJECT, "Project", options, initial=initial, optional=True)]


def missing_form(setback: Setback, *, metadata: str, projects: Sequence[Project]) -> View:
    """What nobody wrote down before: it is logged now, marked as found late."""
    options = [(p.key, f"{p.key}: {p.name}") for p in projects]
    where = [] if setback.project else [select(ids.PROJECT, "Project", options)]
    return modal(
        "Never written down",
        [
            said(setback.text, limit=300),
            text_input(
                ids.STATEMENT,
                "What did everybody take as true?",
                multiline=True,
                hint="I log it as found late, and trace this setback to it.",
                placeholder="The vendor answers within a day",
            ),
            user_select(ids.OWNER, "Owner", optional=True),
            *where,
        ],
        callback_id=ids.LOG_MISSING,
        submit="Log it",
        metadata=metadata,
    )

"""The forms of an assumption, its page of details, and lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.assumption import (
    Assumption,
    AssumptionDraft,
    Expected,
    Impact,
    Quorum,
    Status,
)
from bot.domain.ids import AssumptionKey, ProjectKey, UserId
from bot.domain.project import Project
from bot.slack import ids
from bot.slack.text import clip_escaped
from bot.slack.views.card import (
    standing_line,
)
from bot.slack.views.parts import (
    TEXT_INPUT_MAX,
    Block,
    Message,
    View,
    actions,
    button,
    checkboxes,
    context,
    date_input,
    divider,
    message,
    modal,
    people,
    read_all_button,
    said,
    section,
    select,
    sentence,
    text_input,
    user_select,
    users_select,
    whole,
)

FORM_MAX = TEXT_INPUT_MAX  # characters of a statement that a form holds
_SHORT_QUOTE = 300
_IMPACT_OPTIONS = [
    (Impact.LOW.value, "Low: little changes"),
    (Impact.MEDIUM.value, "Medium: part of the plan fails"),
    (Impact.HIGH.value, "High: most of the plan fails"),
    (Impact.CRITICAL.value, "Critical: the whole plan rests on it"),
]
_QUORUM_OPTIONS = [
    (Quorum.ANY.value, "One of them is enough"),
    (Quorum.ALL.value, "All of them must confirm"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What the form is filled in with."""

    statement: str = ""
    asked: tuple[UserId, ...] = ()
    impact: Impact = Impact.MEDIUM
    validate_by: date | None = None
    consequence: str = ""
    confidence_percent: int | None = None
    owner: UserId | None = None
    backup: UserId | None = None
    quorum: Quorum = Quorum.ANY
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    expected: Expected | None = None

    @classmethod
    def of(cls, assumption: Assumption | AssumptionDraft) -> "Fields":
        active = [person for person in assumption.stakeholders if not person.is_released]
        return cls(
            statement=assumption.statement,
            asked=tuple(person.user for person in active if not person.is_backup),
            impact=assumption.impact,
            validate_by=assumption.validate_by,
            consequence=assumption.consequence,
            confidence_percent=assumption.confidence_percent,
            owner=assumption.owner,
            backup=next((person.user for person in active if person.is_backup), None),
            quorum=assumption.quorum,
            services=assumption.services,
            tags=assumption.tags,
            expected=assumption.expected,
        )


def new_form(
    fields: Fields,
    *,
    metadata: str,
    project: Project | None = None,
    projects: Sequence[Project] = (),
    problem: str = "",
) -> View:
    """The form behind `/assume`.

    Args:
        fields: What is filled in already.
        metadata: Where the form was opened, as the listener reads it back.
        project: Where it will be logged; None lets the person choose among `projects`.
        projects: What can be chosen.
        problem: One sentence on top: why the form opens although a line was typed.
    """
    where: list[Block] = []
    if project is not None:
        where.append(context(f"Goes to *{clip_escaped(project.name, 80)}* ({project.key})"))
    else:
        options = [(p.key, f"{p.key}: {p.name}") for p in projects]
        where.append(select(ids.PROJECT, "Project", options, initial=_only(projects)))
    top = [sentence(f"⚠️ {problem}")] if problem else []
    return modal(
        "What do you rely on?",
        [*top, *where, *_inputs(fields)],
        callback_id=ids.NEW_ASSUMPTION,
        submit="Log it",
        metadata=metadata,
    )


def _only(projects: Sequence[Project]) -> ProjectKey | None:
    return projects[0].key if len(projects) == 1 else None


def edit_form(assumption: Assumption, *, metadata: str) -> View:
    statement, *others = _inputs(Fields.of(assumption))
    may_be_confirmed = assumption.status is Status.VALIDATED or assumption.quorum is Quorum.ALL
    return modal(
        f"Edit {assumption.key}",
        [statement, *([_same_meaning()] if may_be_confirmed else []), *others],
        callback_id=ids.EDIT_ASSUMPTION,
        submit="Save",
        metadata=metadata,
    )


def _same_meaning() -> Block:
    return checkboxes(
        ids.SAME_MEANING,
        "If you change the text",
        [("same", "It still means the same")],
        optional=True,
        hint="Else it counts as not confirmed, and I ask again whoever confirmed it.",
    )


def _inputs(fields: Fields) -> list[Block]:
    confidence = fields.confidence_percent
    return [
        text_input(
            ids.STATEMENT,
            "We rely on this being true",
            initial=fields.statement,
            multiline=True,
            placeholder="The payments API is live by March 3",
        ),
        users_select(
            ids.ASKED,
            "Who can tell whether it is true?",
            initial=fields.asked,
            optional=True,
            hint="I ask them in their working hours, and again before their answer gets old.",
        ),
        select(
            ids.IMPACT,
            "If it is wrong, how much of the plan fails?",
            _IMPACT_OPTIONS,
            initial=fields.impact.value,
        ),
        date_input(
            ids.VALIDATE_BY,
            "Needed by",
            initial=fields.validate_by,
            optional=True,
            hint="The last day on which an answer still helps.",
        ),
        text_input(
            ids.CONSEQUENCE,
            "What fails if it is wrong?",
            initial=fields.consequence,
            optional=True,
            placeholder="We launch two weeks late",
        ),
        text_input(
            ids.CONFIDENCE,
            "How sure are you that it is true? (0 to 100 %)",
            initial="" if confidence is None else str(confidence),
            optional=True,
            placeholder="70",
            max_length=10,
        ),
        user_select(ids.OWNER, "Owner", initial=fields.owner),
        user_select(
            ids.BACKUP,
            "Backup",
            initial=fields.backup,
            optional=True,
            hint="Asked when somebody above cannot be.",
        ),
        select(ids.QUORUM, "Whose yes does it take?", _QUORUM_OPTIONS, initial=fields.quorum.value),
        text_input(
            ids.SERVICES,
            "Services it is about",
            initial=", ".join(fields.services),
            optional=True,
            placeholder="checkout, payments-api",
        ),
        text_input(
            ids.TAGS,
            "Tags",
            initial=", ".join(fields.tags),
            optional=True,
            placeholder="vendor, launch",
        ),
        *_measure_inputs(fields.expected),
    ]


def _measure_inputs(expected: Expected | None) -> list[Block]:
    """What can be checked by a figure; all three or none."""
    return [
        text_input(
            ids.FIGURE,
            "If it can be measured: the figure you expect",
            initial=f"{expected.figure:f}" if expected else "",
            optional=True,
            placeholder="3",
            max_length=22,
        ),
        text_input(
            ids.UNIT,
            "measured in",
            initial=expected.unit if expected else "",
            optional=True,
            placeholder="engineer-weeks",
            max_length=40,
        ),
        date_input(
            ids.CHECK_ON,
            "checked on",
            initial=expected.check_on if expected else None,
            optional=True,
            hint="On that day I ask the owner what it came to.",
        ),
    ]


def duplicates(similar: Sequence[Assumption], *, metadata: str, now: datetime) -> View:
    """What to show before the same thing is logged twice."""
    blocks: list[Block] = [section("*This may be logged already.* Join one, or log yours anyway.")]
    for assumption in similar:
        blocks += [
            divider(),
            section(
                f"*{assumption.key}*  ·  {standing_line(assumption, now=now)}",
                accessory=button("Join this one", ids.JOIN, str(assumption.key)),
            ),
            said(assumption.statement, limit=300),
        ]
    return modal(
        "Is it one of these?",
        blocks,
        callback_id=ids.LOG_ANYWAY,
        submit="Log anyway",
        metadata=metadata,
    )


def joined(assumption: Assumption, asked: Sequence[UserId]) -> View:
    who = f" I ask {people(asked)} there." if asked else ""
    return modal(
        "Joined",
        [section(f"You rely on *{assumption.key}* now.{who}"), said(assumption.statement)],
    )


def logged(
    key: AssumptionKey, statement: str, *, project: Project, asked: Sequence[UserId], command: str
) -> Message:
    """Tell the one who logged it; the card in the channel tells the others."""
    then = (
        f"I ask {people(asked)} in their working hours."
        if asked
        else f"Nobody is asked yet: `{command} edit {key}` names who can tell."
    )
    blocks = [
        section(f"Logged as *{key}* in {clip_escaped(project.name, 80)}. {then}"),
        said(statement, limit=_SHORT_QUOTE),
        actions(
            button("Details", ids.SHOW, str(key)),
            button("Edit", ids.EDIT, str(key)),
            *read_all_button(statement, ids.READ_ALL, str(key), limit=_SHORT_QUOTE),
        ),
    ]
    return message(f"Logged as {key}", blocks)


def retire_form(assumption: Assumption, *, metadata: str) -> View:
    return modal(
        f"Retire {assumption.key}",
        [
            section("Nobody is asked about it any more. Its history stays."),
            said(assumption.statement, limit=300),
            text_input(
                ids.REASON,
                "Why does it no longer matter?",
                optional=True,
                placeholder="The feature was dropped",
            ),
        ],
        callback_id=ids.RETIRE_ASSUMPTION,
        submit="Retire",
        metadata=metadata,
    )


def read_all(title: str, text: str) -> View:
    return modal(title, whole(text))

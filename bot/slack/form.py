"""Reading forms: what is right becomes a draft, a mistake a sentence beside its field."""

import json
import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.assumption import (
    AssumptionDraft,
    Expected,
    Impact,
    Quorum,
    Stakeholder,
    is_too_far,
    words_problem,
)
from bot.domain.ids import ChannelId, UserId
from bot.slack import ids
from bot.slack.interaction import Values

Mistakes = dict[str, str]  # the field's block id, and what to do
WARNED = "1"  # what a form carries as `w` that said already who else will read it
_HUNDRED = 100


def text_of(values: Values, block: str) -> str:
    return str(_field(values, block).get("value") or "").strip()


def choice_of(values: Values, block: str) -> str | None:
    option = _field(values, block).get("selected_option") or {}
    value = option.get("value")
    return str(value) if value else None


def user_of(values: Values, block: str) -> UserId | None:
    user = _field(values, block).get("selected_user")
    return UserId(user) if user else None


def users_of(values: Values, block: str) -> tuple[UserId, ...]:
    return tuple(UserId(user) for user in _field(values, block).get("selected_users") or ())


def date_of(values: Values, block: str) -> date | None:
    day = _field(values, block).get("selected_date")
    return date.fromisoformat(day) if day else None


def time_of(values: Values, block: str) -> time | None:
    at = _field(values, block).get("selected_time")
    return time.fromisoformat(at) if at else None


def choices_of(values: Values, block: str) -> tuple[str, ...]:
    chosen = _field(values, block).get("selected_options") or ()
    return tuple(str(option["value"]) for option in chosen)


def _field(values: Values, block: str) -> Mapping[str, Any]:
    field: Mapping[str, Any] = values.get(block, {}).get(ids.INPUT, {})
    return field


def words_of(values: Values, block: str, name: str, *, mistakes: Mistakes) -> tuple[str, ...]:
    """The comma-separated words of a field, each once; too many of them are a mistake."""
    parts = (" ".join(part.split()) for part in text_of(values, block).split(","))
    words = tuple(dict.fromkeys(part for part in parts if part))
    problem = words_problem(words, name)
    if problem:
        mistakes[block] = problem
    return words


def read_assumption(
    values: Values,
    *,
    by: UserId,
    channel: ChannelId,
    permalink: str | None,
    today: date,
    kept_day: date | None = None,
) -> AssumptionDraft | Mistakes:
    """Read the form behind `/assume`.

    `kept_day` may stay although it has passed: an edit of something else must not fail on it.
    """
    mistakes: Mistakes = {}
    statement = text_of(values, ids.STATEMENT)
    if not statement:
        mistakes[ids.STATEMENT] = "Write what you rely on, like: The API is live by March 3."
    needed_by = date_of(values, ids.VALIDATE_BY)
    if needed_by is not None and needed_by != kept_day:
        mistakes |= _wrong_day(needed_by, today)
    confidence = text_of(values, ids.CONFIDENCE)
    percent = _percent(confidence)
    if confidence and percent is None:
        mistakes[ids.CONFIDENCE] = "Write a whole number from 0 to 100."
    asked, backup = users_of(values, ids.ASKED), user_of(values, ids.BACKUP)
    if backup is not None and backup in asked:
        mistakes[ids.BACKUP] = "This person is asked anyway. Choose another one as backup."
    tags = words_of(values, ids.TAGS, "tags", mistakes=mistakes)
    services = words_of(values, ids.SERVICES, "services", mistakes=mistakes)
    expected = read_expected(values, mistakes=mistakes)
    if mistakes:
        return mistakes
    return AssumptionDraft(
        statement=statement,
        owner=user_of(values, ids.OWNER) or by,
        impact=Impact(choice_of(values, ids.IMPACT) or Impact.MEDIUM),
        confidence_percent=percent,
        validate_by=needed_by,
        consequence=text_of(values, ids.CONSEQUENCE),
        quorum=Quorum(choice_of(values, ids.QUORUM) or Quorum.ANY),
        tags=tags,
        services=services,
        permalink=permalink,
        channel=channel,
        stakeholders=stakeholders(asked, backup),
        expected=expected,
    )


def _wrong_day(needed_by: date, today: date) -> Mistakes:
    if needed_by < today:
        return {ids.VALIDATE_BY: "This day has passed. Choose today or a later one."}
    if is_too_far(needed_by, today):
        return {ids.VALIDATE_BY: "Choose a day within ten years."}
    return {}


def stakeholders(asked: tuple[UserId, ...], backup: UserId | None) -> tuple[Stakeholder, ...]:
    people = tuple(Stakeholder(user=user) for user in dict.fromkeys(asked))
    return people if backup is None else (*people, Stakeholder(user=backup, is_backup=True))


def _percent(text: str) -> int | None:
    digits = re.fullmatch(r"(\d{1,3})\s*%?", text)
    return int(digits[1]) if digits and int(digits[1]) <= _HUNDRED else None


def read_number(text: str) -> Decimal | None:
    """Read a figure that is not negative, with a dot or a comma; None where it is none."""
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def read_figure(text: str) -> Decimal | None:
    """Read a plain figure, with a dot or a comma, that may be negative; None where it is none."""
    match = re.fullmatch(r"([+-]?\d{1,15})(?:[.,](\d{1,6}))?", text.strip(), re.ASCII)
    return Decimal(f"{match[1]}.{match[2]}" if match[2] else match[1]) if match else None


def read_expected(values: Values, *, mistakes: Mistakes) -> Expected | None:
    """Read what it should come to; a part of it that is missing is told in `mistakes`."""
    figure_text, unit = text_of(values, ids.FIGURE), text_of(values, ids.UNIT)
    check_on = date_of(values, ids.CHECK_ON)
    if not (figure_text or unit or check_on):
        return None
    figure = read_figure(figure_text)
    if figure is None:
        mistakes[ids.FIGURE] = "Write a plain number, for example 3 or 2.5."
    if not unit:
        mistakes[ids.UNIT] = "Say in what it is measured, for example engineer-weeks."
    if check_on is None:
        mistakes[ids.CHECK_ON] = "Choose the day on which you will know."
    if figure is None or not unit or check_on is None:
        return None
    return Expected(figure=figure, unit=unit, check_on=check_on)


def pack(**facts: str | None) -> str:
    """What a form carries to its own submission: small, and checked again when it comes back."""
    given = {key: value for key, value in facts.items() if value}
    # Slack counts characters, and `\u0434` would be six of them.
    return json.dumps(given, separators=(",", ":"), ensure_ascii=False)


def unpack(metadata: str) -> dict[str, str]:
    """Read what `pack` wrote; anything else is empty."""
    try:
        facts = json.loads(metadata or "{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in facts.items()} if isinstance(facts, dict) else {}

"""When one person may be asked: the line in App Home, and the form behind it."""

from datetime import date

from bot.domain.member import OwnHours, WorkingTime
from bot.domain.text import listed
from bot.slack import ids
from bot.slack.views.parts import (
    Block,
    View,
    button,
    checkboxes,
    context,
    date_input,
    day,
    modal,
    section,
    text_input,
    time_input,
)

NO_HOLIDAYS = "none"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OFFICE_DAYS = frozenset(range(5))


def hours_line(wt: WorkingTime, own: OwnHours, *, today: date) -> Block:
    """Say in one line when the person is asked, with the way to change it."""
    away = ""
    if wt.away_until is not None and today < wt.away_until:
        away = f"\nYou are away: nothing comes before {day(wt.away_until)}."
    return section(
        f"{wt.starts:%H:%M} to {wt.ends:%H:%M}, {_days(wt.weekdays)} ({wt.zone.key})"
        f"{_holidays(own)}{away}",
        accessory=button("Change", ids.HOME_HOURS, "hours"),
    )


def _days(weekdays: frozenset[int]) -> str:
    if weekdays == _OFFICE_DAYS:
        return "Monday to Friday"
    return listed(_DAYS[number] for number in sorted(weekdays))


def _holidays(own: OwnHours) -> str:
    if own.country == "":
        return ", on public holidays too"
    return ", not on public holidays" + (f" of {own.country}" if own.country else "")


def hours_form(wt: WorkingTime, own: OwnHours, *, metadata: str = "") -> View:
    """The form behind `/stilltrue me`; `wt` is what holds now."""
    country = NO_HOLIDAYS if own.country == "" else (own.country or "")
    return modal(
        "When may I ask you?",
        [
            context(f"In your time zone, {wt.zone.key}, which I take from Slack."),
            time_input(ids.STARTS, "Your day begins at", initial=wt.starts),
            time_input(ids.ENDS, "and ends at", initial=wt.ends),
            checkboxes(
                ids.WEEKDAYS,
                "You work on",
                [(str(number), name) for number, name in enumerate(_DAYS)],
                initial=[str(number) for number in sorted(wt.weekdays)],
            ),
            date_input(
                ids.AWAY,
                "Away? Back on",
                initial=own.away_until,
                optional=True,
                hint="Until that day I ask you nothing.",
            ),
            text_input(
                ids.COUNTRY,
                "Public holidays of",
                initial=country,
                optional=True,
                placeholder="PT",
                hint="A country's two letters. Empty: as your time zone says. "
                f"“{NO_HOLIDAYS}”: you work on them.",
                max_length=10,
            ),
        ],
        callback_id=ids.MY_HOURS,
        submit="Save",
        metadata=metadata,
    )

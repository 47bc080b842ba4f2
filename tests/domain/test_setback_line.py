from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.setback import Money, SetbackKind, Severity
from bot.domain.setback_line import SetbackLine, parse


def read(text: str) -> SetbackLine:
    line = parse(text)
    assert line is not None
    return line


def test_a_delay_with_its_cost() -> None:
    line = read("delay 3d waiting for the payments API")

    assert line.kind is SetbackKind.DELAY
    assert (line.text, line.days) == ("waiting for the payments API", Decimal(3))


def test_an_incident_with_its_start_severity_and_service() -> None:
    line = read("incident checkout down since 14:05 sev2 service:checkout")

    assert line == SetbackLine(
        kind=SetbackKind.INCIDENT,
        text="checkout down",
        since_words="14:05",
        severity=Severity.SEV2,
        services=("checkout",),
        as_typed="checkout down since 14:05 sev2 service:checkout",
    )


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("Bug totals are wrong", SetbackKind.BUG, "totals are wrong"),
        ("scope change: we need SSO", SetbackKind.SCOPE_CHANGE, "we need SSO"),
        ("scope we need SSO", SetbackKind.SCOPE_CHANGE, "we need SSO"),
        ("scope-change we need SSO", SetbackKind.SCOPE_CHANGE, "we need SSO"),
        ("delay", SetbackKind.DELAY, ""),
    ],
)
def test_each_kind_is_known_by_its_first_word(text: str, kind: SetbackKind, rest: str) -> None:
    assert (read(text).kind, read(text).text) == (kind, rest)


@pytest.mark.parametrize("text", ["", "delayed a bit", "the API is late", "bug-tracker down"])
def test_another_first_word_opens_the_form(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("cost", "days", "minutes", "money"),
    [
        ("2 days", "2", None, None),
        ("1.5 d", "1.5", None, None),
        ("3 working days", "3", None, None),
        ("2w", "10", None, None),
        ("45m", None, 45, None),
        ("45 min", None, 45, None),
        ("1h30", None, 90, None),
        ("1 h 30 m", None, 90, None),
        ("1,5h", None, 90, None),
        ("2 hours", None, 120, None),
        ("€2,000", None, None, ("2000", "EUR")),
        ("2.000 eur", None, None, ("2000", "EUR")),
        ("USD 1,234.56", None, None, ("1234.56", "USD")),
        ("1.234,56 €", None, None, ("1234.56", "EUR")),
        ("£2k", None, None, ("2000", "GBP")),
        ("12.5 chf", None, None, ("12.5", "CHF")),
        ("3d €500", "3", None, ("500", "EUR")),
    ],
)
def test_costs_are_read_at_either_end(
    cost: str, days: str | None, minutes: int | None, money: tuple[str, str] | None
) -> None:
    for text in (f"delay {cost} vendor slipped", f"delay vendor slipped {cost}"):
        line = read(text)

        assert line.text == "vendor slipped"
        assert line.days == (None if days is None else Decimal(days))
        assert line.minutes == minutes
        assert line.money == (money and Money(amount=Decimal(money[0]), currency=money[1]))


@pytest.mark.parametrize(
    "text",
    [
        "3 days before launch it failed",
        "the 2 days rule was wrong",
        "2000 API calls failed",
        "nobody answered within 2 days",
        "it broke since we moved the servers",
    ],
)
def test_a_figure_that_is_no_cost_stays_in_the_text(text: str) -> None:
    line = read(f"bug {text}")

    assert line.text == text
    assert (line.days, line.minutes, line.money, line.since_words) == (None, None, None, "")


def test_a_cost_after_for_or_by_keeps_its_words() -> None:
    assert (read("delay slipped by 2 days").text, read("delay slipped by 2 days").days) == (
        "slipped by 2 days",
        Decimal(2),
    )
    assert read("incident db down for 1h").minutes == 60


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("down since yesterday 3pm", "yesterday 3pm", ""),
        ("down since 14:05 until 15:00 45m", "14:05", "15:00"),
        ("down since 3 days", "3 days", ""),
        ("down since last monday €2,000", "last monday", ""),
    ],
)
def test_since_hands_back_its_words(text: str, since: str, until: str) -> None:
    line = read(f"incident {text}")

    assert (line.text, line.since_words, line.until_words) == ("down", since, until)


def test_a_second_figure_of_one_unit_stays_in_the_text() -> None:
    line = read("delay 3d vendor slipped 2d")

    assert (line.text, line.days) == ("vendor slipped 2d", Decimal(3))


@pytest.mark.parametrize(
    "cost", ["99999d", "2001 weeks", "9999999999999999999999h", "€9999999999999999"]
)
def test_a_figure_that_no_setback_can_cost_stays_in_the_text(cost: str) -> None:
    line = read(f"delay {cost} the vendor is gone")

    assert line.text == f"{cost} the vendor is gone"
    assert (line.days, line.minutes, line.money) == (None, None, None)


_kinds = st.sampled_from(["incident", "delay", "bug", "scope change"])
_PIECES = (
    "3d 2 days 45m 1h30 €2,000 2000 EUR since until 14:05 sev2 sev9 service:a for by the API "
    "yesterday , . 1.2.3.4 0,5 k €"
)
_pieces = st.sampled_from(_PIECES.split())
_lines = st.lists(_pieces | st.text(max_size=5)).map(" ".join)


@given(_kinds, _lines)
def test_no_word_is_ever_lost(kind: str, rest: str) -> None:
    line = read(f"{kind} {rest}")

    assert line.as_typed.split() == rest.split() or kind == "scope change"
    kept, typed = line.text.split(), line.as_typed.split()
    left = iter(typed)
    assert all(word in left for word in kept)  # in the order in which they were typed
    if line == SetbackLine(kind=line.kind, text=line.text, as_typed=line.as_typed):
        assert kept == typed


@given(st.text())
def test_any_text_is_read_or_opens_the_form(text: str) -> None:
    line = parse(text)

    assert line is None or line.as_typed in text


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("delay -3d x", "-3d"),
        ("delay waiting for the API −2 days", "−2 days"),
        ("incident checkout down -1 h 30 m.", "-1 h 30 m"),
        ("bug wrong totals €-500", "€-500"),
        ("bug wrong totals EUR -500", "EUR -500"),
        ("bug -2k eur wrong totals", "-2k eur"),
    ],
)
def test_a_negative_cost_says_what_to_do(text: str, cost: str) -> None:
    line = read(text)

    assert f"“{cost}”" in line.problem
    assert "without the minus" in line.problem


@pytest.mark.parametrize(
    "text",
    [
        "delay - 3d waiting for the API",
        "delay – the API is late 3d",
        "incident the freezer was at -3 d",
        "bug T-3d is off",
        "bug range 1-3 days is off",
    ],
)
def test_a_dash_that_is_no_minus_of_a_cost_is_no_problem(text: str) -> None:
    assert read(text).problem == ""

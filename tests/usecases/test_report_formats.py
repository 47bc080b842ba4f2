"""The report as a file: sums that add up, and nothing in it that a program takes for orders."""

import csv
import io
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.assumption import Expected
from bot.domain.period import Period
from bot.domain.report import Account, build
from bot.domain.setback import Cost, Money
from bot.usecases.report_formats import as_csv, markdown, safe_cell, table
from tests.make import (
    ANA,
    DAY,
    NOON,
    key,
    logged,
    make_assumption,
    make_history,
    make_setback,
    make_trace,
)

CLEAR = "\x1b[2J"


def make_account() -> Account:
    """Three setbacks, two of them traced, with money of two currencies."""
    costs = (
        Cost(minutes_down=30, money=Money(amount=Decimal(100), currency="EUR")),
        Cost(working_days_slipped=Decimal("1.5"), money=Money(amount=Decimal(7), currency="USD")),
        Cost(working_days_slipped=Decimal(2), money=Money(amount=Decimal(50), currency="EUR")),
    )
    assumption = make_assumption(
        1,
        statement=f"[free](https://evil.example) | <b>{CLEAR}",
        expected=Expected(figure=Decimal(3), unit='=HYPERLINK("x")', check_on=NOON.date()),
    )
    report = build(
        setbacks=[make_setback(number, cost=cost) for number, cost in enumerate(costs, start=1)],
        traces=[make_trace(1, 1), make_trace(2, 1, is_unlogged=True)],
        assumptions=[assumption],
        histories={key(1): make_history((NOON, ANA, logged()))},
        since=NOON - DAY,
        until=NOON + DAY,
        now=NOON + timedelta(hours=1),
    )
    return Account(
        project=None,
        period=Period(since=report.since, until=report.until, words="two days"),
        report=report,
    )


def test_each_sum_of_the_spreadsheet_adds_up_over_the_causes() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(make_account()))))

    whole: dict[tuple[str, str], tuple[Decimal, int]] = {}
    parts: defaultdict[tuple[str, str], list[tuple[Decimal, int]]] = defaultdict(list)
    for row in rows:
        name, _, cause = row["figure"].partition(": ")
        if name in {"money", "days slipped", "minutes down"}:
            told = (Decimal(row["value"]), int(row["n"] or 0))
            if cause:
                parts[name, row["unit"]].append(told)
            else:
                whole[name, row["unit"]] = told
    assert whole["money", "EUR"] == (Decimal(150), 0)
    assert whole["days slipped", "working days"] == (Decimal("3.5"), 2)
    for name, (value, n) in whole.items():
        assert sum(part for part, _ in parts[name]) == value
        assert name[0] == "money" or sum(known for _, known in parts[name]) == n


def test_what_people_typed_stays_text() -> None:
    account = make_account()

    cells = [cell for row in csv.reader(io.StringIO(as_csv(account))) for cell in row]
    document, lines = markdown(account), table(account)

    assert '\'=HYPERLINK("x")' in cells
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    assert "\\[free\\](https://evil.example) \\| \\<b\\>" in document
    assert CLEAR not in document + lines


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("-3.5", "-3.5"), ("=1+1", "'=1+1"), ("-1+1", "'-1+1"), ("@x", "'@x"), ("\t=1", "'\t=1")],
)
def test_a_formula_is_told_and_a_figure_counts(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe

import copy
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.assumption import Impact
from bot.domain.cadence import Cadence
from tests.make import CADENCE, CADENCE_TABLE

SHIPPED = Path(__file__).parents[2] / "config" / "cadence.toml"


def test_the_shipped_cadence_is_the_designed_one() -> None:
    shipped = Cadence.from_table(tomllib.loads(SHIPPED.read_text("utf-8")))

    assert shipped == CADENCE
    assert shipped.rhythms[Impact.HIGH].lifetime == timedelta(days=30)
    assert shipped.rhythms[Impact.HIGH].reminding_working_days == 6


@pytest.mark.parametrize(
    ("impact", "name", "value"),
    [
        ("high", "reminders", -1),
        ("high", "reminders", True),
        ("high", "reminders", 1.5),
        ("low", "remind_after_working_days", 0),
        ("low", "lifetime_days", 0),
        ("low", "lifetime_days", "30"),
        ("medium", "first_ask_working_days", 366),
        ("critical", "requires_evidence", "yes"),
    ],
)
def test_a_value_out_of_bounds_is_named(impact: str, name: str, value: object) -> None:
    table: dict[str, Any] = copy.deepcopy(CADENCE_TABLE)
    table[impact][name] = value

    with pytest.raises(ValueError, match=rf"\[{impact}\] {name} must be"):
        Cadence.from_table(table)


def test_what_is_missing_or_unknown_is_named() -> None:
    without_low = {name: value for name, value in CADENCE_TABLE.items() if name != "low"}
    misspelt = {**CADENCE_TABLE, "hgih": {}}
    extra = {**CADENCE_TABLE, "low": {**CADENCE_TABLE["low"], "remiders": 1}}

    with pytest.raises(ValueError, match=r"\[low\] is missing"):
        Cadence.from_table(without_low)
    with pytest.raises(ValueError, match="no setting hgih"):
        Cadence.from_table(misspelt)
    with pytest.raises(ValueError, match="look at remiders"):
        Cadence.from_table(extra)


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan"), "a fifth", True])
def test_the_refresh_share_lies_between_nothing_and_all(share: object) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Cadence.from_table({**CADENCE_TABLE, "refresh_share": share})

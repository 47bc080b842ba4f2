"""What a figure says of itself at its end."""

import pytest

from tests.figures.figure import Figure, Value

HOLDS = Value(name="kept", value=1, unit="", holds=True)
BROKEN = Value(name="broken", value=1, unit="", holds=False)


@pytest.mark.parametrize(
    ("values", "is_well"),
    [((HOLDS,), True), ((HOLDS, BROKEN), False), ((), False)],
    ids=["all hold", "one does not", "nothing was measured"],
)
def test_a_figure_is_well_where_there_are_values_and_all_hold(
    values: tuple[Value, ...], is_well: bool
) -> None:
    assert Figure(lines=(), values=values).show() is is_well

"""What is written in a chart can be read: inside the picture, and not over other words."""

from itertools import combinations

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from bot.domain.calibration import Calibration
from bot.domain.finding import Finding
from bot.domain.report_words import FINDING_WORDS
from bot.pictures.drawing import figure_of


@pytest.mark.parametrize("count", [1, 3, len(Finding)])
def test_every_cause_can_be_read(count: int) -> None:
    causes = [
        {"words": FINDING_WORDS[one], "days": 1 + 26.5 * at, "setbacks": 12, "group": "open"}
        for at, one in enumerate(list(Finding)[:count])
    ]
    figure = figure_of({"kind": "causes", "title": "Working days lost", "causes": causes})
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    (axes,) = figure.get_axes()
    assert isinstance(axes, Axes)

    written = [*axes.texts, *axes.get_yticklabels()]
    boxes = [one.get_window_extent(renderer) for one in written if _is_read(one)]

    assert len(boxes) == 2 * count
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def _is_read(text: Text) -> bool:
    return bool(text.get_text())


def test_the_chart_of_how_sure_people_were_shows_the_score_as_it_is_told() -> None:
    band = {"sure": 0.9, "true": 0.8, "interval": [0.6, 0.95], "count": 34}
    score = str(Calibration(resolved=86, bands=(), brier=0.17487))

    figure = figure_of(
        {"kind": "calibration", "title": "How sure", "score": score, "bands": [band, band]}
    )

    assert "Brier score 0.17 over 86" in {text.get_text() for text in figure.get_axes()[0].texts}

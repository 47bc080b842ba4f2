"""The charts, readable on a phone: few, large words, and colours that everybody can tell apart.

The colours are those of Okabe and Ito; no meaning is told by colour alone. Imported only by the
process that draws.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

Chart = dict[str, Any]

_GREEN, _ORANGE, _SKY, _VERMILION = "#009E73", "#E69F00", "#56B4E9", "#D55E00"
_BLUE, _GREY, _INK = "#0072B2", "#8C8C8C", "#222222"
_STATUS = {
    "validated": (_GREEN, "confirmed", ""),
    "stale": (_ORANGE, "expired", "//"),
    "unvalidated": (_SKY, "not confirmed", ".."),
    "refuted": (_VERMILION, "not true", "xx"),
}
_GROUP = {
    "open": (_SKY, ""),  # nobody had confirmed it
    "known": (_VERMILION, "//"),  # somebody had decided
    "other": (_GREY, ".."),
}
_ROWS_LEAST = 4  # of bars; one alone would fill the picture
_ROW_INCHES = 0.72  # of a bar, with words of two lines beside it
_LOW = 0.1  # of 1; a count below such a point would lie on the axis
_FEW = 5  # resolved assumptions in a band; the line leaves such bands out
_INCHES, _DOTS = (6.4, 4.4), 125  # 800 × 550 dots or higher; a phone shows it at half of that

mpl.use("Agg")
mpl.rcParams.update(
    {
        "font.size": 15,
        "figure.titlesize": 18,
        "figure.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": _GREY,
        "text.color": _INK,
        "hatch.linewidth": 0.5,
        "hatch.color": "white",
        "legend.frameon": False,
    }
)


def draw(chart: Chart) -> bytes:
    """Return the chart as PNG."""
    out = io.BytesIO()
    # Without the program's name and version the same figures give the same bytes.
    figure_of(chart).savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def figure_of(chart: Chart) -> Figure:
    width, height = _INCHES
    rows = len(chart.get("causes", ()))
    figure = Figure(
        figsize=(width, max(height, rows * _ROW_INCHES)), dpi=_DOTS, layout="constrained"
    )
    axes = figure.add_subplot()
    _DRAWERS[chart["kind"]](axes, chart)
    figure.suptitle(chart["title"], x=0.02, ha="left")
    return figure


def _status(axes: Axes, chart: Chart) -> None:
    moments = [datetime.fromisoformat(at) for at in chart["at"]]
    shown = [name for name in _STATUS if any(chart["series"][name])]
    bands = axes.stackplot(
        moments,  # type: ignore[arg-type]  # it takes moments as well as numbers
        [chart["series"][name] for name in shown],
        colors=[_STATUS[name][0] for name in shown],
        labels=[f"{_STATUS[name][1]} ({chart['series'][name][-1]})" for name in shown],
        edgecolor="white",
        linewidth=0.6,
    )
    for band, name in zip(bands, shown, strict=True):
        band.set_hatch(_STATUS[name][2])
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(moments[0], moments[-1])  # type: ignore[arg-type]  # as above
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", reverse=True, fontsize=14, handlelength=1.6)
    axes.set_ylabel("assumptions")
    highest = max(map(sum, zip(*chart["series"].values(), strict=True)))
    axes.set_ylim(top=highest * 1.45)  # room for the legend


def _causes(axes: Axes, chart: Chart) -> None:
    causes = chart["causes"]
    places = range(len(causes))
    bars = axes.barh(
        places,
        [cause["days"] for cause in causes],
        color=[_GROUP[cause["group"]][0] for cause in causes],
        height=0.62,
    )
    for bar, cause in zip(bars, causes, strict=True):
        bar.set_hatch(_GROUP[cause["group"]][1])
    for place, cause in zip(places, causes, strict=True):
        days = f"{cause['days']:g} day{'' if cause['days'] == 1 else 's'}"
        setbacks = f"{cause['setbacks']} setback{'' if cause['setbacks'] == 1 else 's'}"
        axes.annotate(
            f"{days}\n{setbacks}",  # in two lines there is room for the bars
            (cause["days"], place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            linespacing=1.1,
        )
    axes.set_yticks(list(places), [_two_lines(cause["words"]) for cause in causes])
    axes.set_ylim(min(len(causes) - _ROWS_LEAST, 0) - 0.6, len(causes) - 0.4)
    axes.set_xlim(right=max(cause["days"] for cause in causes) * 1.6)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)


def _two_lines(words: str) -> str:
    """Break after the comma, or near the middle."""
    if ", " in words:
        return words.replace(", ", ",\n", 1)
    parts = words.split()
    middle = (len(parts) + 1) // 2
    return " ".join(parts[:middle]) + "\n" + " ".join(parts[middle:])


def _calibration(axes: Axes, chart: Chart) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", label="as sure as right")
    bands = chart["bands"]
    sure = [band["sure"] for band in bands]
    true = [band["true"] for band in bands]
    below = [band["true"] - band["interval"][0] for band in bands]
    above = [band["interval"][1] - band["true"] for band in bands]
    solid = [band for band in bands if band["count"] >= _FEW]
    axes.plot(
        [band["sure"] for band in solid], [band["true"] for band in solid], color=_BLUE, linewidth=2
    )
    axes.errorbar(
        sure,
        true,
        yerr=[[max(end, 0) for end in below], [max(end, 0) for end in above]],
        color=_BLUE,
        marker="o",
        markersize=8,
        capsize=4,
        linestyle="none",
        elinewidth=1,
        label="what turned out, with 95 % CI",
    )
    for band in bands:
        axes.annotate(
            f"{band['count']}",
            (band["sure"], band["true"]),
            xytext=(9, -15 if band["true"] > _LOW else 5),
            textcoords="offset points",
            fontsize=14,
        )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.set_xlim(-0.02, 1.04)
    axes.set_ylim(-0.04, 1.3)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlabel("how sure the owners were")
    axes.set_ylabel("turned out true")
    axes.legend(loc="upper left", fontsize=14)
    axes.text(
        1.0,
        0.0,
        chart["score"],
        ha="right",
        fontsize=14,
    )


_DRAWERS: dict[str, Callable[[Axes, Chart], None]] = {
    "status": _status,
    "causes": _causes,
    "calibration": _calibration,
}

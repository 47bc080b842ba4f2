"""Drawing in a process of its own: matplotlib would cost every process of the bot 60 MB."""

import asyncio
import base64
import json
import sys
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import RetryableError
from bot.domain.finding import Finding
from bot.domain.report import Report
from bot.domain.report_words import FINDING_WORDS, figure

_PATIENCE = 60.0  # seconds; the first run of matplotlib on a machine looks for fonts


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    name: str  # "status.png"
    title: str
    alt_text: str  # what it shows, for those who do not see it; at most 1000 characters
    png: bytes


async def paint(report: Report) -> list[Picture]:
    """Draw what there is to see: the status over time, days by cause, the calibration.

    Raises:
        RetryableError: The drawing did not end, or ended badly.
    """
    wanted = charts(report)
    if not wanted:
        return []
    drawn = await _draw_elsewhere(json.dumps(wanted).encode())
    return [
        Picture(
            name=f"{chart['kind']}.png",
            title=chart["title"],
            alt_text=chart["alt_text"],
            png=base64.b64decode(png),
        )
        for chart, png in zip(wanted, json.loads(drawn), strict=True)
    ]


async def _draw_elsewhere(charts_json: bytes) -> bytes:
    drawing = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.pictures",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            drawn, said = await drawing.communicate(charts_json)
    except TimeoutError:
        drawing.kill()
        await drawing.wait()
        raise RetryableError("The pictures took too long. Try again in a minute.") from None
    if drawing.returncode:
        cause = said.decode(errors="replace").strip().splitlines()[-1:]
        raise RetryableError(f"The pictures could not be drawn: {''.join(cause)[:200]}")
    return drawn


def charts(report: Report) -> list[dict[str, Any]]:
    """Return what is to be drawn, as JSON can hold it; a chart without anything in it is left out.

    Each has a `kind`, a `title`, an `alt_text` and its data.
    """
    return [chart for chart in (_status(report), _causes(report), _calibration(report)) if chart]


_STATUSES = ("validated", "stale", "unvalidated", "refuted")


def _status(report: Report) -> dict[str, Any] | None:
    counts = report.status_over_time
    series = {name: [getattr(count, name) for count in counts] for name in _STATUSES}
    if not any(map(sum, series.values())):
        return None
    first, last = counts[0], counts[-1]
    changes = ", ".join(
        f"{name} from {getattr(first, name)} to {getattr(last, name)}" for name in _STATUSES
    )
    return {
        "kind": "status",
        "title": "What we rely on, by status",
        "alt_text": f"Assumptions by status, {first.at:%d %b %Y} to {last.at:%d %b %Y}: {changes}.",
        "at": [count.at.isoformat() for count in counts],
        "series": series,
    }


def _causes(report: Report) -> dict[str, Any] | None:
    lines = [line for line in report.findings if line.costs.working_days]
    if not lines:
        return None
    lines.sort(key=lambda line: line.costs.working_days)
    told = "; ".join(
        f"{FINDING_WORDS[line.finding]} {figure(line.costs.working_days)}"
        for line in reversed(lines)
    )
    return {
        "kind": "causes",
        "title": "Working days lost, by what was underneath",
        "alt_text": f"Working days lost by what was known when the setback began: {told}."[:1000],
        "causes": [
            {
                "words": FINDING_WORDS[line.finding],
                "days": float(line.costs.working_days),
                "setbacks": line.costs.days_known,
                "group": _GROUPS.get(line.finding, "other"),
            }
            for line in lines
        ],
    }


_GROUPS = {
    **dict.fromkeys((Finding.NEVER_ASKED, Finding.UNANSWERED, Finding.STALE), "open"),
    **dict.fromkeys((Finding.REFUTED, Finding.VALIDATED, Finding.RETIRED), "known"),
}


def _calibration(report: Report) -> dict[str, Any] | None:
    found = report.calibration
    if found is None:
        return None
    bands = [band for band in found.bands if band.true.n and band.mean_confidence is not None]
    told = "; ".join(
        f"{band.low_percent}–{band.high_percent} % sure: {band.true.k} of {band.true.n} true"
        for band in bands
    )
    return {
        "kind": "calibration",
        "title": "How sure, and how often right",
        "alt_text": f"{found}. {told}."[:1000],
        "score": str(found),
        "bands": [
            {
                "sure": band.mean_confidence,
                "true": band.true.k / band.true.n,
                "interval": list(band.true.interval),
                "count": band.true.n,
            }
            for band in bands
        ],
    }

"""`listening`: how often an offer to log is right, and how much of what is said is found.

On the labelled messages of `tests/listening`. The rule was developed with one half; the other half
only judges. Promised of the held-out half: at least nine offers of ten are right.
"""

from tests.figures.figure import Figure, Value
from tests.listening.labelled_set import HALVES, messages, score

_PRECISION_LEAST = 0.9
_HEAD = f"{'half':14}{'messages':>9}{'offered':>9}{'rightly':>9}{'precision':>11}{'recall':>8}"


async def measure() -> Figure:
    lines, values = [_HEAD], []
    for half in HALVES:
        one, size = score(half), len(messages(half))
        offered = one.found + one.wrongly_found
        lines.append(
            f"{half:14}{size:9}{offered:9}{one.found:9}{one.precision:11.3f}{one.recall:8.3f}"
        )
        holds = half != "held_out" or one.precision >= _PRECISION_LEAST
        values += [
            Value(
                name=f"listening_{half}_precision",
                value=round(one.precision, 3),
                unit=f"of {offered} offers",
                holds=holds,
            ),
            Value(
                name=f"listening_{half}_recall",
                value=round(one.recall, 3),
                unit=f"of {one.found + one.missed} that were said",
                holds=True,
            ),
        ]
    return Figure(lines=tuple(lines), values=tuple(values))

"""`python -m tests.figures NAME` measures one figure; without a name it lists them.

It exits with 0 only if everything that the figure promises holds.
"""

import asyncio
import logging
import sys

import structlog

from tests.figures import (
    ack,
    acks,
    candidates,
    claims,
    clocks,
    cold_start,
    drain,
    duplicates,
    frontdoor,
    idle,
    kill,
    linking,
    listening,
    matrix,
    outage,
    planning,
    quarter,
    report,
    restarts,
    slack_faults,
    sockets,
    storage,
    throughput,
)
from tests.figures.figure import Measure

FIGURES: dict[str, Measure] = {
    "ack": ack.measure,
    "acks-under-load": acks.measure,
    "claims": claims.measure,
    "clock": clocks.measure,
    "cold-start": cold_start.measure,
    "candidates": candidates.measure,
    "drain": drain.measure,
    "duplicates": duplicates.measure,
    "frontdoor": frontdoor.measure,
    "idle": idle.measure,
    "kill": kill.measure,
    "linking": linking.measure,
    "listening": listening.measure,
    "outage": outage.measure,
    "matrix": matrix.measure,
    "planning": planning.measure,
    "report": report.measure,
    "restarts": restarts.measure,
    "slack-faults": slack_faults.measure,
    "socket": sockets.measure,
    "storage": storage.measure,
    "throughput": throughput.measure,
    "quarter": quarter.measure,
}


def main() -> int:
    if len(sys.argv) == 1:
        print("\n".join(FIGURES))
        return 0
    measure = FIGURES.get(sys.argv[1])
    if measure is None:
        print(f"There is no figure {sys.argv[1]}. There are: {', '.join(FIGURES)}.")
        return 2
    # The bot's own lines, told by this process too, would stand between those of the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return 0 if asyncio.run(measure()).show() else 1


if __name__ == "__main__":
    sys.exit(main())

"""`matrix`: every listener, route and query × everybody who should learn nothing, on each database.

Promised: nobody learns anything. What is tried is the dispatcher's own, the app's own routes, and
every unit of the use cases that a surface can run or that takes a reader, with every kind of
message; one that nobody said how to ask ends the measurement. Last, a member of the private channel
asks the same queries: promised is that the matrix reports them all, as it would a leak.
"""

import logging

from bot.slack.names import CommandNames
from bot.slack.routes import build_dispatcher
from bot.store.database import open_database
from tests.figures.databases import several_databases
from tests.figures.figure import Figure, Value
from tests.matrix.judge import Verdict, judge
from tests.matrix.queries import (
    all_queries,
    judge_messages,
    judge_queries,
    settle_with_people,
    unreported,
)
from tests.matrix.routes import judge_routes
from tests.matrix.world import A_MEMBER, CASES, world_at


async def measure() -> Figure:
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)  # it tells of each refused request
    lines = [f"{'on':12}{'tried':12}{'entries':>8}{'cases':>7}{'leaks':>7}"]
    values = []
    with several_databases(len(CASES) + 1) as databases:
        for name, (first, *others) in databases.items():
            queries, unseen = await _queries(first)
            found = await _in_worlds(others) | {"queries": queries}
            for what, verdict in found.items():
                entries, leaks = len(verdict.entries), len(verdict.leaks)
                lines += [
                    f"{name:12}{what:12}{entries:>8}{verdict.cases:>7}{leaks:>7}",
                    *verdict.leaks,
                ]
                values += _values(f"matrix.{name}.{what}".lower(), verdict)
            seen = f"matrix.{name}.unseen".lower()
            lines += [f"told to a member, and not reported: {one}" for one in sorted(unseen)]
            values.append(Value(name=seen, value=len(unseen), unit="queries", holds=not unseen))
    return Figure(lines=tuple(lines), values=tuple(values))


def _values(name: str, verdict: Verdict) -> list[Value]:
    found = len(verdict.leaks)
    return [
        Value(name=f"{name}.entries", value=len(verdict.entries), unit="entries", holds=True),
        Value(name=f"{name}.cases", value=verdict.cases, unit="cases", holds=True),
        Value(name=f"{name}.leaks", value=found, unit="leaks", holds=not found),
    ]


async def _in_worlds(urls: list[str]) -> dict[str, Verdict]:
    """Try what leaves traces: each of those who should learn nothing in a world of their own."""
    entries = frozenset(build_dispatcher(CommandNames()))
    listeners, routes = Verdict(), Verdict()
    for case, url in zip(CASES, urls, strict=True):
        async with world_at(url) as world:
            routes += await judge_routes(world, case)
            listeners += await judge(world, case, entries)
    return {"listeners": listeners, "routes": routes}


async def _queries(url: str) -> tuple[Verdict, set[str]]:
    """Return what leaked, and what a member is told that is not reported."""
    db = open_database(url)
    ids, verdict, queries = await db.write(settle_with_people), Verdict(), all_queries()
    for case in CASES:
        verdict += await db.write(judge_queries, ids, case, queries)
        verdict += await db.write(judge_messages, ids, case)
    told = await db.write(judge_queries, ids, A_MEMBER, queries)
    await db.close()
    return verdict, unreported(told, queries)

"""Every unit that a surface can run × everybody who should learn nothing, and what each asks."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import bot.slack
from bot.store.database import Database
from tests.engines import ON_SQLITE_ALONE
from tests.matrix.arguments import NOBODYS
from tests.matrix.queries import (
    all_queries,
    judge_messages,
    judge_queries,
    settle_with_people,
    unreported,
)
from tests.matrix.units import all_units
from tests.matrix.world import A_MEMBER, CASES

# What each of these returns is the person's own, or says nothing of what was said anywhere.
NEEDS_NO_READER = {
    "all_workspaces": "where the bot is installed",
    "calendar_of": "the person's own hours",
    "due_for": "what the person themselves is asked",
    "hours_of": "the person's own hours",
    "installation_state": "where the bot is installed",
    "installation_states": "where the bot is installed",
    "is_known": "whether it is written down where a message stands",
    "is_listening": "whether a channel is listened to",
    "is_met": "whether the person is known in the channel where they are",
    "known_channel": "what the channel is where the person acts",
    "project_of": "the project of the channel where the person acts",
    "read_draft": "the person's own text",
    "read_thread": "what a message asks its own reader",
    "reader_for": "who looks",
    "recall": "one person's account",
    "stored_tokens": "where the bot is installed",
    "suggest_key": "keys alone, and that one is taken is no secret",
}


def _looks() -> dict[str, str]:
    """Every function that a module of `bot.slack` runs by `db.read`, with the module's name."""
    found: dict[str, str] = {}
    for path in sorted(Path(bot.slack.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func).endswith("db.read")
                and node.args
                and isinstance(node.args[0], ast.Name)
            ):
                found[node.args[0].id] = f"bot.slack.{path.stem}"
    return found


def test_every_look_asks_who_looks_or_is_of_the_persons_own() -> None:
    open_to_all = []
    for name, module in _looks().items():
        unit = getattr(importlib.import_module(module), name, None)
        parameters = inspect.signature(unit).parameters if unit is not None else {}
        if not {"reader", "by"} & parameters.keys():
            open_to_all.append(name)

    assert sorted(set(open_to_all) - NEEDS_NO_READER.keys()) == []


def test_every_unit_can_be_asked_or_is_nobodys() -> None:
    assert {one.name for one in all_queries()} == all_units().keys() - NOBODYS.keys()
    assert sorted(NOBODYS.keys() - all_units().keys()) == []


@pytest.mark.parametrize(
    ("case", "engine_kind", "every"),  # the figure `matrix` tries all on both
    [*((case, "sqlite", 1) for case in CASES), ("not a member", "postgresql", 3)],
)
async def test_no_query_tells_or_changes_anything(
    case: str, every: int, database: Database
) -> None:
    ids = await database.write(settle_with_people)
    queries = all_queries()[::every]

    verdict = await database.write(judge_queries, ids, case, queries)
    verdict += await database.write(judge_messages, ids, case)

    assert verdict.leaks == []
    assert len(verdict.entries) > len(queries)


_OF_THIS_WORLD = ("card", "setback", "home", "owner asked", "measure", "digest", "cycle start")


@ON_SQLITE_ALONE
async def test_the_matrix_would_see_what_every_query_tells_who_may_see_it(
    database: Database,
) -> None:
    ids = await database.write(settle_with_people)
    queries = [one for one in all_queries() if one.is_personal and not one.names_nothing]

    verdict = await database.write(judge_queries, ids, A_MEMBER, queries)
    messages = await database.write(judge_messages, ids, A_MEMBER)

    assert unreported(verdict, queries) == set()
    assert not [leak for leak in (*verdict.leaks, *messages.leaks) if ": fails " in leak]
    told = {leak.split(" to ")[0] for leak in messages.leaks}
    assert told >= {f"{A_MEMBER}: message {kind}" for kind in _OF_THIS_WORLD}

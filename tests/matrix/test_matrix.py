"""Every listener × everybody who should learn nothing: no reads, no writes, no difference."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.slack.names import CommandNames
from bot.slack.routes import build_dispatcher
from tests.engines import copy_sqlite
from tests.matrix.judge import judge
from tests.matrix.recipes import RECIPES
from tests.matrix.world import CASES, world_at

ENTRIES = frozenset(build_dispatcher(CommandNames()))


def _named(entries: Iterable[tuple[type, str]]) -> list[str]:
    return sorted(f"{kind.__name__} {key}" for kind, key in entries)


def test_every_listener_has_a_recipe_and_every_recipe_a_listener() -> None:
    assert _named(ENTRIES - RECIPES.keys()) == []
    assert _named(RECIPES.keys() - ENTRIES) == []


@pytest.mark.parametrize("case", CASES)
async def test_nothing_leaks(case: str, sqlite_template: Path, tmp_path: Path) -> None:
    url = copy_sqlite(sqlite_template, tmp_path / "world.db")

    async with world_at(url) as world:
        verdict = await judge(world, case, ENTRIES)

    assert verdict.leaks == []
    assert verdict.cases == len(ENTRIES)

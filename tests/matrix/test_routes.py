"""Every HTTP route × everybody who should learn nothing: it tells nothing and changes nothing."""

from pathlib import Path

import pytest

from tests.engines import copy_sqlite
from tests.matrix.routes import ASKED, app_of, judge_routes, paths_of
from tests.matrix.world import CASES, world_at


@pytest.mark.parametrize("case", CASES)
async def test_no_route_tells_or_changes_anything(
    case: str, sqlite_template: Path, tmp_path: Path
) -> None:
    async with world_at(copy_sqlite(sqlite_template, tmp_path / "world.db")) as world:
        verdict = await judge_routes(world, case)
        paths = paths_of(app_of(world))

    assert verdict.leaks == []
    assert sorted(verdict.entries) == sorted(paths) == sorted(ASKED)

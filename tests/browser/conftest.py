"""Debian's Chromium, driven by Playwright, looking at the page with the real bot behind it."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from bot.demo.stage import Stage, stage
from tests.engines import copy_sqlite
from tests.haste import HASTE, end_pauses
from tests.journeys.journey import MONDAY

ARTEFACTS = Path(__file__).parents[1] / "artefacts"


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "there is no chromium on PATH; on Debian: apt-get install chromium"
        if os.environ.get("CI"):  # noqa: TID251 - a test's own switch
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = _chromium()
    async with async_playwright() as playwright:
        # Everything is loopback, and a container gives Chromium no user of its own.
        opened = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def built(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    end_pauses(monkeypatch)
    url = copy_sqlite(sqlite_template, tmp_path / "browser.db")
    async with stage(now=MONDAY, database_url=url, limits=HASTE) as made:
        yield made


@pytest.fixture(scope="session")
def artefacts() -> Path:
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS

"""`stilltrue demo --story`: every step is observed twice, and a step that is not ends it."""

import io

import pytest
from rich.console import Console

from bot.demo.narrator import Narrator
from bot.demo.scenes import SCENES
from bot.demo.story import play
from bot.demo.told import Story
from bot.demo.workspace import NotSeenError


def narrator() -> tuple[Narrator, io.StringIO]:
    printed = io.StringIO()
    return Narrator(Console(file=printed, width=100, highlight=False)), printed


async def test_the_whole_story_is_observed_and_told() -> None:
    told, printed = narrator()

    is_observed = await play(SCENES, told)

    text = printed.getvalue()
    assert is_observed, text
    for number, (title, _) in enumerate(SCENES, start=1):
        assert f"{number:2}  {title}" in text
    assert "APOLLO-1 is refuted; nobody is asked about it any more" in text
    assert "delay #1 was caused by APOLLO-1, refuted when it began" in text
    assert "1 of 1 (100 %, 95 % CI 21–100 %)" in text


async def test_a_step_that_slack_does_not_show_ends_it_with_what_was_there_instead() -> None:
    told, printed = narrator()

    async def missed(played: Story) -> None:
        raise NotSeenError("a card with “Not true”", played.stage.app)

    async def never(_: Story) -> None:
        pytest.fail("the story went on")

    is_observed = await play((("A card changes", missed), ("Then", never)), told)

    assert not is_observed
    assert "Should   a card with “Not true”" in printed.getvalue()
    assert "A0STILLTRUE" in printed.getvalue()


async def test_a_step_that_the_store_does_not_have_ends_it() -> None:
    told, printed = narrator()

    async def differs(played: Story) -> None:
        played.same("the status", expected="refuted", seen="validated")

    assert not await play((("The status changes", differs),), told)
    assert "the store to have the status refuted" in printed.getvalue()
    assert "validated" in printed.getvalue()

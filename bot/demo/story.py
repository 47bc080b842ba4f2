"""The product's whole story, played by made-up people over the wire, each step seen twice.

What a person sees is read from the sandbox; what the bot keeps is read through the use cases.
"""

from datetime import UTC, datetime

from bot.demo.narrator import Narrator
from bot.demo.scenes import SCENES
from bot.demo.stage import stage
from bot.demo.told import Scene, Story
from bot.demo.workspace import NotSeenError
from bot.logs import configure_logging
from bot.main import run_in_loop

BEGINS = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday, ten o'clock in Lisbon


async def play(scenes: tuple[tuple[str, Scene], ...], narrator: Narrator) -> bool:
    """Play the scenes in order; False at the first one that was not observed."""
    async with stage(now=BEGINS) as built:
        story = Story(built, narrator)
        for title, scene in scenes:
            narrator.scene(title)
            try:
                await scene(story)
            except NotSeenError as missed:
                narrator.missed(missed.expected, missed.seen)
                return False
    return True


def run_story() -> int:
    """Play the whole story; return 0 if every step was observed, else 1."""
    configure_logging(console=True, level="error")
    narrator = Narrator()
    is_observed = run_in_loop(play(SCENES, narrator))
    if is_observed:
        narrator.end("Every step was seen in Slack and in the store.")
    return 0 if is_observed else 1

"""The product's whole story, played by made-up people over the wire, each step seen twice.

What a person sees is read from the sandbox; what the bot keeps is read through the use cases.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.demo.narrator import Narrator
from bot.demo.people import ANA, BO, CARO, TEAM
from bot.demo.person import Person
from bot.demo.stage import Stage, stage
from bot.demo.workspace import NotSeenError
from bot.domain.ids import WorkspaceId
from bot.logs import configure_logging
from bot.main import run_in_loop

P = ParamSpec("P")
R = TypeVar("R")

BEGINS = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday, ten o'clock in Lisbon


class Story:
    """Who takes part, and the two places where a step must be seen."""

    def __init__(self, on: Stage, narrator: Narrator) -> None:
        self.stage = on
        self.tell = narrator
        self.ana = Person(on.workspace, ANA)
        self.bo = Person(on.workspace, BO)
        self.caro = Person(on.workspace, CARO)

    async def stored(
        self,
        unit: Callable[Concatenate[Connection, WorkspaceId, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read through a use case."""
        return await self.stage.read(unit, WorkspaceId(TEAM), *args, **kwargs)

    def same(self, what: str, *, expected: object, seen: object) -> None:
        """Compare what the store says.

        Raises:
            NotSeenError: It says something else.
        """
        if seen != expected:
            raise NotSeenError(f"the store to have {what} {expected}", str(seen))


Scene = Callable[[Story], Awaitable[None]]


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
    from bot.demo.scenes import SCENES  # noqa: PLC0415

    configure_logging(console=True, level="error")
    narrator = Narrator()
    is_observed = run_in_loop(play(SCENES, narrator))
    if is_observed:
        narrator.end("Every step was seen in Slack and in the store.")
    return 0 if is_observed else 1

"""Who takes part in the story, and the two places where each step must be seen."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.demo.narrator import Narrator
from bot.demo.people import ANA, BO, CARO, TEAM
from bot.demo.person import Person
from bot.demo.stage import Stage
from bot.demo.workspace import NotSeenError
from bot.domain.ids import WorkspaceId

P = ParamSpec("P")
R = TypeVar("R")


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

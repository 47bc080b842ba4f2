"""What every journey starts with: the sample people, the bot, and a database of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import Connection

from bot.demo.people import ANA, APOLLO, BO, CARO, DEV, FAY, TEAM
from bot.demo.person import Person
from bot.demo.stage import Stage
from bot.demo.words import Json
from bot.domain.assumption import Assumption
from bot.domain.history import Happening
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.domain.prompt import QUESTIONS, Prompt
from bot.store.prompt import planned_for
from bot.usecases.assumption_show import show_assumption
from bot.usecases.project import create_project

P = ParamSpec("P")
R = TypeVar("R")

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # ten o'clock in Lisbon, eleven in Berlin
PROJECT = ProjectKey("APOLLO")
FIRST = AssumptionKey(PROJECT, 1)
WORKSPACE = WorkspaceId(TEAM)

# For what is said and read, which is the same however it travels.
OVER_HTTP_ALONE = pytest.mark.parametrize("is_socket", [False], ids=["http"])


class Journey:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.workspace = stage.workspace
        self.ana = Person(stage.workspace, ANA)
        self.bo = Person(stage.workspace, BO)
        self.caro = Person(stage.workspace, CARO)
        self.dev = Person(stage.workspace, DEV)
        self.fay = Person(stage.workspace, FAY)

    async def start_project(self, channel: str = APOLLO, key: str = PROJECT) -> None:
        """Given a project, whose making is another journey."""
        await self.stage.write(
            create_project,
            workspace=WORKSPACE,
            key=ProjectKey(key),
            name=key.title(),
            channel=ChannelId(channel),
            lead=UserId(ANA),
            now=await self.workspace.now(),
        )

    async def log(self, line: str, *, key: AssumptionKey = FIRST) -> Assumption:
        """Ana logs it with the quick form, in #apollo."""
        await self.ana.say(APOLLO, f"/assume {line}")
        await self.ana.sees(APOLLO, f"{key}  ·  ")
        return await self.assumption(key)

    async def asked(self, who: Person, *words: str) -> Json:
        """Move to the person's next question; return its message."""
        planned = await self.stored(planned_for, UserId(who.id))
        due = min(one.due_at for one in planned if one.key.kind in QUESTIONS)
        if due > await self.workspace.now():
            await self.workspace.move(to=due.isoformat())
        return await who.sees(None, *words, "is relying on this being true")

    async def answer(self, who: Person, ask: Json, label: str, evidence: str = "") -> None:
        """Press an answer and, where a form asks for more, give it."""
        await who.press(ask, label)
        if evidence:
            form = await who.form(label)
            assert await who.submit(form, evidence=evidence) == {
                "ok": True,
                "response_action": None,
            }

    async def stored(
        self,
        unit: Callable[Concatenate[Connection, WorkspaceId, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read through a use case."""
        return await self.stage.read(unit, WORKSPACE, *args, **kwargs)

    async def assumption(self, key: AssumptionKey = FIRST) -> Assumption:
        return (await self.stored(show_assumption, key, reader=OPERATOR)).assumption

    async def prompts(self, key: AssumptionKey = FIRST) -> tuple[Prompt, ...]:
        return (await self.stored(show_assumption, key, reader=OPERATOR)).prompts

    async def happened(self, key: AssumptionKey = FIRST) -> list[Happening]:
        return [
            event.what
            for event in (await self.stored(show_assumption, key, reader=OPERATOR)).events
        ]

    async def deliver(self, kind: str, payload: Json) -> Json:
        """Bring `payload` to the bot, signed or through its socket; return its answer."""
        sandbox = self.stage.sandbox
        answer = await sandbox.core.delivery.send(
            sandbox.world.apps[self.stage.app], kind, "again", payload
        )
        return answer or {}

    async def last_delivery(self, kind: str) -> Json:
        """The payload of the newest delivery of that kind, to be sent once more."""
        entries: list[Json] = (await self.workspace.get("traffic", since="0"))["entries"]
        found = [e for e in entries if e["direction"] == "out" and e["kind"] == kind]
        payload: Json = found[-1]["request"]
        return payload
